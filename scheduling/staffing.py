"""How many must be on duty that enquiries are claimed in time: by the whole panel's reactions, nobody's own.

An offer is claimed with the chance p, after a time with the distribution G; both are estimated together,
over all offers. An offer that was never answered, or was taken by another, counts for as long as it stood.
Of n free people, one claims within t minutes with the chance 1 - (1 - p·G(t))^n, where each is given only the
time that the policy leaves her: those asked later have less. That a declined offer is replaced at once is
left out, so the forecast is on the cautious side.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import groupby, pairwise
from statistics import NormalDist
from typing import Protocol
from uuid import UUID

from scheduling.dispatch import Policy
from scheduling.instant import Instant
from scheduling.opening import OpeningHours
from scheduling.service_level import Hour

MOST_ON_DUTY = 60


class Reacted(StrEnum):
    """What became of an offer."""

    CLAIMED = "claimed"
    DECLINED = "declined"
    NOT_SEEN = "not_seen"  # it was taken by another, withdrawn, or still stands


@dataclass(frozen=True, slots=True)
class Reaction:
    """What became of one offer, and after how many minutes; whose it was is not known here."""

    minutes: float
    how: Reacted


class Panel(Protocol):
    """How the panel reacts to offers."""

    @property
    def share(self) -> float:
        """The chance p that an offer is claimed at all."""
        ...

    def claimed_within(self, minutes: float) -> float:
        """Return the chance p·G that an offer is claimed within so many minutes."""
        ...


@dataclass(frozen=True, slots=True)
class Prior:
    """How a panel is taken to react while little is known of it: p, and a log-normal G."""

    share: float = 0.6
    median_minutes: float = 3
    sigma: float = 1.2

    def claimed_within(self, minutes: float) -> float:
        """Return the chance that an offer is claimed within so many minutes."""
        if minutes <= 0:
            return 0.0
        return self.share * NormalDist().cdf(math.log(minutes / self.median_minutes) / self.sigma)


@dataclass(frozen=True, slots=True)
class Estimate:
    """How the panel has reacted: the chance of a claim grows at each time one was made."""

    minutes: tuple[float, ...]
    chances: tuple[float, ...]

    @property
    def share(self) -> float:
        """The chance that an offer is claimed at all, as far as offers were left standing."""
        return self.chances[-1] if self.chances else 0.0

    def claimed_within(self, minutes: float) -> float:
        """Return the chance that an offer is claimed within so many minutes."""
        return max((c for m, c in zip(self.minutes, self.chances, strict=True) if m <= minutes), default=0.0)


def estimate(reactions: Sequence[Reaction]) -> Estimate:
    """Return the product-limit estimate (Kaplan-Meier; Aalen-Johansen, as claiming and declining compete)."""
    in_order = sorted(reactions, key=lambda reaction: reaction.minutes)
    at_risk, undecided, chance = len(in_order), 1.0, 0.0
    minutes, chances = [], []
    for at, alike in groupby(in_order, key=lambda reaction: reaction.minutes):
        here = [reaction.how for reaction in alike]
        claimed, declined = here.count(Reacted.CLAIMED), here.count(Reacted.DECLINED)
        if claimed:
            chance += undecided * claimed / at_risk
            minutes.append(at)
            chances.append(chance)
        undecided *= 1 - (claimed + declined) / at_risk
        at_risk -= len(here)
    return Estimate(tuple(minutes), tuple(chances))


def chance(panel: Panel, free: int, minutes: float, policy: Policy) -> float:
    """Return the chance that one of so many free people claims in time, asked as the policy asks."""
    missed = 1.0
    for place in range(free):
        left = minutes - max(place - policy.at_once + 1, 0) * policy.one_more_after.total_seconds() / 60
        if left <= 0:
            break
        missed *= 1 - panel.claimed_within(left)
    return 1 - missed


@dataclass(frozen=True, slots=True)
class Load:
    """What keeps people on duty from claiming: cases enough already, and one just taken."""

    at_cap: float = 0.0  # the share of time on duty in which a person has as many cases as she may
    per_hour: float = 0.0  # enquiries sent in an hour
    taken_up_minutes: float = 5.0  # how long one just claimed keeps a person from the next

    def free_share(self, on_duty: int) -> float:
        """Return the share of so many on duty who can claim at a moment."""
        taken_up = min(self.per_hour * self.taken_up_minutes / 60 / on_duty, 1.0) if on_duty else 0.0
        return (1 - self.at_cap) * (1 - taken_up)


@dataclass(frozen=True, slots=True)
class Forecast:
    """How the panel reacts, asked as the policy asks, within so many minutes."""

    panel: Panel
    policy: Policy
    minutes: float

    def reached(self, on_duty: int, load: Load) -> float:
        """Return the share of enquiries claimed in time with so many on duty."""
        share = load.free_share(on_duty)
        chances = _chances(self)
        return sum(
            math.comb(on_duty, free) * share**free * (1 - share) ** (on_duty - free) * chances[free]
            for free in range(on_duty + 1)
        )

    def needed(self, target: float, load: Load) -> int | None:
        """Return how many on duty reach the target; None where no number does, asked as the policy asks."""
        return next((n for n in range(1, MOST_ON_DUTY + 1) if self.reached(n, load) >= target), None)

    @property
    def at_once(self) -> Forecast:
        """The same, were everybody on duty asked at once."""
        policy = Policy(
            MOST_ON_DUTY,
            self.policy.one_more_after,
            only_in_opening_hours=self.policy.only_in_opening_hours,
        )
        return Forecast(self.panel, policy, self.minutes)


@lru_cache(maxsize=64)
def _chances(forecast: Forecast) -> tuple[float, ...]:
    panel, policy = forecast.panel, forecast.policy
    return tuple(chance(panel, free, forecast.minutes, policy) for free in range(MOST_ON_DUTY + 1))


@dataclass(frozen=True, slots=True)
class Held:
    """A span of time of a person's: on duty, or with a case."""

    person: UUID
    since: Instant
    until: Instant


