"""The rota at a screen: what a week shows, and what a change does, beforehand and afterwards."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import date, time
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from bot.configuration import Configuration
from scheduling.ids import new_id
from scheduling.shifts import Station
from storage.models import Person, Role, RotaOverride, RotaRule
from storage.store import Store
from tests.screen import Screen, enrolled, told

WEEKDAYS = [0, 1, 2, 3, 4]


class Duty:
    """A hotline's staff, and who stands when."""

    def __init__(self, store: Store, rules: Configuration) -> None:
        self.store, self.rules = store, rules
        self.people: dict[str, Person] = {}

    async def enrol(self, alias: str, role: Role) -> Person:
        address = 600 + len(self.people)
        self.people[alias] = await enrolled(self.store, self.rules, alias, role, address=address)
        return self.people[alias]

    async def stands(self, alias: str, starts: int, ends: int, **more: Any) -> UUID:
        """Give somebody a regular shift, Monday to Friday unless said otherwise; return it."""
        given = {"station": Station.PANEL, "weekdays": WEEKDAYS, "valid_from": date(2026, 1, 5), **more}
        rule = RotaRule(
            id=new_id(),
            person_id=self.people[alias].id,
            starts=time(starts),
            ends=time(ends),
            zone="Europe/Copenhagen",
            day_kinds=["normal"],
            **given,
        )
        await self.add(rule)
        return rule.id

    async def add(self, *rows: Any) -> None:
        async with self.store.unit() as unit:
            unit.session.add_all(rows)
            await unit.commit()

    async def all_of(self, model: type[Any]) -> list[Any]:
        async with self.store.reading() as session:
            return list((await session.execute(select(model))).scalars())


@pytest.fixture
async def duty(store: Store, rules: Configuration) -> Duty:
    """On a Monday at ten in week 47: Mira has 8 to 16 every weekday, Tom 10 to 20."""
    made = Duty(store, rules)
    await made.enrol("Lone", Role.SECRETARIAT)
    await made.enrol("Mira", Role.RESOURCE_PERSON)
    await made.enrol("Tom", Role.RESOURCE_PERSON)
    await made.stands("Mira", 8, 16)
    await made.stands("Tom", 10, 20)
    return made


@pytest.fixture
async def lone(duty: Duty) -> AsyncIterator[Screen]:
    """Lone's screen, signed in."""
    async with Screen(duty.store, duty.rules) as screen:
        await screen.signs_in(duty.people["Lone"])
        yield screen


def words_of(text: str) -> str:
    """Return what a page says, without its tags."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)).replace("\u2060", ""))


def filled(what: str, **fields: object) -> dict[str, str]:
    """Return a form as it is sent to be looked at."""
    return {"what": what, "look": "1", **{name: str(value) for name, value in fields.items()}}


async def makes(screen: Screen, **fields: str) -> str:
    """Look at what a change does, make it, and return what is said on the page after."""
    _, text = await screen.get("/console/rota/change", params=fields)
    return await confirms(screen, text)


async def confirms(screen: Screen, text: str) -> str:
    """Press the button of a page that shows what a change does; return where that led, as words."""
    form = next(one for one in re.findall(r"<form.*?</form>", text, re.DOTALL) if 'name="seen"' in one)
    given = re.findall(r'name="(\w+)" value="([^"]*)"', form)
    fields = {name: unescape(value) for name, value in given if name not in ("csrf", "look")}
    answer, _ = await screen.post("/console/rota/change/make", **fields)
    assert answer.status == 303
    _, after = await screen.get(answer.headers["Location"])
    return after


async def test_a_week_shows_who_stands_when_and_what_lacks(lone: Screen) -> None:
    _, text = await lone.get("/console/rota")
    said = words_of(text)

    assert "Week 47 16 Nov 2026 to 22 Nov 2026" in said
    assert "Mon 16 Nov Today Open 08:00" in said
    assert said.count("Mira") == 5
    assert "1 of 2 of the panel" in said
    assert "no coordinator" in said


async def test_a_shift_more_is_shown_before_it_is_made_and_undone_after(lone: Screen, duty: Duty) -> None:
    mira = duty.people["Mira"]
    form = filled("shift", person=mira.id, station="panel", day="2026-11-17", starts="16", ends="20")
    _, looked = await lone.get("/console/rota/change", params=form)
    before = await duty.all_of(RotaOverride)
    after = await confirms(lone, looked)
    told_of_it = await told(duty.store, mira)
    [undo] = re.findall(r'href="(/console/rota/change\?what=restore[^"]*)"', after)
    _, undoing = await lone.get(unescape(undo))
    undone = await confirms(lone, undoing)

    assert (
        "No longer: Tue 17 Nov 08:00\u2060–\u206016:00 New shift: Tue 17 Nov 08:00\u2060–\u206020:00"
        in words_of(looked)
    )
    assert "Will be told: Mira." in words_of(looked)
    assert before == []
    assert "Mira has a shift more on Tue 17 Nov." in words_of(after)
    assert "rota.changed" in told_of_it
    assert "The change for Mira on Tue 17 Nov is taken back." in words_of(undone)
    assert await duty.all_of(RotaOverride) == []
