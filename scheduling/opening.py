"""Opening hours of the hotline and of the helplines it names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from scheduling.instant import Instant
from scheduling.local_time import change_on

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LOOK_AHEAD_DAYS = 400


class OpeningHoursError(ValueError):
    """Opening hours are written like "mon-fri 08:00-16:00" or "always"."""


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open span of local time on some weekdays; `closes` of 00:00 means midnight after."""

    weekdays: frozenset[int]
    opens: time
    closes: time

    def holds(self, local: datetime) -> bool:
        """Whether the local moment lies within the span."""
        after_opening = local.time() >= self.opens
        before_closing = self.closes == time(0) or local.time() < self.closes
        return local.weekday() in self.weekdays and after_opening and before_closing


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """When somebody answers, in the hotline's zone; holidays count as closed where told so."""

    spans: tuple[Span, ...]
    zone: ZoneInfo
    is_holiday: Callable[[date], bool] | None = None

    def is_open(self, moment: datetime) -> bool:
        """Whether the moment lies within the opening hours."""
        local = moment.astimezone(self.zone)
        if self.is_holiday is not None and self.is_holiday(local.date()):
            return False
        return any(span.holds(local) for span in self.spans)

    def next_closing(self, moment: datetime) -> Instant:
        """Return when the day's last span closes, where open; else that of the next opening's day."""
        opening = self.next_opening(moment)
        if opening is None:
            return Instant.of(moment + timedelta(days=1))
        local = opening.astimezone(self.zone)
        midnight = datetime.combine(local.date() + timedelta(days=1), time(0), self.zone)
        closings = [
            midnight if span.closes == time(0) else datetime.combine(local.date(), span.closes, self.zone)
            for span in self.spans
            if local.weekday() in span.weekdays
        ]
        return Instant.of(max(closings, default=midnight))

    def next_opening(self, moment: datetime) -> Instant | None:
        """Return the moment itself where open, else the next opening; None where it never opens."""
        if self.is_open(moment):
            return Instant.of(moment)
        local = moment.astimezone(self.zone)
        for ahead in range(_LOOK_AHEAD_DAYS):
            day = local.date() + timedelta(days=ahead)
            openings = (datetime.combine(day, span.opens, self.zone) for span in self.spans)
            later = sorted(o for o in openings if o > local and self.is_open(o))
            if later:
                return Instant.of(later[0])
        return None

    def open_between(self, starts: Instant, ends: Instant) -> tuple[tuple[Instant, Instant], ...]:
        """Return the open spans between the two moments, in order and apart from each other."""
        moments = {starts, ends, *(m for m in self._turning_points(starts, ends) if starts < m < ends)}
        spans: list[tuple[Instant, Instant]] = []
        for opens, closes in pairwise(sorted(moments)):
            if starts >= ends or not self.is_open(opens):
                continue
            is_going_on = bool(spans) and spans[-1][1] == opens
            spans.append((spans.pop()[0] if is_going_on else opens, closes))
        return tuple(spans)

    def _turning_points(self, starts: Instant, ends: Instant) -> Iterator[Instant]:
        """Yield every moment at which the hours may begin or end, and some others."""
        times = {time(0)}.union(*((span.opens, span.closes) for span in self.spans))
        day = starts.astimezone(self.zone).date() - timedelta(days=1)
        last = ends.astimezone(self.zone).date() + timedelta(days=1)
        while day <= last:
            for at in times:
                local = datetime.combine(day, at, self.zone)
                yield from {Instant.of(local.replace(fold=fold)) for fold in (0, 1)}
            change = change_on(day, self.zone)
            if change is not None:
                yield change
            day += timedelta(days=1)


def parse_hours(
    written: str, zone: ZoneInfo, is_holiday: Callable[[date], bool] | None = None
) -> OpeningHours:
    """Return the hours written as "mon-fri 08:00-16:00, sat 10:00-12:00", or "always"."""
    if written.strip().lower() == "always":
        return OpeningHours((Span(frozenset(range(7)), time(0), time(0)),), zone)
    return OpeningHours(tuple(_parse_span(part) for part in written.split(",")), zone, is_holiday)


def parse_weekly(written: str) -> tuple[int, time] | None:
    """Return the weekday, Monday 0, and the time written as "fri 12:00", or None where it is not so."""
    day, _, at = written.strip().lower().partition(" ")
    try:
        return _WEEKDAYS.index(day), time.fromisoformat(at)
    except ValueError:
        return None


def _parse_span(part: str) -> Span:
    words = part.split()
    if len(words) != 2 or words[1].count("-") != 1:
        raise OpeningHoursError(part)
    opens, closes = words[1].split("-")
    try:
        span = Span(frozenset(_parse_days(words[0])), _parse_time(opens), _parse_time(closes))
    except ValueError as error:
        raise OpeningHoursError(part) from error
    if not span.weekdays or time(0) < span.closes <= span.opens:
        raise OpeningHoursError(part)
    return span


def _parse_days(written: str) -> Iterable[int]:
    if written == "daily":
        return range(7)
    first, _, last = written.lower().partition("-")
    start, end = _WEEKDAYS.index(first), _WEEKDAYS.index(last or first)
    return range(start, end + 1)


def _parse_time(written: str) -> time:
    return time(0) if written == "24:00" else time.fromisoformat(written)
