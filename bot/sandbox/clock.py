"""The sandbox's clock: real speed, from whatever moment it was set to."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class SandboxClock:
    """Tells an aware UTC time that a person may move; between moves it runs at real speed."""

    def __init__(self, start: datetime | None = None) -> None:
        self._moment = datetime.now(UTC)
        self._since = time.monotonic()
        if start is not None:
            self.set(start)
        self.start = self._moment

    def now(self) -> datetime:
        """Return the sandbox's present moment, in UTC."""
        return self._moment + timedelta(seconds=time.monotonic() - self._since)

    def timestamp(self) -> float:
        """Return the present moment as seconds since 1970, as the Bot API counts dates."""
        return self.now().timestamp()

    def skip(self, duration: timedelta) -> None:
        """Move the clock by `duration`; what was due in between is due now."""
        self.set(self.now() + duration)

    def set(self, moment: datetime) -> None:
        """Let the clock run on from `moment`. Raises ValueError when it names no time zone."""
        if moment.tzinfo is None:
            msg = "The sandbox clock needs a moment with a time zone."
            raise ValueError(msg)
        self._moment = moment.astimezone(UTC)
        self._since = time.monotonic()
