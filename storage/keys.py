"""The key store: a database of its own, so that destroying a key makes every copy unreadable."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from typing import ClassVar, cast
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import (
    JSON,
    LargeBinary,
    MetaData,
    String,
    Table,
    Uuid,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from scheduling.ids import new_id
from scheduling.instant import Instant
from storage.models.base import NAMING, InstantColumn

_NONCE_BYTES = 12
_CACHE_SIZE = 20_000
# A key destroyed by another process stays usable here for so long at most.
_CACHE_SECONDS = 30.0
_AT_ONCE = 500


class KeysBase(DeclarativeBase):
    """The key store's own tables; never part of a backup of the hotline."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[object, object]] = {
        Instant: InstantColumn(),
        UUID: Uuid(),
        dict[str, str]: JSON(),
    }


class StoredKey(KeysBase):
    """A data key, wrapped by the master key."""

    __tablename__ = "stored_key"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str | None] = mapped_column(String(60), unique=True)
    purpose: Mapped[str] = mapped_column(String(20), index=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[Instant]


class MasterKeyError(Exception):
    """The data key does not fit the key store: it was made with another one."""


class KeyDestroyedError(Exception):
    """The key was destroyed, and what it sealed can never be read again."""


class KeyStore:
    """Makes, keeps and destroys data keys, and seals values under them (AES-256-GCM)."""

    def __init__(self, engine: AsyncEngine, master: bytes) -> None:
        self._engine = engine
        self._master = AESGCM(master)
        self._cache: OrderedDict[UUID, tuple[float, AESGCM]] = OrderedDict()
        self._named: dict[str, tuple[UUID, bytes]] = {}

    async def make(self, purpose: str, *, now: Instant) -> UUID:
        """Store a fresh key and return its id; made before the row that uses it."""
        return (await self._store(purpose, None, now))[0]

    async def named(self, name: str, *, now: Instant) -> tuple[UUID, bytes]:
        """Return the id and the bytes of the key of this name, made now if there is none."""
        if name in self._named:
            return self._named[name]
        found = await self._find_named(name)
        if found is None:
            with contextlib.suppress(IntegrityError):  # another process was faster; its key is as good
                await self._store(name.partition(":")[0], name, now)
            found = await self._find_named(name)
        if found is None:
            raise KeyDestroyedError
        self._named[name] = found
        return found

    async def seal(self, key_id: UUID, value: bytes, *, place: str) -> bytes:
        """Return the value sealed for this place (table, column and row) only."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        cipher = await self._cipher(key_id)
        return nonce + cipher.encrypt(nonce, value, place.encode())

    async def open(self, key_id: UUID, sealed: bytes, *, place: str) -> bytes:
        """Return what was sealed; raises KeyDestroyedError, or InvalidTag for another place's value."""
        cipher = await self._cipher(key_id)
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode())

    async def keyed_hash(self, name: str, value: bytes, *, now: Instant) -> bytes:
        """Return the HMAC-SHA256 of the value under the key of this name."""
        _, key = await self.named(name, now=now)
        return hmac.new(key, value, hashlib.sha256).digest()

    async def destroy(self, key_ids: Collection[UUID]) -> None:
        """Delete the keys for good; what they sealed is unreadable from now on."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(StoredKey).where(StoredKey.id.in_(key_ids)))
        for key_id in key_ids:
            self._cache.pop(key_id, None)
        self._named = {name: kept for name, kept in self._named.items() if kept[0] not in key_ids}

    async def made_before(self, purpose: str, moment: Instant) -> list[UUID]:
        """Return the keys of this purpose made before the moment."""
        query = select(StoredKey.id).where(StoredKey.purpose == purpose, StoredKey.made_at < moment)
        async with self._engine.connect() as connection:
            return list((await connection.execute(query)).scalars())

    async def is_named(self, name: str) -> bool:
        """Whether there is a key of this name; none is made."""
        return name in self._named or await self._find_named(name) is not None

    async def missing(self, key_ids: Collection[UUID]) -> set[UUID]:
        """Return those of the keys that are destroyed."""
        wanted = list(key_ids)
        found: set[UUID] = set()
        async with self._engine.connect() as connection:
            for at in range(0, len(wanted), _AT_ONCE):
                query = select(StoredKey.id).where(StoredKey.id.in_(wanted[at : at + _AT_ONCE]))
                found |= set((await connection.execute(query)).scalars())
        return set(wanted) - found

    async def count(self) -> int:
        """Return how many keys there are."""
        async with self._engine.connect() as connection:
            return (await connection.execute(select(func.count()).select_from(StoredKey))).scalar_one()

    async def rewrap(self, master: bytes, *, advance: Callable[[int], None] = lambda _: None) -> int:
        """Wrap every key with the new master key, all or none, and return how many there are."""
        wrapper = AESGCM(master)
        table = cast("Table", StoredKey.__table__)
        change = update(table).where(table.c.id == bindparam("which")).values(wrapped=bindparam("again"))
        async with self._engine.begin() as connection:
            rows = (await connection.execute(select(table.c.id, table.c.wrapped).with_for_update())).all()
            for at in range(0, len(rows), _AT_ONCE):
                batch = rows[at : at + _AT_ONCE]
                again = [
                    {"which": key_id, "again": _wrap(wrapper, key_id, self._unwrap(key_id, wrapped))}
                    for key_id, wrapped in batch
                ]
                await connection.execute(change, again)
                advance(len(batch))
        self._master = wrapper
        self._cache.clear()
        return len(rows)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection to the key store itself; what is read there is wrapped."""
        async with self._engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def replacing(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection to put back wrapped keys; raises MasterKeyError where one does not open."""
        async with self._engine.begin() as connection:
            yield connection
            for key_id, wrapped in await connection.execute(select(StoredKey.id, StoredKey.wrapped)):
                self._unwrap(key_id, wrapped)
        self._cache.clear()
        self._named.clear()

    async def close(self) -> None:
        """Forget every key and let the database go."""
        self._cache.clear()
        self._named.clear()
        await self._engine.dispose()

    async def _store(self, purpose: str, name: str | None, now: Instant) -> tuple[UUID, bytes]:
        key_id, key = new_id(), secrets.token_bytes(32)
        row = {
            "id": key_id,
            "name": name,
            "purpose": purpose,
            "wrapped": _wrap(self._master, key_id, key),
            "made_at": now,
        }
        async with self._engine.begin() as connection:
            await connection.execute(insert(StoredKey).values(row))
        return key_id, key

    async def _find_named(self, name: str) -> tuple[UUID, bytes] | None:
        query = select(StoredKey.id, StoredKey.wrapped).where(StoredKey.name == name)
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).one_or_none()
        return None if row is None else (row[0], self._unwrap(row[0], row[1]))

    async def _cipher(self, key_id: UUID) -> AESGCM:
        cached = self._cache.get(key_id)
        if cached is not None and time.monotonic() - cached[0] < _CACHE_SECONDS:
            return cached[1]
        async with self._engine.connect() as connection:
            query = select(StoredKey.wrapped).where(StoredKey.id == key_id)
            wrapped = (await connection.execute(query)).scalar_one_or_none()
        if wrapped is None:
            self._cache.pop(key_id, None)
            raise KeyDestroyedError
        cipher = AESGCM(self._unwrap(key_id, wrapped))
        self._cache[key_id] = (time.monotonic(), cipher)
        if len(self._cache) > _CACHE_SIZE:
            self._cache.popitem(last=False)
        return cipher

    def _unwrap(self, key_id: UUID, wrapped: bytes) -> bytes:
        try:
            return self._master.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], key_id.bytes)
        except InvalidTag as error:
            raise MasterKeyError from error


def _wrap(master: AESGCM, key_id: UUID, key: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + master.encrypt(nonce, key, key_id.bytes)
