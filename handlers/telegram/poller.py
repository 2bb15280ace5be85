"""Long polling with our own loop: the next getUpdates, which acknowledges, comes after the commit."""

from __future__ import annotations

import asyncio

import structlog
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from handlers.telegram.projection import ALLOWED_UPDATES
from handlers.telegram.reception import Reception
from handlers.telegram.transport import BotApi

_log = structlog.get_logger("poller")
_WAIT_SECONDS = 25
_MOST_BACKOFF = 30.0
# From one poll to the next at least: what is written meanwhile is taken in together, at the cost of one.
_BETWEEN_POLLS = 0.020


class Poller:
    """Fetches updates until it is stopped; a batch that cannot be committed is fetched again."""

    def __init__(self, *, api: BotApi, reception: Reception) -> None:
        self._api, self._reception = api, reception
        self._offset = 0  # kept in memory only: update ids may restart
        self._failures = 0
        self._polled_at = float("-inf")
        self.has_conflict = False

    async def run(self) -> None:
        """Poll for ever; a failure backs off and says why, once each time."""
        while True:
            try:
                await self._once()
                self._failures, self.has_conflict = 0, False
            except InvalidToken:
                _log.error("token_not_accepted")
                await self._back_off(_MOST_BACKOFF)
            except RetryAfter as error:
                await self._back_off(float(getattr(error, "_retry_after", 1) or 1))
            except Conflict:
                self.has_conflict = True
                _log.error("another_poller", hint="only one instance may poll with this token")
                await self._back_off()
            except TelegramError as error:
                _log.warning("polling_failed", error=type(error).__name__)
                await self._back_off()
            except Exception as error:  # noqa: BLE001 - the edge: whatever it is, the bot goes on listening
                _log.error("inbox_not_committed", error=type(error).__name__)
                await self._back_off()

    async def _once(self) -> None:
        clock = asyncio.get_running_loop().time
        await asyncio.sleep(max(self._polled_at + _BETWEEN_POLLS - clock(), 0))
        self._polled_at = clock()
        updates = await self._api.call(
            "getUpdates",
            seconds=_WAIT_SECONDS + 10,
            offset=self._offset,
            timeout=_WAIT_SECONDS,
            limit=100,
            allowed_updates=list(ALLOWED_UPDATES),
        )
        if updates:
            await self._reception.take_in(updates)
            self._offset = max(int(update["update_id"]) for update in updates) + 1

    async def _back_off(self, seconds: float | None = None) -> None:
        self._failures += 1
        await asyncio.sleep(min(0.2 * 2**self._failures, _MOST_BACKOFF) if seconds is None else seconds)
