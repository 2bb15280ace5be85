"""What came by telephone, e-mail or visit: typed in at the desk, masked before it is kept, and on its way."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from bot import duty
from bot.configuration import Configuration
from bot.turn import Turn
from scheduling.instant import Instant
from scheduling.urgency import Urgency
from storage.models import Assignment, Channel, Enquiry, Message, Outcome, Person, Role, State
from storage.store import Store
from tests.screen import Screen, enrolled, told

SAID = "En lærer ringer: en elev taler om at rejse"


@pytest.fixture
async def mira(store: Store, rules: Configuration) -> Person:
    """Mira, on duty."""
    person = await enrolled(store, rules, "Mira", Role.RESOURCE_PERSON, address=501)
    async with store.unit() as unit:
        mine = await unit.session.get_one(Person, person.id)
        mine.says_on_duty, mine.says_until = True, Instant.of(unit.now + timedelta(hours=8))
        await duty.settle_all(Turn(unit, rules))
        await unit.commit()
    return person


@pytest.fixture
async def lone(store: Store, rules: Configuration) -> AsyncIterator[Screen]:
    """Lone's screen, signed in."""
    async with Screen(store, rules) as screen:
        await screen.signs_in(await enrolled(store, rules, "Lone", Role.SECRETARIAT, address=500))
        yield screen


def call(**more: str) -> dict[str, str]:
    """Return the form of a telephone call as it is filled in, with its own id."""
    typed = {"id": str(uuid4()), "channel": "telephone", "came": "2026-11-16T09:40", "way": "panel"}
    return {**typed, "role": "professional", "profession": "teacher", "matter": SAID, **more}


async def kept(store: Store) -> list[Enquiry]:
    async with store.reading() as session:
        return list((await session.execute(select(Enquiry))).scalars())


async def written(store: Store) -> list[str]:
    """Return what is kept in the log, opened."""
    async with store.looking() as unit:
        found = (await unit.session.execute(select(Message))).scalars().all()
        opened = [
            await unit.open(one.key_id, one.body_sealed, place=f"message.body:{one.id}") for one in found
        ]
    return [str(body["text"]) for body in opened]


def textarea(page: str) -> str:
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    return html.unescape(found[1]) if found else ""


async def test_a_call_goes_to_the_panel_as_a_chat_does(lone: Screen, mira: Person, store: Store) -> None:
    answer, _ = await lone.post("/console/new", **call())

    [one] = await kept(store)
    assert (answer.status, answer.headers["Location"]) == (303, f"/console/enquiry/{one.number}")
    assert (one.state, one.channel, one.chat_id) == (State.WAITING, Channel.TELEPHONE, None)
    assert (one.profession, one.relation, one.alarm) == ("teacher", "skipped", "skipped")
    assert one.drafted_at.astimezone(lone.rules.zone).strftime("%H:%M") == "09:40"
    assert await written(store) == [SAID]
    assert "offer.made" in await told(store, mira)
    _, page = await lone.get(answer.headers["Location"])
    assert "The enquiry is kept as case" in page
    assert "Typed in by" in page


async def test_what_is_masked_is_shown_before_anything_is_kept(lone: Screen, store: Store) -> None:
    form = call(matter="Eleven har CPR 120352-6004, han hedder Nord Opdigtesen")
    answer, page = await lone.post("/console/new", **form)
    shown = textarea(page)

    assert answer.status == 200
    assert await kept(store) == []
    assert "[CPR]" in shown
    assert "120352" not in page
    assert "Opdigtesen" not in page
    assert 'value="teacher" selected' in page

    await lone.post("/console/new", **{**form, "matter": shown})
    [text] = await written(store)
    assert text == "Eleven har CPR ⟦cpr⟧, han hedder ⟦name⟧"


