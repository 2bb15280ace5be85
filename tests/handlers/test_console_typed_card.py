"""A contact card for somebody without a chat: typed in by the desk once she agreed, and sealed."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from sqlalchemy import select

from bot.configuration import Configuration
from storage.models import AuditEntry, Card, CardState, Conflict, Enquiry, Person, Role
from storage.store import Store
from tests.referring import Writer
from tests.screen import Screen, enrolled

SAID = "En far ringer om sin søn"
CONTACT = {
    "card.name": "Idris Opdigtesen",
    "card.phone": "67 00 00 04",
    "card.about": "Nord Opdigtesen",
    "card.relation": "min søn",
    "card.hours": "efter kl. 15",
}
AGREED = {"card.agreed": "yes"}


@pytest.fixture
async def lone(store: Store, rules: Configuration) -> AsyncIterator[Screen]:
    """Lone's screen, signed in."""
    async with Screen(store, rules) as screen:
        await screen.signs_in(await enrolled(store, rules, "Lone", Role.SECRETARIAT, address=500))
        yield screen


def call(**more: str) -> dict[str, str]:
    """Return the form of a telephone call as it is filled in, with its own id."""
    typed = {"id": str(uuid4()), "channel": "telephone", "came": "2026-11-16T09:40", "way": "panel"}
    return {**typed, "role": "relative", "matter": SAID, **more}


async def takes_call(lone: Screen, **more: str) -> str:
    """Have Lone type a call in, and return the address of its case."""
    answer, page = await lone.post("/console/new", **call(**more))
    assert answer.status == 303, page
    return answer.headers["Location"]


async def seen_on(lone: Screen, case: str) -> str:
    """Return what the forms of the card carry on the case's page now."""
    _, page = await lone.get(case)
    return re.findall(r'card/(?:type-in|take-back)"(?s:.*?)name="seen" value="([^"]*)"', page)[0]


async def cards_of(store: Store) -> list[Card]:
    async with store.reading() as session:
        return list((await session.execute(select(Card))).scalars())


async def logged(store: Store) -> list[tuple[str, str | None]]:
    async with store.reading() as session:
        query = select(AuditEntry.action, AuditEntry.detail).where(AuditEntry.action.like("card%"))
        found = (await session.execute(query.order_by(AuditEntry.at, AuditEntry.id))).all()
        return [(row[0], row[1]) for row in found]


async def test_what_is_to_be_put_right_is_linked_to_and_no_box_lies_over_its_error(lone: Screen) -> None:
    await lone.get("/console/new")
    _, page = await lone.post("/console/new", **{**call(), "matter": "", **CONTACT})
    links = re.findall(r'href="#([\w.-]+)"', page.partition('id="to-mend"')[2].partition("</ul>")[0])
    boxes = re.findall(r'<div class="[^"]*form-group-checkbox[^"]*">(.*?)</div>', page, re.DOTALL)

    assert links == ["matter", "card.agreed"]
    assert all(f'id="{one}"' in page for one in links)
    assert 'id="card.agreed-said"' in page
    assert not any("form-error-message" in one for one in boxes)


async def test_a_call_is_kept_with_its_contact_card_and_opened_with_a_reason(
    lone: Screen, store: Store
) -> None:
    case = await takes_call(lone, **CONTACT, **AGREED)
    _, before = await lone.get(case)
    _, opened = await lone.post(f"{case}/card/open", reason="call")
    [card] = await cards_of(store)

    assert card.state is CardState.ARRIVED
    assert card.body_sealed is not None
    assert b"Opdigtesen" not in card.body_sealed
    assert "Opdigtesen" not in before
    assert "Lone typed the contact details in" in before
    assert all(text in opened for text in CONTACT.values())
    assert await logged(store) == [("card_typed_in", None), ("card_opened", "call")]


async def test_the_desk_types_the_card_in_on_the_cases_page_and_a_new_one_takes_its_place(
    lone: Screen, store: Store
) -> None:
    case = await takes_call(lone)
    assert await cards_of(store) == []
    first, _ = await lone.post(f"{case}/card/type-in", **CONTACT, **AGREED)
    [older] = await cards_of(store)
    await lone.post(
        f"{case}/card/type-in",
        seen=await seen_on(lone, case),
        **{"card.email": "idris@example.org"},
        **AGREED,
    )
    _, opened = await lone.post(f"{case}/card/open", reason="call")

    assert (first.status, first.headers["Location"]) == (303, case)
    assert await store.keys.missing([older.key_id]) == {older.key_id}
    assert "idris@example.org" in opened
    assert "Opdigtesen" not in opened


async def test_an_older_page_neither_replaces_nor_deletes_what_a_colleague_typed_in(
    lone: Screen, store: Store
) -> None:
    case = await takes_call(lone)
    older = await seen_on(lone, case)
    await lone.post(f"{case}/card/type-in", seen=older, **CONTACT, **AGREED)
    other = {"card.phone": "67 00 00 05", **AGREED}
    late, page = await lone.post(f"{case}/card/type-in", seen=older, **other)
    back, _ = await lone.post(f"{case}/card/take-back", seen=older)
    _, opened = await lone.post(f"{case}/card/open", reason="call")

    assert (late.status, back.status) == (409, 409)
    assert "The contact card has changed since you saw the page." in page
    assert 'value="67 00 00 05"' in page
    assert CONTACT["card.phone"] in opened


