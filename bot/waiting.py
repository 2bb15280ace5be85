"""A case that was taken and is not answered: its adviser is reminded, and the coordinators are alarmed."""

from __future__ import annotations

from datetime import timedelta

from bot import alarms
from bot.turn import Turn
from scheduling.instant import Instant
from scheduling.urgency import Urgency
from storage.models import Enquiry, State
from storage.queries import enquiries as find

_TIMER = "unanswered"
_ALARM = "alarm.unanswered"
_MOST_ALARMS = 3
_AT_LEAST = timedelta(minutes=15)


async def await_answer(turn: Turn, enquiry: Enquiry) -> None:
    """Have it noticed where nothing was answered at half of what is left of the promise."""
    left = (enquiry.promised_by or turn.now) - turn.now
    await _set(turn, enquiry, Instant.of(turn.now + max(left / 2, _AT_LEAST)))


async def unanswered(turn: Turn, enquiry: Enquiry) -> None:
    """Remind the adviser and alarm the coordinators, at most three times in all."""
    again = turn.after(minutes=turn.rules.limits.unclaimed_alarm_minutes)
    if enquiry.state is State.HELD:
        await _set(turn, enquiry, again)
        return
    adviser = await find.adviser_of(turn.unit, enquiry.id)
    if enquiry.state is not State.ASSIGNED or adviser is None or _is_answered(enquiry):
        return
    person, chat = adviser
    number = enquiry.number or ""
    turn.say(chat, "panel.unanswered", subject=enquiry.id, number=number)
    is_high = enquiry.urgency is Urgency.HIGH
    await alarms.alert(turn, _ALARM, about=enquiry, urgent=is_high, number=number, alias=person.alias)
    since = enquiry.assigned_at or turn.now
    if await find.times_alarmed(turn.unit, enquiry.id, _ALARM, since=since) + 1 < _MOST_ALARMS:
        await _set(turn, enquiry, again)


def _is_answered(enquiry: Enquiry) -> bool:
    """Whether who has it now has answered; an answer cancels the timer, so this is for one in between."""
    if enquiry.answered_at is None:
        return False
    return enquiry.assigned_at is None or enquiry.answered_at >= enquiry.assigned_at


async def _set(turn: Turn, enquiry: Enquiry, moment: Instant) -> None:
    """Set the timer; what is not of high urgency buzzes in opening hours only."""
    if enquiry.urgency is not Urgency.HIGH:
        moment = turn.rules.panel_hours.next_opening(moment) or moment
    await turn.set_timer(_TIMER, enquiry.id, moment)
