"""An emergency: the card at once and alone, the text sealed apart, the coordinator alarmed."""

from __future__ import annotations

from datetime import timedelta

from bot import alarms, dispatching, enquiries, transcript, writing
from bot.incoming import Incoming
from bot.turn import CONVERSATION, Button, Turn, on, word
from scheduling.instant import Instant
from scheduling.urgency import Urgency
from storage.models import Author, Chat, Enquiry, Message, Person, State
from storage.queries import chats, messages
from storage.queries import enquiries as find

# Once a person has judged it not to be one, words hold it again only after this; the button always does.
_JUDGED_FOR = timedelta(hours=1)
_SILENT_CARDS = 3
# Where both fall due, the writer's silence is handled first: it alarms, and puts the repetition off.
_AFTER_SILENCE = timedelta(seconds=1)


def wants_card(turn: Turn, enquiry: Enquiry, incoming: Incoming) -> bool:
    """Whether the words call for the card; the person decides what it is."""
    return incoming.shows_emergency and not _was_just_judged(turn, enquiry)


async def note_words(
    turn: Turn, chat: Chat, enquiry: Enquiry, incoming: Incoming, *, is_in_record_only: bool = False
) -> None:
    """Where words call for the card and a coordinator has just let the case go on: say where help is.

    The text itself has gone its way, or stands in the record alone, and the coordinators hear that there is
    something to read in the case.
    """
    if not incoming.shows_emergency or enquiry.emergency_answer == "no":
        return
    is_told = await alarms.alert(
        turn,
        "alarm.words_edited" if is_in_record_only else "alarm.words_again",
        about=enquiry,
        number=enquiry.number or "–",
    )
    if is_in_record_only:
        key = "emergency.words_edited" if is_told else "emergency.words_edited_untold"
    else:
        key = "emergency.words_again" if is_told else "emergency.words_again_untold"
    turn.say(chat, key, buttons=[[Button("button.emergency", "emergency")]], priority=CONVERSATION)


def _was_just_judged(turn: Turn, enquiry: Enquiry) -> bool:
    """Whether a person had the case go on, and it was held less than an hour ago."""
    has_gone_on = enquiry.held_at is not None and enquiry.state is not State.HELD
    return has_gone_on and turn.now - (enquiry.held_at or turn.now) < _JUDGED_FOR


async def raise_emergency(turn: Turn, chat: Chat, enquiry: Enquiry, incoming: Incoming | None = None) -> None:
    """Show the card at once and hold the enquiry; its text is for nobody but the coordinator."""
    if enquiry.state is not State.HELD:
        await _hold(turn, chat, enquiry)
    if incoming is not None:
        await writing.write_down(
            turn, enquiry, incoming, author=Author.ENQUIRER, chat=chat, key_id=enquiry.held_key_id
        )
    told = await _alarm(turn, enquiry)
    _show_card(turn, chat, enquiry, told=told)
    turn.remove(chat, purpose="intake", subject=enquiry.id)
    await _await_answer(turn, enquiry)


async def remind(turn: Turn, chat: Chat) -> bool:
    """Show the card again where an emergency is open, for nothing else goes on then; False where none is."""
    enquiry = await find.held_of(turn.unit, chat.id)
    if enquiry is None:
        return False
    _, is_told = await alarms.coordinators(turn, about=enquiry)
    _show_card(turn, chat, enquiry, told=is_told)
    return True


async def take_text(turn: Turn, chat: Chat, enquiry: Enquiry, incoming: Incoming) -> None:
    """Keep what is written meanwhile under the held key, and show the card again.

    A coordinator who has opened the alarm hears that there is more to read.
    """
    await writing.write_down(
        turn, enquiry, incoming, author=Author.ENQUIRER, chat=chat, key_id=enquiry.held_key_id
    )
    if enquiry.alarm_opened_at is None:
        _, is_told = await alarms.coordinators(turn, about=enquiry)
    else:
        is_told = await alarms.alert(turn, "alarm.more", about=enquiry, buttons=_open_button(enquiry))
    _show_card(turn, chat, enquiry, told=is_told)
    if enquiry.emergency_answer is None:
        await _await_answer(turn, enquiry)


