"""Brings both databases to the newest schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine import BrokenReferenceError, NewerSchemaError, open_writer, parse_url
from storage.models.base import InstantColumn, Word
from storage.schema import HOTLINE, KEYS

_HERE = Path(__file__).parent / "migrations"


def configuration(which: str, connection: Connection) -> Config:
    """Return Alembic's configuration for one of the two databases, over an open connection."""
    config = _scripts(which)
    config.attributes["connection"] = connection
    return config


async def revision(connection: AsyncConnection) -> str | None:
    """Return the schema the database is at; None for one that was never migrated."""
    return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


def refuse_newer(which: str, found: str | None) -> None:
    """Raise NewerSchemaError for a schema that this version does not know: nothing leads back from it."""
    known = {one.revision for one in ScriptDirectory.from_config(_scripts(which)).walk_revisions()}
    if found is not None and found not in known:
        raise NewerSchemaError(found)


def _scripts(which: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE / which).replace("%", "%%"))
    config.set_main_option("version_locations", str(_HERE / which / "versions").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


async def migrate(*, database_url: str, keys_url: str) -> None:
    """Upgrade both databases to the newest schema, each in one transaction."""
    await _upgrade(parse_url(keys_url), KEYS)
    await _upgrade(parse_url(database_url), HOTLINE)


async def _upgrade(url: URL, which: str) -> None:
    engine = open_writer(url, is_patient=True)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade_whole, which)
    finally:
        await engine.dispose()


def _upgrade_whole(connection: Connection, which: str) -> None:
    """Upgrade, and check what SQLite leaves unchecked meanwhile.

    Raises NewerSchemaError and BrokenReferenceError; then nothing was changed.
    """
    refuse_newer(which, MigrationContext.configure(connection).get_current_revision())
    command.upgrade(configuration(which, connection), "head")
    if connection.dialect.name == "sqlite" and connection.execute(text("PRAGMA foreign_key_check")).first():
        raise BrokenReferenceError


def as_plain_type(kind: str, thing: Any, _context: Any) -> str | Literal[False]:
    """Have a migration name plain column types, so that it stays true when the code moves on."""
    if kind != "type":
        return False
    if isinstance(thing, InstantColumn):
        return "sa.BigInteger()"
    return "sa.String(length=40)" if isinstance(thing, Word) else False
