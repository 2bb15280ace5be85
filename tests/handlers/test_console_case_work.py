"""What is done with a case on its page: notes, handing on, judging, linking; and how reading is logged."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot import case_file
from bot.log import ACTIONS
from bot.turn import Turn
from scheduling.clock import SetClock
from scheduling.urgency import Urgency
from storage.models import AuditEntry, Author, Conflict, Enquiry, Outcome, Person, Role, State
from tests.room import SAID, Room
from tests.screen import Screen, told


async def logged(room: Room, action: str) -> list[str | None]:
    """Return the details of what the log says of the action, in order."""
    assert action in ACTIONS
    async with room.store.reading() as session:
        query = select(AuditEntry.detail).where(AuditEntry.action == action).order_by(AuditEntry.at)
        return list((await session.execute(query)).scalars())


async def written(room: Room, enquiry: Enquiry, reader: Person) -> list[tuple[Author, str | None]]:
    """Return what can be read in the case."""
    async with room.store.unit() as unit:
        shown = await case_file.open_to(Turn(unit, room.rules), reader, str(enquiry.number))
        assert shown is not None
        return [(one.author, one.text) for one in shown.said]


def field_of(text: str, form: str, name: str) -> str:
    """Return what a field of the form with this action carries."""
    found = next(one for one in re.findall(r"<form.*?</form>", text, re.DOTALL) if f'{form}"' in one)
    [value] = re.findall(rf'name="{name}" value="([^"]*)"', found)
    return value


async def given_to_mira(lone: Screen, room: Room) -> Enquiry:
    enquiry = await room.asks()
    await lone.get(f"/console/enquiry/{enquiry.number}")
    await lone.post(f"/console/enquiry/{enquiry.number}/assign", to="Mira", seen="waiting:")
    return enquiry


async def test_a_note_is_masked_and_kept_once_however_often_it_is_sent(
    lone: Screen, room: Room, clock: SetClock
) -> None:
    enquiry = await room.asks()
    clock.at += timedelta(minutes=1)
    path = f"/console/enquiry/{enquiry.number}"
    _, page = await lone.get(path)
    note = {"note": field_of(page, "/note", "note"), "text": "Talte med skolen, CPR 120352-6004.\r\nRinger."}
    first, _ = await lone.post(f"{path}/note", **note)
    await lone.get(path)
    second, _ = await lone.post(f"{path}/note", **note)
    _, page = await lone.get(path)

    assert (first.status, second.status) == (303, 303)
    assert "was kept in case" in page
    assert await written(room, enquiry, room.people["Lone"]) == [
        (Author.ENQUIRER, SAID),
        (Author.NOTE, "Talte med skolen, CPR ⟦cpr⟧.\nRinger."),
    ]
    assert len(await logged(room, "noted")) == 1


async def test_the_form_that_masks_is_drawn_when_it_is_asked_for_and_needs_no_scripts(
    lone: Screen, room: Room
) -> None:
    enquiry = await room.asks()
    path = f"/console/enquiry/{enquiry.number}"
    _, page = await lone.get(path)
    [link] = re.findall(rf'href="({path}/mask[^"]*)"', page)
    _, part = await lone.get(link, headers={"HX-Request": "true"})
    _, alone = await lone.get(link)
    await lone.post(f"{path}/mask", words="elev", kind="name")

    assert 'name="words"' not in page
    assert 'name="words"' in part
    assert "<html" not in part
    assert part.strip() in alone
    assert SAID not in alone
    assert await written(room, enquiry, room.people["Lone"]) == [
        (Author.ENQUIRER, SAID.replace("elev", "⟦name⟧"))
    ]
    assert await room.reads() == 1


@pytest.mark.parametrize("at", ["x", "-1", "²", '1" autofocus'])
async def test_the_form_that_masks_stands_under_a_message_by_its_number_only(
    lone: Screen, room: Room, at: str
) -> None:
    enquiry = await room.asks()
    answer, _ = await lone.get(f"/console/enquiry/{enquiry.number}/mask", params={"at": at})

    assert answer.status == 404


@pytest.mark.parametrize("text", ["æ" * 4001, " \n "], ids=["too long", "empty"])
async def test_a_note_that_cannot_be_kept_stands_in_its_form_still(
    lone: Screen, room: Room, text: str
) -> None:
    enquiry = await room.asks()
    path = f"/console/enquiry/{enquiry.number}"
    _, page = await lone.get(path)
    answer, page = await lone.post(f"{path}/note", note=field_of(page, "/note", "note"), text=text)

    assert answer.status == 422
    assert f">{text.strip()}</textarea>" in page
    assert 'role="alert"' in page
    assert await logged(room, "noted") == []


async def test_a_note_too_late_is_not_lost_to_who_wrote_it(lone: Screen, room: Room) -> None:
    enquiry = await room.asks()
    path = f"/console/enquiry/{enquiry.number}"
    _, page = await lone.get(path)
    async with room.store.unit() as unit:
        (await unit.session.get_one(Enquiry, enquiry.id)).destroyed_at = unit.now
        await unit.commit()
    answer, page = await lone.post(f"{path}/note", note=field_of(page, "/note", "note"), text="Ringede.")

    assert answer.status == 422
    assert "the note was not kept" in page
    assert "Ringede." in page


async def test_reading_again_is_logged_once_an_hour(lone: Screen, room: Room, clock: SetClock) -> None:
    first, second = await room.asks(), await room.asks()
    for minutes in (0, 20, 20, 21):  # the last is more than an hour after the first
        clock.at += timedelta(minutes=minutes)
        await lone.get(f"/console/enquiry/{first.number}")
    await lone.get(f"/console/enquiry/{second.number}")

    assert await room.reads() == 3


async def test_an_adviser_hands_on_what_is_hers_and_her_colleague_takes_over(
    lone: Screen, room: Room
) -> None:
    enquiry = await given_to_mira(lone, room)
    path = f"/console/enquiry/{enquiry.number}"
    async with Screen(room.store, room.rules) as mira, Screen(room.store, room.rules) as tom:
        await mira.signs_in(room.people["Mira"])
        await mira.get(path)
        for _ in range(2):
            await mira.post(f"{path}/handover", to=f"person:{room.people['Tom'].id}", seen="assigned:Mira")
        _, page = await mira.get(path)
        await tom.signs_in(room.people["Tom"])
        _, cases = await tom.get("/console/cases")
        handover = field_of(cases, "/console/cases/handover", "handover")
        before = await room.now(enquiry)
        stolen, _ = await mira.post("/console/cases/handover", handover=handover, answer="accept")
        answer, _ = await tom.post("/console/cases/handover", handover=handover, answer="accept")
        late, _ = await mira.post(f"{path}/handover", to="secretariat", seen="assigned:Mira")

    assert "Tom has been asked" in page
    assert SAID not in cases
    assert before == (State.ASSIGNED, "Mira")
    assert (stolen.status, answer.status, late.status) == (404, 303, 404)
    assert await room.now(enquiry) == (State.ASSIGNED, "Tom")
    assert (await told(room.store, room.people["Tom"])).count("handover.offered") == 1


@pytest.mark.parametrize(
    ("to", "state"),
    [
        ("secretariat", State.TRIAGE),
        ("competence:school", State.WAITING),
        ("competence:former_extremist", State.TRIAGE),
        ("conflict", State.WAITING),
    ],
)
async def test_a_case_is_handed_to_the_secretariat_or_to_a_field(
    lone: Screen, room: Room, to: str, state: State
) -> None:
    enquiry = await given_to_mira(lone, room)
    path = f"/console/enquiry/{enquiry.number}"
    async with Screen(room.store, room.rules) as mira:
        await mira.signs_in(room.people["Mira"])
        answer, _ = await mira.post(f"{path}/handover", to=to, seen="assigned:Mira")
        gone, _ = await mira.get(path)

    assert (answer.headers["Location"], gone.status) == ("/console/cases", 404)
    assert await room.now(enquiry) == (state, None)


async def test_whoever_finds_a_conflict_of_interest_at_the_desk_is_led_away(lone: Screen, room: Room) -> None:
    enquiry = await room.asks()
    path = f"/console/enquiry/{enquiry.number}"
    await lone.get(path)
    await lone.post(f"{path}/assign", to="Lone", seen="waiting:")
    answer, _ = await lone.post(f"{path}/handover", to="conflict", seen="assigned:Lone")
    _, board = await lone.get("/console")
    _, later = await lone.get("/console")

    assert answer.headers["Location"] == "/console"
    assert "you have a conflict of interest" in board
    assert str(enquiry.number) not in later
    assert await room.now(enquiry) == (State.WAITING, None)


async def in_triage(room: Room) -> Enquiry:
    """Return a case that a coordinator looks at first."""
    enquiry = await room.asks()
    async with room.store.unit() as unit:
        mine = await unit.session.get_one(Enquiry, enquiry.id)
        mine.state, mine.triage_reason = State.TRIAGE, "alarm"
        await unit.commit()
    return enquiry


async def test_the_desk_lets_the_panel_be_asked_and_the_slower_is_told(lone: Screen, room: Room) -> None:
    enquiry = await in_triage(room)
    path = f"/console/enquiry/{enquiry.number}"
    _, page = await lone.get(path)
    await lone.post(f"{path}/sort", do="panel", seen="triage:")
    await lone.get(path)
    await lone.post(f"{path}/sort", do="misuse", sure="yes", seen="triage:")
    _, after = await lone.get(path)

    assert "answer to the alarm question" in page
    assert await room.now(enquiry) == (State.WAITING, None)
    assert "has moved on since the page was shown" in after


@pytest.mark.parametrize(
    ("do", "outcome", "said"),
    [("misuse", Outcome.MISUSE, "closed.misuse"), ("elsewhere", Outcome.REDIRECTED, "gate.elsewhere")],
)
async def test_misuse_and_what_is_anothers_is_closed_and_its_writer_told(
    lone: Screen, room: Room, do: str, outcome: Outcome, said: str
) -> None:
    karen = await room.enrol("Karen", Role.ADMINISTRATOR)  # whose chat can be looked into
    enquiry = await room.asks(by=karen)
    path = f"/console/enquiry/{enquiry.number}"
    await lone.get(path)
    unsure, _ = await lone.post(f"{path}/sort", do=do, seen="waiting:")
    assert unsure.status == 400
    await lone.post(f"{path}/sort", do=do, sure="yes", seen="waiting:")
    _, page = await lone.get(path)

    async with room.store.reading() as session:
        closed = await session.get_one(Enquiry, enquiry.id)
    assert (closed.state, closed.outcome) == (State.CLOSED, outcome)
    assert said in await told(room.store, karen)
    assert ("Pause the chat" in page) is (do == "misuse")


@pytest.mark.parametrize("is_hers", [False, True], ids=["at the desk", "one's own"])
async def test_closing_as_misuse_asks_back_as_in_triage(lone: Screen, room: Room, *, is_hers: bool) -> None:
    karen = await room.enrol("Karen", Role.ADMINISTRATOR)
    enquiry = await room.asks(by=karen)
    path, seen = f"/console/enquiry/{enquiry.number}", "assigned:Lone" if is_hers else "waiting:"
    await lone.get(path)
    if is_hers:
        await lone.post(f"{path}/assign", to="Lone", seen="waiting:")
        await lone.get(path)
    await lone.post(f"{path}/close", outcome="misuse", seen=seen)
    _, page = await lone.get(path)
    before = (await room.now(enquiry))[0], "closed.misuse" in await told(room.store, karen)
    await lone.post(f"{path}/close", outcome="misuse", sure="yes", seen=seen)

    assert before == (State.ASSIGNED if is_hers else State.WAITING, False)
    assert "is not closed" in page
    assert 'id="close-sure"' in page
    assert await room.now(enquiry) == (State.CLOSED, None)
    assert "closed.misuse" in await told(room.store, karen)


async def test_misuse_is_followed_by_a_pause_that_can_be_lifted(lone: Screen, room: Room) -> None:
    enquiry = await room.asks()
    path = f"/console/enquiry/{enquiry.number}"
    await lone.get(path)
    await lone.post(f"{path}/sort", do="misuse", sure="yes", seen="waiting:")
    await lone.post(f"{path}/pause", do="pause")
    _, paused = await lone.get(path)
    await lone.post(f"{path}/pause", do="unpause")
    _, lifted = await lone.get(path)
    await lone.post(f"{path}/pause", do="unpause")

    assert "is paused. The emergency card still works" in paused
    assert ('value="unpause"' in paused, 'value="pause"' in paused) == (True, False)
    assert "can write again" in lifted
    assert ('value="unpause"' in lifted, 'value="pause"' in lifted) == (False, True)
    assert len(await logged(room, "unpaused")) == 1


async def test_urgency_is_changed_once_and_what_was_promised_holds(
    lone: Screen, room: Room, clock: SetClock
) -> None:
    enquiry = await room.asks()
    path = f"/console/enquiry/{enquiry.number}"
    await lone.get(path)
    await lone.post(f"{path}/urgency", urgency="high", seen="normal")
    async with room.store.reading() as session:
        raised = await session.get_one(Enquiry, enquiry.id)
    await lone.get(path)
    await lone.post(f"{path}/urgency", urgency="low", seen="normal")  # an old page
    await lone.get(path)
    await lone.post(f"{path}/urgency", urgency="low", seen="high")
    await lone.get(path)
    emergency, _ = await lone.post(f"{path}/urgency", urgency="emergency", seen="low")
    async with room.store.reading() as session:
        lowered = await session.get_one(Enquiry, enquiry.id)

    assert (raised.urgency, lowered.urgency) == (Urgency.HIGH, Urgency.LOW)
    assert raised.promised_by is not None
    assert enquiry.promised_by is not None
    assert raised.promised_by < enquiry.promised_by
    assert lowered.promised_by == raised.promised_by
    assert emergency.status == 400
    assert await logged(room, "urgency_changed") == ["normal>high", "high>low"]


async def test_a_case_is_linked_to_an_earlier_one_seen_both_ways_and_undone(
    lone: Screen, room: Room, clock: SetClock
) -> None:
    earlier = await room.asks()
    clock.at += timedelta(minutes=10)
    later = await room.asks()
    path = f"/console/enquiry/{later.number}"
    await lone.get(path)
    await lone.post(f"{path}/link", earlier=str(earlier.number).lower(), seen="")
    _, page = await lone.get(path)
    _, other = await lone.get(f"/console/enquiry/{earlier.number}")
    await lone.post(f"/console/enquiry/{earlier.number}/link", earlier=str(later.number), seen="")
    _, backwards = await lone.get(f"/console/enquiry/{earlier.number}")
    await lone.get(path)
    await lone.post(f"{path}/link", do="undo", seen=field_of(page, "/link", "seen"))
    _, after = await lone.get(path)

    to = 'class="case-number" href="/console/enquiry/{}"'
    assert to.format(earlier.number) in page
    assert to.format(later.number) in other
    assert "is not earlier than this one" in backwards
    assert to.format(earlier.number) not in after
    assert await logged(room, "linked") == [str(earlier.id)]
    assert await logged(room, "unlinked") == [str(earlier.id)]


async def test_a_link_never_leads_to_what_the_reader_may_not_see(
    lone: Screen, room: Room, clock: SetClock
) -> None:
    hidden = await room.asks()
    clock.at += timedelta(minutes=10)
    shown = await given_to_mira(lone, room)
    path = f"/console/enquiry/{shown.number}"
    await lone.get(path)
    await lone.post(f"{path}/link", earlier=str(hidden.number), seen="")
    async with Screen(room.store, room.rules) as mira:
        await mira.signs_in(room.people["Mira"])
        _, hers = await mira.get(path)
    async with room.store.unit() as unit:
        unit.session.add(Conflict(enquiry_id=hidden.id, person_id=room.people["Lone"].id, said_at=unit.now))
        await unit.commit()
    await lone.get(path)  # which says that it was linked
    _, page = await lone.get(path)
    await lone.post(f"{path}/link", earlier=str(hidden.number), seen=str(hidden.id))
    _, refused = await lone.get(path)

    assert str(hidden.number) not in hers
    assert str(hidden.number) not in page
    assert "no case of that number that you can see" in refused
