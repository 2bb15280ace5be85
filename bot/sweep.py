"""What falls due: each timer leads to one use case, in one transaction that takes the timer away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot import (
    alarms,
    cards,
    certificates,
    closing,
    dispatching,
    duty,
    emergencies,
    enquiries,
    keeping,
    pictures,
    privacy,
    promises,
    relay,
    rota,
    sending,
    shift_end,
    silence,
    staff_file,
)
from bot.turn import Turn
from storage import timers
from storage.models import Chat, Enquiry, Outcome, Person, State
from storage.queries import chats
from storage.queries import enquiries as find
from storage.queries import people as find_people
from storage.timers import Due

_ASK_AGAIN_MINUTES = 60
_ASKED_AGAIN = 3


async def quiet(turn: Turn, enquiry: Enquiry) -> None:
    """Ten quiet minutes after a text count as Send, but not while an emergency card is open in the chat."""
    if enquiry.state is State.DRAFT and enquiry.message_count and enquiry.chat_id is not None:
        if await find.held_of(turn.unit, enquiry.chat_id) is not None:
            again = turn.after(minutes=turn.rules.limits.quiet_minutes)
            await turn.set_timer("draft_quiet", enquiry.id, again)
            return
        chat = await chats.by_id(turn.unit, enquiry.chat_id)
        await sending.send(turn, chat, enquiry, is_by_quiet=True)


async def lapse(turn: Turn, enquiry: Enquiry) -> None:
    """Taps alone lapse after a week."""
    if enquiry.state is State.DRAFT and not enquiry.message_count:
        await enquiries.close(turn, enquiry, Outcome.LAPSED)
        if enquiry.chat_id is not None:
            turn.remove(enquiry.chat_id, purpose="intake", subject=enquiry.id)


async def parked(turn: Turn, chat: Chat) -> None:
    """A text nobody said the place of is asked about again, and the coordinator hears of it.

    That is at most three times, while the panel is open; then an enquirer's is taken for a new question.
    """
    person = await find_people.of_chat(turn.unit, chat.id)
    if not await relay.is_anything_parked(turn, chat):
        return
    if not await relay.has_place(turn, chat, person):
        if person is None:
            await _take_for_a_new_question(turn, chat)
        else:
            await relay.unpark(turn, chat)
            turn.say(chat, "staff.no_case")
        return
    opening = turn.rules.panel_hours.next_opening(turn.now)
    if opening is not None and opening > turn.now:
        await turn.set_timer("parked", chat.id, opening)
        return
    held = await find.held_of(turn.unit, chat.id)
    is_unreachable = chat.unreachable_since is not None
    if held is None and (is_unreachable or await relay.count_asking(turn, chat) > _ASKED_AGAIN):
        if person is None:
            await _take_for_a_new_question(turn, chat)
        else:
            await relay.unpark(turn, chat)
            turn.say(chat, "relay.not_passed_on")
        return
    if held is None:
        await relay.ask_which(turn, chat, person)
        await alarms.alert(turn, "alarm.parked")
    await turn.set_timer("parked", chat.id, turn.after(minutes=_ASK_AGAIN_MINUTES))


async def _take_for_a_new_question(turn: Turn, chat: Chat) -> None:
    waiting = await relay.unpark(turn, chat)
    if not waiting:
        return
    draft = await find.draft_of(turn.unit, chat.id) or await enquiries.open_draft(turn, chat)
    for incoming in waiting:
        await relay.write_into(turn, chat, draft, incoming)
    await sending.send(turn, chat, draft, is_by_quiet=True)


_ABOUT_ENQUIRIES: dict[str, Callable[[Turn, Enquiry], Awaitable[None]]] = {
    "draft_quiet": quiet,
    "draft_lapse": lapse,
    "dispatch": dispatching.step,
    "unclaimed": dispatching.unclaimed,
    "unanswered": silence.unanswered,
    "emergency_silence": emergencies.silence,
    "emergency_alarm": emergencies.repeat_alarm,
    "held_destroy": closing.destroy_held,
    "promise": promises.broken,
    "retention": privacy.time_is_up,
    "shift_end": shift_end.unanswered,
    "kept": shift_end.should_be_back,
    "kept_tell_desk": keeping.ask_desk_to_tell,
    "card_unopened": cards.remind,
}
_ABOUT_PEOPLE: dict[str, Callable[[Turn, Person], Awaitable[None]]] = {
    "duty": duty.by_the_clock,
    "shift_reminder": duty.remind,
    "rota_preview": rota.preview,
    "certificate": certificates.ended,
    "staff_facts": staff_file.forget,
}


_ABOUT_CHATS: dict[str, Callable[[Turn, Chat], Awaitable[None]]] = {
    "parked": parked,
    "picture": pictures.drop,
}


async def fall_due(turn: Turn, timer: Due) -> None:
    """Take the timer away and do what it asks for about its subject; raises where another was faster.

    The subject is locked before the timer, as everybody does who sets one.
    """
    if timer.kind in _ABOUT_ENQUIRIES:
        enquiry = await find.locked(turn.unit, timer.subject_id)
        await timers.take(turn.unit, timer)
        if enquiry is not None:
            await _ABOUT_ENQUIRIES[timer.kind](turn, enquiry)
    elif timer.kind in _ABOUT_CHATS:
        chat = await chats.locked(turn.unit, timer.subject_id)
        await timers.take(turn.unit, timer)
        await _ABOUT_CHATS[timer.kind](turn, chat)
    elif timer.kind in _ABOUT_PEOPLE:
        await find.lock_all_of(turn.unit, timer.subject_id)
        person = await find_people.by_id(turn.unit, timer.subject_id)
        await find_people.lock(turn.unit, person)
        await timers.take(turn.unit, timer)
        await _ABOUT_PEOPLE[timer.kind](turn, person)
    else:
        await timers.take(turn.unit, timer)
