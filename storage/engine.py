"""Engines for the two databases, SQLite and PostgreSQL, set so that no update is lost silently."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage.inline_sqlite import CONNECT_ARGUMENTS, begin_with

_BUSY_MILLISECONDS = 50
_POOL_SECONDS = 30
# A writer finds the file held only where it begins, and is asked to wait there with the loop going on.
_LOOP_WAITS = "busy_timeout=0"
_PAGES = 8_000  # of the write-ahead log between two checkpoints: about 32 MB
_CACHE = "cache_size=-5000"  # KB: what a choice of whom to ask reads fits in, however long the log
_PRAGMAS = (f"busy_timeout={_BUSY_MILLISECONDS}", "journal_mode=WAL", f"wal_autocheckpoint={_PAGES}")
_JSON: dict[str, Any] = {
    "json_serializer": lambda value: orjson.dumps(value).decode(),
    "json_deserializer": orjson.loads,
}

# The connection used last is used next: what it has had planned is planned already.
_NEWEST_FIRST: dict[str, Any] = {"pool_use_lifo": True}
# A server that has gone away, or a lock nobody lets go, is an error soon and never a standstill.
_POSTGRESQL: dict[str, Any] = {
    "max_overflow": 0,
    "connect_args": {"command_timeout": 30, "server_settings": {"lock_timeout": "10s"}},
}
# What a power cut may undo, for it would only be done again.
_NOT_FLUSHED: dict[str, Any] = {
    "max_overflow": 0,
    "connect_args": {
        "command_timeout": 30,
        "server_settings": {"lock_timeout": "10s", "synchronous_commit": "off"},
    },
}
_READ_ONLY: dict[str, Any] = {
    "max_overflow": 0,
    "connect_args": {"command_timeout": 30, "server_settings": {"default_transaction_read_only": "on"}},
}


class DatabaseUrlError(ValueError):
    """A database URL is sqlite:///PATH or postgresql://HOST/NAME."""


class BrokenReferenceError(Exception):
    """After the upgrade something would refer to nothing; nothing was changed."""


class NewerSchemaError(Exception):
    """The database is at a schema that this version does not know, the one named: a newer version made it."""


def parse_url(written: str) -> URL:
    """Return the URL with its asynchronous driver; raises DatabaseUrlError for any other database."""
    try:
        url = make_url(written)
    except ArgumentError as error:
        raise DatabaseUrlError from error
    drivers = {"sqlite": "sqlite+inline", "postgresql": "postgresql+asyncpg"}
    backend = url.get_backend_name()
    if backend not in drivers:
        raise DatabaseUrlError
    return url.set(drivername=drivers[backend])


def is_sqlite(url: URL) -> bool:
    """Whether the URL names an SQLite file."""
    return url.get_backend_name() == "sqlite"


def open_writer(url: URL, *, is_patient: bool = False) -> AsyncEngine:
    """Return the engine that writes: on SQLite one connection whose transactions begin IMMEDIATE.

    A patient one, for migrations, lets a statement take as long as it takes. On SQLite it leaves references
    unchecked: a table is changed by making it anew, and meanwhile what refers to it refers to nothing.
    """
    if not is_sqlite(url):
        options = _POSTGRESQL | ({"connect_args": {}} if is_patient else {})
        engine = create_async_engine(
            url, pool_size=12, pool_timeout=_POOL_SECONDS, **_NEWEST_FIRST, **options, **_JSON
        )
        _replace_what_has_gone(engine)
        return engine
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        url,
        pool_size=1,
        max_overflow=0,
        pool_timeout=_POOL_SECONDS,
        connect_args=CONNECT_ARGUMENTS,
        **_JSON,
    )
    references = f"foreign_keys={'OFF' if is_patient else 'ON'}"
    pragmas = ("synchronous=FULL", references, _CACHE, _LOOP_WAITS)
    _prepare_sqlite(engine, begin="BEGIN IMMEDIATE", pragmas=pragmas)
    return engine


def open_reader(url: URL) -> AsyncEngine:
    """Return the engine that only reads, and never waits for a writer."""
    if not is_sqlite(url):
        # Where every statement sees what is committed anyway, no transaction need be begun and ended.
        engine = create_async_engine(
            url, pool_size=6, isolation_level="AUTOCOMMIT", **_NEWEST_FIRST, **_READ_ONLY
        )
        _replace_what_has_gone(engine)
        return engine
    engine = create_async_engine(
        url,
        pool_size=3,
        max_overflow=0,
        pool_timeout=_POOL_SECONDS,
        connect_args=CONNECT_ARGUMENTS,
        **_JSON,
    )
    _prepare_sqlite(engine, begin="BEGIN", pragmas=("query_only=ON",))
    return engine


def open_leaser(url: URL) -> AsyncEngine:
    """Return the engine that leases on PostgreSQL: each statement stands alone, and waits for no disk."""
    engine = create_async_engine(
        url, pool_size=2, isolation_level="AUTOCOMMIT", **_NEWEST_FIRST, **_NOT_FLUSHED, **_JSON
    )
    _replace_what_has_gone(engine)
    return engine


def _replace_what_has_gone(engine: AsyncEngine) -> None:
    """Have a connection that the server has closed be opened anew; asking the server takes three trips."""

    @event.listens_for(engine.sync_engine, "checkout")
    def _checked_out(connection: Any, _record: Any, _proxy: Any) -> None:
        if connection.driver_connection.is_closed():
            raise DisconnectionError


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _prepare_sqlite(engine: AsyncEngine, *, begin: str, pragmas: tuple[str, ...]) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        # SQLite's own knows no letters but a to z.
        connection.create_function("lower", 1, _lower, deterministic=True)
        connection.isolation_level = None  # transactions begin where we say so
        cursor = connection.cursor()
        for pragma in (*_PRAGMAS, *pragmas):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    begin_with(engine, begin)
