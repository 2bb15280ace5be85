"""What is promised, by urgency, and the moments that follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from scheduling.instant import Instant
from scheduling.opening import OpeningHours
from scheduling.urgency import Urgency


@dataclass(frozen=True, slots=True)
class Promises:
    """How many working days each urgency may wait; 0 is the same day."""

    high: int = 0
    normal: int = 1
    low: int = 5

    def working_days(self, urgency: Urgency) -> int:
        """Return the number of working days promised for the urgency; an emergency is now."""
        return {Urgency.LOW: self.low, Urgency.NORMAL: self.normal}.get(urgency, self.high)


def promised_by(asked_at: datetime, *, urgency: Urgency, promises: Promises, hours: OpeningHours) -> Instant:
    """Return the moment by which an answer is promised: the close of the last promised working day.

    *Same day* asked after closing time becomes the next staffed day's close: that is what is said.
    """
    zone = hours.zone
    day = asked_at.astimezone(zone).date()
    left = promises.working_days(urgency)
    if left == 0:
        opening = hours.next_opening(asked_at)
        return Instant.of(asked_at + timedelta(days=1)) if opening is None else hours.next_closing(opening)
    last = Instant.of(asked_at + timedelta(days=left * 3))
    for _ in range(400):
        day += timedelta(days=1)
        opening = hours.next_opening(datetime.combine(day, time(0), zone))
        if opening is None:
            return last
        if opening.astimezone(zone).date() != day:
            continue
        left -= 1
        if left == 0:
            return hours.next_closing(opening)
    return last


def next_working_day(moment: datetime, *, hours: OpeningHours) -> Instant:
    """Return when the first staffed day after the moment's own opens; a day later where none ever does."""
    tomorrow = moment.astimezone(hours.zone).date() + timedelta(days=1)
    opening = hours.next_opening(datetime.combine(tomorrow, time(0), hours.zone))
    return Instant.of(moment + timedelta(days=1)) if opening is None else opening
