"""The migrations make what the models say, on both databases, up and down again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, bindparam, inspect, text
from sqlalchemy import Uuid as UuidType

from storage import schema
from storage.engine import open_writer, parse_url
from storage.keys import KeysBase
from storage.migrate import configuration, migrate
from storage.models import Base
from storage.schema import HOTLINE, KEYS
from tests.databases import Urls

BOTH = ((HOTLINE, Base.metadata), (KEYS, KeysBase.metadata))


def url_of(urls: Urls, which: str) -> str:
    return urls.database if which == HOTLINE else urls.keys


def fill_as_before_the_rota(connection: Connection) -> None:
    """Mira says she is on duty, Tom is paused; one enquiry was promised an answer, one has it."""

    def put(statement: str, **values: object) -> None:
        ids = [bindparam(name, type_=UuidType()) for name, value in values.items() if isinstance(value, UUID)]
        connection.execute(text(statement).bindparams(*ids), values)

    for number, (alias, on_duty, paused) in enumerate([("Mira", True, False), ("Tom", False, True)], start=1):
        put(
            "INSERT INTO person (id, alias, role, competences, languages, cap, is_on_duty, is_paused,"
            " enrolled_at) VALUES (:id, :alias, 'resource-person', '[]', '[]', 3, :on_duty, :paused, 1)",
            id=UUID(int=number),
            alias=alias,
            on_duty=on_duty,
            paused=paused,
        )
    chat = UUID(int=9)
    put(
        "INSERT INTO chat (id, address_hash, address_sealed, key_id, flood_count)"
        " VALUES (:id, :hash, :hash, :key, 0)",
        id=chat,
        hash=b"x" * 32,
        key=UUID(int=8),
    )
    for number, answered in ((1, None), (2, 30)):
        put(
            "INSERT INTO enquiry (id, number, kind, chat_id, key_id, state, urgency, message_count,"
            " dispatch_round, dispatch_is_short, cards_shown, drafted_at, sent_at, promised_by, answered_at,"
            " suggests_referral) VALUES (:id, :number, 'concern', :chat, :key, 'assigned', 'normal', 1, 1,"
            " :no, 0, 10, 20, 90, :answered, :no)",
            id=UUID(int=number),
            number=f"K-2026-0000{number}",
            chat=chat,
            key=UUID(int=8),
            answered=answered,
            no=False,
        )


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


async def test_what_somebody_said_of_her_duty_and_what_is_owed_survives_the_upgrade(urls: Urls) -> None:
    def old_and_new(connection: Connection) -> tuple[list[Any], list[Any]]:
        config = configuration(HOTLINE, connection)
        command.downgrade(config, "2026_11_20_0900")
        fill_as_before_the_rota(connection)
        command.upgrade(config, "head")
        duty = connection.execute(text("SELECT alias, says_on_duty, paused_since FROM person ORDER BY alias"))
        owed = connection.execute(text("SELECT number, owes_answer FROM enquiry ORDER BY number"))
        return [tuple(row) for row in duty], [(row[0], bool(row[1])) for row in owed]

    duty, owed = await inside(urls.database, old_and_new)

    assert duty == [("Mira", True, None), ("Tom", None, 0)]
    assert owed == [("K-2026-00001", True), ("K-2026-00002", False)]


async def test_an_older_hotlines_cases_and_what_hangs_on_them_survive_the_upgrade(urls: Urls) -> None:
    def as_it_was(connection: Connection) -> None:
        command.downgrade(configuration(HOTLINE, connection), "2026_11_20_0900")
        fill_as_before_the_rota(connection)
        connection.execute(
            text(
                "INSERT INTO assignment (id, enquiry_id, person_id, started_at)"
                " SELECT enquiry.id, enquiry.id, person.id, 40 FROM enquiry, person"
                " WHERE person.alias = 'Mira'"
            )
        )

    def now(connection: Connection) -> list[Any]:
        has = (
            "SELECT enquiry.number, person.alias FROM assignment"
            " JOIN enquiry ON enquiry.id = assignment.enquiry_id"
            " JOIN person ON person.id = assignment.person_id ORDER BY enquiry.number"
        )
        return [tuple(row) for row in connection.execute(text(has))]

    await inside(urls.database, as_it_was)
    await migrate(database_url=urls.database, keys_url=urls.keys)

    assert await inside(urls.database, now) == [("K-2026-00001", "Mira"), ("K-2026-00002", "Mira")]


@pytest.mark.parametrize("which", [HOTLINE, KEYS])
async def test_a_start_upgrades_only_where_there_is_something_to_upgrade(
    urls: Urls, which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrades = []

    async def upgrade(**of: str) -> None:
        upgrades.append(of)

    monkeypatch.setattr("storage.migrate.migrate", upgrade)
    asked = {"database_url": urls.database, "keys_url": urls.keys}
    await schema.bring_to_newest(**asked)
    at_the_newest = list(upgrades)
    engine = open_writer(parse_url(url_of(urls, which)))
    for change in ("UPDATE alembic_version SET version_num = 'an older one'", "DROP TABLE alembic_version"):
        async with engine.begin() as connection:
            await connection.execute(text(change))
        await schema.bring_to_newest(**asked)
    await engine.dispose()

    assert (at_the_newest, upgrades) == ([], [asked, asked])


@pytest.mark.parametrize("which", [HOTLINE, KEYS])
async def test_the_newest_schema_is_the_one_that_every_migration_leads_to(urls: Urls, which: str) -> None:
    def head(connection: Connection) -> str | None:
        return ScriptDirectory.from_config(configuration(which, connection)).get_current_head()

    assert schema.newest(which) == await inside(url_of(urls, which), head)
