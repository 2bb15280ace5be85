"""The list of all cases, and the settings in force: what is found, by what, by whom, and at what cost."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from bot import listing
from bot.configuration import Configuration
from scheduling.ids import new_id
from scheduling.instant import Instant
from storage.models import Assignment, Channel, Conflict, Enquiry, Outcome, Role, State
from storage.queries import people
from storage.store import Store
from tests.screen import Screen, enrolled


@pytest.fixture
async def lone(store: Store, rules: Configuration) -> AsyncIterator[Screen]:
    """Lone's screen, signed in."""
    async with Screen(store, rules) as screen:
        await screen.signs_in(await enrolled(store, rules, "Lone", Role.SECRETARIAT, address=500))
        yield screen


async def given(store: Store, count: int, **each: Any) -> list[Enquiry]:
    """Have so many closed enquiries stand in the log, a minute apart, and return them, the newest first."""
    made = []
    async with store.unit() as unit:
        for at in range(count):
            began = Instant.of(unit.now - timedelta(minutes=at))
            values = {"state": State.CLOSED, "outcome": Outcome.ADVICE_ONLY, "competence": "school", **each}
            one = Enquiry(
                id=new_id(),
                number=f"K-2026-{new_id().int % 10**9:09}",
                key_id=new_id(),
                drafted_at=began,
                sent_at=began,
                **values,
            )
            unit.session.add(one)
            made.append(one)
        await unit.commit()
    return made


def shown(page: str) -> list[str]:
    return re.findall(r'/console/enquiry/([A-Z0-9-]+)">', page)


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """Collect the questions put to the database."""
    asked: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(store.reader.sync_engine, "before_cursor_execute", note)
    yield asked
    event.remove(store.reader.sync_engine, "before_cursor_execute", note)


async def test_the_list_is_paged_without_leaving_any_out(
    lone: Screen, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "AT_ONCE", 2)
    made = await given(store, 5)
    found, path = [], "/console/enquiries?state=closed"
    while path:
        _, page = await lone.get(path)
        found += shown(page)
        next_one = re.search(r'rel="next" href="([^"]+)"', page)
        path = next_one[1].replace("&amp;", "&") if next_one else ""

    assert found == [one.number for one in made]


async def test_each_filter_finds_its_own(lone: Screen, store: Store, rules: Configuration) -> None:
    mira = await enrolled(store, rules, "Mira", Role.RESOURCE_PERSON, address=501)
    await given(store, 3)
    [one] = await given(
        store, 1, state=State.ASSIGNED, outcome=None, competence="family", channel=Channel.VISIT
    )
    async with store.unit() as unit:
        unit.session.add(Assignment(id=new_id(), enquiry_id=one.id, person_id=mira.id, started_at=unit.now))
        await unit.commit()
    [old] = await given(store, 1, outcome=Outcome.MISUSE)
    async with store.unit() as unit:
        mine = await unit.session.get_one(Enquiry, old.id)
        mine.drafted_at = Instant.of(unit.now - timedelta(days=40))
        await unit.commit()

    looked_for = {
        "state=assigned": [one.number],
        "competence=family": [one.number],
        "channel=visit": [one.number],
        "person=Mira": [one.number],
        f"number={(one.number or '').lower()}": [one.number],
        "outcome=misuse": [old.number],
        "to=2026-10-31": [old.number],
        "from=2026-10-01&to=2026-10-31": [old.number],
        "from=2026-11-17": [],
    }
    found = {}
    for query in looked_for:
        _, page = await lone.get(f"/console/enquiries?{query}")
        found[query] = shown(page)
    assert found == looked_for


async def test_what_the_reader_may_not_see_is_not_listed(lone: Screen, store: Store) -> None:
    [seen, hidden, own] = await given(store, 3)
    async with store.unit() as unit:
        person = await people.by_alias(unit, "Lone")
        assert person is not None
        unit.session.add(Conflict(enquiry_id=hidden.id, person_id=person.id, said_at=unit.now))
        (await unit.session.get_one(Enquiry, own.id)).chat_id = person.chat_id
        await unit.commit()

    _, page = await lone.get("/console/enquiries")
    assert shown(page) == [seen.number]


async def test_a_longer_list_asks_no_more_questions(lone: Screen, store: Store) -> None:
    await given(store, 1)
    with statements(store) as of_one:
        await lone.get("/console/enquiries")
    await given(store, 30)
    with statements(store) as of_many:
        await lone.get("/console/enquiries")

    assert len(of_one) == len(of_many)


async def test_numbers_verified_too_long_ago_are_named(store: Store, rules: Configuration) -> None:
    numbers = [
        one.model_copy(update={"verified": date(2026, 1, 2)}) if one.id == "children" else one
        for one in rules.numbers
    ]
    async with Screen(store, rules.model_copy(update={"numbers": numbers})) as screen:
        await screen.signs_in(await enrolled(store, rules, "Ada", Role.ADMINISTRATOR, address=510))
        home, _ = await screen.get("/console")
        _, page = await screen.get("/console/settings")

    assert home.headers["Location"] == "/console/settings"
    assert "Numbers verified more than 180 days ago: 1." in page
    assert page.count("verify again") == 1
    assert "2 January 2026" in page
