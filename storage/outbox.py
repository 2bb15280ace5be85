"""What goes out: queued by use cases, sent in order within a chat, marked only once Telegram has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, func, insert, literal, literal_column, null, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.dml import ReturningUpdate
from sqlalchemy.sql.selectable import ScalarSelect

from scheduling.ids import new_id
from scheduling.instant import Instant
from storage.many import as_table, by_column, insert_rows
from storage.models import OutboxRow, Posting, Progress, Switch
from storage.store import Store
from storage.unit_of_work import Unit

LEASE = timedelta(seconds=90)
KEPT = timedelta(days=7)
HELD_SWITCH = "delivery-held"
_table = cast("Table", OutboxRow.__table__)
_postings = cast("Table", Posting.__table__)
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
    # Marks whose commit is not known to have happened are committed again: what stands is noted once.
    posting_id: UUID = field(default_factory=new_id, compare=False)

    @property
    def is_sent(self) -> bool:
        """Whether nothing of the row is left to do."""
        return self.retry_at is None and self.is_last_part and self.failure is None

    @property
    def is_plain(self) -> bool:
        """Whether it was sent, and nothing that stood in the chat is gone."""
        return self.is_sent and not self.gone

    @property
    def stands_somewhere(self) -> bool:
        """Whether something stands in the chat now that must be found again."""
        return self.telegram_id is not None and bool(self.row.purpose and self.row.subject_id)


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
    unit.append(
        OutboxRow,
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
        progress=Progress.WAITING,
        attempts=0,
        lease=0,
    )


_COLUMNS = tuple(_table.c[column.name] for column in fields(Claimed))


async def mark_and_claim(store: Store, marks: Sequence[Mark], *, at_most: int) -> list[Claimed]:
    """Commit what became of the rows, and lease the first waiting row of so many chats, at once.

    A chat's next row is leased only after its last one's mark: that is what keeps the order.
    """
    now = store.clock.now()
    given = {"now": now, "until": Instant.of(now + LEASE), "at_most": max(at_most, 0)}
    if marks and not store.is_sqlite and all(mark.is_plain for mark in marks):
        async with store.at_once() as connection:
            found = (await connection.execute(_MARK_AND_LEASE, given | _as_lists(marks, now))).all()
    else:
        lease = _LEASE if store.is_sqlite else _LEASE_ON_POSTGRESQL
        async with store.writer.begin() if marks else store.leasing() as connection:
            await _write_all(connection, marks, now)
            found = (await connection.execute(lease, given)).all() if at_most > 0 else []
    return sorted((Claimed(*one) for one in found), key=lambda row: (row.priority, row.seq))


def _leasing(*, is_postgresql: bool, but_for: ScalarSelect[int] | None = None) -> ReturningUpdate[Any]:
    """The first waiting row of each chat is leased, unless it is under way or not due, or all is held.

    PostgreSQL is given the first rows as an array, for otherwise it finds them anew for each row that waits.
    """
    row, waiting_row = _table.alias("row"), _table.alias("waiting")
    waiting: ColumnElement[int] = literal_column(str(int(Progress.WAITING)))
    heads = (
        select(func.min(waiting_row.c.seq))
        .where(waiting_row.c.progress == waiting)
        .group_by(waiting_row.c.chat_id)
    )
    if but_for is not None:
        heads = heads.where(waiting_row.c.seq.not_in(but_for))
    is_head = (
        row.c.seq == func.any(func.array(heads.scalar_subquery())) if is_postgresql else row.c.seq.in_(heads)
    )
    now = bindparam("now", type_=_table.c.leased_until.type)
    first = (
        select(row.c.seq)
        .where(
            is_head,
            row.c.progress == waiting,
            row.c.leased_until.is_(None) | (row.c.leased_until < now),
            row.c.not_before.is_(None) | (row.c.not_before <= now),
            ~select(literal(1)).where(_switches.c.name == HELD_SWITCH).exists(),
        )
        .order_by(row.c.priority, row.c.seq)
        .limit(bindparam("at_most"))
        .with_for_update(skip_locked=True)
    )
    return (
        update(_table)
        .where(_table.c.seq.in_(first))
        .values(leased_until=bindparam("until", type_=_table.c.leased_until.type), lease=_table.c.lease + 1)
        .returning(*_COLUMNS)
    )


_LEASE, _LEASE_ON_POSTGRESQL = _leasing(is_postgresql=False), _leasing(is_postgresql=True)
_MINE = (_table.c.seq == bindparam("row"), _table.c.lease == bindparam("held"))
# What a row said is needed no more once nothing is left to do: an invite's way in stands there too.
_WIPED: dict[str, Any] = {"params": {}, "buttons": null()}
_SENT = (
    update(_table)
    .where(*_MINE)
    .values(progress=Progress.DONE, sent_at=bindparam("at"), leased_until=None, failure=None, **_WIPED)
)
_POSTED = sqlite.insert(_postings).on_conflict_do_nothing(index_elements=["id"])
_POSTED_ON_POSTGRESQL = postgresql.insert(_postings).on_conflict_do_nothing(index_elements=["id"])


def _marking_and_leasing() -> ReturningUpdate[Any]:
    """On PostgreSQL what was sent is marked, where it stands noted, and what is next leased, all at once."""
    given = as_table({"seq": _table.c.seq, "lease": _table.c.lease}, prefix="mark_")
    sent = (
        update(_table)
        .where(_table.c.seq == given.c.seq, _table.c.lease == given.c.lease)
        .values(progress=Progress.DONE, sent_at=bindparam("now"), leased_until=None, failure=None, **_WIPED)
        .returning(_table.c.seq)
        .cte("sent")
    )
    posted = insert_rows(_postings, _postings.c.keys(), prefix="posting_")
    lease = _leasing(is_postgresql=True, but_for=select(sent.c.seq).scalar_subquery())
    return lease.add_cte(posted.on_conflict_do_nothing(index_elements=["id"]).cte("posted"))


_MARK_AND_LEASE = _marking_and_leasing()


def _as_lists(marks: Sequence[Mark], now: Instant) -> dict[str, Any]:
    sent = [{"seq": mark.row.seq, "lease": mark.row.lease} for mark in marks]
    posted = [_posting(mark, now) for mark in marks if mark.stands_somewhere]
    return by_column(sent, ("seq", "lease"), prefix="mark_") | by_column(
        posted, _postings.c.keys(), prefix="posting_"
    )


async def _write_all(connection: AsyncConnection, marks: Sequence[Mark], now: Instant) -> None:
    sent = [mark for mark in marks if mark.is_sent]
    if sent:
        await connection.execute(
            _SENT, [{"row": mark.row.seq, "held": mark.row.lease, "at": now} for mark in sent]
        )
    for mark in marks:
        if not mark.is_sent:
            await _write(connection, mark, now)
    posted = [_posting(mark, now) for mark in marks if mark.stands_somewhere]
    if posted:
        is_sqlite = connection.dialect.name == "sqlite"
        await connection.execute(_POSTED if is_sqlite else _POSTED_ON_POSTGRESQL, posted)
    gone = [posting for mark in marks for posting in mark.gone]
    if gone:
        await connection.execute(update(Posting).where(Posting.id.in_(gone)).values(gone_at=now))


def _posting(mark: Mark, now: Instant) -> dict[str, Any]:
    return {
        "id": mark.posting_id,
        "chat_id": mark.row.chat_id,
        "telegram_id": mark.telegram_id,
        "purpose": mark.row.purpose,
        "subject_id": mark.row.subject_id,
        "enquiry_id": mark.enquiry_id,
        "posted_at": now,
        "gone_at": None,
    }


async def _write(connection: AsyncConnection, mark: Mark, now: Instant) -> None:
    if mark.retry_at is not None:
        values: dict[str, Any] = {"leased_until": None, "not_before": mark.retry_at}
        if mark.counts_as_attempt:
            values["attempts"] = mark.row.attempts + 1
    elif not mark.is_last_part:
        values = {"leased_until": None, "part": mark.row.part + 1, "attempts": 0}
    else:
        values = {"progress": Progress.ASIDE, "failure": mark.failure, "sent_at": now, "leased_until": None}
        values |= _WIPED
    await connection.execute(
        update(_table).where(_table.c.seq == mark.row.seq, _table.c.lease == mark.row.lease).values(values)
    )


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
    await unit.session.execute(insert(_switches).values(name=HELD_SWITCH, value="held", turned_at=unit.now))


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
