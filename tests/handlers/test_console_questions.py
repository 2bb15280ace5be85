"""However much there is, a page asks the database the same number of questions, and a case's no long ones."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event

from storage.store import Store
from tests.bench.pages import write_past
from tests.conftest import MASTER_KEY
from tests.house import House, addresses
from tests.screen import Screen

Asked = tuple[str, Any]
GROWING = ("enquiry", "message", "audit", "offer", "assignment")


@contextmanager
def recorded(store: Store) -> Iterator[list[Asked]]:
    """Yield what is asked through this store meanwhile: each statement with its values."""
    asked: list[Asked] = []

    def keep(_connection: object, _cursor: object, statement: str, values: object, *_rest: object) -> None:
        asked.append((statement, values))

    engines = (store.reader.sync_engine, store.writer.sync_engine)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", keep)
    yield asked
    for engine in engines:
        event.remove(engine, "before_cursor_execute", keep)


async def questions(house: House) -> dict[tuple[str | None, str], list[Asked]]:
    """Return what each page asks, of a store that nobody else uses."""
    store = Store(
        database_url=house.urls.database,
        keys_url=house.urls.keys,
        master_key=MASTER_KEY,
        clock=house.store.clock,
    )
    found = {}
    try:
        for alias, path in [one for many in addresses(house).values() for one in many]:
            async with Screen(store, house.rules) as screen:
                if alias is not None:
                    screen.client.session.cookie_jar.update_cookies(await house.signs_in(alias))
                await screen.get(f"/console{path}")
                with recorded(store) as asked:
                    answer, _ = await screen.get(f"/console{path}")
                assert answer.status == 200, path
                found[alias, path] = asked
    finally:
        await store.close()
    return found


async def grown(house: House) -> Path:
    """Have there be three hundred enquiries more, and return the file they are in."""
    file = Path(house.urls.database.removeprefix("sqlite:///"))
    await house.hotline.stop()
    write_past(file, house.numbers["closed"], 300)
    await house.open_the_console()
    return file


def walks(database: sqlite3.Connection, asked: Asked) -> list[str]:
    """Return the tables that grow and are walked from end to end for this question."""
    statement, values = asked
    steps = [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    return [step for step in steps if re.match(rf"SCAN ({'|'.join(GROWING)})\b", step)]


async def test_every_page_asks_the_same_number_of_questions_however_much_there_is(house: House) -> None:
    await house.talk_on(2)
    before = await questions(house)
    await house.talk_on(12)
    await grown(house)
    after = await questions(house)

    assert {page: len(asked) for page, asked in after.items()} == {
        page: len(asked) for page, asked in before.items()
    }
    assert max(len(asked) for asked in after.values()) <= 50


async def test_a_case_is_shown_without_walking_through_the_log(house: House) -> None:
    file = await grown(house)
    pages = await questions(house)
    of_cases = [one for page in addresses(house)["enquiry"] for one in pages[page]]

    with closing(sqlite3.connect(file)) as database:
        assert [(one[0], walks(database, one)) for one in of_cases if walks(database, one)] == []
    assert len(of_cases) > len(addresses(house)["enquiry"])
