"""A text of staff that waits for its place: it never becomes a question, and keeps its turn."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot import people, sweep
from bot.configuration import Configuration
from bot.incoming import Did
from bot.turn import Turn
from scheduling.clock import SetClock
from scheduling.ids import new_id, short
from storage.models import Author, Enquiry, Offer, OfferState, OutboxRow, Parked, Person, Role, Timer
from storage.queries import chats, messages
from storage.store import Store
from tests.referring import Referring

MIRA = 601


@pytest.fixture
async def hotline(store: Store, rules: Configuration) -> Referring:
    made = Referring(store, rules)
    await made.enrol("Lone")
    await made.enrol("Mira", Role.RESOURCE_PERSON)
    return made


@pytest.fixture
async def case(hotline: Referring) -> Enquiry:
    return await hotline.asks(role="professional")


async def is_offered(hotline: Referring, case: Enquiry) -> str:
    """Offer the case to Mira, and return what the button says that claims it."""
    async with hotline.store.unit() as unit:
        offer = Offer(
            id=new_id(),
            enquiry_id=case.id,
            person_id=hotline.people["Mira"].id,
            round=case.dispatch_round,
            step=0,
            state=OfferState.OPEN,
            why={},
            offered_at=unit.now,
            rings=1,
            rung_at=unit.now,
        )
        unit.session.add(offer)
        await unit.commit()
    return f"claim:{short(offer.id)}"


async def writes(hotline: Referring, text: str, telegram_id: int) -> None:
    await hotline.does(MIRA, Did.TEXT, text=text, telegram_id=telegram_id)


async def falls_due(hotline: Referring) -> None:
    """Do what is due about Mira's chat when its time is up."""
    async with hotline.store.unit() as unit:
        chat = await chats.locked(unit, hotline.people["Mira"].chat_id)
        await sweep.parked(Turn(unit, hotline.rules), chat)
        await unit.commit()


async def standing(hotline: Referring) -> tuple[int, int]:
    """Return how many enquiries there are, and how much waits for its place."""
    async with hotline.store.reading() as session:
        counted = [
            (await session.execute(select(func.count()).select_from(one))).scalar_one()
            for one in (Enquiry, Parked)
        ]
    return counted[0], counted[1]


async def said(hotline: Referring) -> list[str | None]:
    async with hotline.store.reading() as session:
        query = select(OutboxRow.key).where(OutboxRow.chat_id == hotline.people["Mira"].chat_id)
        return list((await session.execute(query.order_by(OutboxRow.seq))).scalars())


async def test_what_she_wrote_is_destroyed_with_her_account(
    hotline: Referring, case: Enquiry, clock: SetClock
) -> None:
    await is_offered(hotline, case)
    await writes(hotline, "Noget om sagen.", 5)
    before = await standing(hotline)
    async with hotline.store.unit() as unit:
        turn = Turn(unit, hotline.rules)
        mira = await unit.session.get_one(Person, hotline.people["Mira"].id)
        await people.revoke(turn, mira, by=await unit.session.get_one(Person, hotline.people["Lone"].id))
        await unit.commit()
    after, last = await standing(hotline), (await said(hotline))[-2:]
    async with hotline.store.reading() as session:
        timers = (await session.execute(select(Timer).where(Timer.kind == "parked"))).all()
    clock.at += timedelta(minutes=11)
    await falls_due(hotline)

    assert (before, after, timers) == ((1, 1), (1, 0), [])
    assert "enrol.revoked" in last
    assert (await said(hotline))[-2:] == last


async def test_what_she_wrote_as_staff_is_nothing_she_asks_once_she_is_it_no_more(
    hotline: Referring, case: Enquiry
) -> None:
    await is_offered(hotline, case)
    await writes(hotline, "Noget om sagen.", 5)
    async with hotline.store.unit() as unit:  # her text was taken in while she was cut off
        (await unit.session.get_one(Person, hotline.people["Mira"].id)).chat_id = None
        await unit.commit()
    await falls_due(hotline)

    assert await standing(hotline) == (1, 0)


async def test_a_question_of_her_own_without_a_number_is_no_place_for_it(
    hotline: Referring, case: Enquiry
) -> None:
    await is_offered(hotline, case)
    await writes(hotline, "Noget om sagen.", 5)
    await hotline.does(MIRA, Did.COMMAND, command="ask")
    await falls_due(hotline)

    assert await standing(hotline) == (2, 0)
    assert "relay.which" not in await said(hotline)
    assert (await said(hotline))[-1] == "staff.no_case"


async def in_case(hotline: Referring, case: Enquiry) -> list[str]:
    """Return what Mira wrote in the case, in the order it stands there."""
    async with hotline.store.unit() as unit:
        return [
            str((await unit.open(one.key_id, one.body_sealed, place=f"message.body:{one.id}"))["text"])
            for one in await messages.of_enquiry(unit, case.id)
            if one.author is Author.RESOURCE_PERSON
        ]


async def test_what_follows_waits_behind_it_and_keeps_its_turn(
    hotline: Referring, case: Enquiry, clock: SetClock
) -> None:
    claim = await is_offered(hotline, case)
    await writes(hotline, "Først.", 5)
    await hotline.does(MIRA, Did.TAP, data=claim)
    clock.at += timedelta(seconds=1)
    await writes(hotline, "Dernæst.", 6)
    waiting = await in_case(hotline, case)
    await hotline.does(MIRA, Did.TAP, data=f"switch:{short(case.id)}")
    clock.at += timedelta(seconds=1)
    await writes(hotline, "Til sidst.", 7)

    assert waiting == []
    assert await in_case(hotline, case) == ["Først.", "Dernæst.", "Til sidst."]


async def test_she_may_say_that_it_does_not_belong_here(hotline: Referring, case: Enquiry) -> None:
    claim = await is_offered(hotline, case)
    await writes(hotline, "Til en anden.", 5)
    await hotline.does(MIRA, Did.TAP, data=claim)
    async with hotline.store.reading() as session:
        query = select(OutboxRow.buttons).where(OutboxRow.key == "relay.which")
        asked = str((await session.execute(query)).scalar_one())
    await hotline.does(MIRA, Did.TAP, data="switch:none")
    dropped = (await said(hotline))[-1]
    await writes(hotline, "Til Karen.", 6)
    await hotline.does(MIRA, Did.TAP, data="switch:none")

    assert "switch:none" in asked
    assert dropped == "relay.dropped"
    assert (await said(hotline))[-1] == "tap.stale"
    assert (await standing(hotline), await in_case(hotline, case)) == ((1, 0), ["Til Karen."])
