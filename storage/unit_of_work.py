"""One use case, one transaction: leaving without commit rolls everything back."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from scheduling.ids import new_id
from storage.models import AuditEntry, AuditPending

if TYPE_CHECKING:
    from collections.abc import Callable

    from scheduling.clock import Clock
    from scheduling.instant import Instant
    from storage.keys import KeyStore


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

    async def __aenter__(self) -> Self:
        """Begin; the transaction itself starts with the first statement."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Roll back what was not committed and give the connection back."""
        await self.session.close()

    async def commit(self) -> None:
        """Make everything durable at once; then destroy the keys it doomed and wake who waits."""
        await self.session.commit()
        if self._doomed_keys:
            await self.keys.destroy(self._doomed_keys)
            self._doomed_keys = set()
        self._on_commit()

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
        self.session.add(
            AuditEntry(
                id=entry_id,
                at=self.now,
                actor=actor,
                actor_id=actor_id,
                action=action,
                subject=subject,
                subject_id=subject_id,
                detail=detail,
            )
        )
        self.session.add(AuditPending(entry_id=entry_id))

    async def seal(self, key_id: UUID, body: dict[str, object], *, place: str) -> bytes:
        """Return the body sealed for this place only."""
        return await self.keys.seal(key_id, orjson.dumps(body), place=place)

    async def open(self, key_id: UUID, sealed: bytes, *, place: str) -> dict[str, object]:
        """Return the body that was sealed for this place."""
        opened: dict[str, object] = orjson.loads(await self.keys.open(key_id, sealed, place=place))
        return opened
