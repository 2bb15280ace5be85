"""Backups of the hotline and of its keys: made while it runs, put back in one transaction or not at all."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import cast

from sqlalchemy import Integer, Table, delete, false, func, insert, literal, select
from sqlalchemy import cast as cast_to
from sqlalchemy.dialects.postgresql import REGCLASS
from sqlalchemy.ext.asyncio import AsyncConnection

from scheduling.instant import Instant
from storage.archive import Advance, Archive, ArchiveBrokenError, Manifest, Writer, plain
from storage.keys import StoredKey
from storage.migrate import revision
from storage.models import Base, Switch
from storage.schema import HOTLINE, KEYS, newest
from storage.store import CHAT_HASH_KEY, Store

HOTLINE_BACKUP, KEYS_BACKUP = "hotline-backup", "hotline-keys-backup"
KEYS_KEPT = timedelta(days=7)
_AT_ONCE = 500
_PROOF = b"the key store of this backup"
_KEY_TABLES = (cast("Table", StoredKey.__table__),)


class SchemaDiffersError(Exception):
    """The backup was made at another schema than this version's."""


class ForeignKeyStoreError(Exception):
    """The backup belongs to another key store."""


class NotEmptyError(Exception):
    """There are data in the database already."""


def hotline_tables() -> Sequence[Table]:
    """Return the hotline's tables, each after those it refers to."""
    return Base.metadata.sorted_tables


async def count_rows(connection: AsyncConnection, tables: Sequence[Table]) -> int:
    """Return how many rows the tables have in all."""
    counts = [select(func.count()).select_from(table) for table in tables]
    return sum([(await connection.execute(query)).scalar_one() for query in counts])


async def write_hotline(store: Store, path: Path, *, advance: Advance) -> Manifest:
    """Back the hotline up as it stands at this moment, also while it runs."""
    async with store.snapshot() as connection:
        return await _write(
            connection, hotline_tables(), path, kind=HOTLINE_BACKUP, store=store, advance=advance
        )


async def write_keys(store: Store, path: Path, *, advance: Advance) -> Manifest:
    """Back the wrapped keys up, for seven days at most: a destroyed key must stay destroyed."""
    async with store.keys.reading() as connection:
        return await _write(connection, _KEY_TABLES, path, kind=KEYS_BACKUP, store=store, advance=advance)


async def _write(
    connection: AsyncConnection,
    tables: Sequence[Table],
    path: Path,
    *,
    kind: str,
    store: Store,
    advance: Advance,
) -> Manifest:
    now = store.clock.now()
    writer = Writer(path)
    try:
        at = await revision(connection)
        parts = [await writer.add(connection, table, advance) for table in tables]
        expires = Instant.of(now + KEYS_KEPT).microseconds if kind == KEYS_BACKUP else None
        proof = (await _hash(store, _PROOF)).hex()
        manifest = Manifest(kind, now.microseconds, at or "", tuple(parts), expires, proof)
        seal = (await _hash(store, manifest.unsealed())).hex()
        manifest = Manifest(kind, now.microseconds, at or "", tuple(parts), expires, proof, seal)
        writer.finish(manifest)
    except BaseException:
        writer.abandon()
        raise
    return manifest


def check_schema(manifest: Manifest) -> None:
    """Raise SchemaDiffersError unless this version made, or could have made, the backup."""
    if manifest.revision != newest(KEYS if manifest.kind == KEYS_BACKUP else HOTLINE):
        raise SchemaDiffersError(manifest.revision)


async def check_key_store(store: Store, manifest: Manifest) -> None:
    """Raise ForeignKeyStoreError for another key store's backup, ArchiveBrokenError for a changed one."""
    if not await store.keys.is_named(CHAT_HASH_KEY):
        raise ForeignKeyStoreError
    if not hmac.compare_digest((await _hash(store, _PROOF)).hex(), manifest.proof):
        raise ForeignKeyStoreError
    if not hmac.compare_digest((await _hash(store, manifest.unsealed())).hex(), manifest.seal):
        raise ArchiveBrokenError


async def load_hotline(connection: AsyncConnection, archive: Archive, *, advance: Advance) -> None:
    """Put the backup's rows into the empty tables, within the caller's transaction."""
    await _load(connection, hotline_tables(), archive, advance)


async def load_keys(connection: AsyncConnection, archive: Archive, *, advance: Advance) -> None:
    """Put the wrapped keys into the empty key store, within the caller's transaction."""
    await _load(connection, _KEY_TABLES, archive, advance)


async def refuse_data(connection: AsyncConnection) -> None:
    """Raise NotEmptyError where the hotline's tables hold anything."""
    tables = [table for table in hotline_tables() if table.name != Switch.__tablename__]
    if await count_rows(connection, tables):
        raise NotEmptyError


async def refuse_keys(connection: AsyncConnection) -> None:
    """Raise NotEmptyError where there are keys."""
    if await count_rows(connection, _KEY_TABLES):
        raise NotEmptyError


async def clear_hotline(connection: AsyncConnection) -> None:
    """Delete everything the hotline remembers, within the caller's transaction."""
    for table in reversed(hotline_tables()):
        await connection.execute(delete(table))


async def clear_keys(connection: AsyncConnection) -> None:
    """Delete every key, within the caller's transaction."""
    for table in _KEY_TABLES:
        await connection.execute(delete(table))


async def _load(
    connection: AsyncConnection, tables: Sequence[Table], archive: Archive, advance: Advance
) -> None:
    parts = {part.table: part for part in archive.manifest.parts}
    if set(parts) != {table.name for table in tables}:
        raise ArchiveBrokenError
    for table in tables:
        for batch in archive.batches(parts[table.name], table, size=_AT_ONCE):
            await connection.execute(insert(plain(table)), batch)
            advance(len(batch))
        await _count_on(connection, table)


async def _count_on(connection: AsyncConnection, table: Table) -> None:
    """Have PostgreSQL count on after the highest number put back; SQLite does so by itself."""
    if connection.dialect.name == "sqlite":
        return
    for column in table.primary_key:
        if not isinstance(column.type, Integer) or len(table.primary_key) > 1:
            continue
        named = select(func.pg_get_serial_sequence(table.name, column.name))
        sequence = (await connection.execute(named)).scalar_one()
        if sequence is not None:
            highest = select(func.coalesce(func.max(column), 0) + 1).scalar_subquery()
            place = cast_to(literal(sequence), REGCLASS)
            await connection.execute(select(func.setval(place, highest, false())))


async def _hash(store: Store, value: bytes) -> bytes:
    return await store.keys.keyed_hash(CHAT_HASH_KEY, value, now=store.clock.now())