async def test_nobody_is_reminded_to_open_what_the_desk_has_typed_in(lone: Screen) -> None:
    await takes_call(lone, **CONTACT, **AGREED)
    _, board = await lone.get("/console")

    assert "Contact cards nobody has opened" not in board


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (CONTACT, "card.agreed"),
        ({**AGREED, "card.about": "Nord Opdigtesen"}, "card.phone"),
        ({**AGREED, **CONTACT, "card.name": "N" * 121}, "card.name"),
    ],
)
async def test_what_is_missing_is_said_with_everything_still_there(
    lone: Screen, store: Store, given: dict[str, str], fault: str
) -> None:
    case = await takes_call(lone)
    answer, page = await lone.post(f"{case}/card/type-in", **given)
    new, new_page = await lone.post("/console/new", **call(**given))

    assert (answer.status, new.status) == (422, 422)
    for shown in (page, new_page):
        assert f'id="{fault}-said"' in shown
        assert all(f'value="{text}"' in shown for name, text in given.items() if name != "card.agreed")
    assert SAID in new_page
    assert await cards_of(store) == []


async def test_an_empty_card_is_refused_in_words(lone: Screen, store: Store) -> None:
    case = await takes_call(lone)
    answer, page = await lone.post(f"{case}/card/type-in")

    assert answer.status == 422
    assert 'class="type-in" open' in page
    assert 'id="card.phone-said"' in page
    assert 'id="card.agreed-said"' in page
    assert await cards_of(store) == []


async def test_what_looks_mistyped_is_asked_about_once(lone: Screen, store: Store) -> None:
    case = await takes_call(lone)
    doubtful = {**AGREED, "card.phone": "123"}
    asked, page = await lone.post(f"{case}/card/type-in", **doubtful)
    _, new_page = await lone.post("/console/new", **call(**doubtful))
    assert await cards_of(store) == []
    sure, _ = await lone.post(f"{case}/card/type-in", **doubtful, **{"card.sure": "yes"})
    new, _ = await lone.post("/console/new", **call(**doubtful, **{"card.sure": "yes"}))

    assert asked.status == 422
    assert 'name="card.sure" value="yes"' in page
    assert 'name="card.sure" value="yes"' in new_page
    assert (sure.status, new.status) == (303, 303)
    assert len(await cards_of(store)) == 2


async def test_who_takes_her_word_back_has_it_deleted_for_good(lone: Screen, store: Store) -> None:
    case = await takes_call(lone, **CONTACT, **AGREED)
    [before] = await cards_of(store)
    await lone.post(f"{case}/card/take-back", seen=await seen_on(lone, case))
    [card] = await cards_of(store)
    _, page = await lone.get(case)

    assert (card.state, card.key_id, card.body_sealed) == (CardState.WITHDRAWN, None, None)
    assert await store.keys.missing([before.key_id]) == {before.key_id}
    assert "has taken the contact card back" in page
    assert (await logged(store))[-1] == ("card_withdrawn", None)


async def test_who_is_shown_another_way_leaves_no_card(lone: Screen, store: Store) -> None:
    await lone.post("/console/new", **call(role="press", **CONTACT, **AGREED))

    assert await cards_of(store) == []


async def test_a_case_with_a_chat_asks_there_and_nowhere_else(
    lone: Screen, store: Store, rules: Configuration
) -> None:
    from tests.referring import Referring

    case = await Referring(store, rules).asks()
    address = f"/console/enquiry/{case.number}"
    _, page = await lone.get(address)
    answer, _ = await lone.post(f"{address}/card/type-in", **CONTACT, **AGREED)

    assert "card/type-in" not in page
    assert answer.status == 404
    assert await cards_of(store) == []


async def test_a_referral_takes_identity_from_it(lone: Screen, store: Store) -> None:
    await takes_call(lone, **CONTACT, **AGREED)
    async with store.reading() as session:
        case = (await session.execute(select(Enquiry))).scalar_one()
    writer = Writer(lone, case)
    await writer.makes()
    await writer.saves("card")

    assert writer.fields()["name"] == "Nord Opdigtesen"
    assert "67 00 00 04" in writer.fields()["contact"]


async def test_whoever_has_a_conflict_of_interest_types_none_in(lone: Screen, store: Store) -> None:
    case = await takes_call(lone)
    async with store.unit() as unit:
        mine = (await unit.session.execute(select(Person))).scalar_one()
        enquiry = (await unit.session.execute(select(Enquiry))).scalar_one()
        unit.session.add(Conflict(enquiry_id=enquiry.id, person_id=mine.id, said_at=unit.now))
        await unit.commit()
    answer, _ = await lone.post(f"{case}/card/type-in", **CONTACT, **AGREED)

    assert answer.status == 404
    assert await cards_of(store) == []


async def test_an_adviser_types_none_in(lone: Screen, store: Store, rules: Configuration) -> None:
    case = await takes_call(lone)
    async with Screen(store, rules) as other:
        mira: Person = await enrolled(store, rules, "Mira", Role.RESOURCE_PERSON, address=501)
        await other.signs_in(mira)
        answer, _ = await other.post(f"{case}/card/type-in", **CONTACT, **AGREED)

    assert answer.status == 403
    assert await cards_of(store) == []
