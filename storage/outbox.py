"""What goes out: queued by use cases, sent in order within a chat, marked only once Telegram has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, delete, func, insert, literal, select, update
from sqlalchemy.orm import aliased

from scheduling.ids import new_id
from scheduling.instant import Instant
from storage.models import OutboxRow, Posting, Progress, Switch
from storage.store import Store
from storage.unit_of_work import Unit

LEASE = timedelta(seconds=90)
KEPT = timedelta(days=7)
HELD_SWITCH = "delivery-held"
_table = cast("Table", OutboxRow.__table__)
_switches = cast("Table", Switch.__table__)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row leased to this deliverer."""

    seq: int
    chat_id: UUID | None
    action: str
    key: str | None
    params: dict[str, Any]
    buttons: list[Any] | None
    message_id: UUID | None
    purpose: str | None
    subject_id: UUID | None
    reply_to: UUID | None
    priority: int
    part: int
    attempts: int
    lease: int
    queued_at: Instant


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of a row: sent (with where it stands now), failed for good, or to be tried again."""

    row: Claimed
    failure: str | None = None
    retry_at: Instant | None = None
    telegram_id: int | None = None
    enquiry_id: UUID | None = None
    gone: tuple[UUID, ...] = field(default=())
    is_last_part: bool = True
    counts_as_attempt: bool = True


def queue(
    unit: Unit,
    chat_id: UUID | None,
    key: str | None,
    *,
    action: str = "send",
    params: dict[str, Any] | None = None,
    buttons: list[Any] | None = None,
    message_id: UUID | None = None,
    purpose: str | None = None,
    subject_id: UUID | None = None,
    reply_to: UUID | None = None,
    priority: int = 1,
) -> None:
    """Queue something to do in a chat; it happens after the commit, or not at all."""
    unit.session.add(
        OutboxRow(
            chat_id=chat_id,
            action=action,
            key=key,
            params=params or {},
            buttons=buttons,
            message_id=message_id,
            purpose=purpose,
            subject_id=subject_id,
            reply_to=reply_to,
            priority=priority,
            part=0,
            queued_at=unit.now,
        )
    )


_COLUMNS = (
    OutboxRow.seq,
    OutboxRow.chat_id,
    OutboxRow.action,
    OutboxRow.key,
    OutboxRow.params,
    OutboxRow.buttons,
    OutboxRow.message_id,
    OutboxRow.purpose,
    OutboxRow.subject_id,
    OutboxRow.reply_to,
    OutboxRow.priority,
    OutboxRow.part,
    OutboxRow.attempts,
    OutboxRow.lease,
    OutboxRow.queued_at,
)


async def mark_and_claim(store: Store, marks: Sequence[Mark], *, at_most: int) -> list[Claimed]:
    """Commit what became of the rows, and lease the first waiting row of so many chats, at once.

    A chat's next row is leased only after its last one's mark: that is what keeps the order.
    """
    async with store.writer.begin() as connection:
        for mark in marks:
            await _write(connection, mark, store.clock.now())
        if at_most <= 0 or await _is_held(connection):
            return []
        found = (await connection.execute(_lease(store.clock.now(), at_most))).all()
    return sorted((Claimed(*one) for one in found), key=lambda row: (row.priority, row.seq))


def _lease(now: Instant, at_most: int) -> Any:
    row, earlier = aliased(OutboxRow), aliased(OutboxRow)
    same_chat = (earlier.chat_id == row.chat_id) | (earlier.chat_id.is_(None) & row.chat_id.is_(None))
    is_first = ~(
        select(literal(1))
        .where(earlier.progress == Progress.WAITING, same_chat, earlier.seq < row.seq)
        .exists()
    )
    first = (
        select(row.seq)
        .where(
            row.progress == Progress.WAITING,
            row.leased_until.is_(None) | (row.leased_until < now),
            row.not_before.is_(None) | (row.not_before <= now),
            is_first,
        )
        .order_by(row.priority, row.seq)
        .limit(at_most)
        .with_for_update(skip_locked=True)
    )
    return (
        update(OutboxRow)
        .where(OutboxRow.seq.in_(first))
        .values(leased_until=Instant.of(now + LEASE), lease=OutboxRow.lease + 1)
        .returning(*_COLUMNS)
        .execution_options(synchronize_session=False)
    )


async def _write(connection: Any, mark: Mark, now: Instant) -> None:
    if mark.retry_at is not None:
        values: dict[str, Any] = {"leased_until": None, "not_before": mark.retry_at}
        if mark.counts_as_attempt:
            values["attempts"] = mark.row.attempts + 1
    elif not mark.is_last_part:
        values = {"leased_until": None, "part": mark.row.part + 1, "attempts": 0}
    else:
        progress = Progress.DONE if mark.failure is None else Progress.ASIDE
        values = {"progress": progress, "failure": mark.failure, "sent_at": now, "leased_until": None}
    await connection.execute(
        update(_table).where(_table.c.seq == mark.row.seq, _table.c.lease == mark.row.lease).values(values)
    )
    if mark.telegram_id is not None and mark.row.purpose and mark.row.subject_id:
        await connection.execute(
            insert(Posting).values(
                id=new_id(),
                chat_id=mark.row.chat_id,
                telegram_id=mark.telegram_id,
                purpose=mark.row.purpose,
                subject_id=mark.row.subject_id,
                enquiry_id=mark.enquiry_id,
                posted_at=now,
                gone_at=None,
            )
        )
    if mark.gone:
        await connection.execute(update(Posting).where(Posting.id.in_(mark.gone)).values(gone_at=now))


async def _is_held(connection: Any) -> bool:
    held = await connection.execute(select(_switches.c.value).where(_switches.c.name == HELD_SWITCH))
    return held.scalar_one_or_none() is not None


async def hold(store: Store) -> None:
    """Hold all delivery until a person releases it; what is queued stays queued."""
    async with store.writing() as connection:
        await connection.execute(delete(_switches).where(_switches.c.name == HELD_SWITCH))
        await connection.execute(
            insert(_switches).values(name=HELD_SWITCH, value="held", turned_at=store.clock.now())
        )


async def hold_within(unit: Unit) -> None:
    """Hold all delivery from the unit's commit on, until a person releases it."""
    await unit.session.execute(delete(_switches).where(_switches.c.name == HELD_SWITCH))
    await unit.session.execute(
        insert(_switches).values(name=HELD_SWITCH, value="held", turned_at=unit.now)
    )


