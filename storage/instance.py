"""Who else works on the database: nobody on an SQLite file, replicas on PostgreSQL."""

from __future__ import annotations

import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from storage.engine import is_sqlite

# Shared by every replica of one database while it runs; the number means nothing elsewhere.
_REPLICAS = 7_402_216_853


class AlreadyRunningError(Exception):
    """Another process works on the same database."""


@asynccontextmanager
async def hold_instance(url: URL) -> AsyncIterator[None]:
    """Hold the SQLite file's lock while the hotline runs, or be one of the replicas on PostgreSQL.

    A replica that finds itself alone gives back the leases of one that died: nobody can be working on them.
    """
    if not is_sqlite(url):
        async with _one_of_the_replicas(url):
            yield
        return
    if not url.database:
        yield
        return
    path = Path(f"{url.database}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:  # noqa: ASYNC230 - once, before anything runs
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunningError from error
        yield


@asynccontextmanager
async def hold_alone(url: URL) -> AsyncIterator[None]:
    """Be the only process on the database; raises AlreadyRunningError while a hotline runs on it."""
    if is_sqlite(url):
        async with hold_instance(url):
            yield
        return
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            alone = text("SELECT pg_try_advisory_lock(:number)")
            if not (await connection.execute(alone, {"number": _REPLICAS})).scalar_one():
                raise AlreadyRunningError
            yield
    finally:
        await engine.dispose()


@asynccontextmanager
async def _one_of_the_replicas(url: URL) -> AsyncIterator[None]:
    engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            number = {"number": _REPLICAS}
            alone = text("SELECT pg_try_advisory_lock(:number)")
            is_alone = (await connection.execute(alone, number)).scalar_one()
            if is_alone:
                for table in ("inbox", "outbox"):
                    exists = text("SELECT to_regclass(:table) IS NOT NULL")
                    if (await connection.execute(exists, {"table": table})).scalar_one():
                        statement = f"UPDATE {table} SET leased_until = NULL WHERE progress = 0"  # noqa: S608 - ours
                        await connection.execute(text(statement))
            await connection.execute(text("SELECT pg_advisory_lock_shared(:number)"), number)
            if is_alone:
                await connection.execute(text("SELECT pg_advisory_unlock(:number)"), number)
            yield
    finally:
        await engine.dispose()
