"""A case kept over the end of a shift: what is written waits, and the enquirer knows until when."""

from __future__ import annotations

from datetime import timedelta

from bot import enquirer, writing
from bot.turn import CONVERSATION, Button, Turn, on, when
from scheduling.instant import Instant
from storage.models import Enquiry, Person
from storage.queries import chats, messages
from storage.queries import enquiries as find

_TIMER, _DESK_TIMER = "kept", "kept_tell_desk"
_LATE = timedelta(minutes=1)  # her shift is settled first


async def keep(turn: Turn, person: Person, enquiry: Enquiry, until: Instant) -> None:
    """Have what is written from now on wait for her until then; the enquirer is told.

    Where she has no chat, the desk is asked to tell her, in its own hours.
    """
    enquiry.kept_until = until
    await turn.set_timer(_TIMER, enquiry.id, until + _LATE)
    turn.record("kept", enquiry, by=person)
    hours = turn.rules.coordinator_hours or turn.rules.panel_hours
    opening = None if enquiry.chat_id is not None else hours.next_opening(turn.now)
    if opening is not None and opening > turn.now:
        await turn.set_timer(_DESK_TIMER, enquiry.id, opening)
    else:
        await _tell(turn, enquiry, person, "shift.enquirer_kept")


async def ask_desk_to_tell(turn: Turn, enquiry: Enquiry) -> None:
    """The desk's hours have begun: have it tell her who is kept waiting, where she still is."""
    adviser = await find.adviser_of(turn.unit, enquiry.id)
    if adviser is not None and enquiry.kept_until is not None:
        await _tell(turn, enquiry, adviser[0], "shift.enquirer_kept")


async def say_it_waits(turn: Turn, enquiry: Enquiry, person: Person) -> None:
    """Tell the enquirer that what was just written waits, until when, and what goes at once."""
    await _tell(turn, enquiry, person, "relay.waits_for_her")


async def end(turn: Turn, person: Person, enquiry: Enquiry) -> None:
    """Show her what was written while the case was kept, in order; from now on nothing waits."""
    enquiry.kept_until = None
    for timer in (_TIMER, _DESK_TIMER):
        await turn.cancel_timer(timer, enquiry.id)
    if person.chat_id is None:
        return
    if enquiry.chat_id is not None:
        turn.remove(enquiry.chat_id, purpose="kept", subject=enquiry.id)
    chat = await chats.by_id(turn.unit, person.chat_id)
    for message in await messages.never_shown_in(turn.unit, enquiry.id, chat.id):
        writing.copy_to_adviser(turn, chat, message.id, number=enquiry.number)


async def _tell(turn: Turn, enquiry: Enquiry, person: Person, key: str) -> None:
    assert enquiry.kept_until is not None
    await enquirer.tell(
        turn,
        enquiry,
        key,
        buttons=[
            [Button("button.ask_somebody_else", on("kept:other", enquiry))],
            [Button("button.emergency", "emergency")],
        ],
        purpose="kept",
        subject=enquiry.id,
        priority=CONVERSATION,
        number=enquiry.number or "–",
        alias=person.alias,
        back=when(enquiry.kept_until),
    )
    if enquiry.chat_id is not None:
        turn.remove_earlier(enquiry.chat_id, purpose="kept", subject=enquiry.id)
