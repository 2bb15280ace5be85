"""Delivers the outbox: in order within a chat, leased, limited and retried, marked once Telegram has it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from handlers import metrics
from handlers.telegram.limiter import Limiter
from handlers.telegram.posting import NothingToDoError, Postman
from scheduling.instant import Instant
from storage import outbox
from storage.outbox import Claimed, Mark
from storage.queries import delivery as find
from storage.store import Queue, Store

_log = structlog.get_logger("delivery")
_AT_ONCE = 64
_IDLE_SECONDS = 1.0
# How long the mark of what was sent waits for those of what is being sent: they are committed together.
_MARKS_WAIT = 0.005
_MOST_BACKOFF = timedelta(seconds=60)
_ALARM_AFTER = 8
_MOST_FAULTS = 5

Failed = Callable[[Claimed, str], Awaitable[None]]


class Delivery:
    """Sends what waits until it is stopped; a failure in one chat holds up no other."""

    def __init__(self, *, store: Store, postman: Postman, limiter: Limiter, failed: Failed) -> None:
        self._store, self._postman, self._limiter, self._failed = store, postman, limiter, failed
        self._wake = store.listen(Queue.OUTBOX)
        self._marks: list[Mark] = []
        self._under_way: set[asyncio.Task[None]] = set()
        self._unmarked = 0  # of those
        self._faults: Counter[int] = Counter()
        # The newest lease of each row from its send until its mark is committed: a lease that runs out
        # meanwhile, as when the clock jumps, is taken anew and the row is not sent a second time.
        self._leases: dict[int, int] = {}

    async def run(self) -> None:
        """Deliver for ever; each round commits the marks of the last and leases what is next.

        A chat's next row is free with the mark of its last one: there is nothing to lease until something
        was queued or sent.
        """
        while True:
            try:
                await self._round()
            except Exception as error:  # noqa: BLE001 - the edge: whatever it is, delivery goes on
                _log.error("outbox_not_reached", error=type(error).__name__)
                await asyncio.sleep(_IDLE_SECONDS)
                continue
            await self._rest()

    async def finish(self) -> None:
        """Wait for the sends under way and commit their marks; used on a graceful stop."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=10)
        marks, self._marks = self._marks, []
        current = [self._with_newest_lease(mark) for mark in marks]
        await outbox.mark_and_claim(self._store, current, at_most=0)

    async def _round(self) -> None:
        self._wake.clear()
        marks, self._marks = self._marks, []
        try:
            current = [self._with_newest_lease(mark) for mark in marks]
            rows = await outbox.mark_and_claim(self._store, current, at_most=_AT_ONCE - len(self._under_way))
            rows = self._not_under_way(rows, marks)
            marks = [self._given_back(row) for row in rows]  # where nothing can be learned about them
            if rows:
                background = await find.background(self._store, rows)
        except BaseException:
            self._marks = marks + self._marks
            raise
        self._unmarked += len(rows)
        for row in rows:
            task = asyncio.create_task(self._deliver(row, background))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    def _given_back(self, row: Claimed) -> Mark:
        return Mark(row, retry_at=self._store.clock.now(), counts_as_attempt=False)

    def _with_newest_lease(self, mark: Mark) -> Mark:
        lease = self._leases.get(mark.row.seq, mark.row.lease)
        return replace(mark, row=replace(mark.row, lease=lease))

    def _not_under_way(self, rows: list[Claimed], marked: list[Mark]) -> list[Claimed]:
        for mark in marked:
            self._leases.pop(mark.row.seq, None)
        fresh = [row for row in rows if row.seq not in self._leases]
        self._leases |= {row.seq: row.lease for row in rows}
        return fresh

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(_IDLE_SECONDS):  # wait_for may swallow a cancellation
                await self._wake.wait()
        except TimeoutError:
            return

    async def _deliver(self, row: Claimed, background: find.Background) -> None:
        try:
            mark = await self._attempt(row, background)
        except SQLAlchemyError as error:
            _log.error("delivery_put_off", seq=row.seq, key=row.key, error=type(error).__name__)
            mark = self._later(row)
        except Exception as error:  # noqa: BLE001 - one row's fault must not stop the others
            mark = await self._judge(row, error)
        if mark.retry_at is None:
            self._faults.pop(row.seq, None)
        self._marks.append(mark)
        self._unmarked -= 1
        if not self._unmarked:
            self._wake.set()
        elif len(self._marks) == 1:
            asyncio.get_running_loop().call_later(_MARKS_WAIT, self._wake.set)

    async def _attempt(self, row: Claimed, background: find.Background) -> Mark:
        if row.chat_id is not None:
            await self._limiter.pass_through(row.chat_id)
        try:
            mark = await self._postman.post(row, background)
        except NothingToDoError:
            return Mark(row)
        except RetryAfter as error:
            metrics.send_failures.labels("retry_after").inc()
            wait = getattr(error, "_retry_after", None) or timedelta(seconds=1)
            return Mark(row, retry_at=Instant.of(self._store.clock.now() + wait), counts_as_attempt=False)
        except (Forbidden, BadRequest, ChatMigrated) as error:
            return await self._give_up(row, error)
        except InvalidToken:
            metrics.send_failures.labels("token").inc()
            return self._later(row)
        except (TelegramError, OSError) as error:
            metrics.send_failures.labels("network").inc()
            _log.info("send_failed", seq=row.seq, error=type(error).__name__)
            return self._later(row)
        metrics.sent.inc()
        metrics.delivery.observe(max((self._store.clock.now() - row.queued_at).total_seconds(), 0))
        return mark

    async def _judge(self, row: Claimed, error: Exception) -> Mark:
        """A fault of our own may pass; where it does not, the row is given up, and the chat goes on."""
        self._faults[row.seq] += 1
        _log.error("delivery_fault", seq=row.seq, key=row.key, error=type(error).__name__)
        if self._faults[row.seq] < _MOST_FAULTS:
            return self._later(row)
        metrics.send_failures.labels("fault").inc()
        try:
            await self._failed(row, "fault")
        except Exception as untold:  # noqa: BLE001 - the edge: that nobody is told must not hold up the chat
            _log.error("fault_not_told", seq=row.seq, error=type(untold).__name__)
        return Mark(row, failure="fault")

    async def _give_up(self, row: Claimed, error: TelegramError) -> Mark:
        failure = "unreachable" if isinstance(error, Forbidden) else "refused"
        if isinstance(error, BadRequest) and "chat not found" in str(error).lower():
            failure = "unreachable"
        metrics.send_failures.labels(failure).inc()
        _log.warning("not_delivered", seq=row.seq, key=row.key, failure=failure)
        await self._failed(row, failure)
        return Mark(row, failure=failure)

    def _later(self, row: Claimed) -> Mark:
        delay = min(timedelta(seconds=0.25 * 2 ** min(row.attempts, 10)), _MOST_BACKOFF)
        if row.attempts + 1 == _ALARM_AFTER:
            _log.error("delivery_stuck", seq=row.seq, attempts=row.attempts + 1)
        return Mark(row, retry_at=Instant.of(self._store.clock.now() + delay))
