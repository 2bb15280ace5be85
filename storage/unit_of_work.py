"""One use case, one transaction: leaving without commit rolls everything back."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self, cast
from uuid import UUID

import orjson
from sqlalchemy import Insert, Table, Update, insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession
from sqlalchemy.orm import Session

from scheduling.ids import new_id
from storage.many import by_column, insert_rows
from storage.models import AuditEntry, AuditPending, Base, Message, OutboxRow, Posting

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduling.clock import Clock
    from scheduling.instant import Instant
    from storage.keys import KeyStore

# What is only ever added is written without the session's book-keeping, many rows at once.
_INSERTS: dict[type[Base], Insert] = {
    model: insert(cast("Table", model.__table__))
    for model in (Message, Posting, OutboxRow, AuditEntry, AuditPending)
}


class _Conclusion(NamedTuple):
    """Rows that must be there to be changed, as the last thing before the commit."""

    statement: Update
    values: dict[str, Any]
    rows: int
    otherwise: type[Exception]

    def make(self, session: Session) -> None:
        """Change the rows; raises `otherwise` where one of them is not there."""
        self.check(session.connection().execute(self.statement, self.values).rowcount)

    def check(self, count: int) -> None:
        """Raise `otherwise` where not all of the rows were changed."""
        if count != self.rows:
            raise self.otherwise


Rows = dict[type[Base], list[dict[str, Any]]]


def _write_at_once(session: Session, appended: Rows, last: _Conclusion) -> None:
    """Write on PostgreSQL, where each statement is a trip to the server and back, everything in one."""
    shape = tuple((model, tuple(rows[0])) for model, rows in appended.items())
    values = dict(last.values)
    for model, names in shape:
        values |= by_column(appended[model], names, prefix=f"{model.__tablename__}_")
    statement = _in_one(shape, last.statement)
    last.check(session.connection().execute(statement, values).rowcount)


@lru_cache(maxsize=256)
def _in_one(shape: tuple[tuple[type[Base], tuple[str, ...]], ...], last: Update) -> Update:
    inserts = (
        insert_rows(cast("Table", model.__table__), names, prefix=f"{model.__tablename__}_")
        for model, names in shape
    )
    return last.add_cte(*(one.cte(f"written_{number}") for number, one in enumerate(inserts)))


class Unit:
    """The unit of work a use case runs in: its session, its moment, the keys and the log."""

    def __init__(
        self, engine: AsyncEngine, keys: KeyStore, clock: Clock, on_commit: Callable[[], None]
    ) -> None:
        self.session = AsyncSession(engine, expire_on_commit=False, autoflush=True)
        self.keys = keys
        self.now: Instant = clock.now()
        self._on_commit = on_commit
        self._doomed_keys: set[UUID] = set()
        self.is_postgresql = engine.dialect.name == "postgresql"
        self._appended: Rows = {}
        self._changes: dict[Update, list[dict[str, Any]]] = {}
        self._conclusions: list[_Conclusion] = []
        self._ticks = 0

    async def __aenter__(self) -> Self:
        """Begin; the transaction itself starts with the first statement."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Roll back what was not committed and give the connection back."""
        await self.session.close()

    async def commit(self) -> None:
        """Make everything durable at once; then wake who waits and destroy the keys it doomed."""
        await self.session.run_sync(self._commit)
        self._on_commit()
        doomed, self._doomed_keys = self._doomed_keys, set()
        if doomed:
            # What is committed has happened: with the key store away, destroy_orphans finishes this.
            with suppress(SQLAlchemyError, OSError):
                await self.keys.destroy(doomed)

    def append(self, model: type[Base], **values: Any) -> None:
        """Add a row that this unit will not change; rows of a kind are written together, in this order."""
        self._appended.setdefault(model, []).append(values)

    def change(self, statement: Update, values: dict[str, Any]) -> None:
        """Have the commit change a row; those of a statement are changed together."""
        self._changes.setdefault(statement, []).append(values)

    def conclude(
        self, statement: Update, values: dict[str, Any], *, rows: int, otherwise: type[Exception]
    ) -> None:
        """Have the commit change so many rows last; where it finds fewer, it raises `otherwise` instead."""
        self._conclusions.append(_Conclusion(statement, values, rows, otherwise))

    async def write_out(self) -> None:
        """Write what was appended, so that what is asked next finds it."""
        if self._appended:
            await self.session.run_sync(self._write_out)

    def _commit(self, session: Session) -> None:
        changes, self._changes = self._changes, {}
        conclusions, self._conclusions = self._conclusions, []
        if self.is_postgresql and conclusions:
            session.flush()
            appended, self._appended = self._appended, {}
            _write_at_once(session, appended, conclusions.pop())
        else:
            self._write_out(session)
        for statement, values in changes.items():
            session.connection().execute(statement, values)
        for conclusion in conclusions:
            conclusion.make(session)
        session.commit()

    def _write_out(self, session: Session) -> None:
        session.flush()
        appended, self._appended = self._appended, {}
        for model, rows in appended.items():
            session.connection().execute(_INSERTS[model], rows)

    def tick(self) -> int:
        """Return a number that grows with time, and within the unit."""
        self._ticks += 1
        return self.now.microseconds + self._ticks

    def doom_key(self, key_id: UUID) -> None:
        """Have the key destroyed once the transaction is committed."""
        self._doomed_keys.add(key_id)

    def record(
        self,
        action: str,
        *,
        actor: str,
        actor_id: UUID | None = None,
        subject: str,
        subject_id: UUID,
        detail: str | None = None,
    ) -> None:
        """Append to the log who did what to which subject; never what was written."""
        entry_id = new_id()
        self.append(
            AuditEntry,
            id=entry_id,
            at=self.now,
            actor=actor,
            actor_id=actor_id,
            action=action,
            subject=subject,
            subject_id=subject_id,
            detail=detail,
        )
        self.append(AuditPending, entry_id=entry_id)

    async def seal(self, key_id: UUID, body: dict[str, object], *, place: str) -> bytes:
        """Return the body sealed for this place only."""
        return await self.keys.seal(key_id, orjson.dumps(body), place=place)

    async def open(self, key_id: UUID, sealed: bytes, *, place: str) -> dict[str, object]:
        """Return the body that was sealed for this place."""
        opened: dict[str, object] = orjson.loads(await self.keys.open(key_id, sealed, place=place))
        return opened
