"""The board and a case at the desk: what is shown, to whom, and what a click does."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from bot import board, closing
from bot.catalogue import words
from bot.turn import Turn
from scheduling.clock import SetClock
from storage.models import Assignment, Chat, Enquiry, Outcome, Role, State
from tests.room import SAID, Room, form_of
from tests.screen import Screen, told


async def test_the_board_shows_who_is_asked_and_nothing_that_was_written(lone: Screen, room: Room) -> None:
    enquiry = await room.asks()
    _, text = await lone.get("/console")
    answer, live = await lone.get("/console/now", headers={"HX-Request": "true"})

    assert enquiry.number is not None
    assert enquiry.number in text
    assert "Offered to Mira, Tom" in text
    assert SAID not in text
    assert answer.status == 200
    assert enquiry.number in live
    assert "<html" not in live
    assert await room.reads() == 0


async def test_one_click_gives_the_case_and_everybody_is_told(lone: Screen, room: Room) -> None:
    enquiry = await room.asks()
    _, text = await lone.get("/console")
    answer, _ = await lone.post("/console/now/assign", to="Mira", **form_of(text, enquiry))
    _, after = await lone.get("/console")
    _, later = await lone.get("/console")

    assert answer.status == 303
    assert await room.now(enquiry) == (State.ASSIGNED, "Mira")
    assert f"Mira now has case {enquiry.number}." in after
    assert "now has case" not in later
    assert "desk.assigned_to_you" in await told(room.store, room.people["Mira"])
    assert "desk.assigned" not in await told(room.store, room.people["Lone"])


async def test_taking_it_oneself(lone: Screen, room: Room) -> None:
    enquiry = await room.asks()
    _, text = await lone.get("/console")
    await lone.post("/console/now/assign", to="Lone", **form_of(text, enquiry))
    _, after = await lone.get("/console")

    assert await room.now(enquiry) == (State.ASSIGNED, "Lone")
    assert f"Case {enquiry.number} is now yours." in after
    assert "case.head" in await told(room.store, room.people["Lone"])


async def test_a_click_on_a_page_that_is_out_of_date_changes_nothing(lone: Screen, room: Room) -> None:
    enquiry = await room.asks()
    _, text = await lone.get("/console")
    form = form_of(text, enquiry)
    await lone.post("/console/now/assign", to="Tom", **form)
    await lone.get("/console")
    await lone.post("/console/now/assign", to="Mira", **form)
    _, after = await lone.get("/console")

    assert await room.now(enquiry) == (State.ASSIGNED, "Tom")
    assert f"Somebody was faster: case {enquiry.number} is with Tom." in after


@pytest.mark.parametrize("to", ["Nobody", "Dorte", "", "Yasmin"])
async def test_a_case_goes_to_nobody_who_cannot_have_it(lone: Screen, room: Room, to: str) -> None:
    await room.enrol("Dorte", Role.AUDITOR)
    await room.enrol("Yasmin", Role.RESOURCE_PERSON)
    enquiry = await room.asks()
    await room.conflict(enquiry, "Yasmin")
    _, text = await lone.get("/console")
    await lone.post("/console/now/assign", to=to, **form_of(text, enquiry))

    assert await room.now(enquiry) == (State.WAITING, None)
    assert ">Yasmin</button>" not in re.sub(r"\s*<span[^>]*>.*?</span>\s*", "", text)


async def test_a_conflict_of_interest_and_an_own_question_are_not_there(lone: Screen, room: Room) -> None:
    conflicted, own = await room.asks(), await room.asks(by=room.people["Lone"])
    await room.conflict(conflicted, "Lone")
    _, shown = await lone.get("/console")

    for enquiry in (conflicted, own):
        page, _ = await lone.get(f"/console/enquiry/{enquiry.number}")
        fields = {"enquiry": str(enquiry.id), "seen": "waiting:", "to": "Lone", "outcome": "press"}
        given = [
            (await lone.post(path, **fields))[0].status
            for path in (
                "/console/now/assign",
                f"/console/enquiry/{enquiry.number}/assign",
                f"/console/enquiry/{enquiry.number}/close",
            )
        ]
        assert str(enquiry.number) not in shown
        assert (page.status, given) == (404, [404, 404, 404])
        assert await room.now(enquiry) == (State.WAITING, None)
    assert await room.reads() == 0


async def test_a_case_is_read_as_a_conversation_and_the_reading_is_logged(lone: Screen, room: Room) -> None:
    enquiry = await room.asks(said="<b>Hej</b> & tak")
    answer, text = await lone.get(f"/console/enquiry/{enquiry.number}")

    assert answer.status == 200
    assert "&lt;b&gt;Hej&lt;/b&gt; &amp; tak" in text
    assert "Mira: asked" in text
    assert "Lone: read the case" in text
    assert await room.reads() == 1


async def test_an_adviser_reads_the_cases_she_has_and_no_other(lone: Screen, room: Room) -> None:
    hers, other = await room.asks(), await room.asks()
    _, text = await lone.get("/console")
    await lone.post("/console/now/assign", to="Mira", **form_of(text, hers))
    async with Screen(room.store, room.rules) as mira:
        mira.client.session.headers["X-Forwarded-For"] = "203.0.113.7"
        await mira.signs_in(room.people["Mira"])
        _, cases = await mira.get("/console/cases")
        own, page = await mira.get(f"/console/enquiry/{hers.number}")
        foreign, _ = await mira.get(f"/console/enquiry/{other.number}")
        closing, _ = await mira.post(f"/console/enquiry/{other.number}/close", outcome="advice_only")
        reserved, _ = await mira.post(
            f"/console/enquiry/{hers.number}/close", outcome="press", seen="assigned:Mira"
        )
        still = await room.now(hers)
        await mira.get(f"/console/enquiry/{hers.number}")
        done, _ = await mira.post(
            f"/console/enquiry/{hers.number}/close",
            outcome="advice_only",
            minutes="30",
            referral="yes",
            seen="assigned:Mira",
        )
        gone, _ = await mira.get(f"/console/enquiry/{hers.number}")

    assert str(hers.number) in cases
    assert str(other.number) not in cases
    assert (own.status, foreign.status, closing.status, gone.status) == (200, 404, 404, 404)
    assert SAID in page
    assert "Who was asked" not in page
    assert (reserved.status, still) == (303, (State.ASSIGNED, "Mira"))
    assert done.status == 303
    assert await room.now(hers) == (State.CLOSED, None)
    async with room.store.reading() as session:
        kept = (await session.execute(select(Assignment.minutes, Assignment.outcome))).one()
        closed = await session.get_one(Enquiry, hers.id)
    assert tuple(kept) == (30, "advice_only")
    assert closed.suggests_referral


@pytest.mark.parametrize("is_given", [True, False], ids=["with an adviser", "still waiting"])
async def test_the_desk_closes_a_case_and_whoever_had_it_is_told(
    lone: Screen, room: Room, is_given: bool
) -> None:
    enquiry = await room.asks()
    if is_given:
        _, text = await lone.get("/console")
        await lone.post("/console/now/assign", to="Mira", **form_of(text, enquiry))
    await lone.get(f"/console/enquiry/{enquiry.number}")
    path, seen = f"/console/enquiry/{enquiry.number}/close", "assigned:Mira" if is_given else "waiting:"
    old, _ = await lone.post(path, outcome="press", seen="assigned:Tom")
    await lone.get(f"/console/enquiry/{enquiry.number}")
    answer, _ = await lone.post(path, outcome="referred", seen=seen)
    again, _ = await lone.post(path, outcome="press", seen=seen)
    _, text = await lone.get(f"/console/enquiry/{enquiry.number}")

    async with room.store.reading() as session:
        closed = await session.get_one(Enquiry, enquiry.id)
    assert (old.status, answer.status, again.status) == (303, 303, 303)
    assert (closed.state, closed.outcome) == (State.CLOSED, Outcome.REFERRED)
    assert '/close"' not in text
    assert ("desk.closed_yours" in await told(room.store, room.people["Mira"])) is is_given


async def test_a_case_is_taken_from_one_and_given_to_another(lone: Screen, room: Room) -> None:
    enquiry = await room.asks()
    path = f"/console/enquiry/{enquiry.number}"
    await lone.get(path)
    await lone.post(f"{path}/assign", to="Mira", seen="waiting:")
    await lone.post(f"{path}/assign", to="Tom", seen="assigned:Mira")

    assert await room.now(enquiry) == (State.ASSIGNED, "Tom")
    assert "desk.taken_from_you" in await told(room.store, room.people["Mira"])


async def test_what_is_late_stands_first(room: Room, clock: SetClock) -> None:
    first = await room.asks()
    clock.at += timedelta(hours=25)
    second = await room.asks()
    async with room.store.looking() as unit:
        shown = await board.show(Turn(unit, room.rules), room.people["Lone"])
    waiting = shown.lines[State.WAITING]
    assert [(line.enquiry.number, line.is_late) for line in waiting] == [
        (first.number, True),
        (second.number, False),
    ]
    assert shown.late == 1


async def test_a_case_that_goes_on_waits_from_then_and_is_not_called_answered(
    lone: Screen, room: Room, clock: SetClock
) -> None:
    sent = await room.asks()
    assert sent.chat_id is not None
    async with room.store.unit() as unit:
        turn, chat = Turn(unit, room.rules), await unit.session.get_one(Chat, sent.chat_id)
        mine = await unit.session.get_one(Enquiry, sent.id)
        mine.answered_at, mine.owes_answer = turn.now, False
        await closing.close_by_enquirer(turn, chat, mine)
        clock.at += timedelta(hours=30)
        await unit.commit()
    async with room.store.unit() as unit:
        turn, chat = Turn(unit, room.rules), await unit.session.get_one(Chat, sent.chat_id)
        await closing.go_on_with(turn, chat, await unit.session.get_one(Enquiry, sent.id))
        await unit.commit()
    clock.at += timedelta(minutes=5)
    _, text = await lone.get("/console")

    async with room.store.looking() as unit:
        shown = await board.show(Turn(unit, room.rules), room.people["Lone"])
    [line] = shown.lines[State.WAITING]
    assert line.since == clock.at - timedelta(minutes=5)
    assert words("console.answered", "en") not in text


async def test_the_board_asks_the_same_number_of_questions_however_much_is_open(
    lone: Screen, room: Room
) -> None:
    async def questions() -> int:
        counted: list[str] = []

        def count(_c: object, _k: object, statement: str, *_rest: object) -> None:
            counted.append(statement)

        engine = room.store.reader.sync_engine
        event.listen(engine, "before_cursor_execute", count)
        answer, _ = await lone.get("/console")
        event.remove(engine, "before_cursor_execute", count)
        assert answer.status == 200
        return len([one for one in counted if one.lstrip().upper().startswith("SELECT")])

    await room.asks()
    few = await questions()
    for _ in range(7):
        await room.asks()

    assert await questions() == few
    assert few <= 10


async def test_the_auditor_reads_who_did_what_and_never_what_was_written(lone: Screen, room: Room) -> None:
    enquiry = await room.asks()
    await lone.get(f"/console/enquiry/{enquiry.number}")
    dorte = await room.enrol("Dorte", Role.AUDITOR)
    async with Screen(room.store, room.rules) as screen:
        await screen.signs_in(dorte)
        home, _ = await screen.get("/console")
        _, everything = await screen.get("/console/log")
        _, of_one = await screen.get("/console/log", params={"number": str(enquiry.number).lower()})
        _, of_none = await screen.get("/console/log", params={"number": "K-1999-00001"})

    assert home.headers["Location"] == "/console/log"
    assert '<td class="after">signed in</td>' in everything
    assert "read the case" in of_one
    assert '<td class="after">signed in</td>' not in of_one
    assert "There is nothing to show." in of_none
    assert SAID not in everything
