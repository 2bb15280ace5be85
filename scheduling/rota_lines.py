"""How one person's shifts at one station are pieced together from what bears on her there."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from uuid import UUID
from zoneinfo import ZoneInfo

from scheduling.instant import Instant
from scheduling.local_time import instant_of
from scheduling.shifts import DayKind, Rule, Shift, Single, Source, Span, Station

_DAY = timedelta(days=1)
_REACHES = (0, 3, 7, 60, 400)
_begins_at: Callable[[Span], Instant] = itemgetter(0)
_new = tuple.__new__  # a named tuple's own way of being made takes twice as long, and a year is 50,000 shifts


class Days:
    """The days from the first to the last, by weekday and kind, and the spans of the rules on them."""

    def __init__(self, first: date, last: date, kind_of: Callable[[date], DayKind]) -> None:
        self.first, self.last = first, last
        self._days: defaultdict[tuple[int, DayKind], list[date]] = defaultdict(list)
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            day = date.fromordinal(ordinal)
            self._days[day.weekday(), kind_of(day)].append(day)
        self._spans: dict[tuple[object, ...], dict[date, Span]] = {}
        self._shared: dict[tuple[Pattern, Span], list[Span]] = {}

    def spans_of(self, rule: Rule) -> dict[date, Span]:
        """Return the spans of the rule that begin on the days, by day and in order."""
        alike = _hours(rule)
        found = self._spans.get(alike)
        if found is None:
            first, last = max(rule.valid_from, self.first), min(rule.valid_until or self.last, self.last)
            week, every = _week(rule.valid_from), rule.every_weeks
            kinds = (self._days.get((weekday, kind), ()) for weekday in rule.weekdays for kind in rule.on)
            days = sorted(day for day in chain.from_iterable(kinds) if first <= day <= last)
            spans = ((day, span_of(rule, day)) for day in days if (_week(day) - week) % every == 0)
            found = self._spans[alike] = {day: span for day, span in spans if span is not None}
        return found

    def melted(self, pattern: Pattern, window: Span) -> list[Span]:
        """Return what the pattern alone makes on the days, where it overlaps the window; worked out once."""
        found = self._shared.get((pattern, window))
        if found is None:
            found = self._shared[pattern, window] = _melted(self.pieces(pattern), window)
        return found

    def pieces(self, pattern: Pattern) -> list[Span]:
        """Return the spans of the pattern's rules that begin on the days, rule by rule."""
        return [span for rule in pattern.rules for span in self.spans_of(rule).values()]


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """The weekly rules of a line, whosever they are: people with the same hours share one."""

    rules: tuple[Rule, ...] = ()


class Patterns:
    """Makes the patterns, each once."""

    def __init__(self) -> None:
        self._made: dict[tuple[tuple[object, ...], ...], Pattern] = {}

    def of(self, rules: Iterable[Rule]) -> Pattern:
        """Return the pattern of the rules: the same one for rules alike."""
        made = tuple(rules)
        return self._made.setdefault(tuple(map(_hours, made)), Pattern(made))


class Cuts:
    """Spans in which there is nothing, in order and apart from each other."""

    __slots__ = ("_ends", "_starts")

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._starts: list[Instant] = []
        self._ends: list[Instant] = []
        for span in sorted(span for span in spans if span.starts < span.ends):
            if self._ends and span.starts <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], span.ends)
            else:
                self._starts.append(span.starts)
                self._ends.append(span.ends)

    def __bool__(self) -> bool:
        return bool(self._starts)

    def leave_of(self, spans: Iterable[Span]) -> Iterator[Span]:
        """Yield what the cuts leave of the spans."""
        for whole in spans:
            left, (starts, ends) = whole, whole
            index = bisect_right(self._ends, starts)
            while index < len(self._starts) and self._starts[index] < ends:
                if starts < self._starts[index]:
                    yield Span(starts, self._starts[index])
                starts = self._ends[index]
                left = Span(starts, ends)
                index += 1
            if starts < ends:
                yield left


NO_CUTS = Cuts()