async def answer(turn: Turn, chat: Chat, enquiry: Enquiry, given: str) -> None:
    """Note that the writer has called 112, or that it is urgent, and say once what happens now.

    An older card undoes nothing: what it has no button for any more is not answered.
    """
    if enquiry.state is not State.HELD or given not in _can_be_answered(enquiry):
        return
    await note_answer(turn, chat, enquiry, given)
    await _show_what_is_left(turn, chat, enquiry)
    enquiry.urgency = Urgency.EMERGENCY
    is_told = await alarms.alert(
        turn, "alarm.answered", about=enquiry, buttons=_open_button(enquiry), answered=_answered(enquiry)
    )
    buttons = [[Button("button.not_urgent", on("urgent:no", enquiry))]]
    key = f"emergency.{given}" if is_told else f"emergency.{given}_untold"
    turn.say(chat, key, buttons=buttons, subject=enquiry.id, priority=CONVERSATION)


async def note_answer(turn: Turn, chat: Chat, enquiry: Enquiry, given: str) -> None:
    """Remember what was tapped on the card; its silence is over."""
    enquiry.emergency_answer = given
    turn.record("emergency_answered", enquiry, by=chat, detail=given)
    await turn.cancel_timer("emergency_silence", enquiry.id)


async def _show_what_is_left(turn: Turn, chat: Chat, enquiry: Enquiry) -> None:
    """Have one card stand, the newest, with the buttons that still help."""
    _, is_told = await alarms.coordinators(turn, about=enquiry)
    turn.remove_earlier(chat, purpose="card", subject=enquiry.id)
    _say_card(turn, chat, enquiry, told=is_told, action="edit")


async def drop(turn: Turn, enquiry: Enquiry, *, by: Person | Chat) -> list[Message]:
    """Take the enquiry back to where it stood, and return what was held: it joins what was written before.

    The coordinators' alarm says that it is over.
    """
    everything = await messages.of_enquiry(turn.unit, enquiry.id)
    held = [message for message in everything if message.key_id == enquiry.held_key_id]
    for message in held:
        await writing.reseal(turn, message, enquiry.key_id)
    await enquiries.forget_held(turn, enquiry)
    enquiries.move(turn, enquiry, enquiry.held_from or State.DRAFT, by=by, detail="not urgent")
    if enquiry.urgency is Urgency.EMERGENCY:
        enquiry.urgency = Urgency.HIGH
    await alarms.end(turn, enquiry, "alarm.taken_back" if isinstance(by, Chat) else "alarm.let_go_on")
    return held


async def note_opened(turn: Turn, coordinator: Person, enquiry: Enquiry) -> None:
    """Log that she opens the alarm: it is silent from now on, and what is held is kept for 72 hours."""
    if enquiry.alarm_opened_at is None:
        enquiry.alarm_opened_at = turn.now
        await turn.cancel_timer("emergency_alarm", enquiry.id)
        await turn.set_timer("held_destroy", enquiry.id, kept_until(turn, turn.now))
    turn.record("alarm_opened", enquiry, by=coordinator)


def kept_until(turn: Turn, opened: Instant) -> Instant:
    """Return when what is held is destroyed, where the alarm was opened at the moment."""
    return Instant.of(opened + timedelta(hours=turn.rules.limits.held_hours))


async def open_alarm(turn: Turn, coordinator: Person, enquiry: Enquiry) -> None:
    """Show the coordinator in her chat what is held."""
    if enquiry.state is not State.HELD or coordinator.chat_id is None:
        return
    await note_opened(turn, coordinator, enquiry)
    hours = f"{turn.rules.limits.held_hours:g}"
    turn.say(coordinator.chat_id, "alarm.opened", priority=CONVERSATION, hours=hours)
    for message in await messages.of_enquiry(turn.unit, enquiry.id):
        transcript.post(turn, enquiry, coordinator.chat_id, message)
    decide = [
        [Button("button.alarm_release", on("alarm:release", enquiry))],
        [Button("button.alarm_close", on("alarm:close", enquiry))],
    ]
    answered = _answered(enquiry)
    turn.say(
        coordinator.chat_id,
        "alarm.decide",
        buttons=decide,
        purpose="alarm",
        subject=enquiry.id,
        priority=CONVERSATION,
        answered=answered,
    )


