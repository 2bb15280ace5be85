"""The migrations make what the models say, on both databases, up and down again."""

from __future__ import annotations

from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, inspect

from storage.engine import open_writer, parse_url
from storage.keys import KeysBase
from storage.migrate import HOTLINE, KEYS, configuration, migrate
from storage.models import Base
from tests.databases import Urls

BOTH = ((HOTLINE, Base.metadata), (KEYS, KeysBase.metadata))


def url_of(urls: Urls, which: str) -> str:
    return urls.database if which == HOTLINE else urls.keys


async def inside(url: str, work: Any) -> Any:
    engine = open_writer(parse_url(url))
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


@pytest.mark.parametrize(("which", "metadata"), BOTH, ids=[HOTLINE, KEYS])
async def test_the_migrations_equal_the_models(urls: Urls, which: str, metadata: MetaData) -> None:
    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    assert await inside(url_of(urls, which), differences) == []


@pytest.mark.parametrize(("which", "metadata"), BOTH, ids=[HOTLINE, KEYS])
async def test_down_leaves_nothing_and_up_makes_it_again(urls: Urls, which: str, metadata: MetaData) -> None:
    def down_and_up(connection: Connection) -> tuple[list[str], list[str]]:
        config = configuration(which, connection)
        command.downgrade(config, "base")
        left = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
        command.upgrade(config, "head")
        made = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
        return left, sorted(made)

    left, made = await inside(url_of(urls, which), down_and_up)

    assert left == []
    assert made == sorted(metadata.tables)


async def test_migrating_what_is_migrated_changes_nothing(urls: Urls) -> None:
    await migrate(database_url=urls.database, keys_url=urls.keys)
    await migrate(database_url=urls.database, keys_url=urls.keys)
