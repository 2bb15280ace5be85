"""The rota file: what is written is what is read, and every fault is told with its line."""

from __future__ import annotations

from datetime import date, datetime, time
from textwrap import dedent
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.rota_file import MOST_BYTES, Fault, FaultReason, PlanError, read_plan
from scheduling.rota_plan import (
    PlannedAbsence,
    PlannedDay,
    PlannedPerson,
    PlannedShift,
    PlannedSpan,
    RotaPlan,
)
from scheduling.rota_writing import write_plan
from scheduling.shifts import NORMAL_DAYS, DayKind, Station

ZONE = ZoneInfo("Europe/Copenhagen")
TODAY = date(2026, 11, 18)

EXAMPLE = """\
# hotline rota
zone: Europe/Copenhagen        # optional, default given by caller
days:
  2026-12-24: closed Christmas Eve
  2027-01-02: normal
people:
  Mira:
    joins: 2026-11-01          # optional
    leaves: 2027-06-30         # optional
    shifts:
      - mon-fri 08:00-16:00
      - sat 10:00-14:00 every 2 weeks from 2026-11-07 until 2027-06-30
      - sun,wed 22:00-06:00 on holidays          # "on holidays", "on normal days", "on all days"
      - coordinator fri 16:00-22:00              # station first: panel (default) | coordinator | backup
    extra:
      - 2026-12-05 10:00-14:00
    off:
      - 2026-12-08 08:00-12:00
    absent:
      - 2026-12-22 to 2027-01-02                 # whole days, both included
      - 2026-12-10 12:00 to 2026-12-10 16:00
"""


def read(text: str) -> RotaPlan:
    return read_plan(text, zone=ZONE, today=TODAY)


def faults(text: str) -> list[tuple[int, FaultReason]]:
    with pytest.raises(PlanError) as caught:
        read(text)
    return [(fault.line, fault.reason) for fault in caught.value.faults]


def person(*lines: str) -> str:
    return "\n".join(("people:", "  Mira:", *(f"    {line}" for line in lines)))


def shift(text: str) -> PlannedShift:
    return read(person("shifts:", f"  - {text}")).people[0].shifts[0]


def test_the_example_is_read() -> None:
    assert read(EXAMPLE) == RotaPlan(
        ZONE,
        (
            PlannedDay(date(2026, 12, 24), DayKind.CLOSED, "Christmas Eve"),
            PlannedDay(date(2027, 1, 2), DayKind.NORMAL),
        ),
        (
            PlannedPerson(
                "Mira",
                date(2026, 11, 1),
                date(2027, 6, 30),
                (
                    PlannedShift(frozenset(range(5)), time(8), time(16), TODAY),
                    PlannedShift(
                        frozenset({5}),
                        time(10),
                        time(14),
                        date(2026, 11, 7),
                        date(2027, 6, 30),
                        every_weeks=2,
                    ),
                    PlannedShift(
                        frozenset({2, 6}), time(22), time(6), TODAY, on=frozenset({DayKind.HOLIDAY})
                    ),
                    PlannedShift(frozenset({4}), time(16), time(22), TODAY, station=Station.COORDINATOR),
                ),
                (PlannedSpan(date(2026, 12, 5), time(10), time(14)),),
                (PlannedSpan(date(2026, 12, 8), time(8), time(12)),),
                (
                    PlannedAbsence(
                        datetime.fromisoformat("2026-12-22 00:00"), datetime.fromisoformat("2027-01-03 00:00")
                    ),
                    PlannedAbsence(
                        datetime.fromisoformat("2026-12-10 12:00"), datetime.fromisoformat("2026-12-10 16:00")
                    ),
                ),
            ),
        ),
    )


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "people:\n", "zone: Europe/Copenhagen\n"])
def test_a_file_may_say_nothing(text: str) -> None:
    assert read(text) == RotaPlan(ZONE)


def test_the_zone_of_the_file_wins() -> None:
    assert read("zone: Australia/Lord_Howe").zone == ZoneInfo("Australia/Lord_Howe")


@pytest.mark.parametrize(
    ("text", "weekdays"),
    [
        ("daily", None),
        ("mon-sun 08:00-16:00", {0, 1, 2, 3, 4, 5, 6}),
        ("fri-mon 08:00-16:00", {4, 5, 6, 0}),
        ("mon-tue,SAT 08:00-16:00", {0, 1, 5}),
    ],
)
def test_weekdays_are_lists_and_ranges(text: str, weekdays: set[int] | None) -> None:
    if weekdays is None:
        assert faults(person("shifts:", f"  - {text}")) == [(4, FaultReason.BAD_SHIFT)]
    else:
        assert shift(text).weekdays == weekdays


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("", NORMAL_DAYS),
        ("on normal days", NORMAL_DAYS),
        ("on all days", frozenset(DayKind)),
        ("on holidays and closed days", {DayKind.HOLIDAY, DayKind.CLOSED}),
    ],
)
def test_a_shift_says_on_which_kinds_of_day_it_holds(text: str, kinds: frozenset[DayKind]) -> None:
    assert shift(f"mon 08:00-16:00 {text}").on == kinds


