"""Fresh databases for a test: SQLite files, and databases of a private PostgreSQL server."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from storage.migrate import migrate


@dataclass(frozen=True)
class Urls:
    """Where a test's hotline keeps its data."""

    database: str
    keys: str


class PostgresMissingError(Exception):
    """There is no PostgreSQL server on this machine."""


class PostgresServer:
    """A private server in a folder of its own, run by another user where the tests run as root."""

    def __init__(self, *, fsync: bool = False, keeps_log_files: bool = False) -> None:
        self._log_files = "1GB" if keeps_log_files else "80MB"
        self._fsync = "on" if fsync else "off"
        self._bin = _find_binaries()
        self._as_user = _other_user()
        self._folder = Path(tempfile.mkdtemp(prefix="hotline-pg-"))
        self.port = _free_port()

    def start(self) -> None:
        if self._as_user:
            shutil.chown(self._folder, self._as_user)
        self._folder.chmod(0o755)
        data = self._folder / "data"
        self._run("initdb", "-D", str(data), "-A", "trust", "-U", "hotline", "-E", "UTF8", "--no-sync")
        options = (
            f"-k {self._folder} -p {self.port} -c listen_addresses=127.0.0.1 -c fsync={self._fsync} "
            f"-c max_connections=200 -c shared_buffers=64MB -c min_wal_size={self._log_files}"
        )
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", str(data), "-o", options, "-l", log, "-w", "-t", "60", "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, name: str) -> str:
        return f"postgresql://hotline@127.0.0.1:{self.port}/{name}"

    def execute(self, statement: str) -> None:
        async def work() -> None:
            connection = await asyncpg.connect(self.url("postgres"))
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        asyncio.run(work())

    def _run(self, name: str, *arguments: str) -> None:
        command = [str(self._bin / name), *arguments]
        if self._as_user:
            command = ["runuser", "-u", self._as_user, "--", *command]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
        if done.returncode:
            raise RuntimeError(f"{name} failed: {done.stderr[-800:]}")


# What was deleted lies there still, and is read over by every question.
_VACUUMED_AFTER = 5
_END_OTHERS = """SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
_COLUMNS = """SELECT table_name, column_name, data_type FROM information_schema.columns
    WHERE table_schema = 'public' ORDER BY table_name, column_name"""


class FreshDatabases:
    """Hands out databases at the newest schema: copies of one that was migrated once, emptied after use."""

    def __init__(self, folder: Path, server: PostgresServer | None) -> None:
        self._folder, self._server = folder, server
        self._has_sqlite_template = self._has_postgres_template = False
        self._emptied: list[Urls] = []
        self._given_back = 0
        self._columns: dict[str, list[asyncpg.Record]] = {}

    def sqlite(self, folder: Path) -> Urls:
        template = self._folder / "template"
        if not self._has_sqlite_template:
            template.mkdir(exist_ok=True)
            asyncio.run(
                migrate(
                    database_url=f"sqlite:///{template}/hotline.db", keys_url=f"sqlite:///{template}/keys.db"
                )
            )
            self._has_sqlite_template = True
        for name in ("hotline.db", "keys.db"):
            shutil.copy(template / name, folder / name)
        return Urls(f"sqlite:///{folder}/hotline.db", f"sqlite:///{folder}/keys.db")

    def postgres(self) -> Urls:
        assert self._server is not None
        if self._emptied:
            return self._emptied.pop()
        if not self._has_postgres_template:
            for name in ("template_hotline", "template_keys"):
                self._server.execute(f"CREATE DATABASE {name}")
            asyncio.run(
                migrate(
                    database_url=self._server.url("template_hotline"),
                    keys_url=self._server.url("template_keys"),
                )
            )
            for kind in ("hotline", "keys"):
                self._columns[kind] = asyncio.run(_columns_of(self._server.url(f"template_{kind}")))
            self._has_postgres_template = True
        suffix = uuid.uuid4().hex[:12]
        for kind in ("hotline", "keys"):
            self._server.execute(f"CREATE DATABASE {kind}_{suffix} TEMPLATE template_{kind}")
        return Urls(self._server.url(f"hotline_{suffix}"), self._server.url(f"keys_{suffix}"))

    def give_back(self, urls: Urls) -> None:
        """Keep the databases for another test, emptied; those whose schema a test has changed are dropped."""
        if self._server is None or not urls.database.startswith("postgresql"):
            return
        self._given_back += 1
        kinds = {"hotline": urls.database, "keys": urls.keys}
        emptied = [asyncio.run(self._empty(kind, url.rpartition("/")[2])) for kind, url in kinds.items()]
        if all(emptied):
            self._emptied.append(urls)
            return
        for url in kinds.values():
            self._server.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    async def _empty(self, kind: str, name: str) -> bool:
        assert self._server is not None
        connection = await asyncpg.connect(self._server.url(name))
        try:
            await connection.fetch(_END_OTHERS)
            columns = list(await connection.fetch(_COLUMNS))
            if columns != self._columns[kind]:
                return False
            tables = {row["table_name"] for row in columns} - {"alembic_version"}
            deletes = "; ".join(f'DELETE FROM "{table}"' for table in tables)
            await connection.execute(f"SET session_replication_role = replica; {deletes}")
            if self._given_back % _VACUUMED_AFTER == 0:
                await connection.execute("VACUUM " + ", ".join(f'"{table}"' for table in tables))
        finally:
            await connection.close()
        return True


async def _columns_of(url: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(_COLUMNS))
    finally:
        await connection.close()


def _find_binaries() -> Path:
    found = sorted((path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")), reverse=True)
    on_path = shutil.which("initdb")
    if on_path:
        found.append(Path(on_path).resolve().parent)
    for folder in found:
        if (folder / "pg_ctl").exists():
            return folder
    raise PostgresMissingError


def _other_user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    return (
        "postgres"
        if subprocess.run(["id", "postgres"], capture_output=True, check=False).returncode == 0
        else "nobody"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
