"""Takes updates in: projected, masked and committed, and only then acknowledged by whoever brought them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from telegram.error import TelegramError

from bot.configuration import Configuration
from handlers import metrics
from handlers.telegram.projection import Projected, UnprojectableError, key_paths, project, unreadable
from handlers.telegram.transport import BotApi
from storage import inbox
from storage.store import Store

_log = structlog.get_logger("door")


class Reception:
    """Commits a batch of updates to the inbox; taps are answered and groups left once that is done."""

    def __init__(self, *, store: Store, rules: Configuration, api: BotApi) -> None:
        self._store, self._rules, self._api = store, rules, api
        self._errands: set[asyncio.Task[None]] = set()

    async def take_in(self, updates: Sequence[dict[str, Any]]) -> None:
        """Commit the updates; raises what the database raises, and then nothing may be acknowledged."""
        now = self._store.clock.now()
        projected = [one for one in (self._project(update) for update in updates) if one is not None]
        arrivals = [
            inbox.Arrival(
                update_id=one.update_id,
                address=one.incoming.address,
                order_at=one.order_at,
                order_number=one.order_number,
                body=one.incoming.to_bytes(),
            )
            for one in projected
            if one.incoming is not None
        ]
        await inbox.take_in(self._store, arrivals)
        metrics.updates.inc(len(updates))
        metrics.last_update.set(now.timestamp())
        for one in projected:
            if one.callback_id is not None:
                self._run(self._api.call("answerCallbackQuery", callback_query_id=one.callback_id))
            if one.group is not None:
                self._run(self._api.call("leaveChat", chat_id=one.group))

    async def settle(self) -> None:
        """Return when no errand is under way any more."""
        if self._errands:
            await asyncio.wait(self._errands, timeout=2)

    def _project(self, update: dict[str, Any]) -> Projected | None:
        now = self._store.clock.now()
        try:
            return project(update, self._rules, now)
        except UnprojectableError as error:
            return self._unreadable(update, str(error))
        except Exception as error:  # noqa: BLE001 - the edge: one strange update must not hold up the others
            return self._unreadable(update, type(error).__name__)

    def _unreadable(self, update: dict[str, Any], kind: str) -> Projected | None:
        _log.warning("update_not_projected", kind=kind, paths=key_paths(update)[:40])
        metrics.unprojected.inc()
        return unreadable(update, self._store.clock.now())

    def _run(self, call: Any) -> None:
        task = asyncio.create_task(_quietly(call))
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)


async def _quietly(call: Any) -> None:
    try:
        await call
    except TelegramError as error:
        _log.info("errand_failed", error=type(error).__name__)
