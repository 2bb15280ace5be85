"""The contact card between the chat, its one-time form and the case's page: who can do what, how often."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientResponse
from sqlalchemy import select

from bot import (
    card_links,
    card_standing,
    cards,
    chats,
    dispatching,
    enquiries,
    handovers,
    privacy,
    restoring,
    returning,
)
from bot.card_form import ContactCard
from bot.cards import Reason
from bot.configuration import Configuration
from bot.incoming import Did, Incoming
from bot.turn import Turn
from handlers.telegram.worker import Worker
from scheduling.clock import SetClock
from storage.keys import KeyDestroyedError
from storage.models import (
    AuditEntry,
    Card,
    CardState,
    Chat,
    Conflict,
    Enquiry,
    OutboxRow,
    Person,
    Role,
    State,
)
from storage.orphans import destroy_orphans
from storage.queries import restored
from storage.store import Store
from tests.screen import Screen, enrolled, told

KAREN = 900
CARD = ContactCard(
    name="Karen Opdigtesen", phone="67 00 00 04", hours="efter kl. 15", about="Nord Opdigtesen"
)
FILLED = {"name": CARD.name, "phone": CARD.phone, "hours": CARD.hours, "about": CARD.about}


@dataclass
class Case:
    """Karen's case, which Mira has, and the desk before it."""

    store: Store
    rules: Configuration
    screen: Screen
    enquiry: Enquiry
    karen: Chat
    mira: Person
    lone: Person

    async def does(self, use_case: Any, *before: Any, by: Person | None = None, **given: Any) -> Any:
        """Run a use case about the enquiry in a turn of its own: by Karen in her chat, or by staff."""
        async with self.store.unit() as unit:
            turn = Turn(unit, self.rules)
            enquiry = await unit.session.get_one(Enquiry, self.enquiry.id)
            chat = await unit.session.get_one(Chat, self.karen.id if by is None else by.chat_id)
            who = [chat] if by is None else [await unit.session.get_one(Person, by.id), chat]
            result = await use_case(turn, *(before or who), enquiry, **given)
            await unit.commit()
        return result

    async def is_asked(self) -> None:
        await self.does(cards.ask, by=self.mira)

    async def link(self, *, wants_call: bool = False) -> str:
        """Have Karen say yes, and return the path of what she is sent."""
        await self.does(cards.send_form, wants_call=wants_call)
        async with self.store.reading() as session:
            query = select(OutboxRow.params).where(OutboxRow.key.in_(("card.link", "card.link_call")))
            params = (await session.execute(query.order_by(OutboxRow.seq.desc()).limit(1))).scalar_one()
        now = self.store.clock.now()
        return f"/card/{await card_links.secret(self.store.keys, params['link']['card'], now=now)}"

    async def sends(self, path: str, **fields: str) -> tuple[ClientResponse, str]:
        """Fill in the form at the path as it stands there, and send it."""
        _, page = await self.screen.get(path)
        proof = re.search(r'name="proof" value="([^"]+)"', page)
        answer = await self.screen.client.post(
            path, data={"proof": proof[1] if proof else "", **fields}, allow_redirects=False
        )
        return answer, await answer.text()

    async def has_sent(self) -> None:
        await self.is_asked()
        answer, _ = await self.sends(await self.link(), **FILLED)
        assert answer.status == 303

    async def card(self) -> Card:
        async with self.store.reading() as session:
            return (await session.execute(select(Card))).scalar_one()

    async def said(self) -> list[str]:
        """Return the keys of what was said in Karen's chat."""
        async with self.store.reading() as session:
            query = select(OutboxRow.key).where(OutboxRow.chat_id == self.karen.id).order_by(OutboxRow.seq)
            return [key for key in (await session.execute(query)).scalars() if key is not None]

    async def logged(self) -> list[tuple[str, str | None]]:
        async with self.store.reading() as session:
            query = select(AuditEntry.action, AuditEntry.detail).where(
                AuditEntry.action.like("card%") | AuditEntry.action.like("contact%")
            )
            found = (await session.execute(query.order_by(AuditEntry.at, AuditEntry.id))).all()
            return [(row[0], row[1]) for row in found]


