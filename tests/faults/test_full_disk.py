"""A full disk, or a database somebody holds: nothing is acknowledged, nothing false said, nothing lost."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from bot.configuration import read_configuration
from bot.sandbox import StandIn
from tests.databases import FreshDatabases, PostgresServer, Urls
from tests.numbered import Course
from tests.process import TOKEN, BotProcess, environment, free_port, write_rules

IN_CI = os.environ.get("CI") == "true"
_DISK_KILOBYTES = 4_096


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    made = StandIn(token=TOKEN, bot_username="test_bot")
    made.world.faults.change({"taps_overtake": 0})
    await made.start("127.0.0.1", 0)
    yield made
    await made.stop()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    path = tmp_path / "disk"
    path.mkdir()
    options = f"size={_DISK_KILOBYTES}k"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)], capture_output=True, check=False
    )
    if mounted.returncode:
        if IN_CI and os.geteuid() == 0:
            pytest.fail("CI runs as root and cannot mount a small disk")
        warnings.warn("A small disk cannot be mounted: the full disk on SQLite is NOT TESTED", stacklevel=1)
        pytest.skip("a small disk cannot be mounted")
    yield path
    subprocess.run(["umount", "--lazy", str(path)], check=True)


@pytest.fixture
def on_small_disk(fresh_databases: FreshDatabases, small_disk: Path) -> Urls:
    return fresh_databases.sqlite(small_disk)


@pytest.fixture
def on_sqlite(fresh_databases: FreshDatabases, tmp_path: Path) -> Urls:
    return fresh_databases.sqlite(tmp_path)


@pytest.fixture
def on_postgres(fresh_databases: FreshDatabases, postgres_server: PostgresServer | None) -> Iterator[Urls]:
    if postgres_server is None:
        pytest.skip("PostgreSQL is not installed")
    made = fresh_databases.postgres()
    yield made
    fresh_databases.give_back(made)


def process(stand_in: StandIn, urls: Urls, folder: Path) -> BotProcess:
    rules = folder / "hotline.toml"
    variables = environment(urls, api_url=stand_in.url, port=free_port(), rules=rules)
    return BotProcess(variables, folder / "bot.log")


async def course_on(stand_in: StandIn, urls: Urls, folder: Path) -> Course:
    return await Course.begin(stand_in, urls, read_configuration(write_rules(folder)), 5)


async def stays_unacknowledged(course: Course, bot: BotProcess) -> None:
    """Write while nothing can be kept, and see that the bot neither takes it nor says anything."""
    said = await _said(course)
    course.write(10)
    for _ in range(4):
        await asyncio.sleep(0.25)
        assert len(course.stand_in.world.updates) == 10, "acknowledged, and not kept"
    async with asyncio.timeout(6):  # a supervisor asks every few seconds, and does not wait for long
        assert await bot.status("/readyz") == 503
        assert await bot.status("/healthz") == 200
    assert len(course.stand_in.world.updates) == 10
    assert await _said(course) == said, "the bot spoke of what it could not keep"


async def recovers(course: Course, bot: BotProcess) -> None:
    await bot.ready()
    await course.has_arrived(seconds=60)
    course.write(10)
    await course.has_arrived(seconds=30)
    course.check()
    for pair in course.pairs:
        for user in (pair.enquirer, pair.adviser):
            assert len(course.seen_by(user)) == len(set(course.seen_by(user)))
    assert "Traceback" not in bot.told()


async def test_a_full_disk_on_sqlite(
    stand_in: StandIn, on_small_disk: Urls, small_disk: Path, tmp_path: Path
) -> None:
    course = await course_on(stand_in, on_small_disk, tmp_path)
    async with process(stand_in, on_small_disk, tmp_path) as bot:
        course.write(10)
        await course.has_arrived(seconds=30)

        ballast = small_disk / "ballast"
        _fill(ballast)
        await stays_unacknowledged(course, bot)
        assert "inbox_not_committed" in bot.told()

        ballast.unlink()
        await recovers(course, bot)


async def test_an_sqlite_file_that_another_program_holds(
    stand_in: StandIn, on_sqlite: Urls, tmp_path: Path
) -> None:
    course = await course_on(stand_in, on_sqlite, tmp_path)
    async with process(stand_in, on_sqlite, tmp_path) as bot:
        course.write(10)
        await course.has_arrived(seconds=30)

        other = sqlite3.connect(tmp_path / "hotline.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        await stays_unacknowledged(course, bot)

        other.execute("ROLLBACK")
        other.close()
        await recovers(course, bot)


async def test_a_full_disk_on_postgresql(stand_in: StandIn, on_postgres: Urls, tmp_path: Path) -> None:
    """The server says 53100, disk_full, whenever something is to be written."""
    course = await course_on(stand_in, on_postgres, tmp_path)
    operator = await asyncpg.connect(on_postgres.database)
    async with process(stand_in, on_postgres, tmp_path) as bot:
        course.write(10)
        await course.has_arrived(seconds=30)

        await operator.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
        )
        for table in ("inbox", "switch"):
            await operator.execute(
                f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} EXECUTE FUNCTION full_disk()"
            )
        await stays_unacknowledged(course, bot)
        assert "inbox_not_committed" in bot.told()

        await operator.execute("DROP FUNCTION full_disk CASCADE")
        await recovers(course, bot)
    await operator.close()


def _fill(path: Path) -> None:
    """Take every block that is left."""
    with path.open("wb", buffering=0) as file:
        for size in (65_536, 4_096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue


async def _said(course: Course) -> int:
    chats = course.stand_in.world.chats.values()
    return sum(1 for chat in chats for message in chat.messages.values() if message.is_from_bot)
