"""An enquiry ends: by the adviser in three taps, or by the enquirer; and may go on within a fortnight."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from bot import alarms, candidates, dispatching, enquirer, enquiries, hours, promises, relay, sending, triage
from bot.turn import Button, Turn, on, word
from scheduling.instant import Instant
from scheduling.urgency import Urgency
from storage.models import Assignment, Chat, Enquiry, Outcome, Person, Role, State
from storage.queries import enquiries as find
from storage.queries import hours as find_hours
from storage.queries import people

PANEL_OUTCOMES = (Outcome.ADVICE_ONLY, Outcome.WITHDRAWN, Outcome.EMERGENCY, Outcome.MISUSE)
DESK_OUTCOMES = (*PANEL_OUTCOMES, Outcome.REFERRED, Outcome.ACTIVITY, Outcome.PRESS)
MINUTES = (15, 30, 45, 60)
_MOST_MINUTES = 24 * 60


async def ask_outcome(turn: Turn, person: Person, chat: Chat, enquiry: Enquiry) -> None:
    """First tap: ask how it ended."""
    if _is_held(turn, chat, enquiry):
        return
    outcomes = outcomes_of(person)
    rows = [[Button(f"outcome.{one.value}", on(f"done:outcome:{one.value}", enquiry))] for one in outcomes]
    turn.say(chat, "done.ask_outcome", buttons=rows, number=enquiry.number or "")


async def choose_outcome(turn: Turn, person: Person, chat: Chat, enquiry: Enquiry, outcome: str) -> None:
    """Second tap: note how it ended, and ask how long it took."""
    assignment = await _own_assignment(turn, person, enquiry)
    if assignment is None or outcome not in {one.value for one in outcomes_of(person)}:
        turn.say(chat, "done.not_yours", number=enquiry.number or "")
        return
    if _is_held(turn, chat, enquiry):
        return
    assignment.outcome = outcome
    ask_minutes(turn, chat, enquiry)


def ask_minutes(turn: Turn, chat: Chat, enquiry: Enquiry, *, of: Assignment | None = None) -> None:
    """Ask for the minutes spent, by button or typed; `of` is the part in the case, if not the last."""
    subjects = (enquiry.id,) if of is None else (enquiry.id, of.id)
    chat.awaits, chat.awaits_since = on("minutes", *subjects), turn.now
    row = [
        Button("button.minutes", on(f"done:minutes:{count}", *subjects), {"minutes": count})
        for count in MINUTES
    ]
    turn.say(chat, "done.ask_minutes", buttons=[row[:2], row[2:]], number=enquiry.number or "")


async def ask_minutes_of(
    turn: Turn, person: Person, chat: Chat, enquiry: Enquiry, assignment_id: UUID | None
) -> None:
    """Ask for the minutes of a part of hers in the case, which may have ended."""
    assignment = await _noted_on(turn, person, chat, enquiry, assignment_id)
    if assignment is not None:
        ask_minutes(turn, chat, enquiry, of=assignment)


async def note_minutes(
    turn: Turn,
    person: Person,
    chat: Chat,
    enquiry: Enquiry,
    minutes: int,
    *,
    assignment_id: UUID | None = None,
) -> None:
    """Third tap: note the minutes and ask about a referral; of a case already ended no more is asked.

    The last number counts; of a part that has ended it can be corrected for sixty days.
    """
    if not 0 <= minutes <= _MOST_MINUTES:
        turn.say(chat, "done.minutes_out_of_range")
        return
    assignment = await _noted_on(turn, person, chat, enquiry, assignment_id)
    if assignment is None:
        return
    chat.awaits = chat.awaits_since = None
    before, assignment.minutes = assignment.minutes, minutes
    if before != minutes:
        detail = f"{minutes}" if before is None else f"{before}>{minutes}"
        turn.record("minutes_noted", enquiry, by=person, detail=detail)
    if assignment.ended_at is not None:
        turn.say(chat, "done.minutes_noted", number=enquiry.number or "", minutes=minutes)
        if before != minutes:
            await hours.tell_of_change(turn, person, assignment)
        return
    row = [
        Button("button.yes", on("done:referral:yes", enquiry)),
        Button("button.no", on("done:referral:no", enquiry)),
    ]
    turn.say(chat, "done.ask_referral", buttons=[row], number=enquiry.number or "")


async def _noted_on(
    turn: Turn, person: Person, chat: Chat, enquiry: Enquiry, assignment_id: UUID | None
) -> Assignment | None:
    """Return the part of hers that minutes are noted on; where there is none, she is told why."""
    if assignment_id is not None:
        assignment = await find_hours.assignment_of(
            turn.unit.session, assignment_id, enquiry_id=enquiry.id, person_id=person.id
        )
    else:
        assignment = await _own_assignment(turn, person, enquiry)
        assignment = assignment or await find.last_assignment_of(turn.unit, enquiry.id, person.id)
    if assignment is None:
        turn.say(chat, "done.not_yours", number=enquiry.number or "")
        return None
    days = hours.CORRECTED_WITHIN_DAYS
    if assignment.ended_at is not None and assignment.ended_at < turn.after(days=-days):
        turn.say(chat, "done.minutes_too_late", number=enquiry.number or "", days=days)
        return None
    return assignment


async def finish(
    turn: Turn, person: Person, chat: Chat, enquiry: Enquiry, *, suggests_referral: bool
) -> None:
    """Close the enquiry; the copies leave the adviser's chat, and she is reminded of her own duty."""
    assignment = await _own_assignment(turn, person, enquiry)
    if assignment is None:
        turn.say(chat, "done.not_yours", number=enquiry.number or "")
        return
    if _is_held(turn, chat, enquiry):
        return
    outcome = Outcome(assignment.outcome or Outcome.ADVICE_ONLY)
    enquiry.suggests_referral = suggests_referral
    end_assignment(turn, enquiry, assignment, because="done")
    outcome = await enquiries.close(turn, enquiry, outcome, by=person)
    turn.remove_case(chat, enquiry)
    turn.say(chat, "done.closed", number=enquiry.number or "", outcome=word(f"outcome.{outcome.value}"))
    enquiry.duty_reminded_at = turn.now
    turn.say(chat, "done.reminder")
    await _tell_enquirer(turn, enquiry, outcome, by=person)
    await _tell_desk_of_referral(turn, person, enquiry)
    await dispatching.drain(turn)