@pytest.fixture
async def case(store: Store, rules: Configuration) -> AsyncIterator[Case]:
    lone = await enrolled(store, rules, "Lone", Role.SECRETARIAT, address=1)
    mira = await enrolled(store, rules, "Mira", Role.RESOURCE_PERSON, address=2)
    async with store.unit() as unit:
        turn = Turn(unit, rules)
        incoming = Incoming(Did.TEXT, KAREN, turn.now)
        karen = await chats.find_or_open(turn, incoming, await store.chat_hash(KAREN))
        karen.language, karen.welcomed_at = "da", turn.now
        enquiry = await enquiries.open_draft(turn, karen)
        await enquiries.draw_number(turn, enquiry)
        enquiry.sent_at, enquiry.spoken, enquiry.promised_by = turn.now, "da", turn.after(hours=24)
        enquiries.move(turn, enquiry, State.WAITING, by=karen)
        has_it = await unit.session.get_one(Person, mira.id)
        await dispatching.entrust(turn, enquiry, has_it, by=has_it)
        await unit.commit()
    async with Screen(store, rules) as screen:
        yield Case(store, rules, screen, enquiry, karen, mira, lone)


async def test_a_card_is_asked_for_given_and_read_by_the_desk_with_a_reason(case: Case) -> None:
    await case.has_sent()
    card = await case.card()
    read = await case.does(cards.read, case.lone, reason=Reason.CALL)

    assert read == CARD
    assert card.state is CardState.ARRIVED
    assert await case.said() == ["card.ask", "card.link", "card.arrived"]
    assert await told(case.store, case.mira) == ["contact.asked", "contact.arrived"]
    assert await case.logged() == [
        ("contact_asked", None),
        ("card_link_sent", None),
        ("card_arrived", None),
        ("card_opened", "call"),
    ]


async def test_an_adviser_who_gave_the_case_away_does_not_hear_that_a_card_came(case: Case) -> None:
    await case.is_asked()
    path = await case.link()
    await case.does(handovers.to_secretariat, by=case.mira)
    before = await told(case.store, case.mira)
    await case.sends(path, **FILLED)

    assert await told(case.store, case.mira) == before
    assert (await case.card()).state is CardState.ARRIVED


async def test_what_was_given_lies_under_a_key_of_its_own(case: Case) -> None:
    await case.has_sent()
    card = await case.card()

    assert card.key_id not in (case.enquiry.key_id, None)
    assert card.body_sealed is not None
    assert CARD.name.encode() not in card.body_sealed


async def test_looking_at_a_link_spends_nothing_and_sending_it_spends_it(case: Case) -> None:
    await case.is_asked()
    path = await case.link()
    looked = [(await case.screen.get(path))[0].status for _ in range(3)]
    previewed = (await case.screen.client.head(path)).status
    first, _ = await case.sends(path, **FILLED)
    again, said = await case.sends(path, name="Somebody Else")
    _, thanks = await case.screen.get(first.headers["Location"])

    assert (looked, previewed) == ([200, 200, 200], 200)
    assert (first.status, first.headers["Location"]) == (303, "/card/thanks/da")
    assert "Tak, vi har fået det" in thanks
    assert again.status == 410
    assert "Formularen er sendt" in said
    assert await case.does(cards.read, case.lone, reason=Reason.CALL) == CARD


async def test_a_new_link_voids_the_older_and_a_link_runs_out(case: Case, clock: SetClock) -> None:
    await case.is_asked()
    older = await case.link()
    clock.at += timedelta(seconds=1)
    newer = await case.link()
    voided, _ = await case.sends(older, **FILLED)
    clock.at += timedelta(hours=71, minutes=59)
    lasts, _ = await case.screen.get(newer)
    clock.at += timedelta(minutes=2)
    late, said = await case.sends(newer, **FILLED)

    assert (voided.status, lasts.status, late.status) == (404, 200, 410)
    assert "Linket er udløbet" in said
    assert (await case.card()).key_id is None


