"""The rota against a model that decides quarter by quarter, in the field's words, for every person.

The model knows nothing of spans: it reads the clock at each quarter, and asks whether a shift has begun
and not yet ended by how far the hands have come. Every time drawn is a whole quarter, and so is every
change of the clocks, so that a quarter stands for each of its minutes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduling.instant import Instant
from scheduling.opening import OpeningHours, parse_hours
from scheduling.opening import Span as OpenSpan
from scheduling.rota import Rota
from scheduling.rota_lines import Cuts
from scheduling.shifts import Absence, DayKind, Member, Occurrence, Override, Rule, Span, Station, Swap, Thin

COPENHAGEN, LORD_HOWE = ZoneInfo("Europe/Copenhagen"), ZoneInfo("Australia/Lord_Howe")
QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)
PEOPLE = tuple(UUID(int=number) for number in (1, 2, 3))
STATIONS = (Station.PANEL, Station.BACKUP)
# Both changes in both zones, an ordinary week, the leap day and a new year with 53 weeks before it.
MIDDLES = tuple(
    map(
        date.fromisoformat,
        ("2026-10-25", "2027-03-28", "2026-10-04", "2027-04-04", "2026-11-18", "2028-02-29", "2027-01-01"),
    )
)


@dataclass(frozen=True)
class Case:
    rota: Rota
    kinds: dict[date, DayKind]
    middle: date

    @cached_property
    def window(self) -> Span:
        noon = Instant(self.middle.year, self.middle.month, self.middle.day, 12, tzinfo=UTC)
        return Span(noon - 2 * DAY, noon + 2 * DAY)

    @cached_property
    def quarters(self) -> list[Instant]:
        """The quarters of the window and of three days either side."""
        count = (self.window.ends - self.window.starts + 6 * DAY) // QUARTER
        return [self.window.starts - 3 * DAY + number * QUARTER for number in range(count)]


class Model:
    """Decides for a person, a station and a moment."""

    def __init__(self, case: Case) -> None:
        self.rota, self.kinds = case.rota, case.kinds
        self.hands: dict[tuple[ZoneInfo, Instant], datetime] = {}

    def shown(self, moment: Instant, zone: ZoneInfo) -> datetime:
        return datetime.fromtimestamp(moment.timestamp(), zone).replace(tzinfo=None)

    def furthest(self, moment: Instant, zone: ZoneInfo) -> datetime:
        """The latest time the clock has shown up to the moment: it stands while the clock is set back."""
        if (zone, moment) not in self.hands:
            self.hands[zone, moment] = max(self.shown(moment - back * QUARTER, zone) for back in range(9))
        return self.hands[zone, moment]

    def is_within(self, moment: Instant, zone: ZoneInfo, starts: datetime, ends: datetime) -> bool:
        return starts <= self.furthest(moment, zone) < ends

    def is_covered(self, moment: Instant, source: Rule | Override, day: date) -> bool:
        starts, ends = datetime.combine(day, source.starts), datetime.combine(day, source.ends)
        return self.is_within(moment, source.zone, starts, ends if ends > starts else ends + DAY)

    def holds_on(self, rule: Rule, day: date) -> bool:
        iso, first = day.isocalendar(), rule.valid_from.isocalendar()
        mondays = date.fromisocalendar(iso.year, iso.week, 1) - date.fromisocalendar(
            first.year, first.week, 1
        )
        return (
            day.weekday() in rule.weekdays
            and mondays.days // 7 % rule.every_weeks == 0
            and rule.valid_from <= day
            and (rule.valid_until is None or day <= rule.valid_until)
            and self.kinds.get(day, DayKind.NORMAL) in rule.on
        )

    def is_swapped_at(self, swap: Swap, station: Station, moment: Instant) -> bool:
        day = swap.occurrence.day
        for rule in self.rota.rules:
            if (rule.id, rule.person, rule.station) == (swap.occurrence.source, swap.giver, station):
                return self.holds_on(rule, day) and self.is_covered(moment, rule, day)
        for extra in self.rota.overrides:
            if (extra.id, extra.person, extra.station) == (swap.occurrence.source, swap.giver, station):
                return extra.is_on and extra.day == day and self.is_covered(moment, extra, day)
        return False

    def is_away(self, person: UUID, moment: Instant) -> bool:
        member = next((member for member in self.rota.members if member.person == person), None)
        if member is None:
            return True
        # A day has begun once the clock has come to it, and it is over once the clock has come to the next.
        today = self.furthest(moment, self.rota.zone).date()
        if today < (member.joins or today) or today > (member.leaves or today):
            return True
        if member.paused is not None and member.paused.starts <= moment < member.paused.ends:
            return True
        return any(
            absence.person == person and self.is_within(moment, absence.zone, absence.starts, absence.ends)
            for absence in self.rota.absences
        )

    def is_on(self, person: UUID, station: Station, moment: Instant) -> bool:
        if self.is_away(person, moment):
            return False
        swaps = [swap for swap in self.rota.swaps if self.is_swapped_at(swap, station, moment)]
        if any(swap.taker == person for swap in swaps):
            return True
        if any(swap.giver == person for swap in swaps):
            return False
        extras = [
            extra.is_on
            for extra in self.rota.overrides
            if (extra.person, extra.station) == (person, station)
            and self.is_covered(moment, extra, extra.day)
        ]
        if extras:
            return all(extras)
        today = self.furthest(moment, LORD_HOWE).date()
        return any(
            self.holds_on(rule, today + ahead * DAY) and self.is_covered(moment, rule, today + ahead * DAY)
            for rule in self.rota.rules
            if (rule.person, rule.station) == (person, station)
            for ahead in (-3, -2, -1, 0, 1)
        )

    def runs(self, person: UUID, station: Station, quarters: list[Instant]) -> list[Span]:
        found: list[Span] = []
        for moment in quarters:
            if self.is_on(person, station, moment):
                is_going_on = bool(found) and found[-1].ends == moment
                found.append(Span(found.pop().starts if is_going_on else moment, moment + QUARTER))
        return found


def quarters_of_a_day() -> st.SearchStrategy[time]:
    # Small hours more often: there the clocks are changed.
    numbers = st.one_of(st.integers(4, 14), st.integers(0, 95))
    return numbers.map(lambda number: time(number // 4, number % 4 * 15))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    middle = draw(st.sampled_from(MIDDLES))
    days = st.integers(-6, 6).map(lambda ahead: middle + ahead * DAY)
    zones = st.sampled_from((COPENHAGEN, LORD_HOWE))
    people, stations = st.sampled_from(PEOPLE), st.sampled_from(STATIONS)
    kinds = draw(st.dictionaries(days, st.sampled_from(DayKind), max_size=4))

    def rule(number: int) -> Rule:
        return Rule(
            draw(st.frozensets(st.integers(0, 6), min_size=1)),
            draw(quarters_of_a_day()),
            draw(quarters_of_a_day()),
            draw(st.integers(-40, 3).map(lambda ahead: middle + ahead * DAY)),
            draw(st.none() | days),
            draw(st.sampled_from((1, 1, 1, 2, 3))),
            draw(stations),
            draw(st.frozensets(st.sampled_from(DayKind), min_size=1) | st.just(frozenset({DayKind.NORMAL}))),
            id=UUID(int=100 + number),
            person=draw(people),
            zone=draw(zones),
        )

    def override(number: int) -> Override:
        return Override(
            UUID(int=200 + number),
            draw(people),
            draw(days),
            draw(quarters_of_a_day()),
            draw(quarters_of_a_day()),
            draw(zones),
            draw(st.booleans()),
            draw(stations),
        )

    def moment() -> datetime:
        return datetime.combine(draw(days), draw(quarters_of_a_day()))

    rules = tuple(rule(number) for number in range(draw(st.integers(0, 5))))
    overrides = tuple(override(number) for number in range(draw(st.integers(0, 4))))
    absences = tuple(
        Absence(UUID(int=300 + number), draw(people), moment(), moment(), draw(zones))
        for number in range(draw(st.integers(0, 2)))
    )

    def member(person: UUID) -> Member:
        is_paused = draw(st.integers(0, 4)) == 0
        paused = Span(Instant.of(moment().replace(tzinfo=UTC)), Instant.of(moment().replace(tzinfo=UTC)))
        joins, leaves = draw(st.none() | st.none() | days), draw(st.none() | st.none() | days)
        return Member(person, joins, leaves, paused if is_paused else None)

    members = tuple(member(person) for person in PEOPLE if draw(st.integers(0, 9)) > 0)
    owners: list[Rule | Override] = [*rules, *overrides]
    swapped: dict[Occurrence, Swap] = {}
    for _ in range(draw(st.integers(0, 5)) if owners else 0):
        source = draw(st.sampled_from(owners))
        is_drawn = isinstance(source, Rule) or draw(st.integers(0, 5)) == 0
        occurrence = Occurrence(source.id, draw(days) if is_drawn else source.day)  # type: ignore[union-attr]
        giver = source.person if draw(st.integers(0, 5)) else draw(people)
        swapped[occurrence] = Swap(occurrence, giver, draw(people))

    def kind_of(day: date) -> DayKind:
        return kinds.get(day, DayKind.NORMAL)

    zone = draw(zones)
    made = Rota(zone, members, rules, overrides, absences, tuple(swapped.values()), kind_of)
    return Case(made, kinds, middle)


def clipped(span: Span, bounds: Span) -> Span:
    return Span(max(span.starts, bounds.starts), min(span.ends, bounds.ends))


slowly = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@slowly
@given(cases())
def test_the_shifts_are_those_of_the_model(case: Case) -> None:
    model, quarters, window = Model(case), case.quarters, case.window
    known = Span(quarters[0], quarters[-1] + QUARTER)

    for person in PEOPLE:
        for station in STATIONS:
            expected = [
                run
                for run in model.runs(person, station, quarters)
                if run.starts < window.ends and window.starts < run.ends
            ]
            found = case.rota.shifts(window, person=person, station=station)
            assert [clipped(shift.span, known) for shift in found] == expected


@slowly
@given(cases(), st.integers(0, 383))
def test_on_duty_are_those_of_the_model(case: Case, number: int) -> None:
    model = Model(case)
    for ahead in range(0, 384, 16):
        moment = case.window.starts + (number + ahead) % 384 * QUARTER
        on_duty = {person: case.rota.shift_at(person, moment) for person in PEOPLE}
        for station in STATIONS:
            expected = {person for person in PEOPLE if model.is_on(person, station, moment)}
            found = case.rota.on_duty(moment, station=station)
            assert set(found) == expected
            assert all(
                shift == case.rota.shift_at(person, moment, station=station)
                for person, shift in found.items()
            )
        assert case.rota.on_duty(moment) == {person: shift for person, shift in on_duty.items() if shift}


@slowly
@given(cases())
def test_the_next_change_and_the_next_start_are_those_of_the_model(case: Case) -> None:
    model = Model(case)
    starts, quarters = case.window.starts, case.quarters[288:-288]
    for person in PEOPLE:
        changes = [
            moment
            for moment in quarters[1:]
            for station in STATIONS
            if model.is_on(person, station, moment) != model.is_on(person, station, moment - QUARTER)
        ]
        found = case.rota.next_change(person, starts)
        assert (found if found is not None and found <= quarters[-1] else None) == min(changes, default=None)
    for station in STATIONS:
        there = (m for m in quarters if any(model.is_on(person, station, m) for person in PEOPLE))
        first = case.rota.next_start(starts, station=station)
        assert (first if first is not None and first <= quarters[-1] else None) == next(there, None)


@slowly
@given(cases(), st.sampled_from(("always", "daily 02:00-20:00", "mon-fri 01:30-02:30, sun 02:15-00:00")))
def test_thin_spans_are_those_of_the_model(case: Case, written: str) -> None:
    model = Model(case)
    hours = parse_hours(written, COPENHAGEN)
    expected: list[Thin] = []
    for moment in case.quarters[288:-288]:
        count = sum(model.is_on(person, Station.PANEL, moment) for person in PEOPLE)
        if count >= 2 or not hours.is_open(moment):
            continue
        is_going_on = bool(expected) and (expected[-1].span.ends, expected[-1].on_duty) == (moment, count)
        starts = expected.pop().span.starts if is_going_on else moment
        expected.append(Thin(Span(starts, moment + QUARTER), Station.PANEL, count, 2))

    assert list(case.rota.thin(case.window, station=Station.PANEL, needed=2, hours=hours)) == expected


@slowly
@given(cases())
def test_what_is_planned_covers_every_shift_and_void_swaps_change_nothing(case: Case) -> None:
    planned: defaultdict[tuple[UUID, Station], list[Span]] = defaultdict(list)
    for one in case.rota.occurrences(case.window):
        planned[one.holder, one.station].append(clipped(one.span, case.window))
    for shift in case.rota.shifts(case.window):
        inside = clipped(shift.span, case.window)
        assert not list(Cuts(planned[shift.person, shift.station]).leave_of([inside]))
    void = set(case.rota.void_swaps())
    kept = tuple(swap for swap in case.rota.swaps if swap not in void)
    without = Rota(
        case.rota.zone,
        case.rota.members,
        case.rota.rules,
        case.rota.overrides,
        case.rota.absences,
        kept,
        case.rota.kind_of,
    )
    assert without.shifts(case.window) == case.rota.shifts(case.window)


@st.composite
def opening_hours(draw: st.DrawFn) -> OpeningHours:
    def span() -> OpenSpan:
        opens, closes = sorted(draw(st.lists(quarters_of_a_day(), min_size=2, max_size=2)))
        return OpenSpan(draw(st.frozensets(st.integers(0, 6), min_size=1)), opens, closes)

    holidays = draw(st.frozensets(st.sampled_from(MIDDLES), max_size=3))
    is_holiday: Callable[[date], bool] = holidays.__contains__
    zone = draw(st.sampled_from((COPENHAGEN, LORD_HOWE)))
    return OpeningHours(tuple(span() for _ in range(draw(st.integers(0, 3)))), zone, is_holiday)


@slowly
@given(opening_hours(), st.sampled_from(MIDDLES), st.integers(0, 95), st.integers(0, 300))
def test_open_spans_are_the_quarters_that_are_open(
    hours: OpeningHours, middle: date, first: int, count: int
) -> None:
    starts = Instant(middle.year, middle.month, middle.day, tzinfo=UTC) - DAY + first * QUARTER
    quarters = [starts + number * QUARTER for number in range(count)]

    spans = hours.open_between(starts, starts + count * QUARTER)

    is_open = [any(opens <= moment < closes for opens, closes in spans) for moment in quarters]
    assert is_open == [hours.is_open(moment) for moment in quarters]
    assert all(opens < closes for opens, closes in spans)
    assert all(before[1] < after[0] for before, after in pairwise(spans))
