"""What every test can ask for: databases of both kinds, a store, and a hotline on a stand-in Telegram."""

from __future__ import annotations

import asyncio
import gc
import os
import warnings
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path

import pytest
import uvloop

from bot.configuration import Configuration, read_configuration
from scheduling.clock import SetClock
from storage.store import Store
from tests.compiled_once import forget_routes, share_statements, share_templates
from tests.databases import FreshDatabases, PostgresMissingError, PostgresServer, Urls
from tests.house import House
from tests.operator import Operator
from tests.scene import MONDAY_AT_TEN, Scene

IN_CI = os.environ.get("CI") == "true"
MASTER_KEY = bytes(range(32))


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run in the loop that the hotline runs in."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        share_statements(monkeypatch)
        share_templates(monkeypatch)
        forget_routes(monkeypatch)
        gc.freeze()  # what was imported is never garbage, and need not be looked through again and again
        gc.set_threshold(20_000, 20, 50)
        yield


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer | None]:
    try:
        server = PostgresServer()
    except PostgresMissingError:
        if IN_CI:
            pytest.fail("PostgreSQL is not installed, and CI must test on it")
        warnings.warn("PostgreSQL is not installed: its tests are SKIPPED", stacklevel=1)
        yield None
        return
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def fresh_databases(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer | None
) -> FreshDatabases:
    return FreshDatabases(tmp_path_factory.mktemp("databases"), postgres_server)


@pytest.fixture(params=["sqlite", "postgresql"])
def urls(
    request: pytest.FixtureRequest,
    fresh_databases: FreshDatabases,
    postgres_server: PostgresServer | None,
    tmp_path: Path,
) -> Iterator[Urls]:
    if request.param == "sqlite":
        yield fresh_databases.sqlite(tmp_path)
        return
    if postgres_server is None:
        pytest.skip("PostgreSQL is not installed")
    made = fresh_databases.postgres()
    yield made
    fresh_databases.give_back(made)


@pytest.fixture
def rules() -> Configuration:
    """The configuration as shipped, with Telegram's sending limits switched off."""
    shipped = read_configuration(Path(__file__).parent.parent / "hotline.toml")
    unlimited = shipped.delivery.model_copy(update={"per_second": 0.0, "per_chat_per_second": 0.0})
    return shipped.model_copy(update={"delivery": unlimited})


@pytest.fixture
def clock() -> SetClock:
    return SetClock(MONDAY_AT_TEN)


@pytest.fixture
async def store(urls: Urls, clock: SetClock) -> AsyncIterator[Store]:
    made = Store(database_url=urls.database, keys_url=urls.keys, master_key=MASTER_KEY, clock=clock)
    yield made
    await made.close()


@pytest.fixture
async def scene(urls: Urls, rules: Configuration) -> AsyncIterator[Scene]:
    """A running hotline on a stand-in Telegram, on a Monday at ten, nobody enrolled yet."""
    async with Scene(urls, rules, MASTER_KEY) as made:
        yield made


@pytest.fixture
def own_files(fresh_databases: FreshDatabases, tmp_path: Path) -> Urls:
    """Databases of one kind, for what both would answer alike."""
    return fresh_databases.sqlite(tmp_path)


@pytest.fixture
async def house(own_files: Urls, rules: Configuration) -> AsyncIterator[House]:
    """A running hotline in the middle of its day, with its console open."""
    async with House(own_files, rules, MASTER_KEY) as made:
        await made.fill()
        yield made


@pytest.fixture
def operator(urls: Urls, rules: Configuration, monkeypatch: pytest.MonkeyPatch) -> Operator:
    """The operator at the command line of a hotline that does not run, on a Monday at ten."""
    return Operator(urls, monkeypatch, rules)
