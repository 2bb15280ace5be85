"""What the desk's words and buttons in chat do nothing about: what is not hers to see, or stands no more."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot import desk
from bot.configuration import Configuration
from bot.incoming import Did
from bot.turn import Turn
from scheduling.ids import short
from storage.models import Chat, Enquiry, OutboxRow, Person, Role, State
from storage.queries import enquiries as find
from storage.store import Store
from tests.referring import Referring

LONE = 600


@pytest.fixture
async def hotline(store: Store, rules: Configuration) -> Referring:
    made = Referring(store, rules)
    await made.enrol("Lone")
    for alias in ("Mira", "Tom", "Yasmin"):
        await made.enrol(alias, Role.RESOURCE_PERSON)
    return made


@pytest.fixture
async def case(hotline: Referring) -> Enquiry:
    return await hotline.asks(role="professional")


async def last_said_to(hotline: Referring, alias: str) -> str | None:
    async with hotline.store.reading() as session:
        query = select(OutboxRow.key).where(OutboxRow.chat_id == hotline.people[alias].chat_id)
        return (await session.execute(query.order_by(OutboxRow.seq.desc()).limit(1))).scalar_one()


async def gives(hotline: Referring, case: Enquiry, alias: str) -> None:
    """Have Lone give the case to somebody."""
    async with hotline.store.unit() as unit:
        lone = await unit.session.get_one(Person, hotline.people["Lone"].id)
        chat = await unit.session.get_one(Chat, lone.chat_id)
        enquiry = await find.locked(unit, case.id)
        assert enquiry is not None
        person = await unit.session.get_one(Person, hotline.people[alias].id)
        await desk.assign(Turn(unit, hotline.rules), lone, chat, enquiry, person)
        await unit.commit()


async def stands_at(hotline: Referring, case: Enquiry) -> str:
    async with hotline.store.unit() as unit:
        return await desk.mark(Turn(unit, hotline.rules), await unit.session.get_one(Enquiry, case.id))


async def adviser(hotline: Referring, case: Enquiry) -> str:
    async with hotline.store.unit() as unit:
        has_it = await find.adviser_of(unit, case.id)
    return "" if has_it is None else has_it[0].alias


async def test_an_older_button_takes_a_case_from_nobody_who_was_given_it_since(
    hotline: Referring, case: Enquiry
) -> None:
    await gives(hotline, case, "Tom")
    data = f"assign:{await stands_at(hotline, case)}:{short(case.id)}:{short(hotline.people['Mira'].id)}"
    await gives(hotline, case, "Yasmin")
    await hotline.does(LONE, Did.TAP, data=data)
    stale = (await last_said_to(hotline, "Lone"), await adviser(hotline, case))
    await gives(hotline, case, "Tom")
    await hotline.does(LONE, Did.TAP, data=data)

    assert len(data.encode()) <= 64
    assert stale == ("desk.not_waiting", "Yasmin")
    assert await adviser(hotline, case) == "Mira"


@pytest.mark.parametrize("command", ["assign", "pause", "unpause"])
async def test_a_case_in_which_she_has_a_conflict_of_interest_has_no_number_for_her(
    hotline: Referring, case: Enquiry, command: str
) -> None:
    await hotline.conflict(case, "Lone")
    named = f"{case.number} Mira" if command == "assign" else f"{case.number}"
    await hotline.does(LONE, Did.COMMAND, command=command, text=named)

    assert await last_said_to(hotline, "Lone") == "case.not_found"
    assert (await hotline.enquiry(case)).state is State.WAITING


@pytest.mark.parametrize("button", ["assign", "pause", "unpause"])
async def test_no_button_of_a_case_works_for_whoever_has_a_conflict_of_interest_in_it(
    hotline: Referring, case: Enquiry, button: str
) -> None:
    await hotline.conflict(case, "Lone")
    tapped = f"{button}:{short(case.id)}"
    if button == "assign":
        mira = short(hotline.people["Mira"].id)
        tapped = f"assign:{await stands_at(hotline, case)}:{short(case.id)}:{mira}"
    await hotline.does(LONE, Did.TAP, data=tapped)

    assert await last_said_to(hotline, "Lone") == "rule.conflict"
    assert (await hotline.enquiry(case)).state is State.WAITING


async def test_what_she_asked_herself_is_given_to_nobody_by_her(hotline: Referring, case: Enquiry) -> None:
    async with hotline.store.unit() as unit:
        (await unit.session.get_one(Enquiry, case.id)).chat_id = hotline.people["Lone"].chat_id
        await unit.commit()
    data = f"assign:{await stands_at(hotline, case)}:{short(case.id)}:{short(hotline.people['Mira'].id)}"
    await hotline.does(LONE, Did.TAP, data=data)

    assert await last_said_to(hotline, "Lone") == "forbidden"
    assert (await hotline.enquiry(case)).state is State.WAITING
