"""How soon enquiries were claimed and answered: by urgency and by hour of the week, never by person.

What has not happened is not left out. A case nobody has claimed, or that was closed before anybody did,
stands behind all others in the median and the 95th percentile and is never within a limit; one whose limit
has not yet come is counted as undecided besides. Time is the clock's, nights included.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from scheduling.instant import Instant
from scheduling.urgency import Urgency

SMALL = 5
CLAIMED_WITHIN = timedelta(minutes=5)
_USUAL_SHARE = 0.8
_USUAL_MINUTES = (5, 10, 15, 30, 60, 120, 180, 240, 360, 480)

Hour = tuple[int, int]  # the weekday, Monday 0, and the hour of its day, both local
WEEK: tuple[Hour, ...] = tuple((weekday, hour) for weekday in range(7) for hour in range(24))


@dataclass(frozen=True, slots=True)
class Case:
    """What the log says of an enquiry's waiting; who had it is not known here."""

    urgency: Urgency
    sent_at: Instant
    promised_by: Instant | None
    claimed_at: Instant | None
    answered_at: Instant | None
    is_closed: bool

    def waits(self, now: Instant) -> tuple[Wait, Wait]:
        """Return the wait for the first claim, and the one for the first answer after it."""
        answered = self.answered_at
        if self.claimed_at is None or (answered is not None and answered < self.claimed_at):
            answered = None
        so_far = None if self.is_closed else now - self.sent_at
        promise = None if self.promised_by is None else self.promised_by - self.sent_at
        return (
            Wait(_since(self.sent_at, self.claimed_at), so_far, promise),
            Wait(_since(self.sent_at, answered), so_far, promise),
        )


@dataclass(frozen=True, slots=True)
class Wait:
    """How long it took, None where it has not happened; how long it waits so far, None where it is over."""

    took: timedelta | None
    so_far: timedelta | None
    promise: timedelta | None

    def is_within(self, limit: timedelta | None) -> bool:
        """Whether it happened in time; what has not happened is not."""
        return self.took is not None and limit is not None and self.took <= limit

    def is_undecided(self, limit: timedelta | None) -> bool:
        """Whether it has not happened and could still be in time."""
        return self.took is None and self.so_far is not None and limit is not None and self.so_far <= limit


@dataclass(frozen=True, slots=True)
class Level:
    """How soon it happened, over so many cases; a quantile is None where so many have not come so far."""

    cases: int
    happened: int
    median: timedelta | None
    p95: timedelta | None
    within_limit: int
    undecided_limit: int
    within_promise: int
    undecided_promise: int

    @property
    def share_within_limit(self) -> float:
        """The share of all cases that were within the limit, counted as not within where undecided."""
        return self.within_limit / self.cases

    @property
    def share_within_promise(self) -> float:
        """The share of all cases that were within the promise, counted as not within where undecided."""
        return self.within_promise / self.cases


@dataclass(frozen=True, slots=True)
class Service:
    """How soon the cases were claimed, and how soon answered."""

    claim: Level
    answer: Level


def service(cases: Sequence[Case], now: Instant, limit: timedelta = CLAIMED_WITHIN) -> Service:
    """Return how soon the cases, of which there is one at least, were claimed and answered."""
    pairs = [case.waits(now) for case in cases]
    return Service(
        level([claim for claim, _ in pairs], limit),
        level([answer for _, answer in pairs], limit),
    )


def level(waits: Sequence[Wait], limit: timedelta) -> Level:
    """Return the level of the waits, of which there is one at least."""
    took = [wait.took for wait in waits]
    return Level(
        cases=len(waits),
        happened=sum(one is not None for one in took),
        median=quantile(took, 0.5),
        p95=quantile(took, 0.95),
        within_limit=sum(wait.is_within(limit) for wait in waits),
        undecided_limit=sum(wait.is_undecided(limit) for wait in waits),
        within_promise=sum(wait.is_within(wait.promise) for wait in waits),
        undecided_promise=sum(wait.is_undecided(wait.promise) for wait in waits),
    )


def quantile(took: Sequence[timedelta | None], share: float) -> timedelta | None:
    """Return the shortest time within which this share happened, None where it has not; exact, by sorting."""
    happened = sorted(one for one in took if one is not None)
    place = math.ceil(round(share * len(took), 9))
    return happened[max(place, 1) - 1] if 0 < place <= len(happened) else None


def by_urgency(cases: Iterable[Case], now: Instant) -> dict[Urgency, Service]:
    """Return the service of each urgency there are cases of, the most urgent first."""
    grouped: dict[Urgency, list[Case]] = defaultdict(list)
    for case in cases:
        grouped[case.urgency].append(case)
    return {urgency: service(grouped[urgency], now) for urgency in Urgency if urgency in grouped}


def hour_of(moment: datetime, zone: ZoneInfo) -> Hour:
    """Return the hour of the week that the zone's clocks show."""
    local = moment.astimezone(zone)
    return local.weekday(), local.hour


def by_hour(cases: Iterable[Case], now: Instant, zone: ZoneInfo) -> dict[Hour, Service | None]:
    """Return the service of each hour of the week something was sent in; None where fewer than five were."""
    grouped: dict[Hour, list[Case]] = defaultdict(list)
    for case in cases:
        grouped[hour_of(case.sent_at, zone)].append(case)
    return {
        hour: service(grouped[hour], now) if len(grouped[hour]) >= SMALL else None
        for hour in WEEK
        if hour in grouped
    }


def usual_minutes(claims: Sequence[Wait], *, fewest: int) -> int | None:
    """Return within how many minutes four of five are claimed, rounded up; None where too little is known.

    So many must have been claimed at least, and a case that was not is taken for a very long wait.
    """
    took = [wait.took for wait in claims]
    usual = quantile(took, _USUAL_SHARE)
    if usual is None or sum(one is not None for one in took) < fewest:
        return None
    return next((m for m in _USUAL_MINUTES if usual <= timedelta(minutes=m)), None)


def arrivals(sent: Iterable[Instant], hours: Mapping[Hour, float], zone: ZoneInfo) -> dict[Hour, float]:
    """Return how many were sent in an hour, by hour of the week, of which there were so many."""
    counted: dict[Hour, int] = defaultdict(int)
    for moment in sent:
        counted[hour_of(moment, zone)] += 1
    return {hour: counted[hour] / lasted if lasted else 0.0 for hour, lasted in hours.items()}


def hours_between(start: Instant, end: Instant, zone: ZoneInfo) -> dict[Hour, float]:
    """Return how much time of each hour of the week lies between the moments, in hours."""
    spent: dict[Hour, float] = dict.fromkeys(WEEK, 0.0)
    at = start
    while at < end:
        into = timedelta(minutes=at.minute, seconds=at.second, microseconds=at.microsecond)
        following = min(Instant.of(at + timedelta(hours=1) - into), end)
        spent[hour_of(at, zone)] += (following - at) / timedelta(hours=1)
        at = following
    return spent


def _since(start: Instant, end: Instant | None) -> timedelta | None:
    return None if end is None else end - start