class Line:
    """Everything that bears on one person at one station."""

    __slots__ = ("away", "extras", "off", "pattern", "person", "station", "taken")

    def __init__(self, person: UUID, station: Station, pattern: Pattern, away: Cuts) -> None:
        self.person, self.station, self.pattern, self.away = person, station, pattern, away
        self.extras: list[Single] = []
        self.taken: list[Single] = []
        self.off = NO_CUTS

    def melted(self, days: Days, window: Span) -> list[Span]:
        """Return what begins on the days, melted and in order, where it overlaps the window."""
        if self.extras or self.taken or self.off or self.away:
            return _melted(self._pieces(days), window)
        return days.melted(self.pattern, window)

    def _pieces(self, days: Days) -> Iterable[Span]:
        found = days.pieces(self.pattern)
        found += [span for day, span in self.extras if days.first <= day <= days.last]
        if self.off:
            found = list(self.off.leave_of(found))
        found += [span for day, span in self.taken if days.first <= day <= days.last]
        return self.away.leave_of(found) if self.away else found


def _melted(pieces: Iterable[Span], window: Span) -> list[Span]:
    """Return what the pieces melt into where they touch, in order, where it overlaps the window."""
    in_order = sorted(pieces, key=_begins_at)
    begins, over = window
    if not in_order or in_order[0].starts >= over:
        return []
    found: list[Span] = []
    whole: Span | None = in_order[0]
    first, last = in_order[0]
    for span in in_order:
        starts, ends = span
        if starts <= last:
            if ends > last:
                whole, last = None, ends
            continue
        if last > begins:
            found.append(whole or Span(first, last))
        if starts >= over:
            return found
        whole, first, last = span, starts, ends
    if last > begins:
        found.append(whole or Span(first, last))
    return found


def shifts_of(line: Line, spans: Iterable[Span]) -> list[Shift]:
    """Return the spans as shifts of the line."""
    person, station = line.person, line.station
    return [_new(Shift, (person, station, span)) for span in spans]


def whole_shifts(line: Line, window: Span, days: Callable[[int], Days]) -> list[Shift]:
    """Return the shifts that overlap the window, each followed to where it begins and ends."""
    found: list[Span] = []
    for reach in _REACHES:
        reached = days(reach)
        found = line.melted(reached, window)
        if not found:
            break
        begins, ends = found[0].starts.date(), found[-1].ends.date()
        if reached.first + 2 * _DAY <= begins and ends <= reached.last - _DAY:
            break
    return shifts_of(line, found)


def overlap(one: Span, other: Span) -> bool:
    """Whether the spans have a moment in common."""
    return max(one.starts, other.starts) < min(one.ends, other.ends)


def _hours(rule: Rule) -> tuple[object, ...]:
    """Return what says when the rule gives shifts."""
    return (
        rule.weekdays,
        rule.on,
        rule.starts,
        rule.ends,
        rule.zone,
        rule.valid_from,
        rule.valid_until,
        rule.every_weeks,
    )


def _week(day: date) -> int:
    return (day.toordinal() - 1) // 7


def span_of(source: Source, day: date) -> Span | None:
    """Return the span of the day's occurrence, or None where the clock skips it."""
    return span_on(day, source.starts, source.ends, source.zone)


@lru_cache(maxsize=1 << 15)
def span_on(day: date, starts: time, ends: time, zone: ZoneInfo) -> Span | None:
    """Return the span between the times, or None where the clock skips it; the day after if it must be."""
    begins = _moment_on(day, starts, zone)
    finishes = _moment_on(day + _DAY if ends <= starts else day, ends, zone)
    return Span(begins, finishes) if begins < finishes else None


@lru_cache(maxsize=1 << 15)
def _moment_on(day: date, at: time, zone: ZoneInfo) -> Instant:
    """Return what `instant_of` does, on a day of 24 hours without asking the zone again."""
    midnight = _midnight_of_even(day, zone)
    return instant_of(day, at, zone) if midnight is None else midnight + _since_midnight(at)


@lru_cache(maxsize=1 << 12)
def _midnight_of_even(day: date, zone: ZoneInfo) -> Instant | None:
    """Return when the day begins, or None where the clock is changed on it."""
    midnight = instant_of(day, time(0), zone)
    return midnight if instant_of(day + _DAY, time(0), zone) - midnight == _DAY else None


@lru_cache(maxsize=1 << 11)
def _since_midnight(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second, microseconds=at.microsecond)
