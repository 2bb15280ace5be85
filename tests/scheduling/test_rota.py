"""The rota by example: nights when the clocks change, weeks over the new year, swaps, absences, gaps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from scheduling.instant import Instant
from scheduling.opening import parse_hours
from scheduling.rota import Rota
from scheduling.shifts import Absence, DayKind, Member, Occurrence, Override, Rule, Span, Station, Swap, Thin

ZONE = ZoneInfo("Europe/Copenhagen")
MIRA, OSKAR, LIV = (UUID(int=number) for number in (1, 2, 3))
EARLY, LATE, EXTRA, OFF = (UUID(int=number) for number in (11, 12, 13, 14))
EVERY_DAY = frozenset(range(7))
WORKDAYS = frozenset(range(5))
START = date(2026, 1, 1)
ALWAYS = parse_hours("always", ZONE)


def at(written: str) -> Instant:
    """Return the moment at which the clock in Copenhagen shows this (first)."""
    return Instant.of(datetime.fromisoformat(written).replace(tzinfo=ZONE))


def utc(written: str) -> Instant:
    return Instant.of(datetime.fromisoformat(written).replace(tzinfo=UTC))


def during(starts: str, ends: str) -> Span:
    return Span(at(starts), at(ends))


def rule(hours: str, weekdays: frozenset[int] = WORKDAYS, **changes: object) -> Rule:
    starts, ends = (time.fromisoformat(part) for part in hours.split("-"))
    made = Rule(weekdays, starts, ends, START, id=EARLY, person=MIRA, zone=ZONE)
    return replace(made, **changes)  # type: ignore[arg-type]


def extra(day: date, hours: str, *, is_on: bool = True, **changes: object) -> Override:
    starts, ends = (time.fromisoformat(part) for part in hours.split("-"))
    made = Override(EXTRA if is_on else OFF, MIRA, day, starts, ends, ZONE, is_on)
    return replace(made, **changes)  # type: ignore[arg-type]


def rota(*rules: Rule, **changes: object) -> Rota:
    made = Rota(ZONE, (Member(MIRA), Member(OSKAR), Member(LIV)), rules)
    return replace(made, **changes)  # type: ignore[arg-type]


def spans(made: Rota, window: Span, person: UUID = MIRA) -> list[Span]:
    return [shift.span for shift in made.shifts(window, person=person)]


def test_a_shift_over_the_night_that_is_an_hour_longer_lasts_an_hour_longer() -> None:
    (night,) = spans(rota(rule("22:00-08:00", EVERY_DAY)), during("2026-10-25 00:00", "2026-10-25 01:00"))

    assert night.ends - night.starts == timedelta(hours=11)


def test_a_shift_over_the_night_that_is_an_hour_shorter_lasts_an_hour_less() -> None:
    (night,) = spans(rota(rule("22:00-08:00", EVERY_DAY)), during("2027-03-28 00:00", "2027-03-28 01:00"))

    assert night.ends - night.starts == timedelta(hours=9)


def test_a_shift_that_begins_in_the_skipped_hour_begins_at_the_change() -> None:
    (night,) = spans(rota(rule("02:30-08:00", EVERY_DAY)), during("2027-03-28 00:00", "2027-03-28 12:00"))

    assert night == Span(utc("2027-03-28 01:00"), at("2027-03-28 08:00"))


def test_a_shift_wholly_within_the_skipped_hour_is_none() -> None:
    made = rota(rule("02:10-02:50", EVERY_DAY))

    assert spans(made, during("2027-03-28 00:00", "2027-03-28 12:00")) == []
    assert len(spans(made, during("2027-03-29 00:00", "2027-03-29 12:00"))) == 1


@pytest.mark.parametrize("night", ["2026-10-24", "2027-03-27", "2026-11-18"])
def test_two_shifts_that_share_a_night_leave_neither_gap_nor_overlap(night: str) -> None:
    late = rule("22:00-02:30", EVERY_DAY)
    early = rule("02:30-08:00", EVERY_DAY, id=LATE, person=OSKAR)
    made = rota(late, early)
    evening = date.fromisoformat(night)
    window = during(f"{evening} 22:00", f"{evening + timedelta(days=1)} 08:00")

    (first,), (second,) = spans(made, window), spans(made, window, OSKAR)

    assert (first.starts, first.ends, second.ends) == (window.starts, second.starts, window.ends)
    assert made.thin(window, station=Station.PANEL, needed=1, hours=ALWAYS) == ()
    minute = window.starts
    while minute < window.ends:
        assert len(made.on_duty(minute)) == 1
        minute += timedelta(minutes=15)


def test_equal_times_are_a_whole_day_on_the_clock() -> None:
    made = rota(rule("08:00-08:00", frozenset({5})))

    (day,) = spans(made, during("2026-10-24 12:00", "2026-10-24 13:00"))

    assert day == during("2026-10-24 08:00", "2026-10-25 08:00")
    assert day.ends - day.starts == timedelta(hours=25)


def test_the_leap_day_has_its_shift() -> None:
    made = rota(rule("22:00-06:00", EVERY_DAY))

    found = spans(made, during("2028-02-28 12:00", "2028-03-01 12:00"))

    assert [span.starts for span in found] == [at("2028-02-28 22:00"), at("2028-02-29 22:00")]


@pytest.mark.parametrize("weeks", [2, 3, 5])
def test_every_n_weeks_is_counted_on_over_the_new_year(weeks: int) -> None:
    first = date(2026, 11, 4)  # a Wednesday; 2026 has 53 ISO weeks
    made = rota(rule("08:00-16:00", frozenset({0, 6}), valid_from=first, every_weeks=weeks))

    found = [
        span.starts.astimezone(ZONE).date()
        for span in spans(made, during("2026-10-01 00:00", "2027-06-01 00:00"))
    ]

    sundays = [day for day in found if day.weekday() == 6]
    mondays = [day for day in found if day.weekday() == 0]
    assert (sundays[0], mondays[0]) == (date(2026, 11, 8), date(2026, 11, 2) + timedelta(weeks=weeks))
    assert {b - a for days in (sundays, mondays) for a, b in pairwise(days)} == {timedelta(weeks=weeks)}


def test_both_ends_of_the_validity_hold_and_a_night_belongs_to_its_evening() -> None:
    made = rota(rule("22:00-06:00", EVERY_DAY, valid_from=date(2026, 11, 2), valid_until=date(2026, 11, 4)))

    found = spans(made, during("2026-10-01 00:00", "2026-12-01 00:00"))

    assert [span.starts.day for span in found] == [2, 3, 4]
    assert found[-1].ends == at("2026-11-05 06:00")


def test_a_rule_holds_on_the_kinds_of_day_it_names() -> None:
    feast = date(2026, 12, 24)
    normal = rule("08:00-16:00")
    holidays = rule("10:00-12:00", id=LATE, on=frozenset({DayKind.HOLIDAY}))
    made = rota(normal, holidays, kind_of=lambda day: DayKind.HOLIDAY if day == feast else DayKind.NORMAL)

    found = spans(made, during("2026-12-23 00:00", "2026-12-25 00:00"))

    assert found == [
        during("2026-12-23 08:00", "2026-12-23 16:00"),
        during("2026-12-24 10:00", "2026-12-24 12:00"),
    ]


def test_on_a_closed_day_only_an_extra_shift_holds() -> None:
    made = rota(
        rule("08:00-16:00"),
        overrides=(extra(date(2026, 11, 18), "09:00-10:00"),),
        kind_of=lambda _day: DayKind.CLOSED,
    )

    assert spans(made, during("2026-11-01 00:00", "2026-12-01 00:00")) == [
        during("2026-11-18 09:00", "2026-11-18 10:00")
    ]


def test_touching_shifts_melt_into_one() -> None:
    made = rota(rule("08:00-12:00"), rule("12:00-16:00", id=LATE))

    shift = made.shift_at(MIRA, at("2026-11-18 09:00"))

    assert shift is not None
    assert shift.span == during("2026-11-18 08:00", "2026-11-18 16:00")


def test_a_shift_is_half_open() -> None:
    made = rota(rule("08:00-16:00"))

    assert set(made.on_duty(at("2026-11-18 08:00"))) == {MIRA}
    assert made.on_duty(at("2026-11-18 16:00")) == {}
    assert made.shift_at(MIRA, at("2026-11-18 16:00")) is None


def test_a_shift_without_end_is_followed_for_four_hundred_days() -> None:
    made = rota(rule("00:00-00:00", EVERY_DAY, valid_from=date(2020, 1, 1)))
    now = at("2026-11-18 10:00")

    shift = made.shift_at(MIRA, now)

    assert shift is not None
    assert timedelta(days=400) <= shift.span.ends - now <= timedelta(days=404)
    assert timedelta(days=400) <= now - shift.span.starts <= timedelta(days=404)
    assert made.next_change(MIRA, now) is None


def test_a_long_shift_is_followed_to_where_it_begins_and_ends() -> None:
    made = rota(rule("00:00-00:00", EVERY_DAY, valid_from=date(2026, 9, 1), valid_until=date(2027, 2, 3)))

    (whole,) = spans(made, during("2026-11-18 10:00", "2026-11-18 11:00"))

    assert whole == during("2026-09-01 00:00", "2027-02-04 00:00")


def test_somebody_who_joins_and_leaves_has_shifts_on_both_days_and_between() -> None:
    made = rota(
        rule("22:00-06:00", EVERY_DAY),
        members=(Member(MIRA, date(2026, 11, 17), date(2026, 11, 18)),),
    )

    assert spans(made, during("2026-11-01 00:00", "2026-12-01 00:00")) == [
        during("2026-11-17 00:00", "2026-11-17 06:00"),
        during("2026-11-17 22:00", "2026-11-18 06:00"),
        during("2026-11-18 22:00", "2026-11-19 00:00"),
    ]


def test_the_first_and_the_last_of_all_days_set_no_bounds() -> None:
    made = rota(rule("08:00-16:00"), members=(Member(MIRA, date.min, date.max),))

    assert set(made.on_duty(at("2026-11-18 09:00"))) == {MIRA}


def test_a_pause_interrupts_a_shift() -> None:
    pause = during("2026-11-18 10:00", "2026-11-18 11:00")
    made = rota(rule("08:00-16:00"), members=(Member(MIRA, paused=pause),))

    found = made.shifts(during("2026-11-18 00:00", "2026-11-19 00:00"))

    assert [shift.span for shift in found] == [
        during("2026-11-18 08:00", "2026-11-18 10:00"),
        during("2026-11-18 11:00", "2026-11-18 16:00"),
    ]


def test_an_absence_beats_a_swap_taken_on() -> None:
    given = Occurrence(EARLY, date(2026, 11, 18))
    made = rota(
        rule("08:00-16:00"),
        swaps=(Swap(given, MIRA, OSKAR),),
        absences=(
            Absence(
                OFF,
                OSKAR,
                datetime.fromisoformat("2026-11-18 12:00"),
                datetime.fromisoformat("2026-11-18 14:00"),
                ZONE,
            ),
        ),
    )

    assert spans(made, during("2026-11-18 00:00", "2026-11-19 00:00"), OSKAR) == [
        during("2026-11-18 08:00", "2026-11-18 12:00"),
        during("2026-11-18 14:00", "2026-11-18 16:00"),
    ]
    assert spans(made, during("2026-11-18 00:00", "2026-11-19 00:00")) == []


def test_what_is_planned_says_whose_it_was_and_who_holds_it() -> None:
    given = Occurrence(EARLY, date(2026, 11, 18))
    made = rota(rule("08:00-16:00"), swaps=(Swap(given, MIRA, OSKAR),))
    window = during("2026-11-18 00:00", "2026-11-20 00:00")

    assert [(one.owner, one.holder) for one in made.occurrences(window, person=MIRA)] == [
        (MIRA, OSKAR),
        (MIRA, MIRA),
    ]
    assert [one.occurrence for one in made.occurrences(window, person=OSKAR)] == [given]
    assert made.occurrences(window, person=LIV) == ()


def test_what_is_planned_counts_extra_shifts_and_no_absence() -> None:
    made = rota(
        rule("08:00-16:00"),
        overrides=(
            extra(date(2026, 11, 18), "18:00-20:00"),
            extra(date(2026, 11, 18), "08:00-12:00", is_on=False),
        ),
        absences=(
            Absence(
                OFF,
                MIRA,
                datetime.fromisoformat("2026-11-18 00:00"),
                datetime.fromisoformat("2026-11-19 00:00"),
                ZONE,
            ),
        ),
    )

    found = made.occurrences(during("2026-11-18 00:00", "2026-11-19 00:00"))

    assert [(one.occurrence.source, one.span) for one in found] == [
        (EARLY, during("2026-11-18 08:00", "2026-11-18 16:00")),
        (EXTRA, during("2026-11-18 18:00", "2026-11-18 20:00")),
    ]


def test_a_span_off_beats_an_extra_shift() -> None:
    day = date(2026, 11, 21)
    made = rota(overrides=(extra(day, "08:00-16:00"), extra(day, "10:00-12:00", is_on=False)))

    assert spans(made, during("2026-11-21 00:00", "2026-11-22 00:00")) == [
        during("2026-11-21 08:00", "2026-11-21 10:00"),
        during("2026-11-21 12:00", "2026-11-21 16:00"),
    ]


def test_a_span_off_at_one_station_leaves_the_other() -> None:
    day = date(2026, 11, 18)
    made = rota(
        rule("08:00-16:00", station=Station.BACKUP),
        overrides=(extra(day, "08:00-16:00", is_on=False),),
    )

    assert set(made.on_duty(at("2026-11-18 09:00"), station=Station.BACKUP)) == {MIRA}
    assert made.on_duty(at("2026-11-18 09:00"), station=Station.PANEL) == {}


def test_of_several_shifts_the_one_that_ends_last_is_told() -> None:
    made = rota(rule("08:00-16:00"), rule("09:00-18:00", id=LATE, station=Station.BACKUP))

    shift = made.shift_at(MIRA, at("2026-11-18 10:00"))

    assert shift is not None
    assert shift.station is Station.BACKUP
    assert made.on_duty(at("2026-11-18 10:00")) == {MIRA: shift}


def test_of_shifts_that_end_together_the_longer_is_told_and_then_the_panels() -> None:
    backup = rule("08:00-16:00", id=LATE, station=Station.BACKUP)
    now = at("2026-11-18 10:00")

    for panel, told in (("08:00-16:00", Station.PANEL), ("09:00-16:00", Station.BACKUP)):
        for rules in ((backup, rule(panel)), (rule(panel), backup)):
            made = rota(*rules)
            shift = made.shift_at(MIRA, now)
            assert shift is not None
            assert shift.station is told
            assert made.on_duty(now) == {MIRA: shift}


@pytest.mark.parametrize(
    ("after", "change"),
    [
        ("2026-11-20 07:59", "2026-11-20 08:00"),
        ("2026-11-20 08:00", "2026-11-20 16:00"),
        ("2026-11-20 16:00", "2026-11-23 08:00"),
    ],
)
def test_the_next_change_is_the_next_start_or_end(after: str, change: str) -> None:
    assert rota(rule("08:00-16:00")).next_change(MIRA, at(after)) == at(change)


def test_the_next_change_may_be_a_year_ahead_but_not_further() -> None:
    made = rota(overrides=(extra(date(2027, 11, 18), "08:00-16:00"),))

    assert made.next_change(MIRA, at("2026-11-18 08:00")) == at("2027-11-18 08:00")
    assert made.next_change(MIRA, at("2026-09-18 08:00")) is None


def test_the_next_start_is_now_while_somebody_is_there() -> None:
    made = rota(rule("08:00-16:00"))

    assert made.next_start(at("2026-11-20 09:00"), station=Station.PANEL) == at("2026-11-20 09:00")
    assert made.next_start(at("2026-11-20 16:00"), station=Station.PANEL) == at("2026-11-23 08:00")
    assert made.next_start(at("2026-11-20 16:00"), station=Station.BACKUP) is None


def test_gaps_and_thin_spans_are_told_within_the_opening_hours() -> None:
    made = rota(rule("08:00-12:00"), rule("10:00-14:00", id=LATE, person=OSKAR))
    hours = parse_hours("mon-fri 09:00-15:00", ZONE)

    found = made.thin(
        during("2026-11-18 00:00", "2026-11-19 00:00"), station=Station.PANEL, needed=2, hours=hours
    )

    assert found == (
        Thin(during("2026-11-18 09:00", "2026-11-18 10:00"), Station.PANEL, 1, 2),
        Thin(during("2026-11-18 12:00", "2026-11-18 14:00"), Station.PANEL, 1, 2),
        Thin(during("2026-11-18 14:00", "2026-11-18 15:00"), Station.PANEL, 0, 2),
    )


def test_a_thin_span_goes_on_while_one_takes_over_from_another() -> None:
    made = rota(rule("08:00-12:00"), rule("12:00-16:00", id=LATE, person=OSKAR))

    found = made.thin(
        during("2026-11-18 09:00", "2026-11-18 15:00"), station=Station.PANEL, needed=2, hours=ALWAYS
    )

    assert found == (Thin(during("2026-11-18 09:00", "2026-11-18 15:00"), Station.PANEL, 1, 2),)


def test_with_nobody_on_the_rota_the_whole_window_is_a_gap() -> None:
    window = during("2026-11-18 09:00", "2026-11-20 15:00")

    found = rota().thin(window, station=Station.PANEL, needed=1, hours=ALWAYS)

    assert found == (Thin(window, Station.PANEL, 0, 1),)


def test_a_swap_is_void_when_its_shift_is_no_more() -> None:
    day = date(2026, 11, 18)
    good = Swap(Occurrence(EARLY, day), MIRA, OSKAR)
    kept = Swap(Occurrence(EXTRA, day), MIRA, OSKAR)
    void = (
        Swap(Occurrence(EARLY, date(2026, 11, 21)), MIRA, OSKAR),  # a Saturday
        Swap(Occurrence(LATE, day), MIRA, OSKAR),
        Swap(Occurrence(EARLY, date(2026, 11, 19)), LIV, OSKAR),
        Swap(Occurrence(EXTRA, date(2026, 11, 19)), MIRA, OSKAR),
        Swap(Occurrence(OFF, day), MIRA, OSKAR),
    )
    overrides = (extra(day, "18:00-20:00"), extra(day, "20:00-21:00", is_on=False))
    made = rota(rule("08:00-16:00"), overrides=overrides, swaps=(good, *void, kept))

    assert made.void_swaps() == void
    assert spans(made, during("2026-11-19 00:00", "2026-11-22 00:00"), OSKAR) == []
    assert len(spans(made, during("2026-11-18 00:00", "2026-11-19 00:00"), OSKAR)) == 2


def test_somebody_the_rota_does_not_know_has_no_shift() -> None:
    made = rota(rule("08:00-16:00"), members=(Member(OSKAR),))

    assert made.shifts(during("2026-11-18 00:00", "2026-11-19 00:00")) == ()
    assert made.on_duty(at("2026-11-18 09:00")) == {}
    assert made.shift_at(MIRA, at("2026-11-18 09:00")) is None
    assert len(made.occurrences(during("2026-11-18 00:00", "2026-11-19 00:00"))) == 1
