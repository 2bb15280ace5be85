"""Sets many conversations up at once: pairs of an enquirer and the resource person who has her case."""

from __future__ import annotations

from dataclasses import dataclass

from bot import chats, enquiries
from bot.configuration import Configuration
from bot.incoming import Did, Incoming
from bot.turn import Turn
from scheduling.ids import new_id
from storage.models import Assignment, Chat, Enquiry, Person, Role, State
from storage.store import Store


@dataclass(frozen=True)
class Pair:
    """Two Telegram addresses that talk to each other, and the number of their case."""

    enquirer: int
    adviser: int
    number: str


async def set_pairs(store: Store, rules: Configuration, count: int) -> list[Pair]:
    """Return so many pairs, each with a case of its own that is assigned."""
    pairs = []
    for index in range(count):
        async with store.unit() as unit:
            turn = Turn(unit, rules)
            enquirer, adviser = 100_000 + index, 200_000 + index
            theirs = await _chat(store, turn, adviser)
            person = _person(turn, theirs, f"Alias {index}")
            enquiry = await _assigned(turn, await _chat(store, turn, enquirer), person)
            await unit.commit()
            pairs.append(Pair(enquirer, adviser, enquiry.number or ""))
    return pairs


async def _chat(store: Store, turn: Turn, address: int) -> Chat:
    incoming = Incoming(Did.TEXT, address, turn.now)
    chat = await chats.find_or_open(turn, incoming, await store.chat_hash(address))
    chat.language, chat.welcomed_at = "da", turn.now
    return chat


def _person(turn: Turn, chat: Chat, alias: str) -> Person:
    person = Person(
        id=new_id(),
        alias=alias,
        role=Role.RESOURCE_PERSON,
        chat_id=chat.id,
        competences=["school"],
        languages=["da"],
        cap=100,
        enrolled_at=turn.now,
    )
    turn.unit.session.add(person)
    return person


async def _assigned(turn: Turn, chat: Chat, person: Person) -> Enquiry:
    enquiry = await enquiries.open_draft(turn, chat)
    await enquiries.stop_draft_timers(turn, enquiry)
    await enquiries.draw_number(turn, enquiry)
    enquiry.sent_at = enquiry.assigned_at = turn.now
    enquiry.spoken = "da"
    enquiries.move(turn, enquiry, State.WAITING, by=chat)
    enquiries.move(turn, enquiry, State.ASSIGNED, by=person)
    await turn.unit.session.flush()
    turn.unit.session.add(
        Assignment(id=new_id(), enquiry_id=enquiry.id, person_id=person.id, started_at=turn.now)
    )
    return enquiry