def test_clauses_stand_in_any_order_and_midnight_may_be_twenty_four() -> None:
    found = shift("backup mon 16:00-24:00 until 2027-01-01 on holidays from 2026-12-01 every 3 weeks")

    assert found == PlannedShift(
        frozenset({0}),
        time(16),
        time(0),
        date(2026, 12, 1),
        date(2027, 1, 1),
        3,
        Station.BACKUP,
        frozenset({DayKind.HOLIDAY}),
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("colour: blue", [(1, FaultReason.UNKNOWN_KEY)]),
        ("zone: Europe/Atlantis", [(1, FaultReason.BAD_ZONE)]),
        ("zone: Europe", [(1, FaultReason.BAD_ZONE)]),
        ("zone: ../../etc/passwd", [(1, FaultReason.BAD_ZONE)]),
        ("zone: [Europe/Copenhagen]", [(1, FaultReason.WRONG_SHAPE)]),
        ("zone: UTC\nzone: UTC", [(2, FaultReason.DUPLICATE_KEY)]),
        ("days:\n  2026-02-29: closed", [(2, FaultReason.BAD_DAY)]),
        ("days:\n  20261224: closed", [(2, FaultReason.BAD_DAY)]),
        ("days:\n  2026-12-24: shut", [(2, FaultReason.BAD_KIND)]),
        ("days:\n  2026-12-24: closed\n  2026-12-24: normal", [(3, FaultReason.DUPLICATE_KEY)]),
        ("people: [Mira]", [(1, FaultReason.WRONG_SHAPE)]),
        ("people:\n  Mira:\n  mira:", [(3, FaultReason.DUPLICATE_PERSON)]),
        ('people:\n  "":', [(2, FaultReason.BAD_NAME)]),
        ("- a\n- b", [(1, FaultReason.WRONG_SHAPE)]),
        ("just words", [(1, FaultReason.WRONG_SHAPE)]),
        ("days:\n\t2026-12-24: closed", [(2, FaultReason.TAB)]),
        ("people:\n  Mira: {", [(2, FaultReason.NOT_YAML)]),
        ("a: b\n---\nc: d", [(2, FaultReason.NOT_YAML)]),
        ("zone: UTC\npeople: \x07", [(2, FaultReason.NOT_YAML)]),
        ("people: &all\n  Mira:", [(1, FaultReason.MARKUP)]),
        ("people:\n  Mira: *all", [(2, FaultReason.MARKUP)]),
        ("zone: !!str UTC", [(1, FaultReason.MARKUP)]),
        ("[" * 5000, [(1, FaultReason.MARKUP)]),
    ],
)
def test_a_fault_is_told_with_its_line(text: str, found: list[tuple[int, FaultReason]]) -> None:
    assert faults(text) == found


@pytest.mark.parametrize(
    ("part", "text", "reason"),
    [
        ("shifts", "mon", FaultReason.BAD_SHIFT),
        ("shifts", "someday 08:00-16:00", FaultReason.BAD_SHIFT),
        ("shifts", "mon- 08:00-16:00", FaultReason.BAD_SHIFT),
        ("shifts", "mon 8-16", FaultReason.BAD_TIME),
        ("shifts", "mon 24:00-06:00", FaultReason.BAD_TIME),
        ("shifts", "mon 08:00-25:00", FaultReason.BAD_TIME),
        ("shifts", "mon 08:00-16:00 sometimes", FaultReason.BAD_SHIFT),
        ("shifts", "mon 08:00-16:00 every 0 weeks", FaultReason.BAD_SHIFT),
        ("shifts", "mon 08:00-16:00 every 2 days", FaultReason.BAD_SHIFT),
        ("shifts", "mon 08:00-16:00 on sundays", FaultReason.BAD_SHIFT),
        ("shifts", "mon 08:00-16:00 from tomorrow", FaultReason.BAD_DAY),
        ("shifts", "mon 08:00-16:00 from 2026-12-01 from 2026-12-02", FaultReason.BAD_DAY),
        ("shifts", "mon 08:00-16:00 from 2026-12-02 until 2026-12-01", FaultReason.END_BEFORE_START),
        ("extra", "2026-12-05", FaultReason.BAD_SHIFT),
        ("extra", "12-05 10:00-14:00", FaultReason.BAD_DAY),
        ("off", "2026-12-05 10:00", FaultReason.BAD_TIME),
        ("absent", "2026-12-05 to 2026-12-04", FaultReason.END_BEFORE_START),
        ("absent", "2026-12-05 12:00 to 2026-12-05 12:00", FaultReason.END_BEFORE_START),
        ("absent", "2026-12-05 noon to 2026-12-06", FaultReason.BAD_TIME),
        ("absent", "{2026-12-05: 2026-12-06}", FaultReason.WRONG_SHAPE),
    ],
)
def test_a_line_that_cannot_be_read_is_told(part: str, text: str, reason: FaultReason) -> None:
    assert faults(person("joins: 2026-11-01", f"{part}:", f"  - {text}")) == [(5, reason)]


