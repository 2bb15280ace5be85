"""The rota: who has a shift when, from weekly rules and what departs from them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, time, timedelta
from functools import cache, cached_property
from itertools import accumulate, chain, pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

from scheduling.instant import Instant
from scheduling.local_time import instant_of
from scheduling.opening import OpeningHours
from scheduling.rota_lines import (
    NO_CUTS,
    Cuts,
    Days,
    Line,
    Patterns,
    overlap,
    shifts_of,
    span_of,
    span_on,
    whole_shifts,
)
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
            (rule, span, day) for rule in self.rules for day, span in days.spans_of(rule).items()
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
        if person not in self._member_of:
            return False
        left = list(self._away.get(person, NO_CUTS).leave_of([span]))
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
            yield from shifts_of(line, line.melted(days, window))

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
            span = Days(day, day, self.kind_of).spans_of(source).get(day)
        else:
            span = span_of(source, day) if source.is_on and source.day == day else None
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
        """Everything that bears on a member at the stations she may have a shift at."""
        lines: dict[UUID, dict[Station, Line]] = {member.person: {} for member in self.members}
        patterns = Patterns()

        def line(person: UUID, station: Station) -> Line:
            hers = lines.get(person, {})
            if station not in hers:
                pattern = patterns.of(self._rules_of.get((person, station), ()))
                hers[station] = Line(person, station, pattern, self._away.get(person, NO_CUTS))
            return hers[station]

        for person, station in self._rules_of:
            line(person, station)
        cuts: defaultdict[tuple[UUID, Station], list[Span]] = defaultdict(list)
        for extra in self.overrides:
            span = span_of(extra, extra.day)
            if span is not None and extra.is_on:
                line(extra.person, extra.station).extras.append((extra.day, span))
            elif span is not None:
                cuts[extra.person, extra.station].append(span)
        for planned in filter(None, map(self._swapped, self.swaps)):
            cuts[planned.owner, planned.station].append(planned.span)
            line(planned.holder, planned.station).taken.append((planned.occurrence.day, planned.span))
        for (person, station), spans in cuts.items():
            line(person, station).off = Cuts(spans)
        return lines

    @cached_property
    def _rules_of(self) -> dict[tuple[UUID, Station], list[Rule]]:
        found: defaultdict[tuple[UUID, Station], list[Rule]] = defaultdict(list)
        for rule in self.rules:
            found[rule.person, rule.station].append(rule)
        return dict(found)

    @cached_property
    def _away(self) -> dict[UUID, Cuts]:
        """Return when a person has no shift whatever is planned; who is always there is left out."""
        spans: defaultdict[UUID, list[Span]] = defaultdict(list)
        for member in self.members:
            for span in self._outside(member):
                spans[member.person].append(span)
        for absence in self.absences:
            starts = instant_of(absence.starts.date(), absence.starts.time(), absence.zone)
            ends = instant_of(absence.ends.date(), absence.ends.time(), absence.zone)
            spans[absence.person].append(Span(starts, ends))
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
                if station is None or line.station is station:
                    yield line

    @cached_property
    def _lines_by_hours(self) -> dict[tuple[time, time, ZoneInfo], dict[int, list[Line]]]:
        """The lines that a rule of these hours may give a shift on a weekday."""
        found: defaultdict[tuple[time, time, ZoneInfo], defaultdict[int, list[Line]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for line in self._lines_of(None, None):
            for rule in line.pattern.rules:
                for weekday in rule.weekdays:
                    found[rule.starts, rule.ends, rule.zone][weekday].append(line)
        return {hours: dict(lines) for hours, lines in found.items()}

    @cached_property
    def _singles_by_day(self) -> dict[date, list[tuple[Span, Line]]]:
        """The occurrences that a line holds one by one, by the day each belongs to."""
        found: defaultdict[date, list[tuple[Span, Line]]] = defaultdict(list)
        for line in self._lines_of(None, None):
            for day, span in (*line.extras, *line.taken):
                found[day].append((span, line))
        return dict(found)

    def _lines_perhaps_at(self, moment: Instant) -> Iterable[Line]:
        """Return the lines with an occurrence at the moment, unless the day or a cut takes it away."""
        found: dict[Line, None] = {}
        for (starts, ends, zone), lines in self._lines_by_hours.items():
            today = moment.astimezone(zone).date()
            for day in (today - _DAY, today):
                span = span_on(day, starts, ends, zone)
                if span is not None and span.starts <= moment < span.ends:
                    found.update(dict.fromkeys(lines.get(day.weekday(), ())))
        for ahead in (-2, -1, 0, 1):
            singles = self._singles_by_day.get(moment.date() + ahead * _DAY, ())
            there = (line for span, line in singles if span.starts <= moment < span.ends)
            found.update(dict.fromkeys(there))
        return found


def _add_thin(found: list[Thin], thin: Thin) -> None:
    """Append the span, melted with the last where it goes on with as many."""
    if found and found[-1].span.ends == thin.span.starts and found[-1].on_duty == thin.on_duty:
        thin = Thin(Span(found.pop().span.starts, thin.span.ends), thin.station, thin.on_duty, thin.needed)
    found.append(thin)


def _lasting(shift: Shift) -> tuple[Instant, timedelta, int]:
    """Order shifts by when they end, then the longer, then by station with the panel's last."""
    return shift.span.ends, shift.span.ends - shift.span.starts, -_STATIONS.index(shift.station)
