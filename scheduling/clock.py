"""The clock everything reads; nobody else asks the machine what time it is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from scheduling.instant import Instant


class Clock(Protocol):
    """Tells the present moment."""

    def now(self) -> Instant:
        """Return the present moment in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> Instant:
        """Return the present moment in UTC."""
        return Instant.of(datetime.now(UTC))


class SetClock:
    """A clock that stands where it is put; for tests and simulations."""

    def __init__(self, at: datetime) -> None:
        self.at = Instant.of(at)

    def now(self) -> Instant:
        """Return the moment it was put at."""
        return self.at
