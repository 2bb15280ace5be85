"""Databases for one measurement, as an operator would have them: what is committed is on the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.migrate import migrate
from tests.databases import FreshDatabases, PostgresServer, Urls


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[Urls]:
    """Yield the addresses of empty databases of the kind, `sqlite` or `postgresql`."""
    if kind == "sqlite":
        urls = Urls(f"sqlite:///{folder}/hotline.db", f"sqlite:///{folder}/keys.db")
        asyncio.run(migrate(database_url=urls.database, keys_url=urls.keys))
        yield urls
        return
    server = PostgresServer(fsync=True)
    server.start()
    try:
        yield FreshDatabases(folder, server).postgres()
    finally:
        server.stop()
