"""A held emergency at a screen: read by whoever opens its alarm, logged, and decided on as it was read."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import func, select

from bot import chats, emergencies, enquiries
from bot.incoming import Did, Incoming
from bot.turn import Turn
from storage.models import AuditEntry, Chat, Enquiry, Outcome, Role, State, Timer
from tests.room import Room
from tests.screen import Screen, told

DANGER = "Han går derhen med en kniv."
AND_MORE = "Nu er han gået."


async def is_held(room: Room, *, by: str | None = None) -> Enquiry:
    """Return an emergency that a draft became."""
    async with room.store.unit() as unit:
        turn = Turn(unit, room.rules)
        incoming = Incoming(Did.TEXT, 900, turn.now, text=DANGER, shows_emergency=True)
        chat = await chats.find_or_open(turn, incoming, await room.store.chat_hash(900))
        if by is not None:
            chat = await unit.session.get_one(Chat, room.people[by].chat_id)
        draft = await enquiries.open_draft(turn, chat)
        await emergencies.raise_emergency(turn, chat, draft, incoming)
        await unit.commit()
    return draft


async def more(room: Room, enquiry: Enquiry) -> None:
    """Have the writer write again."""
    async with room.store.unit() as unit:
        turn = Turn(unit, room.rules)
        held = await unit.session.get_one(Enquiry, enquiry.id)
        chat = await unit.session.get_one(Chat, held.chat_id)
        await emergencies.take_text(turn, chat, held, Incoming(Did.TEXT, 900, turn.now, text=AND_MORE))
        await unit.commit()


async def openings(room: Room) -> int:
    async with room.store.reading() as session:
        query = select(func.count()).where(AuditEntry.action == "alarm_opened")
        return (await session.execute(query)).scalar_one()


async def timers(room: Room, subject: UUID) -> set[str]:
    async with room.store.reading() as session:
        query = select(Timer.kind).where(Timer.subject_id == subject)
        return set((await session.execute(query)).scalars())


def seen_on(text: str) -> str:
    return text.partition('name="seen" value="')[2].partition('"')[0]


async def test_what_is_held_is_read_only_once_the_alarm_is_opened(lone: Screen, room: Room) -> None:
    enquiry = await is_held(room)
    path = f"/console/alarm/{enquiry.id}"
    _, board = await lone.get("/console")
    _, closed = await lone.get(path)
    reads_before = await room.reads()
    unread, _ = await lone.post(f"{path}/decide", do="close", sure="yes", seen="held:0:1")
    for _ in range(2):
        await lone.get("/console")
        await lone.post(f"{path}/open")
    _, opened = await lone.get(path)

    assert "Nobody has opened the alarm" in board
    assert DANGER not in board + closed
    assert DANGER in opened
    assert (reads_before, await room.reads(), await openings(room)) == (0, 1, 1)
    assert unread.headers["Location"] == path
    assert {"held_destroy"} <= await timers(room, enquiry.id)
    assert "emergency_alarm" not in await timers(room, enquiry.id)
    assert "alarm.opened" not in await told(room.store, room.people["Lone"])


async def test_another_coordinator_opens_it_herself(lone: Screen, room: Room) -> None:
    enquiry = await is_held(room)
    path = f"/console/alarm/{enquiry.id}"
    await lone.get("/console")
    await lone.post(f"{path}/open")
    bo = await room.enrol("Bo", Role.COORDINATOR)
    async with Screen(room.store, room.rules) as screen:
        await screen.signs_in(bo)
        _, closed = await screen.get(path)
        await screen.post(f"{path}/open")
        _, opened = await screen.get(path)

    assert DANGER not in closed
    assert DANGER in opened
    assert await openings(room) == 2


@pytest.mark.parametrize(
    ("do", "state", "outcome"),
    [("release", State.WAITING, None), ("close", State.CLOSED, Outcome.EMERGENCY)],
)
async def test_it_is_decided_on_as_it_was_read_and_once(
    lone: Screen, room: Room, do: str, state: State, outcome: Outcome | None
) -> None:
    enquiry = await is_held(room)
    path = f"/console/alarm/{enquiry.id}"
    await lone.get("/console")
    await lone.post(f"{path}/open")
    _, page = await lone.get(path)
    await more(room, enquiry)
    await lone.post(f"{path}/decide", do=do, sure="yes", seen=seen_on(page))
    still, _ = await room.now(enquiry)
    _, page = await lone.get(path)
    first, _ = await lone.post(f"{path}/decide", do=do, sure="yes", seen=seen_on(page))
    again, _ = await lone.post(f"{path}/decide", do=do, sure="yes", seen=seen_on(page))
    async with room.store.reading() as session:
        after = await session.get_one(Enquiry, enquiry.id)

    assert still is State.HELD
    assert AND_MORE in page
    assert (first.headers["Location"], again.status) == ("/console", 404)
    assert (after.state, after.outcome, after.held_key_id) == (state, outcome, None)


async def test_an_own_emergency_is_not_there(lone: Screen, room: Room) -> None:
    enquiry = await is_held(room, by="Lone")
    await lone.get("/console")
    answers = [
        (await lone.get(f"/console/alarm/{enquiry.id}"))[0].status,
        (await lone.post(f"/console/alarm/{enquiry.id}/open"))[0].status,
        (await lone.post(f"/console/alarm/{enquiry.id}/decide", do="close", sure="yes"))[0].status,
    ]

    assert answers == [404, 404, 404]
    assert await openings(room) == 0
