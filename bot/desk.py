"""The secretariat and the coordinators: what waits, who gets it, and who is paused."""

from __future__ import annotations

from bot import (
    candidates,
    closing,
    dispatching,
    enquirer,
    enquiries,
    gates,
    passing_on,
    promises,
    reading,
    staff_file,
    transcript,
    triage,
)
from bot.marks import mark_of
from bot.turn import Button, Turn, on, when, word
from storage.models import Chat, Enquiry, Outcome, Person, State
from storage.queries import chats, people
from storage.queries import enquiries as find

_MOST_LINES = 30
_READABLE = (State.WAITING, State.TRIAGE, State.ASSIGNED)


async def show_queue(turn: Turn, person: Person, chat: Chat) -> None:
    """List everything open with its age and who has it, unsent drafts and held alarms included.

    What the reader asked herself, or has a conflict of interest in, is not on her list.
    """
    hidden = await people.conflicts_of(turn.unit, person.id)
    everything = [
        (e, alias) for e, alias in await find.queue(turn.unit) if e.chat_id != chat.id and e.id not in hidden
    ]
    if not everything:
        turn.say(chat, "queue.empty")
        return
    shown = sorted(everything, key=lambda one: (_SHOWN_FIRST.index(one[0].state), one[0].urgency.rank))
    ready = await passing_on.ready(turn, [enquiry for enquiry, _ in shown[:_MOST_LINES]])
    lines = [
        _line(turn, enquiry, alias, is_ready=enquiry.id in ready) for enquiry, alias in shown[:_MOST_LINES]
    ]
    rows = [[_read_button(e)] for e, _ in shown[:_MOST_LINES] if e.state in _READABLE]
    rows += [[Button("button.alarm_open", on("alarm:open", e))] for e, _ in shown if e.state is State.HELD]
    more = len(shown) - len(lines)
    key = "queue.list_cut" if more else "queue.list"
    turn.say(chat, key, buttons=rows, lines={"lines": lines}, count=len(shown), more=more)


async def read(turn: Turn, person: Person, chat: Chat, enquiry: Enquiry) -> None:
    """Show a waiting case to the secretariat; that it was read is logged."""
    if enquiry.state not in _READABLE or not await candidates.may_read(turn, person, enquiry):
        turn.say(chat, "offer.gone", alias="")
        return
    await reading.note(turn, person, enquiry)
    if enquiry.state is not State.ASSIGNED:
        await transcript.show_for_reading(
            turn, enquiry, chat, buttons=[*triage.buttons(enquiry), *_why(enquiry)]
        )
        return
    assignment = await find.active_assignment(turn.unit, enquiry.id)
    if assignment is not None and assignment.person_id == person.id:
        await transcript.show(turn, enquiry, chat)
    else:
        await transcript.show_for_reading(turn, enquiry, chat, buttons=_why(enquiry))


async def take(turn: Turn, person: Person, chat: Chat, enquiry: Enquiry) -> None:
    """Give the case to the member of the secretariat who taps."""
    if enquiry.state not in (State.WAITING, State.TRIAGE):
        turn.say(chat, "offer.gone", alias="")
        return
    against = await candidates.rule_against(turn, enquiry, person)
    if against is not None:
        turn.say(chat, against, alias=person.alias)
        return
    await dispatching.assign(turn, enquiry, person, chat, by=person)


async def pass_on(turn: Turn, person: Person, chat: Chat, enquiry: Enquiry) -> None:
    """Let the panel be asked about a case in triage."""
    if enquiry.state is not State.TRIAGE:
        turn.say(chat, "offer.gone", alias="")
        return
    await triage.pass_on(turn, person, enquiry)
    turn.say(chat, "desk.passed_on", number=enquiry.number or "")


async def ask_or_assign(turn: Turn, by: Person, chat: Chat, enquiry: Enquiry, person: Person) -> None:
    """Give a case to a person; where she has places of her own noted, say so first and ask.

    Which places they are stands in the console alone, beside the case: what somebody wrote goes in no notice.
    """
    is_free = enquiry.state in _READABLE and await candidates.rule_against(turn, enquiry, person) is None
    if not is_free or person.id == by.id or not await staff_file.own_places(turn, person):
        await assign(turn, by, chat, enquiry, person)
        return
    sure = Button("button.assign_all_the_same", on(f"assign:{await mark(turn, enquiry)}", enquiry, person.id))
    turn.say(
        chat,
        "desk.own_places",
        buttons=[[sure]],
        subject=enquiry.id,
        number=enquiry.number or "",
        alias=person.alias,
        address={"console": f"/enquiry/{enquiry.number}"},
    )


async def mark(turn: Turn, enquiry: Enquiry) -> str:
    """Return the mark of where the case stands and who has it."""
    assignment = await find.active_assignment(turn.unit, enquiry.id)
    stands = f"{enquiry.state.value}:{'' if assignment is None else assignment.person_id}"
    return mark_of(stands)


async def assign(turn: Turn, by: Person, chat: Chat, enquiry: Enquiry, person: Person) -> None:
    """Give a case to a person, unless a hard rule speaks against it; whoever had it has it no more."""
    assignment = await find.active_assignment(turn.unit, enquiry.id)
    has_it_already = assignment is not None and assignment.person_id == person.id
    if enquiry.state not in _READABLE or has_it_already:
        turn.say(chat, "desk.not_waiting", number=enquiry.number or "")
        return
    against = await candidates.rule_against(turn, enquiry, person)
    if against is not None or person.chat_id is None:
        turn.say(chat, against or "desk.no_account", alias=person.alias)
        return
    if enquiry.state is State.ASSIGNED:
        await _take_away(turn, by, enquiry)
    their_chat = await chats.by_id(turn.unit, person.chat_id)
    turn.say(their_chat, "desk.assigned_to_you", number=enquiry.number or "", alias=by.alias)
    await dispatching.assign(turn, enquiry, person, their_chat, by=by)
    turn.say(chat, "desk.assigned", number=enquiry.number or "", alias=person.alias)


