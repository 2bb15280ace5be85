"""Opening hours: half-open, in local time, across midnight, holidays and the change of the clocks."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from scheduling.opening import OpeningHours, OpeningHoursError, parse_hours

ZONE = ZoneInfo("Europe/Copenhagen")
WORKDAYS = parse_hours("mon-fri 08:00-20:00", ZONE)


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-16 07:59:59", False),
        ("2026-11-16 08:00:00", True),
        ("2026-11-16 19:59:59", True),
        ("2026-11-16 20:00:00", False),
        ("2026-11-21 12:00:00", False),
    ],
)
def test_hours_are_half_open(moment: str, is_open: bool) -> None:
    assert WORKDAYS.is_open(at(moment)) is is_open


def test_the_next_opening_is_now_while_open() -> None:
    assert WORKDAYS.next_opening(at("2026-11-16 10:00")) == at("2026-11-16 10:00")


def test_the_next_opening_after_friday_evening_is_monday_morning() -> None:
    assert WORKDAYS.next_opening(at("2026-11-20 20:00")) == at("2026-11-23 08:00")


def test_a_holiday_counts_as_closed() -> None:
    hours = OpeningHours(WORKDAYS.spans, ZONE, lambda day: day == date(2026, 12, 25))

    assert hours.next_opening(at("2026-12-24 21:00")) == at("2026-12-28 08:00")


def test_hours_stay_local_when_the_clocks_change() -> None:
    hours = parse_hours("daily 08:00-20:00", ZONE)

    before, after = hours.next_opening(at("2026-10-24 21:00")), hours.next_opening(at("2026-10-25 21:00"))

    # Winter time has begun in the night: 08:00 is 07:00 UTC.
    assert [moment.hour for moment in (before, after) if moment is not None] == [7, 7]


def test_midnight_as_closing_is_the_end_of_the_day() -> None:
    hours = parse_hours("fri 18:00-00:00", ZONE)

    assert hours.is_open(at("2026-11-20 23:59"))
    assert not hours.is_open(at("2026-11-21 00:00"))


def test_always_is_always_open() -> None:
    assert parse_hours("always", ZONE).is_open(at("2026-12-25 03:00"))


@pytest.mark.parametrize(
    "written", ["", "mon-fri", "someday 08:00-16:00", "mon 25:00-26:00", "mon 16:00-08:00"]
)
def test_hours_nobody_can_read_are_an_error(written: str) -> None:
    with pytest.raises(OpeningHoursError):
        parse_hours(written, ZONE)
