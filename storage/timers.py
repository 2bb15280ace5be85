"""Every timer is a row with a deadline; a sweep handles what is due, each once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, String, cast, delete, func, select, update
from sqlalchemy.orm import aliased

from scheduling.instant import Instant
from storage.models import Timer
from storage.store import Store
from storage.unit_of_work import Unit

MOST_ATTEMPTS = 20
_LOOKED_AT = 32  # more than there are processes


@dataclass(frozen=True, slots=True)
class Due:
    """A timer that has fallen due, at the version it was read."""

    kind: str
    subject_id: UUID
    due_at: Instant
    version: int
    attempts: int


class AlreadyHandledError(Exception):
    """The timer was moved or handled by somebody else meanwhile."""


async def set_timer(unit: Unit, kind: str, subject_id: UUID, due_at: datetime) -> None:
    """Have the timer fall due at the moment; one that was set before is moved."""
    timer = await unit.session.get(Timer, (kind, subject_id))
    if timer is None:
        unit.session.add(
            Timer(kind=kind, subject_id=subject_id, due_at=Instant.of(due_at), version=0, attempts=0)
        )
    else:
        timer.due_at, timer.version, timer.attempts = Instant.of(due_at), timer.version + 1, 0


async def cancel(unit: Unit, kind: str, subject_id: UUID) -> None:
    """Have the timer fall due no more."""
    await unit.session.flush()
    await unit.session.execute(delete(Timer).where(Timer.kind == kind, Timer.subject_id == subject_id))


async def due(store: Store, *, at_most: int) -> list[Due]:
    """Return the timers that have fallen due, the oldest first."""
    query = select(Timer).where(Timer.due_at <= store.clock.now()).order_by(Timer.due_at).limit(at_most)
    async with store.reading() as session:
        found = (await session.execute(query)).scalars()
        return [Due(t.kind, t.subject_id, t.due_at, t.version, t.attempts) for t in found]


async def next_due(unit: Unit) -> Due | None:
    """Return the oldest timer that has fallen due and that no other process is handling.

    It is held beside its row until the unit ends. The row itself is changed by whoever has locked the timer's
    subject: a sweep that held it while it waits for the subject would stop both.
    """
    oldest = _columns(Timer).where(Timer.due_at <= unit.now).order_by(Timer.due_at).limit(_LOOKED_AT)
    query = oldest.limit(1)
    if unit.is_postgresql:
        one = aliased(Timer, oldest.subquery())
        named = func.hashtextextended(one.kind + ":" + cast(one.subject_id, String), 0)
        query = _columns(one).where(func.pg_try_advisory_xact_lock(named)).limit(1)
    found = (await unit.session.execute(query)).one_or_none()
    if found is None:
        return None
    kind, subject_id, due_at, version, attempts = found
    return Due(kind, subject_id, due_at, version, attempts)


def _columns(of: type[Timer]) -> Select[str, UUID, Instant, int, int]:
    return select(of.kind, of.subject_id, of.due_at, of.version, of.attempts)


async def take(unit: Unit, timer: Due) -> None:
    """Remove the timer within the transaction that does what it asks; raises where another was faster.

    Its subject is locked before.
    """
    gone = await unit.session.execute(
        delete(Timer).where(
            Timer.kind == timer.kind,
            Timer.subject_id == timer.subject_id,
            Timer.version == timer.version,
            Timer.due_at <= unit.now,
        )
    )
    if gone.rowcount != 1:  # type: ignore[attr-defined]  # a DELETE yields a cursor result
        raise AlreadyHandledError


async def put_off(store: Store, timer: Due) -> bool:
    """Have a timer whose work failed fall due again after a while; True once it has failed too often."""
    delay = timedelta(seconds=min(2**timer.attempts, 600))
    async with store.writing() as connection:
        await connection.execute(
            update(Timer)
            .where(
                Timer.kind == timer.kind, Timer.subject_id == timer.subject_id, Timer.version == timer.version
            )
            .values(
                due_at=Instant.of(store.clock.now() + delay),
                version=Timer.version + 1,
                attempts=Timer.attempts + 1,
            )
        )
    return timer.attempts + 1 == MOST_ATTEMPTS
