"""One process on an SQLite file: a second one is told so instead of doing the same work."""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import is_sqlite


class AlreadyRunningError(Exception):
    """Another process works on the same database."""


class OthersConnectedError(Exception):
    """Others are connected to the database."""


_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
_TRIES = 10


@asynccontextmanager
async def hold_instance(url: URL) -> AsyncIterator[None]:
    """Hold the file's lock while the hotline runs; on PostgreSQL replicas share the work by leases."""
    if not is_sqlite(url) or not url.database:
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


async def refuse_company(engine: AsyncEngine) -> None:
    """Raise OthersConnectedError while others are connected to a PostgreSQL database.

    What must not happen under a running replica asks this first; an SQLite file has its lock.
    """
    if engine.dialect.name == "sqlite":
        return
    for _ in range(_TRIES):  # a connection that was just closed is listed for a moment
        async with engine.connect() as connection:
            if not (await connection.execute(_OTHERS)).scalar_one():
                return
        await asyncio.sleep(0.2)
    raise OthersConnectedError
