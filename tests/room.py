"""A hotline's desk before its screens: the staff, the questions that wait, and where each case stands."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from bot import chats, dispatching, duty, enquiries, writing
from bot.configuration import Configuration
from bot.incoming import Did, Incoming
from bot.turn import Turn
from scheduling.instant import Instant
from storage.models import Assignment, AuditEntry, Author, Chat, Conflict, Enquiry, Person, Role, State
from storage.store import Store
from tests.screen import enrolled

SAID = "En elev taler om at rejse"


class Room:
    """A hotline's staff, and the cases before them."""

    def __init__(self, store: Store, rules: Configuration) -> None:
        self.store, self.rules = store, rules
        self.people: dict[str, Person] = {}
        self._address = 500

    async def enrol(self, alias: str, role: Role, **more: Any) -> Person:
        self._address += 1
        self.people[alias] = await enrolled(
            self.store, self.rules, alias, role, address=self._address, **more
        )
        async with self.store.unit() as unit:
            mine = await unit.session.get_one(Person, self.people[alias].id)
            if role is Role.RESOURCE_PERSON:
                mine.says_on_duty, mine.says_until = True, Instant.of(unit.now + timedelta(hours=8))
            await duty.settle_all(Turn(unit, self.rules))
            await unit.commit()
        return self.people[alias]

    async def asks(self, *, by: Person | None = None, said: str = SAID) -> Enquiry:
        """Have a question be sent, so that it waits."""
        self._address += 1
        async with self.store.unit() as unit:
            turn = Turn(unit, self.rules)
            incoming = Incoming(Did.TEXT, self._address, turn.now, text=said)
            address = await self.store.chat_hash(self._address)
            chat = await chats.find_or_open(turn, incoming, address)
            if by is not None:
                chat = await unit.session.get_one(Chat, by.chat_id)
            enquiry = await enquiries.open_draft(turn, chat)
            await writing.write_down(turn, enquiry, incoming, author=Author.ENQUIRER, chat=chat)
            await enquiries.draw_number(turn, enquiry)
            enquiry.sent_at, enquiry.spoken = turn.now, "da"
            enquiry.promised_by = turn.after(hours=24)
            enquiry.owes_answer = True
            enquiries.move(turn, enquiry, State.WAITING, by=chat)
            await unit.session.flush()
            await dispatching.start(turn, enquiry)
            await unit.commit()
        return enquiry

    async def now(self, enquiry: Enquiry) -> tuple[State, str | None]:
        """Return where the case stands, and who has it."""
        async with self.store.reading() as session:
            has = (Assignment.enquiry_id == Enquiry.id) & Assignment.ended_at.is_(None)
            query = (
                select(Enquiry.state, Person.alias)
                .outerjoin(Assignment, has)
                .outerjoin(Person, Person.id == Assignment.person_id)
                .where(Enquiry.id == enquiry.id)
            )
            state, alias = (await session.execute(query)).one()
            return state, alias

    async def conflict(self, enquiry: Enquiry, alias: str) -> None:
        async with self.store.unit() as unit:
            unit.session.add(
                Conflict(enquiry_id=enquiry.id, person_id=self.people[alias].id, said_at=unit.now)
            )
            await unit.commit()

    async def reads(self) -> int:
        """Return how often the log says that a case was read."""
        async with self.store.reading() as session:
            query = select(func.count()).where(AuditEntry.action == "read")
            return (await session.execute(query)).scalar_one()


def form_of(text: str, enquiry: Enquiry) -> dict[str, str]:
    """Return what the board's form for the case carries besides the button."""
    form = next(one for one in re.findall(r"<form.*?</form>", text, re.DOTALL) if str(enquiry.id) in one)
    return {
        name: value
        for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)
        if name in ("enquiry", "seen")
    }
