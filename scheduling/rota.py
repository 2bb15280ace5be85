"""The rota: who has a shift when, from weekly rules and what departs from them."""

from __future__ import annotations

import gc
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, time, timedelta
from functools import cache, cached_property
from itertools import accumulate, chain, pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

from scheduling.instant import Instant
from scheduling.local_time import instant_of
from scheduling.opening import OpeningHours
from scheduling.rota_lines import Cuts, Days, Line, melted, overlap, span_of, span_on, whole_shifts
from scheduling.shifts import (
    Absence,
    DayKind,
    Member,
    Occurrence,
    Override,
    Planned,
    Rule,
    Shift,
    Source,
    Span,
    Station,
    Swap,
    Thin,
)

_DAY = timedelta(days=1)
_BLINK = timedelta(microseconds=1)
_FIRST = Instant(1, 1, 1, tzinfo=UTC)
_LAST = Instant(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
_LOOK_AHEAD_DAYS = (2, 16, 80, 400)
_STATIONS = tuple(Station)


@dataclass(frozen=True)
class Rota:
    """Everything planned; precedence: leaver or paused > absence > swap > override > rule.

    A swap counts while its occurrence exists and is its giver's. A shift that goes on without end is
    followed for 400 days beyond the window it was asked for.
    """

    zone: ZoneInfo
    members: tuple[Member, ...] = ()
    rules: tuple[Rule, ...] = ()
    overrides: tuple[Override, ...] = ()
    absences: tuple[Absence, ...] = ()
    swaps: tuple[Swap, ...] = ()
    kind_of: Callable[[date], DayKind] = field(default=lambda _day: DayKind.NORMAL)

    def occurrences(self, window: Span, *, person: UUID | None = None) -> tuple[Planned, ...]:
        """Return what is planned in the window after swaps, before anything cuts it, ordered by start."""
        days = self._days(window, reach=0)
        found: list[tuple[Source, Span, date]] = [
            (rule, span, day) for rule in self.rules for _, span, day in days.spans_of(rule)
        ]
        extras = ((extra, span_of(extra, extra.day)) for extra in self.overrides if extra.is_on)
        found += [(extra, span, extra.day) for extra, span in extras if span is not None]
        planned = (
            self._planned(source, Occurrence(source.id, day), span)
            for source, span, day in found
            if overlap(span, window)
        )
        mine = (one for one in planned if person is None or person in (one.owner, one.holder))
        return tuple(sorted(mine, key=lambda one: one.span.starts))

    def shifts(
        self, window: Span, *, person: UUID | None = None, station: Station | None = None
    ) -> tuple[Shift, ...]:
        """Return the whole shifts that overlap the window, ordered by start."""
        days = cache(lambda reach: self._days(window, reach=reach))
        found: defaultdict[Instant, list[Shift]] = defaultdict(list)
        with _nothing_collected():
            for line in self._lines_of(person, station):
                for shift in whole_shifts(line, window, days):
                    found[shift.span.starts].append(shift)
        # Many shifts begin at one moment, and moments take long to compare.
        return tuple(chain.from_iterable(found[starts] for starts in sorted(found)))

    def shift_at(self, person: UUID, moment: Instant, *, station: Station | None = None) -> Shift | None:
        """Return the shift the person has at the moment; of several the one that ends last."""
        found = self.shifts(Span(moment, moment + _BLINK), person=person, station=station)
        return max(found, key=_lasting, default=None)

    def on_duty(self, moment: Instant, *, station: Station | None = None) -> dict[UUID, Shift]:
        """Return everybody on duty at the moment, with the shift of hers that ends last."""
        window = Span(moment, moment + _BLINK)
        days = cache(lambda reach: self._days(window, reach=reach))
        found: defaultdict[UUID, list[Shift]] = defaultdict(list)
        for line in self._lines_perhaps_at(moment):
            if station is None or line.station is station:
                found[line.person] += whole_shifts(line, window, days)
        return {person: max(shifts, key=_lasting) for person, shifts in found.items() if shifts}

    def next_change(self, person: UUID, after: Instant) -> Instant | None:
        """Return when next a shift of the person begins or ends, if within 400 days."""
        for count in _LOOK_AHEAD_DAYS:
            until = after + timedelta(days=count)
            spans = (shift.span for shift in self._pieced_shifts(Span(after, until), person=person))
            moments = [moment for span in spans for moment in (span.starts, span.ends)]
            change = min((moment for moment in moments if after < moment <= until), default=None)
            if change is not None:
                return change
        return None

    def next_start(self, after: Instant, *, station: Station) -> Instant | None:
        """Return the moment itself while somebody is on duty, else when next a shift begins, or None."""
        for count in _LOOK_AHEAD_DAYS:
            window = Span(after, after + timedelta(days=count))
            starts = [shift.span.starts for shift in self._pieced_shifts(window, station=station)]
            if starts:
                return max(after, min(starts))
        return None

    def thin(self, window: Span, *, station: Station, needed: int, hours: OpeningHours) -> tuple[Thin, ...]:
        """Return the spans of the window's opening hours in which fewer people are on duty than needed."""
        steps: defaultdict[Instant, int] = defaultdict(int)
        for shift in self._pieced_shifts(window, station=station):
            steps[max(shift.span.starts, window.starts)] += 1
            steps[min(shift.span.ends, window.ends)] -= 1
        moments = sorted(steps)
        counts = [0, *accumulate(steps[moment] for moment in moments)]
        found: list[Thin] = []
        for opens, closes in hours.open_between(window.starts, window.ends):
            inside = moments[bisect_right(moments, opens) : bisect_left(moments, closes)]
            for starts, ends in pairwise((opens, *inside, closes)):
                there = counts[bisect_right(moments, starts)]
                if there < needed:
                    _add_thin(found, Thin(Span(starts, ends), station, there, needed))
        return tuple(found)

    def is_member(self, person: UUID, moment: Instant) -> bool:
        """Whether the person has joined by the moment, has not left and is not paused."""
        member = self._member_of.get(person)
        return member is not None and not any(
            span.starts <= moment < span.ends for span in self._outside(member)
        )

    def could_stand(self, person: UUID, span: Span) -> bool:
        """Whether the person is a member and away at no moment of the span, and has no shift in it yet."""
        lines = self._lines.get(person)
        if lines is None:
            return False
        away = next(iter(lines.values())).away
        left = [
            piece
            for _, piece, _ in away.leave_of([(span.starts, span, Occurrence(person, span.starts.date()))])
        ]
        return left == [span] and not any(self._pieced_shifts(span, person=person))

    def void_swaps(self) -> tuple[Swap, ...]:
        """Return the swaps whose occurrence no longer exists or is not the giver's."""
        return tuple(swap for swap in self.swaps if self._swapped(swap) is None)

    def _days(self, window: Span, *, reach: int) -> Days:
        # A local date is at most a day off the date in UTC; a shift begins on the day before it ends.
        first = window.starts.date() - (3 + reach) * _DAY
        return Days(first, window.ends.date() + (2 + reach) * _DAY, self.kind_of)

    def _pieced_shifts(
        self, window: Span, *, person: UUID | None = None, station: Station | None = None
    ) -> Iterator[Shift]:
        """Yield the shifts that overlap the window, exact within it only."""
        days = self._days(window, reach=0)
        for line in self._lines_of(person, station):
            yield from melted(line, days, window)

    def _planned(self, source: Source, occurrence: Occurrence, span: Span) -> Planned:
        swap = self._swap_of.get(occurrence)
        holder = source.person if swap is None or swap.giver != source.person else swap.taker
        return Planned(occurrence, source.person, holder, source.station, span)

    def _swapped(self, swap: Swap) -> Planned | None:
        """Return the occurrence a swap is bound to, or None where the swap is void."""
        source, day = self._sources.get(swap.occurrence.source), swap.occurrence.day
        if source is None or source.person != swap.giver:
            return None
        if isinstance(source, Rule):
            exists = day in Days(day, day, self.kind_of).of(source)
        else:
            exists = source.is_on and source.day == day
        span = span_of(source, day) if exists else None
        return None if span is None else self._planned(source, swap.occurrence, span)

    @cached_property
    def _member_of(self) -> dict[UUID, Member]:
        return {member.person: member for member in self.members}

    @cached_property
    def _sources(self) -> dict[UUID, Source]:
        sources: list[Source] = [*self.rules, *self.overrides]
        return {source.id: source for source in sources}

    @cached_property
    def _swap_of(self) -> dict[Occurrence, Swap]:
        return {swap.occurrence: swap for swap in self.swaps}

    @cached_property
    def _lines(self) -> dict[UUID, dict[Station, Line]]:
        """Everything that bears on a member at a station."""
        away = self._away()
        lines = {
            member.person: {station: Line(member.person, station) for station in Station}
            for member in self.members
        }
        for member in self.members:
            for line in lines[member.person].values():
                line.away = away[member.person]
        nowhere = {station: Line(UUID(int=0), station) for station in Station}
        for rule in self.rules:
            lines.get(rule.person, nowhere)[rule.station].rules.append(rule)
        cuts: defaultdict[tuple[UUID, Station], list[Span]] = defaultdict(list)
        for extra in self.overrides:
            span = span_of(extra, extra.day)
            if span is not None and extra.is_on:
                lines.get(extra.person, nowhere)[extra.station].extras.append(
                    (span.starts, span, Occurrence(extra.id, extra.day))
                )
            elif span is not None:
                cuts[extra.person, extra.station].append(span)
        for planned in filter(None, map(self._swapped, self.swaps)):
            cuts[planned.owner, planned.station].append(planned.span)
            lines.get(planned.holder, nowhere)[planned.station].taken.append(
                (planned.span.starts, planned.span, planned.occurrence)
            )
        for (person, station), spans in cuts.items():
            lines.get(person, nowhere)[station].off = Cuts(spans)
        return lines

    def _away(self) -> dict[UUID, Cuts]:
        """Return when each member has no shift whatever is planned."""
        spans: dict[UUID, list[Span]] = {
            member.person: list(self._outside(member)) for member in self.members
        }
        for absence in self.absences:
            starts = instant_of(absence.starts.date(), absence.starts.time(), absence.zone)
            ends = instant_of(absence.ends.date(), absence.ends.time(), absence.zone)
            spans.setdefault(absence.person, []).append(Span(starts, ends))
        return {person: Cuts(away) for person, away in spans.items()}

    def _outside(self, member: Member) -> Iterator[Span]:
        if member.joins is not None and member.joins > date.min:
            yield Span(_FIRST, instant_of(member.joins, time(0), self.zone))
        if member.leaves is not None and member.leaves < date.max:
            yield Span(instant_of(member.leaves + _DAY, time(0), self.zone), _LAST)
        if member.paused is not None:
            yield member.paused

    def _lines_of(self, person: UUID | None, station: Station | None) -> Iterator[Line]:
        everybody = self._lines
        people = everybody.values() if person is None else (everybody.get(person, {}),)
        for stations in people:
            for line in stations.values():
                if (station is None or line.station is station) and line.is_used:
                    yield line

    @cached_property
    def _rules_by_hours(self) -> dict[tuple[time, time, ZoneInfo], list[Rule]]:
        found: defaultdict[tuple[time, time, ZoneInfo], list[Rule]] = defaultdict(list)
        for rule in self.rules:
            found[rule.starts, rule.ends, rule.zone].append(rule)
        return dict(found)

    @cached_property
    def _singles_by_day(self) -> dict[date, list[tuple[Span, UUID, Station]]]:
        """The occurrences that a line holds one by one, by the day each belongs to."""
        found: defaultdict[date, list[tuple[Span, UUID, Station]]] = defaultdict(list)
        for line in self._lines_of(None, None):
            for _, span, occurrence in (*line.extras, *line.taken):
                found[occurrence.day].append((span, line.person, line.station))
        return dict(found)

    def _lines_perhaps_at(self, moment: Instant) -> Iterator[Line]:
        """Yield the lines with an occurrence at the moment, unless the day or a cut takes it away."""
        found: dict[tuple[UUID, Station], None] = {}
        for (starts, ends, zone), rules in self._rules_by_hours.items():
            today = moment.astimezone(zone).date()
            for day in (today - _DAY, today):
                span = span_on(day, starts, ends, zone)
                if span is not None and span.starts <= moment < span.ends:
                    weekday = day.weekday()
                    holding = ((rule.person, rule.station) for rule in rules if weekday in rule.weekdays)
                    found.update(dict.fromkeys(holding))
        for ahead in (-2, -1, 0, 1):
            singles = self._singles_by_day.get(moment.date() + ahead * _DAY, ())
            holding = ((who, where) for span, who, where in singles if span.starts <= moment < span.ends)
            found.update(dict.fromkeys(holding))
        for person, station in found:
            if person in self._lines:
                yield self._lines[person][station]


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Keep the interpreter from looking for cycles among the many values that are made here and have none."""
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_collecting:
            gc.enable()


def _add_thin(found: list[Thin], thin: Thin) -> None:
    """Append the span, melted with the last where it goes on with as many."""
    if found and found[-1].span.ends == thin.span.starts and found[-1].on_duty == thin.on_duty:
        thin = Thin(Span(found.pop().span.starts, thin.span.ends), thin.station, thin.on_duty, thin.needed)
    found.append(thin)


def _lasting(shift: Shift) -> tuple[Instant, timedelta, int]:
    """Order shifts by when they end, then the longer, then by station with the panel's last."""
    return shift.span.ends, shift.span.ends - shift.span.starts, -_STATIONS.index(shift.station)
