"""Who may be asked outside the opening hours: one word for it on *Panel*, on her page and in /duty."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot import duty
from bot.configuration import Configuration
from bot.turn import Turn
from scheduling.dispatch import Policy
from scheduling.instant import Instant
from scheduling.urgency import Urgency
from storage.models import Chat, OutboxRow, Person, Role
from storage.store import Store
from tests.screen import Screen, enrolled

ASKED, NOT_ASKED = "May be asked out of hours about what is urgent", "Is not asked out of hours"


@pytest.fixture
async def mira(store: Store, rules: Configuration) -> Person:
    return await enrolled(store, rules, "Mira", Role.RESOURCE_PERSON, address=1)


@pytest.fixture
async def lone(store: Store, rules: Configuration) -> AsyncIterator[Screen]:
    """Lone's screen, signed in."""
    async with Screen(store, rules) as screen:
        await screen.signs_in(await enrolled(store, rules, "Lone", Role.SECRETARIAT, address=2))
        yield screen


async def says(store: Store, person: Person, *, hours: float | None) -> None:
    """Have her say that she is on duty for so long."""
    async with store.unit() as unit:
        mine = await unit.session.get_one(Person, person.id)
        mine.says_on_duty = hours is not None
        mine.says_until = Instant.of(unit.now + timedelta(hours=hours or 1))
        await unit.commit()


async def answered(store: Store, rules: Configuration, person: Person) -> str:
    """Return the word that the answer to /duty has for it."""
    async with store.unit() as unit:
        turn = Turn(unit, rules)
        mine = await unit.session.get_one(Person, person.id)
        await duty.show(turn, mine, await unit.session.get_one(Chat, person.chat_id))
        await unit.commit()
    async with store.reading() as session:
        query = select(OutboxRow.params).where(OutboxRow.chat_id == person.chat_id)
        params = (await session.execute(query.order_by(OutboxRow.seq.desc()).limit(1))).scalar_one()
    return str(params["out_of_hours"]["word"])


@pytest.mark.parametrize(
    ("hours", "shown", "word"),
    [
        (None, NOT_ASKED, "out_of_hours.not_asked"),
        (2, NOT_ASKED, "out_of_hours.not_asked"),
        (12, ASKED, "out_of_hours.asked"),
    ],
)
async def test_who_is_on_duty_then_may_be_asked(
    lone: Screen, mira: Person, hours: float | None, shown: str, word: str
) -> None:
    await says(lone.store, mira, hours=hours)
    _, listed = await lone.get("/console/panel")
    _, page = await lone.get(f"/console/panel/{mira.id}")

    assert [(ASKED in text, NOT_ASKED in text) for text in (listed, page)] == [
        (shown == ASKED, shown == NOT_ASKED)
    ] * 2
    assert await answered(lone.store, lone.rules, mira) == word


@pytest.mark.parametrize(
    ("pause_hours", "shown", "word"),
    [
        (None, NOT_ASKED, "out_of_hours.not_asked"),
        (14, NOT_ASKED, "out_of_hours.not_asked"),
        (3, ASKED, "out_of_hours.asked"),
    ],
)
async def test_who_is_paused_is_not_asked_until_she_is_back(
    lone: Screen, mira: Person, pause_hours: float | None, shown: str, word: str
) -> None:
    await says(lone.store, mira, hours=12)
    async with lone.store.unit() as unit:
        mine = await unit.session.get_one(Person, mira.id)
        mine.paused_since = unit.now
        mine.paused_until = (
            None if pause_hours is None else Instant.of(unit.now + timedelta(hours=pause_hours))
        )
        await unit.commit()
    _, listed = await lone.get("/console/panel")
    _, page = await lone.get(f"/console/panel/{mira.id}")

    assert [shown in text for text in (listed, page)] == [True, True]
    assert await answered(lone.store, lone.rules, mira) == word


async def test_where_the_rules_let_no_phone_ring_then_nobody_is_asked(
    store: Store, rules: Configuration, mira: Person
) -> None:
    await says(store, mira, hours=12)
    only_then = Policy(3, timedelta(minutes=2), only_in_opening_hours=True)
    by_day = rules.model_copy()
    by_day.__dict__["policies"] = dict.fromkeys(Urgency, only_then)

    assert await answered(store, by_day, mira) == "out_of_hours.never"


async def test_the_desk_is_alarmed_at_any_hour(store: Store, rules: Configuration) -> None:
    vera = await enrolled(store, rules, "Vera", Role.COORDINATOR, address=3)

    assert await answered(store, rules, vera) == "out_of_hours.alarms"