async def finish_with(
    turn: Turn,
    person: Person,
    chat: Chat,
    enquiry: Enquiry,
    *,
    outcome: Outcome,
    minutes: int | None,
    suggests_referral: bool,
) -> None:
    """Close her own case in one go: how it ended, how long it took, and whether it calls for a referral."""
    assignment = await _own_assignment(turn, person, enquiry)
    if assignment is None or outcome not in outcomes_of(person):
        turn.say(chat, "done.not_yours", number=enquiry.number or "")
        return
    if _is_held(turn, chat, enquiry):
        return
    if minutes is not None and not 0 <= minutes <= _MOST_MINUTES:
        turn.say(chat, "done.minutes_out_of_range")
        return
    assignment.outcome = outcome.value
    if minutes is not None:
        assignment.minutes = minutes
        turn.record("minutes_noted", enquiry, by=person, detail=f"{minutes}")
    await finish(turn, person, chat, enquiry, suggests_referral=suggests_referral)


async def close_by_desk(turn: Turn, person: Person, chat: Chat, enquiry: Enquiry, outcome: Outcome) -> None:
    """Close what waits, or what somebody else has; an adviser who had it is asked for her minutes."""
    if enquiry.state not in (State.WAITING, State.TRIAGE, State.ASSIGNED) or outcome not in DESK_OUTCOMES:
        turn.say(chat, "desk.not_waiting", number=enquiry.number or "")
        return
    assignment = await find.active_assignment(turn.unit, enquiry.id)
    adviser = await find.adviser_of(turn.unit, enquiry.id)
    if assignment is not None:
        end_assignment(turn, enquiry, assignment, because="closed")
    await dispatching.withdraw_offers(turn, enquiry, taken_by=None)
    outcome = await enquiries.close(turn, enquiry, outcome, by=person)
    if adviser is not None:
        turn.remove_case(adviser[1], enquiry)
        turn.say(adviser[1], "desk.closed_yours", number=enquiry.number or "", alias=person.alias)
        ask_minutes(turn, adviser[1], enquiry)
    turn.say(chat, "done.closed", number=enquiry.number or "", outcome=word(f"outcome.{outcome.value}"))
    await _tell_enquirer(turn, enquiry, outcome, by=person)
    if assignment is not None:
        await dispatching.drain(turn)


