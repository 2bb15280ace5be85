"""The rota as a page shows it: a week with who stands when, what departs from the plan, and what lacks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from typing import NamedTuple
from uuid import UUID

from bot import rota
from bot.turn import Turn
from scheduling.instant import Instant
from scheduling.local_time import change_on, instant_of
from scheduling.rota import Rota
from scheduling.shifts import DayKind, Occurrence, Override, Planned, Span, Station, Thin
from storage.models import Person, Role
from storage.queries import people
from storage.queries import rota as find

DAYS = 7
_DAY = timedelta(days=1)


class Mark(StrEnum):
    """How an entry departs from the regular shifts."""

    EXTRA = "extra"
    SWAPPED = "swapped"
    OFFERED = "offered"
    CUT = "cut"


class Entry(NamedTuple):
    """Who stands at a station for a span: which occurrence that is, and how it departs from the rule."""

    alias: str
    span: Span
    occurrence: Occurrence
    marks: tuple[Mark, ...] = ()
    owner: str = ""
    is_own: bool = False
    is_ahead: bool = False


class Slot(NamedTuple):
    """Everybody who stands at a station for the same hours."""

    span: Span
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody who is away, or off by the desk's word, on a day; None for the hours is the whole day."""

    alias: str
    id: UUID
    hours: Span | None
    is_absence: bool


