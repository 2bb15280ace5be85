"""How one person's shifts at one station are pieced together from what bears on her there."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, time, timedelta
from functools import lru_cache
from operator import itemgetter
from uuid import UUID
from zoneinfo import ZoneInfo

from scheduling.instant import Instant
from scheduling.local_time import instant_of
from scheduling.shifts import (
    DayKind,
    Occurrence,
    Piece,
    Rule,
    Shift,
    Source,
    Span,
    Station,
)

_DAY = timedelta(days=1)
_FIRST = Instant(1, 1, 1, tzinfo=UTC)
_REACHES = (0, 3, 7, 60, 400)
_begins_at: Callable[[Piece], Instant] = itemgetter(0)
_new = tuple.__new__  # a named tuple's own way of being made takes twice as long, and a year is 50,000 shifts


class Days:
    """The days from the first to the last, by weekday and kind, and the spans of the rules on them."""

    def __init__(self, first: date, last: date, kind_of: Callable[[date], DayKind]) -> None:
        self.first, self.last = first, last
        self._days: defaultdict[tuple[int, DayKind], list[date]] = defaultdict(list)
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            day = date.fromordinal(ordinal)
            self._days[day.weekday(), kind_of(day)].append(day)
        self._spans: dict[tuple[object, ...], list[tuple[Instant, Span, date]]] = {}

    def of(self, rule: Rule) -> list[date]:
        """Return the days on which an occurrence of the rule begins, in no order."""
        return [day for _, _, day in self.spans_of(rule)]

    def spans_of(self, rule: Rule) -> list[tuple[Instant, Span, date]]:
        """Return the spans of the rule that begin on the days, in no order; what starts them goes first."""
        found = self._spans_like(rule)
        if rule.valid_from > self.first:
            found = [one for one in found if rule.valid_from <= one[2]]
        if rule.valid_until is not None and rule.valid_until < self.last:
            found = [one for one in found if one[2] <= rule.valid_until]
        if rule.every_weeks > 1:
            week = _week(rule.valid_from)
            found = [one for one in found if (_week(one[2]) - week) % rule.every_weeks == 0]
        return found

    def _spans_like(self, rule: Rule) -> list[tuple[Instant, Span, date]]:
        """Return the spans as if the rule had always been valid; rules of the same hours share them."""
        hours = rule.weekdays, rule.on, rule.starts, rule.ends, rule.zone
        found = self._spans.get(hours)
        if found is None:
            found = self._spans[hours] = [
                (span.starts, span, day)
                for weekday in rule.weekdays
                for kind in rule.on
                for day in self._days.get((weekday, kind), ())
                if (span := span_of(rule, day)) is not None
            ]
        return found


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

    def leave_of(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """Yield what the cuts leave of the pieces."""
        for begins, whole, occurrence in pieces:
            starts, span = begins, whole
            index = bisect_right(self._ends, starts)
            while index < len(self._starts) and self._starts[index] < whole.ends:
                if starts < self._starts[index]:
                    yield starts, Span(starts, self._starts[index]), occurrence
                starts = self._ends[index]
                span = Span(starts, whole.ends)
                index += 1
            if starts < whole.ends:
                yield starts, span, occurrence


_NO_CUTS = Cuts()


class Line:
    """Everything that bears on one person at one station."""

    __slots__ = ("away", "extras", "off", "person", "rules", "station", "taken")

    def __init__(self, person: UUID, station: Station) -> None:
        self.person, self.station = person, station
        self.rules: list[Rule] = []
        self.extras: list[Piece] = []
        self.taken: list[Piece] = []
        self.off = self.away = _NO_CUTS

    @property
    def is_used(self) -> bool:
        """Whether the person can have a shift at the station at all."""
        return bool(self.rules or self.extras or self.taken)

    def pieces(self, days: Days) -> list[Piece]:
        """Return what the person holds of the occurrences that begin on the days, ordered by start."""
        found = [
            (starts, span, _new(Occurrence, (rule.id, day)))
            for rule in self.rules
            for starts, span, day in days.spans_of(rule)
        ]
        found += [piece for piece in self.extras if days.first <= piece[2].day <= days.last]
        if self.off:
            found = list(self.off.leave_of(found))
        found += [piece for piece in self.taken if days.first <= piece[2].day <= days.last]
        if self.away:
            found = list(self.away.leave_of(found))
        found.sort(key=_begins_at)
        return found


def melted(line: Line, days: Days, window: Span) -> list[Shift]:
    """Return the shifts that the occurrences of the days make, in order, where they overlap the window."""
    begins, over = window
    found: list[Shift] = []
    first, melting = Span(_FIRST, _FIRST), list[Occurrence]()
    ends = _FIRST
    for starts, span, occurrence in line.pieces(days):
        if starts <= ends:
            melting.append(occurrence)
            if span.ends > ends:  # noqa: PLR1730 - max() takes four times as long
                ends = span.ends
            continue
        if ends > begins:
            found.append(_shift(line, first, ends, melting))
        if starts >= over:
            return found
        first, ends, melting = span, span.ends, [occurrence]
    if ends > begins:
        found.append(_shift(line, first, ends, melting))
    return found


def _shift(line: Line, first: Span, ends: Instant, melted: list[Occurrence]) -> Shift:
    """Return the shift that begins with the span, ends at the moment and was melted of the occurrences."""
    if len(melted) == 1:
        return _new(Shift, (line.person, line.station, first, (melted[0],)))
    sources = dict.fromkeys(melted) if line.off or line.away else melted
    return Shift(line.person, line.station, Span(first.starts, ends), tuple(sources))


def whole_shifts(line: Line, window: Span, days: Callable[[int], Days]) -> list[Shift]:
    """Return the shifts that overlap the window, each followed to where it begins and ends."""
    found: list[Shift] = []
    for reach in _REACHES:
        reached = days(reach)
        found = melted(line, reached, window)
        if not found:
            break
        begins, ends = found[0].span.starts.date(), found[-1].span.ends.date()
        if reached.first + 2 * _DAY <= begins and ends <= reached.last - _DAY:
            break
    return found


def overlap(one: Span, other: Span) -> bool:
    """Whether the spans have a moment in common."""
    return max(one.starts, other.starts) < min(one.ends, other.ends)


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


_moment_on = lru_cache(maxsize=1 << 15)(instant_of)
