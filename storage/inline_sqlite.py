"""SQLite without a thread between every statement.

A statement on a local file takes microseconds and a commit a fraction of a millisecond; handing either to a
thread and back takes longer, and aiosqlite does so four times a statement. The dialect runs them where they
are called; only a file that another process holds is waited for with the loop going on.
"""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

from sqlalchemy import event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.base import SQLiteExecutionContext
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import AsyncAdaptedQueuePool, Pool
from sqlalchemy.util import await_only

_LOCKED = ("database is locked", "database table is locked")
_BUSY_SECONDS = 5.0
_PAUSE_SECONDS = 0.005


class _Cursor(sqlite3.Cursor):
    """A cursor as the asynchronous engine expects one; its rows are there already."""

    server_side = False

    async def _async_soft_close(self) -> None:
        return


class _Connection(sqlite3.Connection):
    """A connection whose cursors the asynchronous engine can use."""

    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)


CONNECT_ARGUMENTS: dict[str, Any] = {"check_same_thread": False, "factory": _Connection}


class _Context(SQLiteExecutionContext):
    def create_server_side_cursor(self) -> Any:
        return self._dbapi_connection.cursor()


class InlineSqlite(SQLiteDialect_pysqlite):
    """The standard library's sqlite3 under SQLAlchemy's asynchronous engine."""

    driver = "inline"
    is_async = True
    supports_statement_cache = True
    supports_server_side_cursors = True  # every cursor of SQLite's fetches its rows as they are asked for
    execution_ctx_cls = _Context

    @classmethod
    def get_pool_class(cls, url: URL) -> type[Pool]:  # noqa: ARG003 - the signature is SQLAlchemy's
        """Return the pool whose waiting does not block the loop."""
        return AsyncAdaptedQueuePool

    def get_driver_connection(self, connection: Any) -> Any:
        """Return the standard library's connection."""
        return connection

    def do_execute(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:  # noqa: ARG002 - the signature is SQLAlchemy's
        """Execute at once; the engine insists on having waited for something."""
        await_only(_nothing())
        cursor.execute(statement, parameters)

    def do_executemany(self, cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:  # noqa: ARG002 - the signature is SQLAlchemy's
        """Execute for each of the parameters at once."""
        await_only(_nothing())
        cursor.executemany(statement, parameters)


async def _nothing() -> None:
    return


def begin_with(engine: AsyncEngine, statement: str) -> None:
    """Have the engine's transactions begin with the statement; a locked file is waited for, at most 5 s."""

    @event.listens_for(engine.sync_engine, "begin")
    def _begun(connection: Any) -> None:
        _begin(connection.connection.driver_connection, statement)


def _begin(connection: sqlite3.Connection, statement: str) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _BUSY_SECONDS
    while True:
        try:
            connection.execute(statement)
        except sqlite3.OperationalError as error:
            if str(error) not in _LOCKED or loop.time() > deadline:
                raise OperationalError(statement, None, error) from error
            await_only(asyncio.sleep(_PAUSE_SECONDS))
        else:
            return


registry.register("sqlite.inline", __name__, InlineSqlite.__name__)
