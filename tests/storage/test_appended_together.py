"""Rows that are only added are written the same, whether or not the commit ends with a conclusion."""

from __future__ import annotations

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from scheduling.ids import new_id
from storage import outbox
from storage.models import Switch
from storage.store import Store

KAREN = new_id()
_TURNED = update(Switch).where(Switch.name == "probe").values(value="turned")


class NotThereError(Exception):
    """What the commit was to change is not there."""


async def written(store: Store, *keys: str, detail: str | None = None, rows: int) -> None:
    await store.is_writable()
    async with store.unit() as unit:
        for key in keys:
            outbox.queue(unit, KAREN, key, params={"said": [1, [None]]}, subject_id=KAREN)
        unit.record("moved", actor="system", subject="enquiry", subject_id=KAREN, detail=detail)
        unit.conclude(_TURNED, {}, rows=rows, otherwise=NotThereError)
        await unit.commit()


async def counted(store: Store) -> tuple[int, ...]:
    async with store.reading() as session:
        question = "SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM audit)"
        return tuple((await session.execute(text(question))).one())


async def test_rows_of_a_kind_are_numbered_as_they_were_appended(store: Store) -> None:
    keys = [f"{number}" for number in range(60)]
    await written(store, *keys, rows=1)

    async with store.reading() as session:
        found = await session.execute(text("SELECT key FROM outbox ORDER BY seq"))
        assert list(found.scalars()) == keys


async def test_nothing_is_written_where_the_conclusion_finds_fewer_rows(store: Store) -> None:
    with pytest.raises(NotThereError):
        await written(store, "a", "b", rows=2)

    assert await counted(store) == (0, 0)


@pytest.mark.parametrize("urls", ["postgresql"], indirect=True)  # SQLite keeps words of any length
@pytest.mark.parametrize("too_long", ["key", "detail"])
async def test_what_is_too_long_for_its_column_is_an_error_and_never_cut_off(
    store: Store, too_long: str
) -> None:
    key, detail = ("k" * 81, "d") if too_long == "key" else ("k", "d" * 81)

    with pytest.raises(DBAPIError):
        await written(store, key, detail=detail, rows=1)

    assert await counted(store) == (0, 0)
