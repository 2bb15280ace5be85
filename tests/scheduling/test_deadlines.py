"""What is promised, by urgency."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from scheduling.deadlines import Promises, next_working_day, promised_by
from scheduling.opening import OpeningHours, parse_hours
from scheduling.urgency import Urgency

ZONE = ZoneInfo("Europe/Copenhagen")
HOURS = OpeningHours(
    parse_hours("mon-fri 08:00-20:00", ZONE).spans, ZONE, lambda day: day == date(2026, 12, 25)
)


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("urgency", "asked", "promised"),
    [
        (Urgency.HIGH, "2026-11-16 10:00", "2026-11-16 20:00"),
        (Urgency.HIGH, "2026-11-16 21:00", "2026-11-17 20:00"),
        (Urgency.HIGH, "2026-11-21 10:00", "2026-11-23 20:00"),
        (Urgency.NORMAL, "2026-11-16 10:00", "2026-11-17 20:00"),
        (Urgency.NORMAL, "2026-11-20 10:00", "2026-11-23 20:00"),
        (Urgency.NORMAL, "2026-12-24 10:00", "2026-12-28 20:00"),
        (Urgency.LOW, "2026-11-16 10:00", "2026-11-23 20:00"),
    ],
)
def test_an_answer_is_promised_by_the_close_of_the_last_working_day(
    urgency: Urgency, asked: str, promised: str
) -> None:
    assert promised_by(at(asked), urgency=urgency, promises=Promises(), hours=HOURS) == at(promised)


def test_the_promise_holds_in_local_time_across_the_change_of_the_clocks() -> None:
    asked = at("2026-10-23 10:00")  # Friday; the clocks go back on Sunday

    promised = promised_by(asked, urgency=Urgency.NORMAL, promises=Promises(), hours=HOURS)

    assert promised == at("2026-10-26 20:00")


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-16 07:00", "2026-11-17 08:00"),
        ("2026-11-16 21:00", "2026-11-17 08:00"),
        ("2026-11-20 15:00", "2026-11-23 08:00"),
        ("2026-12-24 10:00", "2026-12-28 08:00"),
    ],
)
def test_the_next_working_day_is_never_the_moments_own(moment: str, opens: str) -> None:
    assert next_working_day(at(moment), hours=HOURS) == at(opens)
