"""Telegram's own limits, kept by the outbox: so many sends a second in all, and in each chat."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from uuid import UUID

_CHATS_REMEMBERED = 10_000


class Bucket:
    """Lets so many pass a second, with a small burst; rate 0 lets everything pass."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate, self._burst = rate, float(burst)
        self._left, self._at = float(burst), time.monotonic()

    def wait(self) -> float:
        """Take a place and return the seconds until its turn."""
        if self._rate <= 0:
            return 0.0
        now = time.monotonic()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        self._left -= 1
        return 0.0 if self._left >= 0 else -self._left / self._rate


class Limiter:
    """Holds a send back until both limits let it pass."""

    def __init__(self, *, per_second: float, per_chat: float, chat_burst: int) -> None:
        self._all = Bucket(per_second, max(int(per_second), 1))
        self._per_chat, self._chat_burst = per_chat, chat_burst
        self._chats: OrderedDict[UUID, Bucket] = OrderedDict()

    async def pass_through(self, chat_id: UUID) -> None:
        """Return when it is this chat's turn."""
        if self._per_chat > 0:
            bucket = self._chats.setdefault(chat_id, Bucket(self._per_chat, self._chat_burst))
            self._chats.move_to_end(chat_id)
            if len(self._chats) > _CHATS_REMEMBERED:
                self._chats.popitem(last=False)
            await _sleep(bucket.wait())
        await _sleep(self._all.wait())


async def _sleep(seconds: float) -> None:
    if seconds > 0:
        await asyncio.sleep(seconds)