async def test_words_of_danger_are_answered_once_before_it_is_kept(lone: Screen, store: Store) -> None:
    form = call(matter="Han er på vej hen på skolen med en kniv")
    _, page = await lone.post("/console/new", **form)
    assert await kept(store) == []
    assert 'name="warned" value="yes"' in page

    await lone.post("/console/new", **form, warned="yes")
    assert len(await kept(store)) == 1


async def test_the_chats_rules_decide_urgency_and_way(lone: Screen, store: Store) -> None:
    await lone.post("/console/new", **call(alarm="weapon"))
    await lone.post("/console/new", **call(role="booking"))

    flagged, booking = sorted(await kept(store), key=lambda one: one.number or "", reverse=True)
    assert (flagged.state, flagged.triage_reason, flagged.urgency) == (State.TRIAGE, "alarm", Urgency.HIGH)
    assert (booking.state, booking.triage_reason, booking.urgency) == (State.TRIAGE, "activity", Urgency.LOW)


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [({"residence": "elsewhere"}, Outcome.REDIRECTED), ({"role": "press"}, Outcome.PRESS)],
)
async def test_who_is_shown_another_way_is_counted_and_no_text_is_kept(
    lone: Screen, store: Store, answers: dict[str, str], outcome: Outcome
) -> None:
    answer, _ = await lone.post("/console/new", **call(**answers))

    [one] = await kept(store)
    assert answer.headers["Location"] == "/console/new"
    assert (one.state, one.outcome, one.number) == (State.CLOSED, outcome, None)
    assert await written(store) == []


async def test_what_was_done_at_once_is_closed_with_its_minutes(lone: Screen, store: Store) -> None:
    await lone.post("/console/new", **call(way="done", outcome="advice_only", minutes="25"))

    [one] = await kept(store)
    async with store.reading() as session:
        part = (await session.execute(select(Assignment))).scalar_one()
    assert (one.state, one.outcome, one.owes_answer) == (State.CLOSED, Outcome.ADVICE_ONLY, False)
    assert (part.minutes, part.outcome, part.ended_at) == (25, "advice_only", one.closed_at)


async def test_advising_oneself(lone: Screen, store: Store) -> None:
    answer, _ = await lone.post("/console/new", **call(way="own"))
    [one] = await kept(store)
    _, page = await lone.get(answer.headers["Location"])
    seen = re.search(r'passed-on">\s*<input[^>]*><input type="hidden" name="seen" value="([^"]+)"', page)

    assert one.state is State.ASSIGNED
    assert seen is not None
    await lone.post(f"{answer.headers['Location']}/passed-on", seen=seen[1])
    [after] = await kept(store)
    assert (after.owes_answer, after.answered_at) == (False, lone.store.clock.now())


async def test_a_double_click_keeps_one(lone: Screen, store: Store) -> None:
    form = call()
    first, _ = await lone.post("/console/new", **form)
    second, _ = await lone.post("/console/new", **form)

    assert len(await kept(store)) == 1
    assert first.headers["Location"] == second.headers["Location"]


async def test_a_fault_leaves_everything_typed_on_the_page(lone: Screen, store: Store) -> None:
    form = call(came="2026-11-16T23:00", way="done", minutes="many", role="relative", relation="parent")
    answer, page = await lone.post("/console/new", **form)

    assert answer.status == 422
    assert await kept(store) == []
    assert textarea(page) == SAID
    assert set(re.findall(r'id="(\w+)-fault"', page)) == {"came", "outcome", "minutes"}
    assert 'value="parent" selected' in page
    assert 'value="many"' in page


async def test_an_id_that_somebody_else_used_opens_nothing(
    lone: Screen, store: Store, rules: Configuration
) -> None:
    form = call()
    await lone.post("/console/new", **form)
    async with Screen(store, rules) as other:
        await other.signs_in(await enrolled(store, rules, "Vera", Role.COORDINATOR, address=502))
        answer, _ = await other.post("/console/new", **form)

    assert answer.status == 404
    assert len(await kept(store)) == 1