async def _take_away(turn: Turn, by: Person, enquiry: Enquiry) -> None:
    """End the assignment of who has the case, such as a colleague who is ill; the copies leave her chat."""
    adviser = await find.adviser_of(turn.unit, enquiry.id)
    assignment = await find.active_assignment(turn.unit, enquiry.id)
    if assignment is not None:
        closing.end_assignment(turn, enquiry, assignment, because="reassigned")
    enquiries.move(turn, enquiry, State.WAITING, by=by, detail="reassigned")
    if adviser is not None:
        turn.remove_case(adviser[1], enquiry)
        turn.say(adviser[1], "desk.taken_from_you", number=enquiry.number or "", alias=by.alias)
        closing.ask_minutes(turn, adviser[1], enquiry)
    await turn.unit.session.flush()


async def mark_misuse(turn: Turn, person: Person, chat: Chat, enquiry: Enquiry) -> None:
    """A person judged it misuse: the writer is warned once, and the case is closed as such."""
    if enquiry.state not in (State.WAITING, State.TRIAGE):
        turn.say(chat, "offer.gone", alias="")
        return
    await dispatching.withdraw_offers(turn, enquiry, taken_by=None)
    await enquiries.close(turn, enquiry, Outcome.MISUSE, by=person)
    await enquirer.tell(turn, enquiry, "closed.misuse")
    pause = [] if enquiry.chat_id is None else [[Button("button.pause", on("pause", enquiry))]]
    turn.say(chat, "desk.misuse_noted", buttons=pause, number=enquiry.number or "")


async def redirect(turn: Turn, person: Person, chat: Chat, enquiry: Enquiry) -> None:
    """It belongs to another municipality: its writer is shown the way, and what was written is destroyed."""
    if enquiry.state not in (State.WAITING, State.TRIAGE):
        turn.say(chat, "offer.gone", alias="")
        return
    await dispatching.withdraw_offers(turn, enquiry, taken_by=None)
    await enquiries.close(turn, enquiry, Outcome.REDIRECTED, by=person)
    if enquiry.chat_id is not None:
        gates.show_the_way(turn, await chats.by_id(turn.unit, enquiry.chat_id))
    turn.say(chat, "desk.redirected", number=enquiry.number or "")


async def pause(turn: Turn, person: Person, chat: Chat, enquiry: Enquiry) -> None:
    """Pause the chat the case came from; the emergency card stays open to it."""
    if enquiry.chat_id is None:
        turn.say(chat, "tap.stale")
        return
    theirs = await chats.by_id(turn.unit, enquiry.chat_id)
    if not gates.is_paused(turn, theirs):
        await gates.pause(turn, theirs)
    turn.record("paused", enquiry, by=person)
    row = [[Button("button.unpause", on("unpause", enquiry))]]
    turn.say(chat, "desk.paused", buttons=row, number=enquiry.number or "")


async def unpause(turn: Turn, person: Person, chat: Chat, enquiry: Enquiry) -> None:
    """Let the chat the case came from write again."""
    if enquiry.chat_id is None:
        turn.say(chat, "tap.stale")
        return
    theirs = await chats.by_id(turn.unit, enquiry.chat_id)
    if gates.is_paused(turn, theirs):
        theirs.paused_until = None
        turn.record("unpaused", enquiry, by=person)
        turn.say(theirs, "gate.unpaused")
    turn.say(chat, "desk.unpaused", number=enquiry.number or "")


_SHOWN_FIRST = (State.HELD, State.TRIAGE, State.WAITING, State.ASSIGNED, State.DRAFT, State.CLOSED)


def _line(turn: Turn, enquiry: Enquiry, alias: str | None, *, is_ready: bool) -> dict[str, object]:
    key = f"queue.line.{enquiry.state.value}"
    return {
        "key": key,
        "params": {
            "number": enquiry.number or "",
            "urgency": word(f"urgency.{enquiry.urgency.value}"),
            "age": {"age": int((turn.now - enquiry.waits_since).total_seconds())},
            "alias": alias or "",
            "reason": word(f"triage.reason.{enquiry.triage_reason or 'none'}"),
            "due": _due(turn, enquiry, is_ready=is_ready),
        },
    }


def _why(enquiry: Enquiry) -> list[list[Button]]:
    """Return the button that says who was asked; there is none before anybody could be."""
    return [[Button("button.why", on("why", enquiry))]] if enquiry.dispatch_round else []


def _due(turn: Turn, enquiry: Enquiry, *, is_ready: bool) -> dict[str, object]:
    """Return when an answer is promised, or why it is not waited for."""
    by = enquiry.kept_until or enquiry.promised_by or turn.now
    if enquiry.kept_until is not None:
        how = "kept"
    elif is_ready:
        how = "to_pass_on"
    elif not enquiry.owes_answer:
        how = "answered"
    else:
        how = "overdue" if promises.is_late(turn, enquiry) else "promised"
    return {"word": f"queue.due.{how}", "params": {"by": when(by)}}


def _read_button(enquiry: Enquiry) -> Button:
    return Button("button.read_number", on("triage:read", enquiry), {"number": enquiry.number or ""})