async def close_by_enquirer(turn: Turn, chat: Chat, enquiry: Enquiry) -> None:
    """Close what the enquirer asked; an adviser who had it is told and asked for her minutes."""
    assignment = await find.active_assignment(turn.unit, enquiry.id)
    adviser = await find.adviser_of(turn.unit, enquiry.id)
    if assignment is not None:
        end_assignment(turn, enquiry, assignment, because="closed")
    await dispatching.withdraw_offers(turn, enquiry, taken_by=None)
    outcome = Outcome.WITHDRAWN if enquiry.answered_at is None else Outcome.ADVICE_ONLY
    await enquiries.close(turn, enquiry, outcome, by=chat)
    turn.remove(chat, purpose="intake", subject=enquiry.id)
    if adviser is not None:
        turn.remove_case(adviser[1], enquiry)
        turn.say(adviser[1], "done.closed_by_enquirer", number=enquiry.number or "")
        turn.say(adviser[1], "done.reminder")
        ask_minutes(turn, adviser[1], enquiry)
    await _tell_enquirer(turn, enquiry, outcome, by=None)
    if assignment is not None:
        await dispatching.drain(turn)


async def close_as_emergency(turn: Turn, coordinator: Person | None, enquiry: Enquiry) -> None:
    """Close a held enquiry; what was held is destroyed, and an adviser who had it has it no more."""
    if enquiry.state is not State.HELD:
        return
    adviser = await find.adviser_of(turn.unit, enquiry.id)
    assignment = await find.active_assignment(turn.unit, enquiry.id)
    if assignment is not None:
        end_assignment(turn, enquiry, assignment, because="emergency")
    await enquiries.draw_number(turn, enquiry)
    await enquiries.close(turn, enquiry, Outcome.EMERGENCY, by=coordinator)
    await alarms.end(turn, enquiry, "alarm.closed")
    await enquirer.tell(turn, enquiry, "emergency.closed")
    if adviser is not None:
        turn.remove_case(adviser[1], enquiry)
        turn.say(adviser[1], "panel.held_closed", number=enquiry.number or "")
        ask_minutes(turn, adviser[1], enquiry)
    if assignment is not None:
        await dispatching.drain(turn)


async def destroy_held(turn: Turn, enquiry: Enquiry) -> None:
    """Destroy what was held, 72 hours after the alarm was opened, and leave nobody to wait for an answer."""
    await close_as_emergency(turn, None, enquiry)


async def note_helped(turn: Turn, chat: Chat, enquiry: Enquiry, given: str) -> None:
    """Note whether it helped; the first answer counts."""
    if enquiry.helped is None and given in ("yes", "partly", "no"):
        enquiry.helped = given
        turn.say(chat, "closed.thanks")


async def offer_to_go_on(turn: Turn, chat: Chat, enquiry: Enquiry) -> None:
    """Ask whether what was just written belongs to the case that was closed lately."""
    rows = [
        [Button("button.same_case", on("continue:same", enquiry), {"number": enquiry.number or ""})],
        [Button("button.new_question", "continue:new")],
    ]
    turn.say(chat, "closed.same_or_new", buttons=rows, number=enquiry.number or "")


