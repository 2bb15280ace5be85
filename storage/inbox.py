"""What came in: committed before it is acknowledged, handled in order within a chat, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, Update, bindparam, delete, func, literal, literal_column, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, NotSupportedError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.dml import ReturningUpdate

from scheduling.ids import new_id
from scheduling.instant import Instant
from storage.many import is_among
from storage.models import InboxRow, Parked, Progress
from storage.store import Queue, Store
from storage.unit_of_work import Unit

LEASE = timedelta(seconds=60)
# The dedupe window: an update id seen within it is not taken in again.
KEPT = timedelta(hours=48)
KEYS_KEPT = timedelta(days=7)
MOST_ATTEMPTS = 8
_AWAY_DELAY = timedelta(seconds=2)
_OURS = (IntegrityError, DataError, ProgrammingError, NotSupportedError)
_table = cast("Table", InboxRow.__table__)


class LeaseLostError(Exception):
    """Another worker took the row over; what was done about it here is rolled back."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An update as the door hands it in: projected and masked, its body not yet sealed."""

    update_id: int
    address: int
    order_at: int
    order_number: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row leased to this worker."""

    id: UUID
    chat_hash: bytes
    key_id: UUID
    body_sealed: bytes | None
    received_at: Instant
    attempts: int
    lease: int


async def take_in(store: Store, arrivals: Sequence[Arrival]) -> None:
    """Commit the updates, each once, in one transaction; only then may they be acknowledged."""
    if not arrivals:
        return
    key_id, now = await store.daily_key(), store.clock.now()
    rows = [await _sealed_row(store, arrival, key_id, now) for arrival in arrivals]
    insert = sqlite.insert if store.is_sqlite else postgresql.insert
    async with store.at_once() as connection:
        await connection.execute(insert(_table).on_conflict_do_nothing(index_elements=["update_id"]), rows)
    store.wake(Queue.INBOX)


async def _sealed_row(store: Store, arrival: Arrival, key_id: UUID, now: Instant) -> dict[str, Any]:
    row_id = new_id()
    return {
        "id": row_id,
        "update_id": arrival.update_id,
        "chat_hash": await store.chat_hash(arrival.address),
        "order_at": arrival.order_at,
        "order_number": arrival.order_number,
        "key_id": key_id,
        "body_sealed": await store.keys.seal(key_id, arrival.body, place=f"inbox.body:{row_id}"),
        "received_at": now,
        "progress": Progress.WAITING,
        "attempts": 0,
        "lease": 0,
    }


def _claiming() -> ReturningUpdate[Any]:
    """The first waiting row of each chat is leased; a chat with a row under way has no first one."""
    row, other = _table.alias("row"), _table.alias("other")
    now = bindparam("now", type_=_table.c.leased_until.type)
    waiting: ColumnElement[int] = literal_column(str(int(Progress.WAITING)))
    in_chat = (other.c.progress == waiting, other.c.chat_hash == row.c.chat_hash)
    # Two taps of a second, or a message and its edit, differ only in the order Telegram brought them.
    is_earlier = tuple_(other.c.order_at, other.c.order_number, other.c.update_id) < tuple_(
        row.c.order_at, row.c.order_number, row.c.update_id
    )
    has_earlier = select(literal(1)).where(*in_chat, is_earlier).exists()
    # What came late is not handled beside what is being handled.
    is_under_way = other.c.leased_until.is_not(None) & (other.c.leased_until >= now)
    has_company = select(literal(1)).where(*in_chat, is_under_way, other.c.id != row.c.id).exists()
    first = (
        select(row.c.id)
        .where(
            row.c.progress == waiting,
            row.c.leased_until.is_(None) | (row.c.leased_until < now),
            row.c.not_before.is_(None) | (row.c.not_before <= now),
            ~has_earlier,
            ~has_company,
        )
        .limit(bindparam("at_most"))
        .with_for_update(skip_locked=True)
    )
    return (
        update(_table)
        .where(_table.c.id.in_(first))
        .values(
            leased_until=bindparam("until", type_=_table.c.leased_until.type),
            lease=_table.c.lease + 1,
            attempts=_table.c.attempts + 1,
        )
        .returning(
            _table.c.id,
            _table.c.chat_hash,
            _table.c.key_id,
            _table.c.body_sealed,
            _table.c.received_at,
            _table.c.attempts,
            _table.c.lease,
        )
    )


_CLAIM = _claiming()


def _finishing(*, is_postgresql: bool) -> Update:
    return (
        update(_table)
        .where(
            is_among(_table.c.id, "rows", is_postgresql=is_postgresql),
            _table.c.lease == bindparam("held"),
            _table.c.progress == Progress.WAITING,
        )
        .values(progress=Progress.DONE, body_sealed=None)
    )


_FINISH, _FINISH_ON_POSTGRESQL = _finishing(is_postgresql=False), _finishing(is_postgresql=True)


async def claim(store: Store, *, at_most: int) -> list[Claimed]:
    """Lease the first waiting row of each of so many chats to the caller, for 60 seconds."""
    now = store.clock.now()
    given = {"now": now, "until": Instant.of(now + LEASE), "at_most": at_most}
    async with store.leasing() as connection:
        found = (await connection.execute(_CLAIM, given)).all()
    return [Claimed(*one) for one in found]


async def open_body(store: Store, claimed: Claimed) -> bytes:
    """Return the body as the door handed it in."""
    assert claimed.body_sealed is not None, "a waiting row has its body"
    return await store.keys.open(claimed.key_id, claimed.body_sealed, place=f"inbox.body:{claimed.id}")


def finish(unit: Unit, claimed: Sequence[Claimed]) -> None:
    """Have the use case's own commit mark the rows done and wipe their bodies, or raise LeaseLostError."""
    statement = _FINISH_ON_POSTGRESQL if unit.is_postgresql else _FINISH
    for lease in {row.lease for row in claimed}:
        held = [row.id for row in claimed if row.lease == lease]
        unit.conclude(statement, {"rows": held, "held": lease}, rows=len(held), otherwise=LeaseLostError)


