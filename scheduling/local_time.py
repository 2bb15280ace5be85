"""Local times on the clock of a zone, and the instants they mean where the clock skips or repeats."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduling.instant import Instant

_SECOND = timedelta(seconds=1)


def instant_of(day: date, at: time, zone: ZoneInfo) -> Instant:
    """Return the first moment at which the clock of the zone shows the time, or has passed over it.

    A time that the clock skips is the moment of the change; of one that it shows twice it is the first.
    """
    local = datetime.combine(day, at.replace(fold=0) if at.fold else at, zone)
    before, after = local.utcoffset(), datetime.combine(day, at.replace(fold=1), zone).utcoffset()
    if before is None or after is None or before >= after:
        return Instant.of(local)
    return _change(local.replace(fold=1).astimezone(UTC), local.astimezone(UTC), zone)


def change_on(day: date, zone: ZoneInfo) -> Instant | None:
    """Return the moment at which the clock is changed on the day, or None."""
    starts = instant_of(day, time(0), zone).astimezone(UTC) - _SECOND
    ends = instant_of(day + timedelta(days=1), time(0), zone).astimezone(UTC)
    if starts.astimezone(zone).utcoffset() == ends.astimezone(zone).utcoffset():
        return None
    return _change(starts, ends, zone)


def _change(low: datetime, high: datetime, zone: ZoneInfo) -> Instant:
    """Return the moment, after `low` and no later than `high`, from which the offset is that of `high`."""
    low, high = low.replace(microsecond=0), high.replace(microsecond=0)
    offset = high.astimezone(zone).utcoffset()
    while high - low > _SECOND:
        middle = low + (high - low) // _SECOND // 2 * _SECOND
        if middle.astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return Instant.of(high)