async def test_only_a_hash_of_the_link_is_in_the_tables(case: Case) -> None:
    await case.is_asked()
    secret = (await case.link()).rpartition("/")[2]
    async with case.store.snapshot() as connection:
        hay = [
            repr(row)
            for table in Card.metadata.sorted_tables
            for row in (await connection.execute(table.select())).all()
        ]

    assert len(secret) == 43
    assert not [row for row in hay if secret in row]


async def test_what_is_missing_or_mistyped_is_asked_about_with_everything_still_there(case: Case) -> None:
    await case.is_asked()
    path = await case.link()
    missing, said = await case.sends(path, about=CARD.about, name=CARD.name)
    doubted, warned = await case.sends(path, phone="123", name=CARD.name)
    sure, _ = await case.sends(path, phone="123", name=CARD.name, sure="yes")

    assert (missing.status, doubted.status, sure.status) == (422, 422, 303)
    assert 'aria-invalid="true"' in said
    assert f'value="{CARD.about}"' in said
    assert f'value="{CARD.name}"' in said
    assert "Skriv dit telefonnummer eller din e-mail" in said
    assert 'name="sure" value="yes"' in warned
    assert 'value="123"' in warned
    assert (await case.does(cards.read, case.lone, reason=Reason.CALL)).phone == "123"


async def test_who_only_wants_a_call_is_asked_for_no_name(case: Case) -> None:
    await case.is_asked()
    path = await case.link(wants_call=True)
    _, page = await case.screen.get(path)
    await case.sends(path, phone=CARD.phone, hours=CARD.hours, name="Not asked for")

    assert 'name="name"' not in page
    assert await case.does(cards.read, case.lone, reason=Reason.CALL) == ContactCard(
        phone=CARD.phone, hours=CARD.hours, wants_call=True
    )


async def test_what_no_page_of_ours_sends_is_not_taken(case: Case) -> None:
    await case.is_asked()
    path = await case.link()
    client = case.screen.client
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answers = [
        await client.post(path, data={"name": "Karen", "proof": "made up"}),
        await client.post(path, data={"name": "Karen"}, headers={"Sec-Fetch-Site": "cross-site"}),
        await client.post(path, json={"name": "Karen"}),
        await client.post(path, data=b"name=" + b"x" * 20_000, headers=kind),
        await client.post(path, data=b"name=\xff%ff&\xff", headers=kind),
        await client.post("/card/" + "x" * 43, data={"name": "Karen"}),
        await client.get("/card/nothing"),
        await client.get("/card/thanks/xx"),
    ]

    assert [answer.status for answer in answers] == [400, 403, 415, 413, 400, 404, 404, 404]
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "script-src" not in answer.headers["Content-Security-Policy"]
        assert "<script" not in await answer.text()
    assert (await case.card()).state is CardState.LINKED


async def test_an_address_that_asks_too_often_waits(case: Case, clock: SetClock) -> None:
    codes = [(await case.screen.client.get(f"/card/{'x' * 43}")).status for _ in range(61)]
    clock.at += timedelta(minutes=10)
    later = await case.screen.client.get(f"/card/{'x' * 43}")

    assert codes == [404] * 60 + [429]
    assert later.status == 404


async def test_the_desk_opens_it_on_the_cases_page_and_it_is_hidden_again(case: Case) -> None:
    await case.has_sent()
    await case.screen.signs_in(case.lone)
    path = f"/console/enquiry/{case.enquiry.number}"
    _, board = await case.screen.get("/console")
    _, before = await case.screen.get(path)
    refused, _ = await case.screen.post(f"{path}/card/open", reason="curious")
    opened, shown = await case.screen.post(f"{path}/card/open", reason="referral")
    _, after = await case.screen.get(path)
    _, board_after = await case.screen.get("/console")

    assert "Contact cards nobody has opened" in board
    assert "Contact cards nobody has opened" not in board_after
    assert (refused.status, opened.status) == (400, 200)
    assert CARD.name in shown
    assert CARD.about in shown
    assert CARD.name not in board + before + after
    assert "opened the contact card. Reason: To make a referral" in after


