"""Databases for one measurement, as an operator would have them: what is committed is on the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.migrate import migrate
from tests.databases import FreshDatabases, PostgresServer, Urls

# A server fills each new file of its log with zeros while everybody waits; one that has run for a while takes
# its old files again, and this makes some. 20 files are 320 MB, and more than a measurement writes.
_HAS_RUN_FOR_A_WHILE = """DO $$ BEGIN FOR file IN 1..20 LOOP
    PERFORM pg_logical_emit_message(false, 'bench', 'fills a file'); PERFORM pg_switch_wal();
END LOOP; END $$"""


@contextmanager
def databases(kind: str, folder: Path) -> Iterator[Urls]:
    """Yield the addresses of empty databases of the kind, `sqlite` or `postgresql`."""
    if kind == "sqlite":
        urls = Urls(f"sqlite:///{folder}/hotline.db", f"sqlite:///{folder}/keys.db")
        asyncio.run(migrate(database_url=urls.database, keys_url=urls.keys))
        yield urls
        return
    server = PostgresServer(fsync=True, keeps_log_files=True)
    server.start()
    try:
        server.execute(_HAS_RUN_FOR_A_WHILE)
        server.execute("CHECKPOINT")
        yield FreshDatabases(folder, server).postgres()
    finally:
        server.stop()
