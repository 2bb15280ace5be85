"""Two rotas side by side: where a change leaves fewer people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scheduling.comparing import fewer
from scheduling.instant import Instant
from scheduling.shifts import Span, Station, Thin

_MIDNIGHT = datetime(2026, 11, 16, tzinfo=UTC)


def thin(starts: int, ends: int, on_duty: int, station: Station = Station.PANEL) -> Thin:
    span = Span(*(Instant.of(_MIDNIGHT + timedelta(hours=hour)) for hour in (starts, ends)))
    return Thin(span, station, on_duty, 2)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ([], [], []),
        ([], [thin(8, 10, 1)], [thin(8, 10, 1)]),
        ([thin(8, 10, 1)], [thin(8, 10, 1)], []),
        ([thin(8, 16, 1)], [thin(8, 12, 1), thin(12, 16, 0)], [thin(12, 16, 0)]),
        ([thin(10, 12, 1)], [thin(8, 14, 1)], [thin(8, 10, 1), thin(12, 14, 1)]),
        ([thin(8, 12, 1)], [thin(8, 16, 0)], [thin(8, 16, 0)]),
        ([thin(8, 12, 0)], [thin(8, 12, 1)], []),
        ([thin(8, 12, 1, Station.COORDINATOR)], [thin(8, 12, 1)], [thin(8, 12, 1)]),
    ],
)
def test_fewer_people_are_found_hour_by_hour(
    before: list[Thin], after: list[Thin], found: list[Thin]
) -> None:
    assert list(fewer(before, after)) == found