async def test_nobody_else_reads_it(case: Case) -> None:
    await case.has_sent()
    async with case.store.unit() as unit:
        unit.session.add(Conflict(enquiry_id=case.enquiry.id, person_id=case.lone.id, said_at=unit.now))
        await unit.commit()
    bo = await enrolled(case.store, case.rules, "Bo", Role.COORDINATOR, address=3)
    dorte = await enrolled(case.store, case.rules, "Dorte", Role.AUDITOR, address=4)
    everybody = (case.lone, case.mira, dorte, bo)
    read = [await case.does(cards.read, one, reason=Reason.CALL) for one in everybody]
    async with case.store.looking() as unit:
        turn = Turn(unit, case.rules)
        waiting = [[e.id for _, e in await card_standing.unopened_for(turn, one)] for one in (case.lone, bo)]
        enquiry = await unit.session.get_one(Enquiry, case.enquiry.id)
        seen = await card_standing.shown_to(turn, case.mira, enquiry)

    assert read == [None, None, None, CARD]
    assert waiting == [[], []]
    assert (seen.key, seen.may_open, seen.may_ask) == ("console.card.at_secretariat", False, False)


async def test_a_no_is_kept_from_the_adviser_and_nobody_is_pressed(case: Case, clock: SetClock) -> None:
    await case.is_asked()
    await case.does(cards.decline)
    await case.is_asked()
    async with case.store.looking() as unit:
        enquiry = await unit.session.get_one(Enquiry, case.enquiry.id)
        seen = await card_standing.shown_to(Turn(unit, case.rules), case.mira, enquiry)
    clock.at += timedelta(hours=24)
    await case.is_asked()

    assert await told(case.store, case.mira) == ["contact.asked", "contact.asked_lately", "contact.asked"]
    assert seen.key == "console.card.for_adviser"
    assert await case.said() == ["card.ask", "card.declined", "card.ask"]


async def test_what_was_not_answered_stands_again_after_a_while_away(case: Case, clock: SetClock) -> None:
    await case.is_asked()

    async def returns() -> list[str]:
        async with case.store.unit() as unit:
            await returning.send_buttons_again(Turn(unit, case.rules))
            await unit.commit()
        return await case.said()

    soon = await returns()
    clock.at += timedelta(hours=72)
    late = await returns()

    assert soon == ["card.ask", "card.ask"]
    assert late == soon


async def test_it_is_taken_back_and_can_never_be_read_again(case: Case) -> None:
    await case.has_sent()
    key = (await case.card()).key_id
    await case.does(cards.withdraw)
    await case.does(cards.withdraw)
    card = await case.card()

    assert (card.state, card.key_id, card.body_sealed) == (CardState.WITHDRAWN, None, None)
    assert await case.store.keys.missing([key]) == {key}
    assert await case.does(cards.read, case.lone, reason=Reason.CALL) is None
    assert (await case.said())[-2:] == ["card.withdrawn", "tap.stale"]


async def test_a_second_card_takes_the_place_of_the_first(case: Case) -> None:
    await case.has_sent()
    first = (await case.card()).key_id
    await case.does(cards.ask, by=case.lone)
    kept = await case.does(cards.read, case.lone, reason=Reason.CALL)
    await case.sends(await case.link(), name="Karen Nytnavn", phone=CARD.phone)

    assert kept == CARD
    assert await case.does(cards.read, case.lone, reason=Reason.CALL) == ContactCard(
        name="Karen Nytnavn", phone=CARD.phone
    )
    assert await case.store.keys.missing([first]) == {first}