async def release(store: Store) -> None:
    """Let delivery go on."""
    async with store.writing() as connection:
        await connection.execute(delete(_switches).where(_switches.c.name == HELD_SWITCH))


async def is_held(store: Store) -> bool:
    """Whether delivery waits for a person."""
    async with store.reading() as session:
        return await _is_held(session)


async def let_go(store: Store) -> None:
    """Give back every lease; the one process on an SQLite file does so when it starts."""
    async with store.writing() as connection:
        await connection.execute(
            update(_table).where(_table.c.progress == Progress.WAITING).values(leased_until=None)
        )


async def prune(store: Store) -> None:
    """Forget rows that were sent a week ago."""
    before = Instant.of(store.clock.now() - KEPT)
    async with store.writing() as connection:
        await connection.execute(
            delete(_table).where(_table.c.progress != Progress.WAITING, _table.c.sent_at < before)
        )


async def count_waiting(store: Store) -> dict[str, int]:
    """Return how many rows wait and how many failed for good."""
    query = select(OutboxRow.progress, func.count()).where(OutboxRow.progress != Progress.DONE)
    async with store.reading() as session:
        found = dict((await session.execute(query.group_by(OutboxRow.progress))).all())
    return {"waiting": found.get(Progress.WAITING, 0), "failed": found.get(Progress.ASIDE, 0)}