def at_cap(duty: Sequence[Held], cases: Sequence[Held], caps: Mapping[UUID, int]) -> float:
    """Return the share of all time on duty in which people had as many cases as they may."""
    on_duty = full = 0.0
    for spell in duty:
        of_hers = [case for case in cases if case.person == spell.person]
        marks = sorted(
            {spell.since, spell.until}
            | {at for case in of_hers for at in (case.since, case.until) if spell.since < at < spell.until}
        )
        for start, end in pairwise(marks):
            has = sum(case.since <= start < case.until for case in of_hers)
            lasted = (end - start).total_seconds()
            on_duty += lasted
            full += lasted if has >= caps.get(spell.person, has + 1) else 0.0
    return full / on_duty if on_duty else 0.0


@dataclass(frozen=True, slots=True)
class Need:
    """An hour of the week: how many on duty each target needs, how many there were, and are planned."""

    hour: Hour
    needed: tuple[int | None, ...]
    had: float
    planned: float | None


def needs(
    forecasts: Mapping[Hour, Forecast],
    targets: Sequence[float],
    loads: Mapping[Hour, Load],
    *,
    had: Mapping[Hour, float],
    planned: Mapping[Hour, float] | None,
) -> tuple[Need, ...]:
    """Return what each hour that has a forecast needs."""
    return tuple(
        Need(
            hour,
            tuple(_needed(forecast, target, loads[hour]) for target in targets),
            had.get(hour, 0.0),
            None if planned is None else planned.get(hour, 0.0),
        )
        for hour, forecast in forecasts.items()
    )


@lru_cache(maxsize=2048)
def _needed(forecast: Forecast, target: float, load: Load) -> int | None:
    return forecast.needed(target, load)


def open_minutes(start: Instant, end: Instant, hours: OpeningHours) -> float:
    """Return how many minutes between the moments the panel is open, to the quarter of an hour."""
    quarter = 15 * 60 * 1_000_000
    marks = range(start.microseconds, end.microseconds, quarter)
    return 15.0 * sum(hours.is_open(Instant.from_microseconds(at)) for at in marks)
