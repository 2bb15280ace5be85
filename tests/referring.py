"""A desk with a case before it, and what somebody there does with its referral at her screen."""

from __future__ import annotations

import html
import re
from collections import Counter
from typing import Any

from sqlalchemy import select

from bot import card_links, cards, chats, enquiries, writing
from bot.card_form import ContactCard
from bot.configuration import Configuration
from bot.incoming import Did, Incoming
from bot.turn import Turn
from storage.models import (
    AuditEntry,
    Author,
    Card,
    Chat,
    Conflict,
    Enquiry,
    Person,
    Referral,
    ReferralVersion,
    Role,
    State,
)
from storage.store import Store
from tests.screen import Screen, enrolled

KAREN = 7_001
SAID = "En elev taler om at rejse. Han har nye venner, siger han. Skolen er bekymret."
# What somebody writes into the form, beside what she ticks and puts there.
WRITTEN = {
    "behaviour": "Taler om at rejse.",
    "violence": "no",
    "weapon": "no",
    "travel": "yes",
    "considered": "found",
    "protective": "Han går til fodbold og har en god kontakt til sin lærer.",
    "notification": "yes",
    "wish": "At nogen taler med ham.",
    "urgency": "high",
    "urgency_reason": "Han nævner en dato.",
    "purpose": "prevent_crime",
    "basis": "rpl_115",
    "answer_by": "2026-12-01",
    "asked": "agreed",
    "told": "At henvisningen afgives.",
    "name": "Nord Opdigtesen",
    "cpr": "610190-0000",
}


async def give_card(turn: Turn, asker: Person, enquiry: Enquiry, card: ContactCard) -> None:
    """Have the enquirer be asked for her contact card, and send it."""
    unit = turn.unit
    await cards.ask(turn, asker, await unit.session.get_one(Chat, asker.chat_id), enquiry)
    chat = await unit.session.get_one(Chat, enquiry.chat_id)
    await cards.send_form(turn, chat, enquiry, wants_call=card.wants_call)
    await unit.session.flush()
    asked = (await unit.session.execute(select(Card).where(Card.enquiry_id == enquiry.id))).scalar_one()
    assert asked.linked_at is not None
    called = f"{asked.id.hex}-{asked.linked_at.microseconds}"
    await card_links.take(turn, await card_links.secret(unit.keys, called, now=turn.now), card)


class Referring:
    """Lone and Bodil at the desk, and Karen's case."""

    def __init__(self, store: Store, rules: Configuration) -> None:
        self.store, self.rules = store, rules
        self.people: dict[str, Person] = {}

    async def enrol(self, alias: str, role: Role = Role.SECRETARIAT) -> Person:
        address = 600 + len(self.people)
        self.people[alias] = await enrolled(self.store, self.rules, alias, role, address=address)
        return self.people[alias]

    async def asks(self, *said: str, **tapped: str) -> Enquiry:
        """Have Karen's question wait, with what she tapped."""
        async with self.store.unit() as unit:
            turn = Turn(unit, self.rules)
            address = await self.store.chat_hash(KAREN)
            chat = await chats.find_or_open(turn, Incoming(Did.TEXT, KAREN, turn.now), address)
            chat.language = "da"
            enquiry = await enquiries.open_draft(turn, chat)
            for text in said or (SAID,):
                incoming = Incoming(Did.TEXT, KAREN, turn.now, text=text)
                await writing.write_down(turn, enquiry, incoming, author=Author.ENQUIRER, chat=chat)
            await enquiries.draw_number(turn, enquiry)
            enquiry.sent_at, enquiry.spoken = turn.now, "da"
            for name, answer in tapped.items():
                setattr(enquiry, name, answer)
            enquiries.move(turn, enquiry, State.WAITING, by=chat)
            await unit.commit()
        return enquiry

    async def does(self, address: int, did: Did, **what: Any) -> None:
        """Have whoever writes from the address do this in her chat."""
        from handlers.telegram import door

        async with self.store.unit() as unit:
            turn = Turn(unit, self.rules)
            incoming = Incoming(did, address, turn.now, **what)
            await door.enter(turn, incoming, await self.store.chat_hash(address))
            await unit.commit()

    async def gives_card(self, enquiry: Enquiry, card: ContactCard) -> None:
        """Have Lone ask Karen for her contact card, and Karen send it."""
        async with self.store.unit() as unit:
            turn = Turn(unit, self.rules)
            mine = await unit.session.get_one(Enquiry, enquiry.id)
            lone = await unit.session.get_one(Person, self.people["Lone"].id)
            await give_card(turn, lone, mine, card)
            await unit.commit()

    async def conflict(self, enquiry: Enquiry, alias: str) -> None:
        async with self.store.unit() as unit:
            person = self.people[alias].id
            unit.session.add(Conflict(enquiry_id=enquiry.id, person_id=person, said_at=unit.now))
            await unit.commit()

    async def referral(self) -> Referral:
        """Return the only referral there is."""
        async with self.store.reading() as session:
            return (await session.execute(select(Referral))).scalar_one()

    async def versions(self) -> list[ReferralVersion]:
        async with self.store.reading() as session:
            query = select(ReferralVersion).order_by(ReferralVersion.version)
            return list((await session.execute(query)).scalars())

    async def enquiry(self, enquiry: Enquiry) -> Enquiry:
        async with self.store.reading() as session:
            return await session.get_one(Enquiry, enquiry.id)

    async def log(self) -> Counter[str]:
        """Return how often the log says what of referrals, without who read them."""
        async with self.store.reading() as session:
            query = select(AuditEntry.action).where(AuditEntry.action.startswith("referral_"))
            acts = (await session.execute(query)).scalars()
            return Counter(act.removeprefix("referral_") for act in acts if act != "referral_read")


