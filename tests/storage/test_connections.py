"""The connections to PostgreSQL: one that the server has closed is replaced, and who reads cannot write."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.store import Store
from tests.databases import Urls

pytestmark = pytest.mark.parametrize("urls", ["postgresql"], indirect=True)
_CLOSE_ALL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


async def answers(store: Store) -> list[int]:
    async with store.unit() as unit:
        written = (await unit.session.execute(text("SELECT 1"))).scalar_one()
    async with store.reading() as session:
        return [written, (await session.execute(text("SELECT 2"))).scalar_one()]


async def test_a_connection_that_the_server_has_closed_is_replaced_before_it_is_used(
    store: Store, urls: Urls
) -> None:
    assert await answers(store) == [1, 2]
    operator = await asyncpg.connect(urls.database)
    await operator.execute(_CLOSE_ALL)
    await operator.close()
    await asyncio.sleep(0.2)

    assert await answers(store) == [1, 2]


async def test_who_reads_cannot_write(store: Store) -> None:
    with pytest.raises(DBAPIError, match="read-only"):
        async with store.reading() as session:
            await session.execute(text("DELETE FROM switch"))


async def test_a_snapshot_sees_one_moment(store: Store) -> None:
    async with store.snapshot() as connection:
        first = (await connection.execute(text("SELECT now()"))).scalar_one()
        await asyncio.sleep(0.01)

        assert (await connection.execute(text("SELECT now()"))).scalar_one() == first