def test_leaving_before_joining_is_told_where_she_leaves() -> None:
    assert faults(person("joins: 2026-11-02", "leaves: 2026-11-01")) == [(4, FaultReason.END_BEFORE_START)]


def test_all_faults_are_told_at_once_in_the_order_of_their_lines_and_quoted() -> None:
    text = dedent("""\
        zone: Nowhere
        people:
          Mira:
            leaves: never
            shifts:
              - mon-fri 08:00-16:00
              - mon-fry 08:00-16:00
            hobbies: chess
        """)

    with pytest.raises(PlanError) as caught:
        read(text)

    assert caught.value.faults == (
        Fault(1, FaultReason.BAD_ZONE, "Nowhere"),
        Fault(4, FaultReason.BAD_DAY, "never"),
        Fault(7, FaultReason.BAD_SHIFT, "mon-fry 08:00-16:00"),
        Fault(8, FaultReason.UNKNOWN_KEY, "hobbies"),
    )


def test_a_file_beyond_the_limit_is_not_looked_at() -> None:
    assert faults("#" * (MOST_BYTES + 1)) == [(1, FaultReason.TOO_LARGE)]


days = st.dates(date(1990, 1, 1), date(2150, 1, 1))
minutes = st.times().map(lambda at: at.replace(second=0, microsecond=0))
stations = st.sampled_from(Station)
words = st.text(st.characters(exclude_categories=("C", "Z")) | st.sampled_from(" #:-'\"\\"), max_size=30).map(
    lambda text: " ".join(text.split())
)


@st.composite
def shifts(draw: st.DrawFn) -> PlannedShift:
    valid_from, valid_until = sorted((draw(days), draw(days)))
    return PlannedShift(
        draw(st.frozensets(st.integers(0, 6), min_size=1)),
        draw(minutes),
        draw(minutes),
        valid_from,
        draw(st.sampled_from((None, valid_until))),
        draw(st.integers(1, 99)),
        draw(stations),
        draw(st.frozensets(st.sampled_from(DayKind), min_size=1)),
    )


@st.composite
def absences(draw: st.DrawFn) -> PlannedAbsence:
    at = st.just(time(0)) if draw(st.booleans()) else minutes
    moments = st.builds(datetime.combine, days, at)
    return PlannedAbsence(*sorted(draw(st.lists(moments, min_size=2, max_size=2, unique=True))))


@st.composite
def people(draw: st.DrawFn) -> PlannedPerson:
    joins, leaves = sorted((draw(days), draw(days)))
    spans = st.lists(st.builds(PlannedSpan, days, minutes, minutes, stations), max_size=2).map(tuple)
    return PlannedPerson(
        draw(words.filter(bool)),
        draw(st.sampled_from((None, joins))),
        draw(st.sampled_from((None, leaves))),
        draw(st.lists(shifts(), max_size=3).map(tuple)),
        draw(spans),
        draw(spans),
        draw(st.lists(absences(), max_size=2).map(tuple)),
    )


plans = st.builds(
    RotaPlan,
    st.sampled_from((ZONE, ZoneInfo("Australia/Lord_Howe"))),
    st.lists(
        st.builds(PlannedDay, days, st.sampled_from(DayKind), words),
        max_size=3,
        unique_by=lambda one: one.day,
    ).map(tuple),
    st.lists(people(), max_size=3, unique_by=lambda one: one.alias.casefold()).map(tuple),
)


@given(plans)
def test_what_is_written_is_what_is_read(plan: RotaPlan) -> None:
    assert read(write_plan(plan)) == plan


@given(st.one_of(st.text(max_size=200), st.text(alphabet="-: \n[]{}&*!#'\"|>%@a2026", max_size=60)))
def test_rubbish_has_faults_with_a_line_in_the_file(text: str) -> None:
    try:
        read(text)
    except PlanError as error:
        last = len(text.splitlines()) + 1
        told = [fault.line for fault in error.faults]
        is_in_file = all(1 <= line <= last for line in told)
    else:
        told, is_in_file = [1], True
    assert told
    assert is_in_file


def test_what_is_written_is_easy_to_read() -> None:
    mira = PlannedPerson(
        "Mira",
        shifts=(PlannedShift(frozenset({0, 1, 2, 5}), time(8), time(16), TODAY, every_weeks=2),),
        absent=(
            PlannedAbsence(
                datetime.fromisoformat("2026-12-22 00:00"), datetime.fromisoformat("2027-01-03 00:00")
            ),
        ),
    )

    plan = RotaPlan(ZONE, (PlannedDay(TODAY, DayKind.CLOSED, "Moving day"),), (mira,))

    assert write_plan(plan) == dedent("""\
        # hotline rota
        zone: Europe/Copenhagen
        days:
          2026-11-18: closed Moving day
        people:
          Mira:
            shifts:
              - mon-wed,sat 08:00-16:00 every 2 weeks from 2026-11-18
            absent:
              - 2026-12-22 to 2027-01-02
        """)
