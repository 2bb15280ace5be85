"""One process on an SQLite file: a second one is told so instead of doing the same work."""

from __future__ import annotations

import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.engine import URL

from storage.engine import is_sqlite


class AlreadyRunningError(Exception):
    """Another process works on the same database."""


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
