"""A small desk for four years, simulated: nobody is pestered, and nobody's phone rings at night."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.configuration import read_configuration
from scheduling.opening import parse_hours
from scheduling.urgency import Urgency
from tests.bench.dispatch import Simulation, World, production

WEEKS = 210
HOURS = parse_hours("mon-fri 08:00-20:00", ZoneInfo("Europe/Copenhagen"))
POLICY = read_configuration(Path(__file__).parents[2] / "hotline.toml").policies[Urgency.NORMAL]
SMALL = World(people=11, on_duty=(1, 2), per_day=6 / 7, days=WEEKS * 7, seed=11)


@cache
def played() -> Simulation:
    return Simulation(SMALL, production(POLICY, hours=HOURS)).run()


def test_nobody_is_rung_more_than_twice_about_an_enquiry() -> None:
    rung = [Counter(person for _, person in one.log) for one in played().done]

    assert len(rung) > 5 * WEEKS
    assert max(times for each in rung for times in each.values()) == 2


def test_nobody_is_rung_out_of_hours() -> None:
    at = played()
    moments = [moment for one in at.done for moment, _ in one.log]

    assert len(moments) > 5 * WEEKS
    assert [moment for moment in moments if not HOURS.is_open(at.instant(moment))] == []


def test_most_are_taken_although_one_or_two_are_on_duty() -> None:
    came_by_day = [one for one in played().done if HOURS.is_open(played().instant(one.came))]

    assert sum(one.taken_at is not None for one in came_by_day) > 0.85 * len(came_by_day)