class Writer:
    """Somebody who works on the referral of a case at her own screen."""

    def __init__(self, screen: Screen, enquiry: Enquiry) -> None:
        self.screen, self.address = screen, f"/console/enquiry/{enquiry.number}/referral"
        self.page = ""

    async def makes(self) -> None:
        await self.screen.get("/console/sessions")
        await self.screen.post(self.address)
        await self.looks()

    async def looks(self) -> str:
        """Return the page as it stands now; what she does next is done on it."""
        _, self.page = await self.screen.get(self.address)
        return self.page

    async def saves(self, do: str = "save", *, pick: tuple[str, ...] = (), **fields: str) -> str:
        """Send the form she sees with these fields changed, and return the page that follows."""
        form = [("csrf", self.screen.csrf), ("seen", self.hidden("seen")), ("do", do)]
        form.append(("asked", self.hidden("asked")))
        sure = fields.pop("sure", "yes")
        form += [("sure", sure)] if do == "submit" else []
        extra = {name: fields.pop(name) for name in ("into", "reviewer") if name in fields}
        if "parties" in fields:
            form += [("parties", self.hidden("parties"))]
            form += [("party", one) for one in fields.pop("parties").split()]
        form += extra.items()
        form += [("pick", one) for one in pick]
        form += [("take", one) for one in fields.pop("take", "").split()]
        standing = self.shown()
        form += [(f"shown.{name}", mark) for name, mark in standing.items()]
        form += [(f"field.{name}", text) for name, text in {**self.fields(), **fields}.items()]
        return await self._send(f"{self.address}/save", form)

    async def picks(self, **mine: str) -> str:
        """On the page of a clash, keep her own text in these fields and theirs in the others."""
        fields = re.findall(r'name="shown\.(\w+)"', self.page)
        form = [("csrf", self.screen.csrf), ("seen", self.hidden("seen")), ("do", "save")]
        form += [(f"shown.{name}", mark) for name, mark in self.shown().items()]
        form += [(f"keep.{name}", "mine" if name in mine else "theirs") for name in fields]
        form += [(f"mine.{name}", mine.get(name, "nothing")) for name in fields]
        return await self._send(f"{self.address}/save", form)

    async def does(self, do: str, *, to: str = "review", **fields: str) -> str:
        """Click a button beside the form, and return the page that follows."""
        form = [("csrf", self.screen.csrf), ("seen", self.hidden("seen")), ("do", do), *fields.items()]
        form.append(("left", self.hidden("left")))
        return await self._send(f"{self.address}/{to}", form)

    async def _send(self, address: str, form: list[tuple[str, str]]) -> str:
        answer = await self.screen.client.post(address, data=form, allow_redirects=True)
        self.page = await answer.text()
        assert answer.status < 400, self.page
        return self.page

    def hidden(self, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', self.page)
        return found[1] if found else ""

    def shown(self) -> dict[str, str]:
        return dict(re.findall(r'name="shown\.(\w+)" value="([0-9a-f]+)"', self.page))

    def fields(self) -> dict[str, str]:
        """Return what stands in the form she sees."""
        found: dict[str, str] = dict.fromkeys(self.shown(), "")
        for name, text in re.findall(
            r'<textarea[^>]*name="field\.(\w+)"[^>]*>(.*?)</textarea>', self.page, re.DOTALL
        ):
            found[name] = html.unescape(text)
        for tag in re.findall(r"<input[^>]*>", self.page):
            if named := re.search(r'name="field\.(\w+)"', tag):
                value = re.search(r'value="([^"]*)"', tag)
                found[named[1]] = html.unescape(value[1]) if value else ""
        for name, options in re.findall(
            r'<select[^>]*name="field\.(\w+)"[^>]*>(.*?)</select>', self.page, re.DOTALL
        ):
            chosen = re.search(r'value="([^"]*)" selected', options)
            found[name] = chosen[1] if chosen else ""
        return found

    def pieces(self) -> list[tuple[str, str]]:
        """Return the pieces of the conversation she can tick: name and text."""
        found: list[Any] = re.findall(
            r'name="pick" value="(\w+\.\w+\.\w+)"><label[^>]*>(.*?)</label>', self.page, re.DOTALL
        )
        return [(name, html.unescape(text)) for name, text in found]

    def messages(self) -> list[str]:
        """Return the messages she can tick as a whole, by name."""
        return re.findall(r'name="pick" value="(\w+\.\w+)">', self.page)
