"""The contact card in a referral, and the word with somebody who has no chat to be asked in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from bot import referral_card
from bot.card_form import ContactCard
from bot.configuration import Configuration
from bot.turn import Turn
from bot.typed_in import TakenDown, Way, keep
from scheduling.ids import new_id
from storage.models import AuditEntry, Card, CardState, Channel, Chat, Enquiry, Person
from storage.queries import enquiries as find
from storage.store import Store
from tests.referring import SAID, WRITTEN, Referring, Writer
from tests.screen import Screen

CARD = ContactCard(
    name="Karen Opdigtesen",
    phone="67 00 00 04",
    email="karen@example.org",
    about="Nord Opdigtesen",
    relation="min elev",
    hours="efter kl. 15",
)
KAREN = "Karen Opdigtesen\n67 00 00 04\nkaren@example.org\nefter kl. 15\nNord Opdigtesen: ”min elev”"
BUTTON = "Use the contact card"


@pytest.fixture
async def desk(store: Store, rules: Configuration) -> Referring:
    made = Referring(store, rules)
    await made.enrol("Lone")
    return made


@pytest.fixture
async def screen(desk: Referring) -> AsyncIterator[Screen]:
    async with Screen(desk.store, desk.rules) as opened:
        await opened.signs_in(desk.people["Lone"])
        yield opened


@pytest.fixture
async def case(desk: Referring) -> Enquiry:
    return await desk.asks(role="professional", profession="teacher")


@pytest.fixture
async def lone(screen: Screen, case: Enquiry) -> Writer:
    writer = Writer(screen, case)
    await writer.makes()
    return writer


async def opened_for(store: Store) -> list[str | None]:
    """Return why the card was opened, each time."""
    async with store.reading() as session:
        query = select(AuditEntry.detail).where(AuditEntry.action == "card_opened")
        return list((await session.execute(query)).scalars())


async def test_the_card_is_offered_once_it_has_come_and_opened_by_a_click_alone(
    lone: Writer, desk: Referring, case: Enquiry
) -> None:
    before = lone.page
    await desk.gives_card(case, CARD)
    after = await lone.looks()

    assert (BUTTON in before, BUTTON in after) == (False, True)
    assert lone.fields()["name"] == ""
    assert await opened_for(desk.store) == []


async def test_the_card_fills_in_what_is_missing_with_its_source_and_is_logged(
    lone: Writer, desk: Referring, case: Enquiry
) -> None:
    await desk.gives_card(case, CARD)
    await lone.looks()
    page = await lone.saves("card", wish="At nogen taler med ham.")
    saved = {name: text for name, text in lone.fields().items() if text}

    assert saved == {"wish": "At nogen taler med ham.", "name": "Nord Opdigtesen", "contact": KAREN}
    assert page.count("From the contact card · Lone") == 2
    assert BUTTON not in page
    assert await opened_for(desk.store) == ["referral"]


async def test_the_card_writes_over_nothing(lone: Writer, desk: Referring, case: Enquiry) -> None:
    await desk.gives_card(case, CARD)
    await lone.looks()
    await lone.saves("card", name="Nord Efterladesen")

    assert (lone.fields()["name"], lone.fields()["contact"]) == ("Nord Efterladesen", KAREN)


async def test_a_card_that_was_taken_back_meanwhile_is_said_to_be_gone(
    lone: Writer, desk: Referring, case: Enquiry
) -> None:
    await desk.gives_card(case, CARD)
    await lone.looks()
    async with desk.store.unit() as unit:
        card = (await unit.session.execute(select(Card))).scalar_one()
        assert card.key_id is not None
        unit.doom_key(card.key_id)
        card.state, card.key_id = CardState.WITHDRAWN, None
        await unit.commit()
    page = await lone.saves("card")

    assert "The contact card cannot be opened any more." in page
    assert (lone.fields()["name"], lone.fields()["contact"]) == ("", "")


async def test_a_submitted_referral_offers_no_card(lone: Writer, desk: Referring, case: Enquiry) -> None:
    await desk.enrol("Bodil")
    await desk.gives_card(case, CARD)
    await lone.looks()
    await lone.saves("review", reviewer="Bodil", **WRITTEN)
    page = await lone.saves("card")

    assert BUTTON not in page
    assert await opened_for(desk.store) == []


def test_only_somebody_who_wrote_of_herself_is_whom_it_is_about() -> None:
    own = ContactCard(name="Karen Opdigtesen", phone="67 00 00 04")

    assert referral_card.said(own, is_about_herself=False) == {
        "name": "",
        "contact": "Karen Opdigtesen\n67 00 00 04",
    }
    assert referral_card.said(own, is_about_herself=True) == {
        "name": "Karen Opdigtesen",
        "phone": "67 00 00 04",
        "contact": "Karen Opdigtesen\n67 00 00 04",
    }
    assert referral_card.said(CARD, is_about_herself=True)["name"] == "Nord Opdigtesen"


async def test_somebody_without_a_chat_is_asked_and_told_by_telephone(desk: Referring) -> None:
    called = new_id()
    async with desk.store.unit() as unit:
        turn = Turn(unit, desk.rules)
        by = await unit.session.get_one(Person, desk.people["Lone"].id)
        chat = await unit.session.get_one(Chat, by.chat_id)
        call = TakenDown(called, Channel.TELEPHONE, turn.now, {"role": "relative"}, SAID, Way.PANEL)
        await keep(turn, by, chat, call)
        case = await find.locked(unit, called)
        await unit.commit()
    assert case is not None
    alone = desk.rules.referral.model_copy(update={"review": False})
    async with Screen(desk.store, desk.rules.model_copy(update={"referral": alone})) as screen:
        await screen.signs_in(desk.people["Lone"])
        lone = Writer(screen, case)
        await lone.makes()
        form = lone.page
        refused = await lone.saves("ask")
        told = await lone.saves("submit", **WRITTEN)

    assert "The secretariat asks by telephone and notes the answer here." in form
    assert 'value="ask"' not in form
    assert "The enquirer cannot be reached in the chat now." in refused
    assert "Call to say that the referral has been submitted" in told
    assert 'value="tell"' not in told
