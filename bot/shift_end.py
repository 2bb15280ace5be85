"""A shift ends with cases open: each is kept, handed over or closed, and nothing in it is left unread."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from bot import closing, dispatching, handovers, keeping, rota
from bot.turn import CONVERSATION, Button, Turn, on, when
from scheduling.instant import Instant
from scheduling.rota import Rota
from storage.models import Chat, Enquiry, Offer, Person, State
from storage.queries import enquiries as find
from storage.queries import rota as find_duty

_TIMER = "shift_end"


async def claim(turn: Turn, person: Person, chat: Chat, offer: Offer) -> None:
    """Give her what she was offered, if nobody was faster; who is off duty by now is asked as at its end."""
    enquiry = await dispatching.claim(turn, person, chat, offer)
    if enquiry is not None and person.id not in await find_duty.on_duty(turn.unit):
        back = next_shift(turn, person, await rota.load(turn))
        await _ask_in_time(turn, chat.id, enquiry, back)


async def ask_about_each(turn: Turn, person: Person, planned: Rota) -> None:
    """Ask what is to become of each of her cases; without an answer it is decided after a while."""
    if person.chat_id is None:
        return
    back = next_shift(turn, person, planned)
    for enquiry in await find.assigned_to(turn.unit, person.id):
        if enquiry.kept_until is None:
            await _ask_in_time(turn, person.chat_id, enquiry, back)


async def keep(turn: Turn, person: Person, chat: Chat, enquiry: Enquiry) -> None:
    """Keep the case until her next shift: the enquirer hears when that is, and what is written waits."""
    if not await _is_hers(turn, person, enquiry):
        turn.say(chat, "done.not_yours", number=enquiry.number or "")
        return
    if person.id in await find_duty.on_duty(turn.unit):
        turn.say(chat, "tap.stale")
        return
    back = next_shift(turn, person, await rota.load(turn))
    if back is None:
        turn.say(chat, "shift.no_next", number=enquiry.number or "")
        return
    if _is_too_late(enquiry, back):
        turn.say(chat, "shift.too_late", number=enquiry.number or "", back=when(back))
        return
    await _settle_question(turn, chat, enquiry)
    await keeping.keep(turn, person, enquiry, back)
    key = "shift.kept" if enquiry.chat_id is not None else "shift.kept_by_desk"
    turn.say(chat, key, number=enquiry.number or "", back=when(back))


async def unanswered(turn: Turn, enquiry: Enquiry) -> None:
    """She has not said what becomes of it: it is kept where she is back soon, else offered to others."""
    adviser = await find.adviser_of(turn.unit, enquiry.id)
    if adviser is None or enquiry.kept_until is not None or enquiry.state is State.CLOSED:
        return
    person, chat = adviser
    if enquiry.state is State.HELD:
        await turn.set_timer(_TIMER, enquiry.id, turn.after(minutes=turn.rules.rota.shift_end_minutes))
        return
    if person.id in await find_duty.on_duty(turn.unit):
        return
    await _settle_question(turn, chat, enquiry)
    back = _in_time(enquiry, await _soon(turn, person))
    if back is None:
        turn.say(chat, "shift.offered_on", number=enquiry.number or "")
        await _offer_on(turn, person, chat, enquiry)
    else:
        await keeping.keep(turn, person, enquiry, back)
        key = "shift.kept_unasked" if enquiry.chat_id is not None else "shift.kept_unasked_by_desk"
        turn.say(chat, key, number=enquiry.number or "", back=when(back))


async def should_be_back(turn: Turn, enquiry: Enquiry) -> None:
    """Give her what waited; where she is not back, the enquirer hears when she is, or another is asked."""
    adviser = await find.adviser_of(turn.unit, enquiry.id)
    if adviser is None or enquiry.kept_until is None:
        return
    person, chat = adviser
    if person.id in await find_duty.on_duty(turn.unit):
        await keeping.end(turn, person, enquiry)
        return
    later = _in_time(enquiry, await _soon(turn, person))
    if later is not None:
        await keeping.keep(turn, person, enquiry, later)
    elif enquiry.state is State.ASSIGNED:
        turn.say(chat, "shift.offered_on", number=enquiry.number or "")
        await _offer_on(turn, person, chat, enquiry)
    else:
        await turn.set_timer("kept", enquiry.id, turn.after(hours=1))


async def ask_somebody_else(turn: Turn, chat: Chat, enquiry: Enquiry) -> None:
    """The enquirer would rather not wait: the case is offered to whoever is on duty."""
    adviser = await find.adviser_of(turn.unit, enquiry.id)
    if adviser is None or enquiry.kept_until is None or enquiry.state is not State.ASSIGNED:
        turn.say(chat, "tap.stale")
        return
    person, their_chat = adviser
    turn.remove(chat, purpose="kept", subject=enquiry.id)
    turn.say(their_chat, "shift.enquirer_moved_on", number=enquiry.number or "")
    await _offer_on(turn, person, their_chat, enquiry)


async def renew(turn: Turn, person: Person, planned: Rota) -> None:
    """Her shifts have changed: whoever waits for her hears when she is back now."""
    next_one = next_shift(turn, person, planned)
    for enquiry in await find.assigned_to(turn.unit, person.id):
        if enquiry.kept_until is None or next_one == enquiry.kept_until:
            continue
        back = _in_time(enquiry, next_one)
        if back is None:
            await turn.set_timer("kept", enquiry.id, turn.now)
        else:
            await keeping.keep(turn, person, enquiry, back)


async def give_what_waited(turn: Turn, person: Person) -> None:
    """Show her what was written in her kept cases while she was away; questions still open are settled."""
    for enquiry in await find.assigned_to(turn.unit, person.id):
        if enquiry.kept_until is not None:
            await keeping.end(turn, person, enquiry)
        await turn.cancel_timer(_TIMER, enquiry.id)
        if person.chat_id is not None:
            turn.remove(person.chat_id, purpose="shift", subject=enquiry.id)


def next_shift(turn: Turn, person: Person, planned: Rota) -> Instant | None:
    """Return when her next shift begins, where it does within four weeks."""
    ahead = rota.next_of(turn, planned, person, within=timedelta(days=28))
    return next((shift.span.starts for shift in ahead if shift.span.starts > turn.now), None)


def _is_too_late(enquiry: Enquiry, back: Instant) -> bool:
    """Whether an answer has been promised before she is back."""
    return enquiry.owes_answer and enquiry.promised_by is not None and back > enquiry.promised_by


def _in_time(enquiry: Enquiry, back: Instant | None) -> Instant | None:
    """Return when she is back, where nobody has been promised an answer before then."""
    return None if back is None or _is_too_late(enquiry, back) else back


async def _ask_in_time(turn: Turn, chat: UUID, enquiry: Enquiry, back: Instant | None) -> None:
    _ask(turn, chat, enquiry, back)
    await turn.set_timer(_TIMER, enquiry.id, turn.after(minutes=turn.rules.rota.shift_end_minutes))


def _ask(turn: Turn, chat: UUID, enquiry: Enquiry, back: Instant | None) -> None:
    is_too_late = back is not None and _is_too_late(enquiry, back)
    may_keep = back is not None and not is_too_late
    rows = [[Button("button.shift_keep", on("shift:keep", enquiry))]] if may_keep else []
    rows += [
        [Button("button.shift_handover", on("shift:handover", enquiry))],
        [Button("button.shift_done", on("shift:done", enquiry))],
    ]
    turn.say(
        chat,
        "shift.ask" if may_keep else "shift.ask_too_late" if is_too_late else "shift.ask_no_next",
        buttons=rows,
        purpose="shift",
        subject=enquiry.id,
        priority=CONVERSATION,
        number=enquiry.number or "",
        back=when(back or turn.now),
    )
    turn.remove_earlier(chat, purpose="shift", subject=enquiry.id)


async def _soon(turn: Turn, person: Person) -> Instant | None:
    """Return when she is back, where that is soon enough for the enquirer to wait."""
    back = next_shift(turn, person, await rota.load(turn))
    is_soon = back is not None and back - turn.now <= timedelta(days=turn.rules.rota.keep_days)
    return back if is_soon else None


async def _offer_on(turn: Turn, person: Person, chat: Chat, enquiry: Enquiry) -> None:
    """Have others be asked, and her how long she spent on it."""
    await handovers.take_one(turn, person, enquiry, because="shift")
    if enquiry.answered_at is not None:
        closing.ask_minutes(turn, chat, enquiry)


async def _settle_question(turn: Turn, chat: Chat, enquiry: Enquiry) -> None:
    turn.remove(chat, purpose="shift", subject=enquiry.id)
    await turn.cancel_timer(_TIMER, enquiry.id)


async def _is_hers(turn: Turn, person: Person, enquiry: Enquiry) -> bool:
    assignment = await find.active_assignment(turn.unit, enquiry.id)
    is_hers = assignment is not None and assignment.person_id == person.id
    return is_hers and enquiry.state in (State.ASSIGNED, State.HELD)