@dataclass(slots=True)
class Day:
    """One day of the week."""

    day: date
    kind: DayKind
    name: str
    is_today: bool
    clock_change: Instant | None
    opens: tuple[Span, ...]
    bands: dict[Station, list[Slot]] = field(default_factory=dict)
    lacks: list[Thin] = field(default_factory=list)
    away: list[Away] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days, the stations at which anybody stands in them, and who is on duty at this moment."""

    first: date
    days: tuple[Day, ...]
    stations: tuple[Station, ...]
    now: tuple[tuple[str, Station], ...]
    revision: int

    @property
    def number(self) -> int:
        """The number of the week as calendars in Denmark have it."""
        return self.first.isocalendar().week


def monday_of(day: date) -> date:
    """Return the first day of the week."""
    return day - timedelta(days=day.weekday())


async def show(turn: Turn, reader: Person, first: date) -> Week:
    """Return the seven days from this one on, in the same number of queries however many people there are."""
    planned = await rota.load(turn)
    everybody = {one.id: one for one in await people.in_roles(turn.unit, tuple(Role))}
    window = rota.days(turn, first, DAYS)
    offered = {Occurrence(one.source_id, one.day) for one in await find.offered(turn.unit)}
    names = {one.day: one.name for one in await find.day_settings(turn.unit)}
    days = [_day(turn, planned, first + timedelta(days=ahead), names) for ahead in range(DAYS)]
    by_date = {one.day: one for one in days}
    stand = _Standing(turn, planned, reader, everybody, offered)
    for (day, station, span), entries in sorted(stand.slots(window).items(), key=lambda slot: slot[0]):
        if day in by_date:
            in_order = tuple(sorted(entries, key=lambda entry: entry.alias.lower()))
            by_date[day].bands.setdefault(station, []).append(Slot(span, in_order))
    _lack(turn, planned, window, by_date)
    _are_away(turn, planned, everybody, by_date)
    on = await find.on_duty(turn.unit)
    return Week(
        first=first,
        days=tuple(days),
        stations=tuple(one for one in Station if any(day.bands.get(one) for day in days)),
        now=tuple((everybody[who].alias, station) for who, station in on.items() if who in everybody),
        revision=await find.revision(turn.unit),
    )


def _day(turn: Turn, planned: Rota, day: date, names: Mapping[date, str]) -> Day:
    kind = planned.kind_of(day)
    opens = rota.open_hours(turn, planned).open_between(*rota.days(turn, day, 1))
    return Day(
        day=day,
        kind=kind,
        name=names.get(day, ""),
        is_today=day == rota.today(turn),
        clock_change=change_on(day, turn.rules.zone),
        opens=tuple(Span(*one) for one in opens),
    )


@dataclass(frozen=True, slots=True)
class _Standing:
    """Who stands when within a window, in the eyes of a reader."""

    turn: Turn
    planned: Rota
    reader: Person
    everybody: Mapping[UUID, Person]
    offered: set[Occurrence]

    def slots(self, window: Span) -> dict[tuple[date, Station, Span], list[Entry]]:
        """Return the entries by the day on which each begins, its station and its hours."""
        extras = {one.id for one in self.planned.overrides if one.is_on}
        stands: defaultdict[tuple[UUID, Station], list[Span]] = defaultdict(list)
        for shift in self.planned.shifts(window):
            stands[shift.person, shift.station].append(shift.span)
        slots: defaultdict[tuple[date, Station, Span], list[Entry]] = defaultdict(list)
        day_of = cache(lambda moment: moment.astimezone(self.turn.rules.zone).date())
        for one in self.planned.occurrences(window):
            holder = self.everybody.get(one.holder)
            for piece in _pieces(one, stands.get((one.holder, one.station), ())):
                day = day_of(piece.starts)
                if holder is not None:
                    marks = tuple(_marks(one, piece, extras=extras, offered=self.offered))
                    slots[day, one.station, piece].append(self._entry(one, holder, piece, marks))
        return slots

    def _entry(self, one: Planned, holder: Person, piece: Span, marks: tuple[Mark, ...]) -> Entry:
        owner = self.everybody.get(one.owner)
        return Entry(
            alias=holder.alias,
            span=piece,
            occurrence=one.occurrence,
            marks=marks,
            owner=owner.alias if owner is not None and one.owner != one.holder else "",
            is_own=one.holder == self.reader.id,
            is_ahead=one.span.starts > self.turn.now,
        )


def _pieces(one: Planned, stands: Sequence[Span]) -> Iterator[Span]:
    """Yield what is left of the occurrence where absences and days off have cut it."""
    for span in stands:
        starts, ends = max(one.span.starts, span.starts), min(one.span.ends, span.ends)
        if starts < ends:
            yield one.span if (starts, ends) == one.span else Span(starts, ends)


def _marks(one: Planned, piece: Span, *, extras: set[UUID], offered: set[Occurrence]) -> Iterator[Mark]:
    if one.occurrence.source in extras:
        yield Mark.EXTRA
    if one.holder != one.owner:
        yield Mark.SWAPPED
    if one.occurrence in offered:
        yield Mark.OFFERED
    if piece != one.span:
        yield Mark.CUT


def _lack(turn: Turn, planned: Rota, window: Span, days: Mapping[date, Day]) -> None:
    """Enter the hours that lack somebody, each under the day it begins on, cut at midnight."""
    for one in rota.thin(turn, planned, window):
        for piece in rota.by_day(turn, one.span):
            day = piece.starts.astimezone(turn.rules.zone).date()
            if day in days:
                days[day].lacks.append(Thin(piece, one.station, one.on_duty, one.needed))


def _are_away(turn: Turn, planned: Rota, everybody: Mapping[UUID, Person], days: Mapping[date, Day]) -> None:
    for one in planned.absences:
        if one.person in everybody:
            for day, hours in _within(turn, one.starts, one.ends, days):
                days[day].away.append(Away(everybody[one.person].alias, one.id, hours, is_absence=True))
    for off in planned.overrides:
        if not off.is_on and off.person in everybody and off.day in days:
            alias, hours = everybody[off.person].alias, _hours_of(off)
            days[off.day].away.append(Away(alias, off.id, hours, is_absence=False))
    for shown in days.values():
        shown.away.sort(key=lambda one: (one.alias.lower(), one.hours or Span(turn.now, turn.now)))


def _within(
    turn: Turn, starts: datetime, ends: datetime, days: Iterable[date]
) -> Iterator[tuple[date, Span | None]]:
    """Yield the days that the local span touches, each with its hours, or None where it is whole."""
    for day in days:
        first, last = datetime.combine(day, time(0)), datetime.combine(day + _DAY, time(0))
        if starts < last and ends > first:
            cut = max(starts, first), min(ends, last)
            hours = [instant_of(one.date(), one.time(), turn.rules.zone) for one in cut]
            yield day, None if cut == (first, last) else Span(*hours)


def _hours_of(off: Override) -> Span:
    ends_on = off.day + _DAY if off.ends <= off.starts else off.day
    return Span(instant_of(off.day, off.starts, off.zone), instant_of(ends_on, off.ends, off.zone))
