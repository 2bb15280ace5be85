"""The record of everything the bot asked of the stand-in."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from bot.sandbox.changes import REQUESTS

if TYPE_CHECKING:
    from bot.sandbox.changes import Changes
    from bot.sandbox.clock import SandboxClock
    from bot.sandbox.parameters import Json

USUALLY_KEPT = 10_000


class Record:
    """Keeps the newest requests, numbered from one; how many can be changed, none is possible."""

    def __init__(self, clock: SandboxClock, changes: Changes) -> None:
        self._clock = clock
        self._changes = changes
        self._kept: deque[Json] = deque(maxlen=USUALLY_KEPT)
        self.count = 0

    def keep(self, most: int) -> None:
        """Keep at most so many requests from now on."""
        self._kept = deque(self._kept, maxlen=most) if most else deque(maxlen=0)

    def note(self, method: str, payload: Json, outcome: Json) -> None:
        """Number one request and keep it."""
        self.count += 1
        if not self._kept.maxlen:
            return
        entry = {"n": self.count, "method": method, "chat_id": payload.get("chat_id"), "payload": payload}
        self._kept.append({**entry, "outcome": outcome, "at": self._clock.now().isoformat()})
        self._changes.announce(REQUESTS)

    def after(self, number: int) -> list[Json]:
        """Return the kept requests with a higher number, oldest first."""
        return [entry for entry in self._kept if entry["n"] > number]

    def clear(self) -> None:
        """Forget all requests and count from one again."""
        self._kept.clear()
        self.count = 0
