"""The worklist of wishes about one's own data: what waits, by when, and an answer, given once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from bot import enquiries, notes, own_data, privacy, wishes
from bot.incoming import Did, Incoming
from bot.turn import Turn
from scheduling.clock import SetClock
from storage.models import Chat, DataRequest, Enquiry, Outcome, Person, Role
from tests.room import Room
from tests.screen import Screen, told


async def wishes_it_deleted(room: Room, *, by: Person) -> None:
    async with room.store.unit() as unit:
        chat = await unit.session.get_one(Chat, by.chat_id)
        await privacy.request_deletion(Turn(unit, room.rules), chat)
        await unit.commit()


async def closed(room: Room, enquiry: Enquiry) -> None:
    async with room.store.unit() as unit:
        mine = await unit.session.get_one(Enquiry, enquiry.id)
        await enquiries.close(Turn(unit, room.rules), mine, Outcome.ADVICE_ONLY)
        await unit.commit()


async def answers(room: Room) -> list[tuple[str | None, str | None]]:
    async with room.store.reading() as session:
        query = select(DataRequest.answer, DataRequest.reason).order_by(DataRequest.asked_at)
        return [(row[0], row[1]) for row in (await session.execute(query)).all()]


def request_on(text: str) -> str:
    return re.findall(r'name="request" value="([^"]+)"', text)[0]


async def test_a_wish_is_refused_with_a_reason_once_and_the_enquirer_hears_it(
    lone: Screen, room: Room
) -> None:
    karen = await room.enrol("Karen", Role.ADMINISTRATOR)  # whose chat can be looked into
    enquiry = await room.asks(by=karen)
    await wishes_it_deleted(room, by=karen)
    _, board = await lone.get("/console")
    _, page = await lone.get("/console/requests")
    fields = {"request": request_on(page), "do": "keep"}
    await lone.post("/console/requests/answer", **fields)
    _, unreasoned = await lone.get("/console/requests")
    await lone.post("/console/requests/answer", **fields, reason="referred")
    _, empty = await lone.get("/console/requests")
    await lone.get("/console")
    await lone.post("/console/requests/answer", **{**fields, "do": "grant"})
    _, late = await lone.get("/console/requests")

    assert "Requests that wait for an answer: 1" in board
    assert str(enquiry.number) in page
    assert "Cases that are not closed and so are not deleted: 1" in page
    assert 'value="grant"' not in page
    assert "Choose a reason for refusing" in unreasoned
    assert "Nobody waits for an answer." in empty
    assert "The request was answered already." in late
    assert await answers(room) == [("kept", "referred")]
    assert "delete.kept_referred" in await told(room.store, karen)


async def test_a_wish_is_granted_for_what_is_closed(lone: Screen, room: Room) -> None:
    karen = await room.enrol("Karen", Role.ADMINISTRATOR)
    enquiry = await room.asks(by=karen)
    await wishes_it_deleted(room, by=karen)
    _, page = await lone.get("/console/requests")
    await lone.post("/console/requests/answer", request=request_on(page), do="grant")
    _, still_open = await lone.get("/console/requests")
    await closed(room, enquiry)
    await lone.post("/console/requests/answer", request=request_on(page), do="grant")
    async with room.store.reading() as session:
        gone = await session.get_one(Enquiry, enquiry.id)

    assert "Nothing was deleted, for the case is not closed." in still_open
    assert await answers(room) == [("granted", None)]
    assert gone.destroyed_at is not None


async def test_a_wish_in_whose_case_one_has_a_conflict_of_interest_is_somebody_elses_to_answer(
    lone: Screen, room: Room
) -> None:
    karen = await room.enrol("Karen", Role.ADMINISTRATOR)
    enquiry = await room.asks(by=karen)
    await wishes_it_deleted(room, by=karen)
    _, page = await lone.get("/console/requests")
    wish = request_on(page)
    await room.conflict(enquiry, "Lone")
    _, board = await lone.get("/console")
    _, hidden = await lone.get("/console/requests")
    refused, _ = await lone.post("/console/requests/answer", request=wish, do="grant")

    assert "Requests that wait for an answer" not in board
    assert "Nobody waits for an answer." in hidden
    assert refused.status == 404
    assert await answers(room) == [(None, None)]


@pytest.mark.parametrize("wish", ["erasure", "insight"])
async def test_whoever_may_not_answer_a_wish_is_not_alarmed_about_it(room: Room, wish: str) -> None:
    karen = await room.enrol("Karen", Role.ADMINISTRATOR)
    ane = await room.enrol("Ane", Role.COORDINATOR)
    enquiry = await room.asks(by=karen)
    await room.conflict(enquiry, "Lone")
    before = await told(room.store, room.people["Lone"])
    await wishes_it(room, wish, by=karen)
    of_karen = [await told(room.store, one) for one in (room.people["Lone"], ane)]
    await wishes_it(room, wish, by=ane)
    of_ane = [await told(room.store, one) for one in (room.people["Lone"], ane)]

    assert of_karen[0] == before
    assert of_karen[1][-1] == f"alarm.{wish}"
    assert of_ane[0] == [*before, f"alarm.{wish}"]
    assert of_ane[1].count(f"alarm.{wish}") == 1


async def wishes_it(room: Room, wish: str, *, by: Person) -> None:
    async with room.store.unit() as unit:
        chat = await unit.session.get_one(Chat, by.chat_id)
        ask = {"erasure": privacy.request_deletion, "insight": own_data.ask}[wish]
        await ask(Turn(unit, room.rules), chat)
        await unit.commit()


async def test_the_list_is_paged_asks_always_the_same_and_shows_what_is_overdue(
    lone: Screen, room: Room, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wishes, "AT_ONCE", 2)
    await wishes_it_deleted(room, by=room.people["Lone"])  # her own is not hers to answer

    async def questions(path: str) -> tuple[int, str]:
        counted: list[str] = []

        def count(_c: object, _k: object, statement: str, *_rest: object) -> None:
            counted.append(statement)

        engine = room.store.reader.sync_engine
        event.listen(engine, "before_cursor_execute", count)
        _, text = await lone.get(path)
        event.remove(engine, "before_cursor_execute", count)
        return len([one for one in counted if one.lstrip().upper().startswith("SELECT")]), text

    one = await room.enrol("Karen", Role.ADMINISTRATOR)
    await room.asks(by=one)
    await wishes_it_deleted(room, by=one)
    few, _ = await questions("/console/requests")
    clock.at += timedelta(minutes=1)
    for alias in ("Idris", "Bo"):
        person = await room.enrol(alias, Role.ADMINISTRATOR)
        await room.asks(by=person)
        await wishes_it_deleted(room, by=person)
    many, page = await questions("/console/requests")
    [after] = re.findall(r'href="(/console/requests\?after=[^"]+)"', page)
    _, rest = await questions(after)
    clock.at += timedelta(days=30)
    async with room.store.looking() as unit:
        listed = await wishes.worklist(Turn(unit, room.rules), room.people["Lone"])

    found = [re.findall(r"Deletion, asked for", text) for text in (page, rest)]
    assert [len(one) for one in found] == [2, 1]
    assert many == few
    assert "Overdue" not in page
    assert [wish.is_late for wish in listed] == [True, False]


@pytest.mark.parametrize(
    ("answer", "kept", "said"),
    [
        ({"do": "grant"}, ("granted", None), ["access.given", "access.case", "access.yours"]),
        ({"do": "keep", "reason": "others"}, ("kept", "others"), ["access.refused_others"]),
        ({"do": "keep", "reason": "record"}, (None, None), []),  # a reason against deletion only
    ],
    ids=["given", "refused", "no reason"],
)
async def test_a_wish_for_insight_is_answered_with_what_was_written_or_a_reason(
    lone: Screen, room: Room, answer: dict[str, str], kept: tuple[str | None, str | None], said: list[str]
) -> None:
    karen = await room.enrol("Karen", Role.ADMINISTRATOR)
    enquiry = await room.asks(by=karen)
    async with room.store.unit() as unit:
        turn = Turn(unit, room.rules)
        chat = await unit.session.get_one(Chat, karen.chat_id)
        mine = await unit.session.get_one(Enquiry, enquiry.id)
        lone_herself = await unit.session.get_one(Person, room.people["Lone"].id)
        note = Incoming(Did.TEXT, 0, turn.now, text="Kun for os.")
        await notes.add(turn, lone_herself, chat, mine, note)
        for _ in range(2):
            await own_data.ask(turn, chat)
        await unit.commit()
    before = await told(room.store, karen)
    _, page = await lone.get("/console/requests")
    await lone.post("/console/requests/answer", request=request_on(page), **answer)

    assert page.count("Insight, asked for") == 1
    assert await answers(room) == [kept]
    assert (await told(room.store, karen))[len(before) :] == said
