"""However much there is, a page asks the database the same number of questions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import event

from storage.store import Store
from tests.bench.pages import write_past
from tests.conftest import MASTER_KEY
from tests.house import House, addresses
from tests.screen import Screen


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """Yield what is asked through this store meanwhile."""
    asked: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    engines = (store.reader.sync_engine, store.writer.sync_engine)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", count)
    yield asked
    for engine in engines:
        event.remove(engine, "before_cursor_execute", count)


async def questions(house: House) -> dict[tuple[str | None, str], int]:
    """Return how many questions each page asks, of a store that nobody else uses."""
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
                with counted(store) as asked:
                    answer, _ = await screen.get(f"/console{path}")
                assert answer.status == 200, path
                found[alias, path] = len(asked)
    finally:
        await store.close()
    return found


async def test_every_page_asks_the_same_number_of_questions_however_much_there_is(house: House) -> None:
    await house.talk_on(2)
    before = await questions(house)
    await house.talk_on(12)
    await house.hotline.stop()
    write_past(Path(house.urls.database.removeprefix("sqlite:///")), house.numbers["closed"], 300)
    await house.open_the_console()
    after = await questions(house)

    assert after == before
    assert max(after.values()) <= 50