async def silence(turn: Turn, enquiry: Enquiry) -> None:
    """After ten silent minutes show the card again and alarm the coordinator again."""
    if enquiry.state is not State.HELD or enquiry.emergency_answer is not None or enquiry.chat_id is None:
        return
    chat = await chats.by_id(turn.unit, enquiry.chat_id)
    told = await _alarm(turn, enquiry)
    _show_card(turn, chat, enquiry, told=told)
    if enquiry.cards_shown < _SILENT_CARDS:
        await _await_answer(turn, enquiry)


async def repeat_alarm(turn: Turn, enquiry: Enquiry) -> None:
    """Alarm the coordinator until she opens it."""
    if enquiry.state is State.HELD and enquiry.alarm_opened_at is None:
        await _alarm(turn, enquiry)


async def _hold(turn: Turn, chat: Chat, enquiry: Enquiry) -> None:
    enquiry.held_from = enquiry.state
    enquiries.move(turn, enquiry, State.HELD, by=chat, detail="emergency")
    enquiry.held_key_id = await turn.unit.keys.make("held", now=turn.now)
    enquiry.held_at, enquiry.emergency_answer, enquiry.alarm_opened_at = turn.now, None, None
    enquiry.cards_shown = 0
    await enquiries.stop_draft_timers(turn, enquiry)
    await dispatching.withdraw_offers(turn, enquiry, taken_by=None)
    adviser = await find.adviser_of(turn.unit, enquiry.id)
    if adviser is not None:
        turn.say(adviser[1], "panel.held", number=enquiry.number or "")


async def _alarm(turn: Turn, enquiry: Enquiry) -> bool:
    told = await alarms.alert(
        turn, "alarm.emergency", about=enquiry, buttons=_open_button(enquiry), urgent=True
    )
    for person in (await alarms.coordinators(turn, about=enquiry))[0]:
        if person.chat_id is not None:  # one alarm stands there, the newest
            turn.remove_earlier(person.chat_id, purpose="alarm", subject=enquiry.id)
    if enquiry.alarm_opened_at is None:
        again = turn.after(minutes=turn.rules.limits.alarm_repeat_minutes) + _AFTER_SILENCE
        await turn.set_timer("emergency_alarm", enquiry.id, again)
    return told


def _answered(enquiry: Enquiry) -> dict[str, str]:
    return word(f"emergency.answered.{enquiry.emergency_answer or 'none'}")


def _open_button(enquiry: Enquiry) -> list[list[Button]]:
    return [[Button("button.alarm_open", on("alarm:open", enquiry))]]


async def _await_answer(turn: Turn, enquiry: Enquiry) -> None:
    silent = turn.after(minutes=turn.rules.limits.emergency_silence_minutes)
    await turn.set_timer("emergency_silence", enquiry.id, silent)


def _show_card(turn: Turn, chat: Chat, enquiry: Enquiry, *, told: bool) -> None:
    enquiry.cards_shown += 1
    _say_card(turn, chat, enquiry, told=told)


def _say_card(turn: Turn, chat: Chat, enquiry: Enquiry, *, told: bool, action: str = "send") -> None:
    is_first = enquiry.cards_shown == 1
    key = (
        "emergency.card" if is_first else ("emergency.card_again" if told else "emergency.card_again_untold")
    )
    turn.say(
        chat,
        key,
        buttons=_buttons(enquiry),
        purpose="card",
        subject=enquiry.id,
        priority=CONVERSATION,
        action=action,
        numbers="open",
        waits=word("emergency.waits" if told else "emergency.waits_untold"),
    )


def _can_be_answered(enquiry: Enquiry) -> dict[str, str]:
    """Return the buttons of what can still be answered; who has called need not say that it is urgent."""
    buttons = {"called": "button.called", "yes": "button.urgent"}
    left = {"called": (), "yes": ("called",)}.get(enquiry.emergency_answer or "", tuple(buttons))
    return {given: buttons[given] for given in left}


def _buttons(enquiry: Enquiry) -> list[list[Button]]:
    """Return the answers the writer can still give, and that it is not urgent."""
    still = {**_can_be_answered(enquiry), "no": "button.not_urgent"}
    return [[Button(key, on(f"urgent:{given}", enquiry))] for given, key in still.items()]
