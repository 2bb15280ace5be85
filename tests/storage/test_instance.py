"""One process on an SQLite file; replicas on PostgreSQL, where one alone frees what a dead one held."""

from __future__ import annotations

import pytest

from storage import inbox
from storage.engine import parse_url
from storage.inbox import Arrival
from storage.instance import AlreadyRunningError, hold_instance
from storage.store import Store
from tests.databases import Urls


async def test_a_second_one_on_an_sqlite_file_is_told(urls: Urls) -> None:
    url = parse_url(urls.database)
    async with hold_instance(url):
        if urls.database.startswith("postgresql"):
            async with hold_instance(url):
                return
        with pytest.raises(AlreadyRunningError):
            async with hold_instance(url):
                pass


async def test_the_leases_of_a_dead_replica_are_free_once_nobody_else_runs(store: Store, urls: Urls) -> None:
    await inbox.take_in(store, [Arrival(1, 100, 1, 1, b"body")])
    if store.is_sqlite:  # the only process on the file frees them when it starts
        await inbox.claim(store, at_most=1)
        await inbox.let_go(store)
        assert len(await inbox.claim(store, at_most=1)) == 1
        return
    async with hold_instance(store.url):
        await inbox.claim(store, at_most=1)
        async with hold_instance(store.url):
            assert await inbox.claim(store, at_most=1) == [], "another replica is at work on it"

    async with hold_instance(store.url):
        assert len(await inbox.claim(store, at_most=1)) == 1
