"""The staffing forecast against what it stands on: known panels, and a simulation that knows no formula."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from scheduling.dispatch import Policy
from scheduling.instant import Instant
from scheduling.opening import parse_hours
from scheduling.staffing import (
    Estimate,
    Forecast,
    Held,
    Load,
    Prior,
    Reacted,
    Reaction,
    at_cap,
    chance,
    estimate,
    open_minutes,
)
from tests.scene import MONDAY_AT_TEN

ALL_AT_ONCE = Policy(60, timedelta(minutes=2), only_in_opening_hours=False)
THREE_AT_ONCE = Policy(3, timedelta(minutes=2), only_in_opening_hours=False)
AT = Instant.of(MONDAY_AT_TEN)
PANEL = Prior(share=0.6, median_minutes=3, sigma=1.2)


@dataclass(frozen=True)
class Offered:
    """What one person does with one offer, known beforehand."""

    minutes: float
    claims: bool


def react(chosen: random.Random, panel: Prior) -> Offered:
    minutes = panel.median_minutes * math.exp(chosen.gauss(0, panel.sigma))
    return Offered(minutes, chosen.random() < panel.share)


def claimed_after(chosen: random.Random, panel: Prior, free: int, policy: Policy) -> float:
    """Play one enquiry: each is asked when the policy says so; return when it is claimed."""
    every = policy.one_more_after.total_seconds() / 60
    played = [react(chosen, panel) for _ in range(free)]
    asked = [max(place - policy.at_once + 1, 0) * every for place in range(free)]
    claims = [at + one.minutes for at, one in zip(asked, played, strict=True) if one.claims]
    return min(claims, default=math.inf)


def reactions_of(chosen: random.Random, panel: Prior, count: int, *, at_once: int) -> list[Reaction]:
    """What the log would hold: who is too late finds it taken, or it is withdrawn after an hour."""
    found: list[Reaction] = []
    while len(found) < count:
        played = [react(chosen, panel) for _ in range(at_once)]
        taken = min((one.minutes for one in played if one.claims), default=60.0)
        for one in played:
            how = Reacted.CLAIMED if one.claims else Reacted.DECLINED
            is_seen = one.minutes <= min(taken, 60.0)
            found.append(
                Reaction(one.minutes, how) if is_seen else Reaction(min(taken, 60.0), Reacted.NOT_SEEN)
            )
    return found


@pytest.mark.parametrize("target", [0.8, 0.9, 0.95])
def test_the_number_needed_reaches_its_target_in_a_simulation(target: float) -> None:
    chosen = random.Random(4)
    needed = Forecast(PANEL, ALL_AT_ONCE, 5).needed(target, Load())
    assert needed is not None

    runs = [claimed_after(chosen, PANEL, needed, ALL_AT_ONCE) <= 5 for _ in range(20_000)]
    one_less = [claimed_after(chosen, PANEL, needed - 1, ALL_AT_ONCE) <= 5 for _ in range(20_000)]

    assert sum(runs) / len(runs) >= target - 0.03
    assert sum(one_less) / len(one_less) < target + 0.03


@pytest.mark.parametrize("policy", [ALL_AT_ONCE, THREE_AT_ONCE])
def test_the_estimate_from_a_simulated_log_forecasts_what_the_simulation_does(policy: Policy) -> None:
    chosen = random.Random(11)
    estimated = estimate(reactions_of(chosen, PANEL, 3_000, at_once=3))

    for free in range(1, 8):
        forecast = Forecast(estimated, policy, 5).reached(free, Load())
        played = [claimed_after(chosen, PANEL, free, policy) <= 5 for _ in range(20_000)]
        assert forecast == pytest.approx(sum(played) / len(played), abs=0.03)


def test_the_number_needed_by_an_estimate_reaches_its_target_with_people_at_their_cap() -> None:
    chosen = random.Random(7)
    panel, busy = Prior(share=0.5, median_minutes=2, sigma=1.0), 0.25
    forecast = Forecast(estimate(reactions_of(chosen, panel, 3_000, at_once=3)), ALL_AT_ONCE, 5)
    needed = forecast.needed(0.9, Load(at_cap=busy))
    assert needed is not None

    played = []
    for _ in range(20_000):
        free = sum(chosen.random() >= busy for _ in range(needed))
        played.append(claimed_after(chosen, panel, free, ALL_AT_ONCE) <= 5)

    assert abs(sum(played) / len(played) - forecast.reached(needed, Load(at_cap=busy))) <= 0.03
    assert sum(played) / len(played) >= 0.9 - 0.03


def test_an_offer_taken_by_another_counts_only_for_as_long_as_it_stood() -> None:
    """Of four, one claims at 1; one is taken at 2; of the two left, one claims at 3, one declines at 4."""
    found = estimate(
        [
            Reaction(1, Reacted.CLAIMED),
            Reaction(2, Reacted.NOT_SEEN),
            Reaction(3, Reacted.CLAIMED),
            Reaction(4, Reacted.DECLINED),
        ]
    )

    assert found.claimed_within(0.5) == 0
    assert found.claimed_within(1) == pytest.approx(1 / 4)
    assert found.claimed_within(3.5) == pytest.approx(1 / 4 + 3 / 4 * 1 / 2)
    assert found.share == pytest.approx(5 / 8)


def test_without_a_claim_nothing_is_expected_and_no_number_is_enough() -> None:
    found = estimate([Reaction(5, Reacted.DECLINED), Reaction(9, Reacted.NOT_SEEN)])

    assert found == Estimate((), ())
    assert found.share == 0
    assert Forecast(found, ALL_AT_ONCE, 5).needed(0.8, Load()) is None


def test_the_formula_holds_where_all_are_asked_at_once() -> None:
    p = PANEL.claimed_within(5)

    assert p == pytest.approx(0.6 * 0.6648, abs=0.001)
    assert chance(PANEL, 4, 5, ALL_AT_ONCE) == pytest.approx(1 - (1 - p) ** 4)
    assert [Forecast(PANEL, ALL_AT_ONCE, 5).needed(t, Load()) for t in (0.8, 0.9, 0.95)] == [4, 5, 6]


def test_who_is_asked_later_has_less_time_and_a_slow_policy_sets_a_bound() -> None:
    forecast = Forecast(PANEL, THREE_AT_ONCE, 5)

    assert chance(PANEL, 3, 5, THREE_AT_ONCE) == chance(PANEL, 3, 5, ALL_AT_ONCE)
    assert chance(PANEL, 5, 5, THREE_AT_ONCE) < chance(PANEL, 5, 5, ALL_AT_ONCE)
    assert chance(PANEL, 5, 5, THREE_AT_ONCE) == chance(PANEL, 9, 5, THREE_AT_ONCE)
    assert forecast.needed(0.8, Load()) == 4
    assert forecast.needed(0.95, Load()) is None
    assert forecast.at_once.needed(0.95, Load()) == 6


def test_a_busier_hour_needs_more() -> None:
    forecast = Forecast(PANEL, ALL_AT_ONCE, 5)
    quiet, busy, full = Load(), Load(per_hour=24), Load(at_cap=0.5)
    one = forecast.needed(0.9, quiet)
    two, three = forecast.needed(0.9, busy), forecast.needed(0.9, full)

    assert one is not None
    assert two is not None
    assert three is not None
    assert one < two
    assert one < three
    assert replace(quiet, per_hour=1200).free_share(1) == 0


def held(person: UUID, start: float, end: float) -> Held:
    return Held(person, Instant.of(AT + timedelta(hours=start)), Instant.of(AT + timedelta(hours=end)))


def test_the_time_at_cap_is_a_share_of_all_time_on_duty() -> None:
    mira, tom = uuid4(), uuid4()
    duty = [held(mira, 0, 4), held(tom, 0, 4)]
    cases = [held(mira, -5, 1), held(mira, 0, 2), held(tom, 3, 9), held(tom, 20, 21)]

    assert at_cap(duty, cases, {mira: 2, tom: 1}) == pytest.approx(2 / 8)
    assert at_cap([], cases, {mira: 2}) == 0


def test_open_minutes_leave_the_night_out() -> None:
    hours = parse_hours("mon-fri 08:00-20:00", MONDAY_AT_TEN.tzinfo)  # type: ignore[arg-type]
    next_morning = Instant.of(AT + timedelta(days=1))

    assert open_minutes(AT, next_morning, hours) == 12 * 60