async def test_asked_for_a_new_card_she_is_told_that_there_is_one_and_can_always_take_it_back(
    case: Case,
) -> None:
    await case.has_sent()
    await case.screen.signs_in(case.lone)
    _, page = await case.screen.get(f"/console/enquiry/{case.enquiry.number}")
    await case.does(cards.ask, by=case.lone)
    await case.does(cards.send_form, wants_call=False)
    await case.does(cards.decline)
    async with case.store.reading() as session:
        query = select(OutboxRow.key, OutboxRow.buttons).where(OutboxRow.chat_id == case.karen.id)
        found = [row for row in await session.execute(query.order_by(OutboxRow.seq)) if row[0] is not None]
    offered = [(key, "button.card_withdraw" in str(rows)) for key, rows in found[-3:]]
    await case.does(cards.withdraw)

    assert "Ask for a new contact card" in page
    assert "There is a contact card already." in page
    assert offered == [("card.ask_anew", True), ("card.link", True), ("card.declined", True)]
    assert (await case.card()).key_id is None
    assert (await case.said())[-1] == "card.withdrawn"


async def test_the_coordinators_are_reminded_each_working_day_until_it_is_opened(
    case: Case, clock: SetClock
) -> None:
    await case.has_sent()

    async def falls_due(**later: float) -> int:
        clock.at += timedelta(**later)
        await Worker(store=case.store, rules=case.rules).sweep()
        return (await told(case.store, case.lone)).count("alarm.card_unopened")

    reminded = [await falls_due(days=1), await falls_due(days=1)]
    await case.does(cards.read, case.lone, reason=Reason.CALL)

    assert reminded == [1, 2]
    assert await falls_due(days=1) == 2


async def test_its_key_goes_with_the_enquirys_and_the_link_with_it(case: Case) -> None:
    await case.has_sent()
    key = (await case.card()).key_id
    async with case.store.unit() as unit:
        turn = Turn(unit, case.rules)
        enquiry = await unit.session.get_one(Enquiry, case.enquiry.id)
        enquiries.move(turn, enquiry, State.CLOSED)
        await privacy.end_retention(turn, enquiry)
        await unit.commit()
    await case.does(cards.send_form, wants_call=False)

    assert (await case.card()).state is CardState.ENDED
    assert await case.store.keys.missing([key]) == {key}
    assert (await case.said())[-1] == "tap.stale"


async def test_a_restored_hotline_opens_no_link_and_forgets_what_was_taken_back(case: Case) -> None:
    await case.has_sent()
    key = (await case.card()).key_id
    await case.does(cards.ask, by=case.lone)
    path = await case.link()
    assert key is not None
    await case.store.keys.destroy([key])
    async with case.store.unit() as unit:
        turn = Turn(unit, case.rules)
        await restoring.settle(turn)
        gone = await case.store.keys.missing(await restored.used_keys(unit))
        await restoring.note_destroyed(turn, gone)
        await unit.commit()
    answer, _ = await case.screen.get(path)
    card = await case.card()

    assert gone == {key}
    assert answer.status == 404
    assert (card.state, card.key_id) == (CardState.WITHDRAWN, None)
    assert (await case.said())[-1] == "card.void"


async def test_a_card_keeps_its_key_from_the_sweep_of_orphans(case: Case, clock: SetClock) -> None:
    await case.has_sent()
    card = await case.card()
    assert card.key_id is not None
    clock.at += timedelta(days=2)
    lost = await case.store.keys.make("card", now=case.store.clock.now())
    clock.at += timedelta(days=2)
    await destroy_orphans(case.store)

    assert await case.store.keys.missing([card.key_id, lost]) == {lost}


async def test_a_card_whose_key_was_destroyed_elsewhere_reads_as_none(case: Case) -> None:
    await case.has_sent()
    card = await case.card()
    assert card.key_id is not None
    await case.store.keys.destroy([card.key_id])

    assert await case.does(cards.read, case.lone, reason=Reason.CALL) is None
    with pytest.raises(KeyDestroyedError):
        async with case.store.looking() as unit:
            await card_links.unseal(unit, card)