def is_outage(error: BaseException) -> bool:
    """Whether a database was away, as against a fault in the row or in what handles it."""
    if isinstance(error, DBAPIError):
        state = str(getattr(error.orig, "sqlstate", None) or "")
        is_bad_value = state.startswith("22") or isinstance(
            getattr(error.orig, "__cause__", None), ValueError
        )
        return not is_bad_value and not isinstance(error, _OURS)
    return isinstance(error, OSError | PoolTimeoutError)


async def put_off(store: Store, claimed: Claimed, *, counts: bool = True) -> bool:
    """Have the row tried again after a while; True where it was set aside for a person instead.

    An attempt that does not count, for a database was away, never leads to that.
    """
    is_aside = counts and claimed.attempts >= MOST_ATTEMPTS
    delay = timedelta(seconds=min(2 ** (claimed.attempts - 1), 120) * 0.5) if counts else _AWAY_DELAY
    held = (_table.c.id == claimed.id, _table.c.lease == claimed.lease)
    async with store.writing() as connection:
        changed = await connection.execute(
            update(_table)
            .where(*held, _table.c.progress == Progress.WAITING)
            .values(
                progress=Progress.ASIDE if is_aside else Progress.WAITING,
                leased_until=None,
                not_before=Instant.of(store.clock.now() + delay),
                attempts=claimed.attempts if counts else claimed.attempts - 1,
            )
        )
    return is_aside and changed.rowcount == 1


async def retry_aside(store: Store) -> int:
    """Have every row that was set aside, and can still be read, tried again; return how many."""
    async with store.writing() as connection:
        changed = await connection.execute(
            update(_table)
            .where(_table.c.progress == Progress.ASIDE, _table.c.body_sealed.is_not(None))
            .values(progress=Progress.WAITING, attempts=0, not_before=None, leased_until=None)
        )
    return changed.rowcount


async def let_go(store: Store) -> None:
    """Give back every lease; the one process on an SQLite file does so when it starts."""
    async with store.writing() as connection:
        await connection.execute(
            update(_table).where(_table.c.progress == Progress.WAITING).values(leased_until=None)
        )


async def prune(store: Store) -> None:
    """Forget rows done longer ago than the dedupe window, and what rows set aside a week ago say."""
    now = store.clock.now()
    before, unread_before = Instant.of(now - KEPT), Instant.of(now - KEYS_KEPT)
    async with store.writing() as connection:
        await connection.execute(
            delete(_table).where(_table.c.progress == Progress.DONE, _table.c.received_at < before)
        )
        await connection.execute(
            update(_table)
            .where(_table.c.progress == Progress.ASIDE, _table.c.received_at < unread_before)
            .values(body_sealed=None)
        )


async def count_waiting(store: Store) -> dict[str, int]:
    """Return how many rows wait and how many were set aside."""
    query = select(InboxRow.progress, func.count()).where(InboxRow.progress != Progress.DONE)
    async with store.reading() as session:
        found = dict((await session.execute(query.group_by(InboxRow.progress))).all())
    return {"waiting": found.get(Progress.WAITING, 0), "aside": found.get(Progress.ASIDE, 0)}


async def destroy_old_keys(store: Store) -> None:
    """Destroy daily keys a week old that no row still to be read, and no parked text, is sealed under."""
    before = Instant.of(store.clock.now() - KEYS_KEPT)
    old = set(await store.keys.made_before("daily", before))
    if not old:
        return
    async with store.reading() as session:
        rows = await session.execute(
            select(InboxRow.key_id).where(InboxRow.body_sealed.is_not(None)).distinct()
        )
        parked = await session.execute(select(Parked.key_id).distinct())
        in_use = set(rows.scalars()) | set(parked.scalars())
    await store.keys.destroy(old - in_use)
