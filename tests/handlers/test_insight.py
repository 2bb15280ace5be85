"""What somebody is given who asks what is kept of her: her words, her card on our own page, her referrals."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot import cards, own_data, writing
from bot.card_form import ContactCard
from bot.configuration import Configuration
from bot.incoming import Did, Incoming
from bot.turn import Turn
from handlers.words import Words
from scheduling.clock import SetClock
from storage.models import AuditEntry, Author, Card, Chat, DataRequest, Enquiry, OutboxRow
from storage.store import Store
from tests.referring import KAREN, WRITTEN, Referring, Writer
from tests.screen import PUBLIC_URL, Screen

CARD = ContactCard(name="Karen Opdigtesen", phone="67 00 00 04", about="Nord Opdigtesen", relation="min elev")
ASSESSED = WRITTEN["behaviour"]


@pytest.fixture
def alone(rules: Configuration) -> Configuration:
    """A hotline with one secretary: nobody reviews."""
    return rules.model_copy(update={"referral": rules.referral.model_copy(update={"review": False})})


@pytest.fixture
async def desk(store: Store, alone: Configuration) -> Referring:
    made = Referring(store, alone)
    await made.enrol("Lone")
    return made


@pytest.fixture
async def case(desk: Referring) -> Enquiry:
    return await desk.asks()


@pytest.fixture
async def screen(desk: Referring) -> AsyncIterator[Screen]:
    async with Screen(desk.store, desk.rules) as opened:
        await opened.signs_in(desk.people["Lone"])
        yield opened


async def asks_what_is_kept(desk: Referring, case: Enquiry) -> None:
    async with desk.store.unit() as unit:
        await own_data.ask(Turn(unit, desk.rules), await unit.session.get_one(Chat, case.chat_id))
        await unit.commit()


async def is_given(screen: Screen, desk: Referring, case: Enquiry) -> list[OutboxRow]:
    """Have Karen ask what is kept and Lone send it, and return what is sent."""
    await asks_what_is_kept(desk, case)
    before = await rows(desk, case)
    _, page = await screen.get("/console/requests")
    [wish] = re.findall(r'name="request" value="([^"]+)"', page)[:1]
    await screen.post("/console/requests/answer", request=wish, do="grant")
    return (await rows(desk, case))[len(before) :]


async def rows(desk: Referring, case: Enquiry) -> list[OutboxRow]:
    async with desk.store.reading() as session:
        query = select(OutboxRow).where(OutboxRow.chat_id == case.chat_id).order_by(OutboxRow.seq)
        return list((await session.execute(query)).scalars())


def in_english(desk: Referring, row: OutboxRow) -> str:
    words = Words(desk.rules, bot_name="test_bot", public_url=PUBLIC_URL)
    return words.text(row.key or "", row.params, language="en", now=desk.store.clock.now(), written="…")


async def link_of(desk: Referring, given: list[OutboxRow]) -> str:
    """Return the path of the page that what was sent leads to."""
    [row] = [one for one in given if one.key == "access.cards"]
    called = row.params["link"]["card"]
    return f"/card/{await own_data.path(desk.store.keys, called, now=desk.store.clock.now())}"


async def opened_for(desk: Referring) -> list[tuple[str, str | None]]:
    async with desk.store.reading() as session:
        query = select(AuditEntry.actor, AuditEntry.detail).where(AuditEntry.action == "card_opened")
        return [(row[0], row[1]) for row in (await session.execute(query)).all()]


def said_on(page: str) -> list[str]:
    return [html.unescape(one) for one in re.findall(r"<dd>(.*?)</dd>", page)]


async def test_her_contact_card_is_shown_as_she_gave_it_on_our_own_page_and_logged(
    screen: Screen, desk: Referring, case: Enquiry
) -> None:
    await desk.gives_card(case, CARD)
    given = await is_given(screen, desk, case)
    path = await link_of(desk, given)
    looked, before = await screen.client.get(path), await opened_for(desk)
    asked = await looked.text()
    shown = await screen.client.post(path)
    page = await shown.text()

    assert [one.key for one in given] == ["access.given", "access.case", "access.yours", "access.cards"]
    assert not [one for one in said_of(CARD) if one in repr([row.params for row in given])]
    assert (looked.status, shown.status, before) == (200, 200, [])
    assert not [one for one in said_of(CARD) if one in asked]
    assert said_on(page) == [CARD.name, CARD.phone, CARD.about, CARD.relation]
    assert await opened_for(desk) == [("chat", "request")]


def said_of(card: ContactCard) -> list[str]:
    return [one for one in (card.name, card.phone, card.about, card.relation) if one]


async def test_that_she_has_seen_it_does_not_count_as_the_desk_having_opened_it(
    screen: Screen, desk: Referring, case: Enquiry
) -> None:
    await desk.gives_card(case, CARD)
    path = await link_of(desk, await is_given(screen, desk, case))
    await screen.client.post(path)
    async with desk.store.reading() as session:
        card = (await session.execute(select(Card))).scalar_one()

    assert card.opened_at is None


@pytest.mark.parametrize("what", ["another secret", "too late", "taken back", "not granted"])
async def test_a_link_opens_nothing_but_what_was_granted_lately(
    screen: Screen, desk: Referring, case: Enquiry, clock: SetClock, what: str
) -> None:
    await desk.gives_card(case, CARD)
    path = await link_of(desk, await is_given(screen, desk, case))
    if what == "another secret":
        path = path[:-2] + ("AA" if path[-2:] != "AA" else "BB")
    elif what == "too late":
        clock.at += timedelta(hours=desk.rules.contact.link_hours, minutes=1)
    elif what == "taken back":
        async with desk.store.unit() as unit:
            enquiry = await unit.session.get_one(Enquiry, case.id)
            chat = await unit.session.get_one(Chat, case.chat_id)
            await cards.withdraw(Turn(unit, desk.rules), chat, enquiry)
            await unit.commit()
    else:
        await asks_what_is_kept(desk, case)
        path = path.replace(path.split("/")[3], case.id.hex)
    answer = await screen.client.post(path)

    assert answer.status == (200 if what == "taken back" else 404)
    assert not [one for one in said_of(CARD) if one in await answer.text()]


async def test_no_page_of_another_site_has_the_cards_shown(
    screen: Screen, desk: Referring, case: Enquiry
) -> None:
    await desk.gives_card(case, CARD)
    path = await link_of(desk, await is_given(screen, desk, case))
    answer = await screen.client.post(path, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status == 403
    assert await opened_for(desk) == []


async def test_a_wish_that_was_refused_since_opens_nothing(
    screen: Screen, desk: Referring, case: Enquiry
) -> None:
    await desk.gives_card(case, CARD)
    path = await link_of(desk, await is_given(screen, desk, case))
    async with desk.store.unit() as unit:
        (await unit.session.execute(select(DataRequest))).scalar_one().answer = "kept"
        await unit.commit()

    assert (await screen.client.post(path)).status == 404


async def test_what_is_destroyed_or_held_is_not_given(screen: Screen, desk: Referring, case: Enquiry) -> None:
    gone = await desk.asks("Om noget andet.")
    async with desk.store.unit() as unit:
        turn = Turn(unit, desk.rules)
        (await unit.session.get_one(Enquiry, gone.id)).destroyed_at = turn.now
        mine = await unit.session.get_one(Enquiry, case.id)
        key = await unit.keys.make("held", now=turn.now)
        incoming = Incoming(Did.TEXT, KAREN, turn.now, text="Det haster.")
        chat = await unit.session.get_one(Chat, case.chat_id)
        await writing.write_down(turn, mine, incoming, author=Author.ENQUIRER, chat=chat, key_id=key)
        await unit.commit()
    given = await is_given(screen, desk, case)

    assert [one.key for one in given] == ["access.given", "access.case", "access.yours"]


async def test_each_referral_is_told_of_with_number_moment_parties_and_state_and_nothing_it_says(
    screen: Screen, desk: Referring, case: Enquiry
) -> None:
    lone = Writer(screen, case)
    await lone.makes()
    await lone.saves("submit", **WRITTEN)
    fields = {"party.social": "yes", "basis.social": "consent", "channel.social": "meeting"}
    also = {name.replace("social", "ssp"): text for name, text in fields.items()}
    await lone.does("choose", to="parties", **fields, **also)
    await lone.does("sent:social", to="parties")
    given = await is_given(screen, desk, case)
    [said] = [in_english(desk, one) for one in given if one.key == "access.referral"]

    assert "R-2026-00001, submitted Monday 16 November at 10:00" in said
    assert "State: Submitted" in said
    assert re.findall(r"^· .*$", said, re.MULTILINE) == [
        f"· {name_of(desk, 'ssp')}, not sent yet",
        f"· {name_of(desk, 'social')}, sent Monday 16 November at 10:00",
    ]
    assert ASSESSED not in repr([one.params for one in given])


async def test_a_referral_that_is_not_submitted_is_told_of_too(
    screen: Screen, desk: Referring, case: Enquiry
) -> None:
    await Writer(screen, case).makes()
    given = await is_given(screen, desk, case)

    assert [one.key for one in given] == [
        "access.given",
        "access.case",
        "access.yours",
        "access.referral_begun",
    ]
    assert "Draft" in in_english(desk, given[-1])


async def test_a_card_in_whose_case_one_has_a_conflict_of_interest_is_not_given_by_her(
    screen: Screen, desk: Referring, case: Enquiry
) -> None:
    await desk.gives_card(case, CARD)
    await asks_what_is_kept(desk, case)
    await desk.conflict(case, "Lone")
    before = await rows(desk, case)
    async with desk.store.reading() as session:
        wish = (await session.execute(select(DataRequest.id))).scalar_one()
    answer, _ = await screen.post("/console/requests/answer", request=str(wish), do="grant")

    assert answer.status == 404
    assert len(await rows(desk, case)) == len(before)


def name_of(desk: Referring, party: str) -> str:
    return desk.rules.in_language(desk.rules.parties[party].name, "en")
