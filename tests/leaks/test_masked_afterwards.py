"""Words that slipped through and were masked by a person: nothing that can be opened holds them any more."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import inspect, select

from bot import dispatching, emergencies, relay, writing
from bot.configuration import Configuration
from bot.incoming import Did, Incoming
from bot.turn import Turn
from storage import inbox
from storage.models import (
    AuditEntry,
    Author,
    Base,
    Chat,
    Enquiry,
    InboxRow,
    Message,
    OutboxRow,
    Person,
    Progress,
    Role,
)
from storage.store import Store
from tests.leaks.search import OF_REFERRALS, PLACES, in_bytes
from tests.room import Room
from tests.screen import Screen

NAME = "Kvistgaard"
ADDRESS = 900_901


@pytest.fixture
async def room(store: Store, rules: Configuration) -> Room:
    made = Room(store, rules)
    await made.enrol("Lone", Role.SECRETARIAT)
    await made.enrol("Mira", Role.RESOURCE_PERSON)
    return made


async def opened(room: Room) -> dict[str, list[bytes]]:
    """Return everything sealed that the keys open, by column."""
    found: dict[str, list[bytes]] = {}
    async with room.store.reading() as session:
        for mapper in Base.registry.mappers:
            for column in (one for one in inspect(mapper).columns if one.name.endswith("_sealed")):
                name, table = f"{column.table.name}.{column.name}", column.table
                if name in OF_REFERRALS:  # test_masked_in_referrals.py looks into them
                    continue
                place, key = PLACES[name]
                held: Any = select(table.c[key], table.c.key_id, column).where(column.is_not(None))
                for row, key_id, body in (await session.execute(held)).all():
                    plain = await room.store.keys.open(key_id, body, place=f"{place}:{row}")
                    found.setdefault(name, []).append(plain)
    return found


async def holding(room: Room) -> set[str]:
    """Return the columns that anything of the name can be read from."""
    bodies = await opened(room)
    return {name for name, texts in bodies.items() if any(in_bytes(one, [NAME], [], name) for one in texts)}


async def slipped_through(room: Room) -> Enquiry:
    """Return a case with the name in all it can stand in: messages, a version, a note, parked, the inbox."""
    enquiry = await room.asks(said=f"Min elev {NAME} er stille.")
    async with room.store.unit() as unit:
        turn = Turn(unit, room.rules)
        mine = await unit.session.get_one(Enquiry, enquiry.id)
        chat = await unit.session.get_one(Chat, mine.chat_id)

        def says(text: str) -> Incoming:
            return Incoming(Did.TEXT, ADDRESS, turn.now, text=text)

        edited = await writing.write_down(
            turn, mine, says(f"{NAME.upper()}s mor ringede."), author=Author.ENQUIRER, chat=chat
        )
        withdrawn = await writing.write_down(turn, mine, says(f"{NAME}"), author=Author.ENQUIRER, chat=chat)
        lone = await unit.session.get_one(Person, room.people["Lone"].id)
        await writing.write_down(
            turn, mine, says(f"Note: {NAME}."), author=Author.NOTE, chat=chat, person_id=lone.id
        )
        await unit.write_out()
        await writing.rewrite(turn, await unit.session.get_one(Message, edited), says("Hun ringede."))
        (await unit.session.get_one(Message, withdrawn)).withdrawn_at = turn.now
        await relay.park(turn, chat, says(f"Og {NAME.lower()} igen."))
        await unit.commit()
    waits = Incoming(Did.TEXT, ADDRESS, enquiry.drafted_at, text=f"{NAME}!")
    await inbox.take_in(room.store, [inbox.Arrival(7, ADDRESS, 1, 1, waits.to_bytes())])
    async with room.store.unit() as unit:  # set aside, in the enquirer's chat
        row = (await unit.session.execute(select(InboxRow))).scalar_one()
        row.progress, row.chat_hash = Progress.ASIDE, await _hash_of(unit.session, enquiry)
        await unit.commit()
    return enquiry


async def _hash_of(session: Any, enquiry: Enquiry) -> bytes:
    return bytes((await session.get_one(Chat, enquiry.chat_id)).address_hash)


async def test_nothing_that_can_be_opened_holds_what_was_masked(room: Room) -> None:
    enquiry = await slipped_through(room)
    before = await holding(room)
    async with Screen(room.store, room.rules) as lone:
        await lone.signs_in(room.people["Lone"])
        path = f"/console/enquiry/{enquiry.number}"
        _, shown = await lone.get(path)
        answer, _ = await lone.post(f"{path}/mask", words=NAME.lower(), kind="name")
        _, after = await lone.get(path)
        await lone.post(f"{path}/mask", words=NAME.lower(), kind="name")
        _, again = await lone.get(path)

    async with room.store.reading() as session:
        entries = (await session.execute(select(AuditEntry))).scalars().all()
        rows = (await session.execute(select(OutboxRow.params, OutboxRow.key))).all()
    assert before == {
        "message.body_sealed",
        "message_version.body_sealed",
        "parked.body_sealed",
        "inbox.body_sealed",
    }
    assert NAME in shown
    assert await holding(room) == set()
    assert "Places that you can read: 2." in after
    assert "[NAME]" in after
    assert "The words stand nowhere that you can read" in again
    assert [(one.detail, one.actor_id) for one in entries if one.action == "masked"] == [
        (None, room.people["Lone"].id)
    ] * 2
    assert in_bytes(repr([one.detail for one in entries] + [*rows]).encode(), [NAME], [], "rows") == []
    assert NAME.lower() not in (answer.headers["Set-Cookie"] + after + again).lower()


@pytest.mark.parametrize("alias", ["Lone", "Mira"])
async def test_whether_words_stand_in_what_is_held_is_said_to_nobody_who_has_not_opened_it(
    room: Room, alias: str
) -> None:
    enquiry = await room.asks(said="Min elev er stille.")
    async with room.store.unit() as unit:
        turn = Turn(unit, room.rules)
        mine = await unit.session.get_one(Enquiry, enquiry.id)
        chat = await unit.session.get_one(Chat, mine.chat_id)
        mira = await unit.session.get_one(Person, room.people["Mira"].id)
        await dispatching.entrust(turn, mine, mira, by=mira)
        danger = Incoming(Did.TEXT, ADDRESS, turn.now, text=f"{NAME} har en kniv.", shows_emergency=True)
        await emergencies.raise_emergency(turn, chat, mine, danger)
        await unit.commit()
    path = f"/console/enquiry/{enquiry.number}"
    said = []
    async with Screen(room.store, room.rules) as screen:
        await screen.signs_in(room.people[alias])
        for words in (NAME, "Birkelund"):
            await screen.get("/console/sessions")
            await screen.post(f"{path}/mask", words=words, kind="name")
            _, page = await screen.get(path)
            said.append(" ".join(re.findall(r'<p class="alert-text">([^<]*)', page)))

    assert said[0] == said[1] != ""
    assert "Places" not in said[0]
    assert await log_of(room) == [("masked", None)] * 2
    assert await holding(room) == set()


async def test_whoever_has_opened_the_alarm_is_told_how_often_the_words_stood(room: Room) -> None:
    enquiry = await room.asks(said="Min elev er stille.")
    async with room.store.unit() as unit:
        turn = Turn(unit, room.rules)
        mine = await unit.session.get_one(Enquiry, enquiry.id)
        chat = await unit.session.get_one(Chat, mine.chat_id)
        danger = Incoming(Did.TEXT, ADDRESS, turn.now, text=f"{NAME} har en kniv.", shows_emergency=True)
        await emergencies.raise_emergency(turn, chat, mine, danger)
        lone = await unit.session.get_one(Person, room.people["Lone"].id)
        await emergencies.note_opened(turn, lone, mine)
        await unit.commit()
    async with Screen(room.store, room.rules) as screen:
        await screen.signs_in(room.people["Lone"])
        await screen.post(f"/console/enquiry/{enquiry.number}/mask", words=NAME, kind="name")
        _, page = await screen.get(f"/console/enquiry/{enquiry.number}")

    assert "Places that you can read: 1." in page


async def log_of(room: Room) -> list[tuple[str, str | None]]:
    async with room.store.reading() as session:
        query = select(AuditEntry.action, AuditEntry.detail).where(AuditEntry.action == "masked")
        return [(row[0], row[1]) for row in (await session.execute(query)).all()]
