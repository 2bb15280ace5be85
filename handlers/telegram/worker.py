"""Works the inbox off and the deadlines that fall due: one use case, one transaction, each."""

from __future__ import annotations

import asyncio
from uuid import UUID

import structlog

from bot import alarms, straight_on, sweep
from bot.configuration import Configuration
from bot.incoming import Incoming
from bot.turn import CONVERSATION, Turn
from handlers import metrics
from handlers.telegram import door
from storage import inbox, timers
from storage.inbox import Claimed, LeaseLostError
from storage.queries import chats
from storage.store import Queue, Store
from storage.timers import AlreadyHandledError, Due

_log = structlog.get_logger("worker")
_AT_ONCE = 64
_IDLE_SECONDS = 1.0


class Worker:
    """Handles what came in until it is stopped, in order within a chat and side by side across chats."""

    def __init__(self, *, store: Store, rules: Configuration) -> None:
        self._store, self._rules = store, rules
        self._wake = store.listen(Queue.INBOX)
        self._sweeping = asyncio.Lock()

    async def run(self) -> None:
        """Handle for ever; a row that fails is tried again with back-off, then set aside and alarmed."""
        while True:
            self._wake.clear()
            try:
                claimed = await inbox.claim(self._store, at_most=_AT_ONCE)
            except Exception as error:  # noqa: BLE001 - the edge: whatever it is, the inbox is worked on
                _log.error("inbox_not_reached", error=type(error).__name__)
                await asyncio.sleep(_IDLE_SECONDS)
                continue
            if claimed:
                await self._handle_all(claimed)
                continue
            try:
                async with asyncio.timeout(_IDLE_SECONDS):  # wait_for may swallow a cancellation
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def sweep(self) -> None:
        """Handle every deadline that has fallen due, the oldest first; other processes take others.

        What a deadline sets anew for this very moment is left to the next sweep. Two at once are one after
        the other: whoever asks for one finds all of it done, also what another had begun.
        """
        async with self._sweeping:
            if not await timers.due(self._store, at_most=1):
                return
            seen: set[tuple[str, UUID]] = set()
            while await self._fall_due(seen):
                pass

    async def _handle_all(self, claimed: list[Claimed]) -> None:
        """What goes straight on together, then the others side by side.

        On SQLite, where one writes at a time, one after the other without queueing.
        """
        others = await self._pass_straight_on(claimed)
        if not self._store.is_sqlite:
            await asyncio.gather(*(self._handle(row) for row in others))
            return
        for row in others:
            await self._handle(row)

    async def _pass_straight_on(self, claimed: list[Claimed]) -> list[Claimed]:
        """Pass on what goes straight on, in one transaction; return what is to be handled by itself.

        Where that fails nothing has happened, and each row is handled by itself, so that a fault stays
        with its own. What was leased before may be such a row, and is not taken along.
        """
        fresh = {row.chat_hash: row for row in claimed if row.lease == 1}
        try:
            bodies = {chat: await inbox.open_body(self._store, row) for chat, row in fresh.items()}
            came = {chat: Incoming.from_bytes(body) for chat, body in bodies.items()}
            async with self._store.unit() as unit:
                passed = await straight_on.pass_straight_on(Turn(unit, self._rules), came)
                if passed:
                    inbox.finish(unit, [fresh[chat] for chat in passed])
                    await unit.commit()
        except Exception as error:  # noqa: BLE001 - the edge: each is tried by itself, and its fault judged
            _log.warning("not_passed_on_together", rows=len(fresh), **_fault(error))
            return claimed
        metrics.handled.inc(len(passed))
        return [row for row in claimed if row.chat_hash not in passed]

    async def _handle(self, row: Claimed) -> None:
        try:
            incoming = Incoming.from_bytes(await inbox.open_body(self._store, row))
            async with self._store.unit() as unit:
                await door.enter(Turn(unit, self._rules), incoming, row.chat_hash)
                inbox.finish(unit, [row])
                await unit.commit()
            metrics.handled.inc()
        except LeaseLostError:
            _log.info("lease_lost", row=str(row.id))
        except Exception as error:  # noqa: BLE001 - the edge: one row's fault must not stop the others
            metrics.failed.inc()
            _log.error("handling_failed", row=str(row.id), attempts=row.attempts, **_fault(error))
            await self._put_off(row, counts=not inbox.is_outage(error))

    async def _put_off(self, row: Claimed, *, counts: bool) -> None:
        try:
            if await inbox.put_off(self._store, row, counts=counts):
                await self._tell_of_aside(row)
        except Exception as error:  # noqa: BLE001 - the edge: the lease runs out, and it is tried again
            _log.error("row_not_put_off", row=str(row.id), error=type(error).__name__)

    async def _fall_due(self, seen: set[tuple[str, UUID]]) -> bool:
        """Handle the next deadline; False where none is left that was not seen."""
        timer: Due | None = None
        try:
            async with self._store.unit() as unit:
                timer = await timers.next_due(unit)
                if timer is None or (timer.kind, timer.subject_id) in seen:
                    return False
                seen.add((timer.kind, timer.subject_id))
                await sweep.fall_due(Turn(unit, self._rules), timer)
                await unit.commit()
        except AlreadyHandledError:
            return True
        except Exception as error:
            if timer is None:  # the database itself: the next beat tries again
                raise
            _log.error("deadline_failed", kind=timer.kind, subject=str(timer.subject_id), **_fault(error))
            if await timers.put_off(self._store, timer):
                await self._alarm("alarm.timer_failed")
            return True
        metrics.due.inc()
        return True

    async def _tell_of_aside(self, row: Claimed) -> None:
        """Ask the writer to send it again, and alarm: nothing is lost in silence."""
        async with self._store.unit() as unit:
            turn = Turn(unit, self._rules)
            found = await chats.visitor(unit, row.chat_hash)
            if found is not None:
                turn.say(found[0], "strange.unreadable", priority=CONVERSATION)
            await alarms.alert(turn, "alarm.inbox_aside", urgent=True)
            await unit.commit()

    async def _alarm(self, key: str) -> None:
        async with self._store.unit() as unit:
            await alarms.alert(Turn(unit, self._rules), key, urgent=True)
            await unit.commit()


def _fault(error: Exception) -> dict[str, str]:
    """Return where the fault happened: the type and the place, never a value."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}"
    return {"error": type(error).__name__, "where": where}
