"""Local times and the instants they mean, against a clock that is read minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduling.instant import Instant
from scheduling.local_time import change_on, instant_of

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def first_readings(day: date, zone: ZoneInfo) -> dict[time, datetime]:
    """For each minute of the day the first moment at which the clock shows it or has passed over it."""
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=20)
    found: dict[time, datetime] = {}
    wanted = datetime.combine(day, time())
    while wanted.date() == day:
        while moment.astimezone(zone).replace(tzinfo=None) < wanted:
            moment += MINUTE
        found[wanted.time()] = moment
        wanted += MINUTE
    return found


def days_of_change(zone: ZoneInfo, years: range) -> list[date]:
    """Days whose noon is at another offset than the noon before."""
    days = [date(years[0], 1, 1) + ahead * DAY for ahead in range(366 * len(years))]
    noons = {day: datetime(day.year, day.month, day.day, 12, tzinfo=zone).utcoffset() for day in days}
    return [day for day in days[1:] if noons[day] != noons[day - DAY]]


@pytest.mark.parametrize(
    ("zone", "years"),
    [
        ("Europe/Copenhagen", range(2024, 2029)),
        ("Australia/Lord_Howe", range(2025, 2028)),
        ("America/St_Johns", range(2009, 2013)),
        ("America/Santiago", range(2025, 2027)),
        ("Atlantic/Azores", range(2025, 2027)),
    ],
)
def test_every_minute_around_a_change_is_its_first_reading(zone: str, years: range) -> None:
    clock = ZoneInfo(zone)
    days = days_of_change(clock, years)

    assert len(days) >= 2 * len(years) - 1
    for changed in days:
        for day in (changed - DAY, changed):
            found = {at: instant_of(day, at, clock) for at in first_readings(day, clock)}
            assert found == first_readings(day, clock)


def test_a_time_skipped_in_copenhagen_is_the_moment_of_the_change() -> None:
    assert instant_of(date(2027, 3, 28), time(2, 30), COPENHAGEN) == Instant(2027, 3, 28, 1, tzinfo=UTC)


def test_a_time_shown_twice_is_the_first() -> None:
    assert instant_of(date(2026, 10, 25), time(2, 30), COPENHAGEN) == Instant(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert instant_of(date(2026, 10, 25), time(2, 30, fold=1), COPENHAGEN).hour == 0


def test_half_an_hour_skipped_on_lord_howe_is_the_moment_of_the_change() -> None:
    zone = ZoneInfo("Australia/Lord_Howe")

    assert instant_of(date(2026, 10, 4), time(2, 10), zone) == Instant(2026, 10, 3, 15, 30, tzinfo=UTC)


def test_a_time_with_fractions_of_a_second_can_be_skipped() -> None:
    skipped = instant_of(date(2027, 3, 28), time(2, 0, 0, 1), COPENHAGEN)

    assert skipped == Instant(2027, 3, 28, 1, tzinfo=UTC)


def test_on_a_day_the_zone_leaves_out_every_time_is_the_midnight_after() -> None:
    zone = ZoneInfo("Pacific/Apia")

    found = {instant_of(date(2011, 12, 30), time(hour), zone) for hour in range(24)}

    assert found == {instant_of(date(2011, 12, 31), time(0), zone)}


@pytest.mark.parametrize(
    ("day", "zone", "changed"),
    [
        (date(2026, 10, 25), "Europe/Copenhagen", datetime(2026, 10, 25, 1, tzinfo=UTC)),
        (date(2027, 3, 28), "Europe/Copenhagen", datetime(2027, 3, 28, 1, tzinfo=UTC)),
        (date(2027, 3, 27), "Europe/Copenhagen", None),
        (date(2026, 4, 5), "Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
        (date(2026, 9, 6), "America/Santiago", datetime(2026, 9, 6, 4, tzinfo=UTC)),
        (date(2026, 9, 6), "Asia/Tokyo", None),
    ],
)
def test_the_change_of_the_clock_is_found_on_its_day(day: date, zone: str, changed: datetime | None) -> None:
    assert change_on(day, ZoneInfo(zone)) == changed