async def go_on_with(turn: Turn, chat: Chat, enquiry: Enquiry) -> None:
    """Open the same case again, within a fortnight of its end: it waits from now, under a new promise."""
    if enquiry.state is not State.CLOSED:  # tapped twice
        return
    limit = timedelta(days=turn.rules.limits.reopen_days)
    is_recent = enquiry.closed_at is not None and turn.now - enquiry.closed_at <= limit
    is_readable = enquiry.destroyed_at is None and enquiry.number is not None
    if not (is_recent and is_readable):
        turn.say(chat, "closed.too_late")
        return
    await turn.cancel_timer("retention", enquiry.id)
    enquiries.move(turn, enquiry, State.WAITING, by=chat, detail="same case")
    on_again = "closed.on_again_emergency" if enquiry.outcome is Outcome.EMERGENCY else "closed.on_again"
    enquiry.outcome = enquiry.closed_at = enquiry.nobody_told_at = None
    if enquiry.urgency is Urgency.EMERGENCY:
        enquiry.urgency = Urgency.HIGH
    if enquiry.sent_at is None:  # it was closed as an emergency before it was ever sent
        sending.settle_answers(turn, enquiry, language=chat.language)
        enquiry.sent_at = turn.now
    enquiry.reopened_at = turn.now
    await promises.make(turn, enquiry)
    promised = await sending.what_to_expect(turn, enquiry)
    turn.say(chat, on_again, subject=enquiry.id, number=enquiry.number or "", promised=promised)
    for incoming in await relay.unpark(turn, chat):
        await relay.pass_on(turn, chat, relay.Conversation(enquiry), incoming)
    await _route_again(turn, enquiry)


def end_assignment(turn: Turn, enquiry: Enquiry, assignment: Assignment, *, because: str) -> None:
    """Have the person have the enquiry no more, and nothing in it wait for her."""
    assignment.ended_at, assignment.ended_because = turn.now, because
    enquiry.kept_until = None


def recently(turn: Turn) -> Instant:
    """Return since when a closed case may go on."""
    return turn.after(days=-turn.rules.limits.reopen_days)


async def _route_again(turn: Turn, enquiry: Enquiry) -> None:
    if enquiry.state is not State.WAITING:  # what was just written called for the emergency card
        return
    reason = triage.reason(turn, enquiry)
    if reason is None:
        await dispatching.start(turn, enquiry)
        return
    enquiry.triage_reason = reason
    enquiries.move(turn, enquiry, State.TRIAGE)
    await triage.ask_coordinator(turn, enquiry)


async def _tell_enquirer(turn: Turn, enquiry: Enquiry, outcome: Outcome, *, by: Person | None) -> None:
    if outcome is Outcome.MISUSE:
        await enquirer.tell(turn, enquiry, "closed.misuse")
        return
    if enquiry.number is None:
        await enquirer.tell(turn, enquiry, "closed.draft")
        return
    helped = [
        Button(f"button.helped_{answer}", on(f"helped:{answer}", enquiry))
        for answer in ("yes", "partly", "no")
    ]
    is_asked = enquiry.answered_at is not None and enquiry.helped is None
    rows = [helped] if is_asked else []
    rows += [
        [Button("button.same_case", on("continue:same", enquiry), {"number": enquiry.number})],
        [Button("button.new_question", "continue:new"), Button("button.hide", "hide")],
    ]
    key = "closed.enquirer" if enquiry.answered_at is not None else "closed.withdrawn"
    await enquirer.tell(
        turn,
        enquiry,
        key,
        except_for=by,
        buttons=rows,
        subject=enquiry.id,
        number=enquiry.number,
        days=int(turn.rules.limits.reopen_days),
    )


async def _tell_desk_of_referral(turn: Turn, person: Person, enquiry: Enquiry) -> None:
    if not enquiry.suggests_referral:
        return
    for desk in await people.in_roles(turn.unit, (Role.SECRETARIAT,)):
        if desk.chat_id is not None and await candidates.may_read(turn, desk, enquiry):
            turn.say(desk.chat_id, "desk.referral_suggested", number=enquiry.number or "", alias=person.alias)


def outcomes_of(person: Person) -> tuple[Outcome, ...]:
    """Return how the person may say that a case ended."""
    return PANEL_OUTCOMES if person.role is Role.RESOURCE_PERSON else DESK_OUTCOMES


def _is_held(turn: Turn, chat: Chat, enquiry: Enquiry) -> bool:
    """What is held is the coordinator's to decide on: the adviser cannot close it meanwhile."""
    if enquiry.state is State.HELD:
        turn.say(chat, "relay.held", number=enquiry.number or "")
    return enquiry.state is State.HELD


async def _own_assignment(turn: Turn, person: Person, enquiry: Enquiry) -> Assignment | None:
    assignment = await find.active_assignment(turn.unit, enquiry.id)
    return assignment if assignment is not None and assignment.person_id == person.id else None
