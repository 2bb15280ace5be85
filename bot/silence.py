"""A case that was taken and is not answered: a reminder, an alarm, and in the end it is offered to others."""

from __future__ import annotations

from bot import alarms, handovers, waiting
from bot.turn import Turn
from scheduling.urgency import Urgency
from storage.models import Chat, Enquiry, Person, State
from storage.queries import enquiries as find

_ALARM = "alarm.unanswered"


async def unanswered(turn: Turn, enquiry: Enquiry) -> None:
    """Remind the adviser and alarm the coordinators so often as is set; then offer the case to others."""
    if enquiry.state is State.HELD:
        await waiting.await_longer(turn, enquiry)
        return
    if enquiry.kept_until is not None:
        await waiting.await_until(turn, enquiry, enquiry.kept_until)
        return
    adviser = await find.adviser_of(turn.unit, enquiry.id)
    if enquiry.state is not State.ASSIGNED or adviser is None or waiting.is_answered(enquiry):
        return
    patience = turn.rules.patience(enquiry.urgency)
    since = enquiry.assigned_at or turn.now
    nudged = await find.times_alarmed(turn.unit, enquiry.id, _ALARM, since=since)
    if nudged < patience.nudges:
        await _nudge(turn, enquiry, *adviser)
        if nudged + 1 < patience.nudges or patience.offer_on:
            await waiting.await_longer(turn, enquiry)
    elif patience.offer_on:
        await _offer_on(turn, enquiry, *adviser)


async def _nudge(turn: Turn, enquiry: Enquiry, person: Person, chat: Chat) -> None:
    number = enquiry.number or ""
    turn.say(chat, "panel.unanswered", subject=enquiry.id, number=number)
    is_high = enquiry.urgency is Urgency.HIGH
    await alarms.alert(turn, _ALARM, about=enquiry, urgent=is_high, number=number, alias=person.alias)


async def _offer_on(turn: Turn, enquiry: Enquiry, person: Person, chat: Chat) -> None:
    """Take the case from who is silent; she is told, and has it again if she claims it again."""
    await handovers.take_one(turn, person, enquiry, because="silent")
    turn.say(chat, "panel.offered_on", number=enquiry.number or "")
