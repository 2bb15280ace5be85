"""When a case that was taken must be answered; `silence` says what happens where it is not."""

from __future__ import annotations

from datetime import timedelta

from bot.turn import Turn
from scheduling.instant import Instant
from scheduling.urgency import Urgency
from storage.models import Enquiry

_TIMER = "unanswered"
_AT_LEAST = timedelta(minutes=15)


async def await_answer(turn: Turn, enquiry: Enquiry) -> None:
    """Have it noticed where nothing was answered after the minutes set, or at half of what is promised."""
    minutes = turn.rules.patience(enquiry.urgency).nudge_minutes
    left = (enquiry.promised_by or turn.now) - turn.now
    wait = timedelta(minutes=minutes) if minutes else max(left / 2, _AT_LEAST)
    await _set(turn, enquiry, Instant.of(turn.now + wait))


async def await_longer(turn: Turn, enquiry: Enquiry) -> None:
    """Have it looked at again."""
    await _set(turn, enquiry, turn.after(minutes=turn.rules.patience(enquiry.urgency).again_minutes))


async def await_until(turn: Turn, enquiry: Enquiry, back: Instant) -> None:
    """Have it looked at again a while after its adviser is back."""
    await _set(turn, enquiry, Instant.of(back + _AT_LEAST))


def is_answered(enquiry: Enquiry) -> bool:
    """Whether who has it now has answered; an answer cancels the timer, so this is for one in between."""
    if enquiry.answered_at is None:
        return False
    return enquiry.assigned_at is None or enquiry.answered_at >= enquiry.assigned_at


async def _set(turn: Turn, enquiry: Enquiry, moment: Instant) -> None:
    """Set the timer; what is not of high urgency buzzes in opening hours only."""
    if enquiry.urgency is not Urgency.HIGH:
        moment = turn.rules.panel_hours.next_opening(moment) or moment
    await turn.set_timer(_TIMER, enquiry.id, moment)
