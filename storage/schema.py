"""The newest schema, and whether both databases are at it, told without reading in what brings them there."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from storage.engine import open_reader, parse_url

HOTLINE, KEYS = "hotline", "keys"
_HERE = Path(__file__).parent / "migrations"
_REVISION_LETTERS = len("2026_11_01_0900")


async def bring_to_newest(*, database_url: str, keys_url: str) -> None:
    """Upgrade both databases where one is not at the newest schema; raises what storage.migrate raises."""
    if await _is_at(keys_url, newest(KEYS)) and await _is_at(database_url, newest(HOTLINE)):
        return
    from storage.migrate import migrate  # noqa: PLC0415 - alembic is heavy, and seldom needed

    await migrate(database_url=database_url, keys_url=keys_url)


def newest(which: str) -> str:
    """Return the newest revision: each has a file that is named by it, and they follow in order."""
    return max(file.name for file in (_HERE / which / "versions").glob("2*.py"))[:_REVISION_LETTERS]


async def _is_at(url: str, revision: str) -> bool:
    """Whether the database is at the revision; False also where that cannot be told."""
    engine = open_reader(parse_url(url))
    try:
        async with engine.connect() as connection:
            found = await connection.execute(text("SELECT version_num FROM alembic_version"))
            return list(found.scalars()) == [revision]
    except (SQLAlchemyError, OSError):
        return False
    finally:
        await engine.dispose()
