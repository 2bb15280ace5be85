"""How soon people are claimed and answered, and how many on duty that takes; nobody is named or rated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from bot.configuration import Configuration
from scheduling import staffing
from scheduling.deadlines import promised_by
from scheduling.instant import Instant
from scheduling.service_level import (
    WEEK,
    Case,
    Hour,
    Service,
    arrivals,
    by_hour,
    by_urgency,
    hour_of,
    hours_between,
)
from scheduling.urgency import Urgency
from storage.queries import service_level as find
from storage.store import Store

Planned = Callable[[Instant], int]
_FORECAST = (Urgency.HIGH, Urgency.NORMAL)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How soon enquiries were claimed and answered in a period."""

    by_urgency: dict[Urgency, Service]
    by_hour: dict[Hour, Service | None]


@dataclass(frozen=True, slots=True)
class Staffing:
    """How many must be on duty, by urgency and hour of the week, and what that goes by."""

    since: Instant
    until: Instant
    offers: int
    is_prior: bool  # too few offers were made: the reactions are taken for granted
    panel: staffing.Panel
    at_cap: float
    per_week: float  # concerns sent; by the hour that could be a single one
    targets: tuple[int, ...]
    needs: dict[Urgency, tuple[staffing.Need, ...]]
    at_once: dict[Urgency, tuple[int | None, ...]]  # were all asked at once, in the tightest hour


async def waiting(
    store: Store, rules: Configuration, *, since: Instant | None, until: Instant | None
) -> Waiting:
    """Return how soon what was sent in the time was claimed and answered, as things stand now."""
    async with store.reading() as session:
        cases = await find.cases(session, since, until)
    now = store.clock.now()
    return Waiting(by_urgency(cases, now), by_hour(cases, now, rules.zone))


async def forecast(
    store: Store, rules: Configuration, *, until: Instant, planned: Planned | None = None
) -> Staffing:
    """Return how many must be on duty, by the last days before the moment.

    `planned` says how many the rota has at a moment to come; without it the forecast says nothing of a rota.
    """
    section = rules.staffing
    past = await _past(store, Instant.of(until - timedelta(days=section.days)), until)
    is_prior = len(past.reactions) < section.fewest_offers
    panel = _prior(rules) if is_prior else staffing.estimate(past.reactions)
    full = staffing.at_cap(past.duty, past.held, past.caps)
    loads, had = _loads(rules, past, full), _had(rules, past)
    will = None if planned is None else _planned(rules, planned, until)
    targets = [target / 100 for target in section.targets]
    made = {urgency: _forecasts(rules, panel, urgency, until) for urgency in _FORECAST}
    made = {urgency: forecasts for urgency, forecasts in made.items() if forecasts}
    needs = {
        urgency: staffing.needs(forecasts, targets, loads, had=had, planned=will)
        for urgency, forecasts in made.items()
    }
    alone = staffing.Load(full)
    at_once = {
        urgency: tuple(_tightest(forecasts).at_once.needed(target, alone) for target in targets)
        for urgency, forecasts in made.items()
    }
    offers = len(past.reactions)
    per_week = sum(load.per_hour for load in loads.values())
    return Staffing(
        past.since, until, offers, is_prior, panel, full, per_week, tuple(section.targets), needs, at_once
    )


@dataclass(frozen=True, slots=True)
class _Past:
    since: Instant
    until: Instant
    cases: Sequence[Case]
    counted_from: Instant
    reactions: Sequence[staffing.Reaction]
    duty: Sequence[staffing.Held]
    held: Sequence[staffing.Held]
    caps: dict[UUID, int]


async def _past(store: Store, since: Instant, until: Instant) -> _Past:
    """Read what the forecast goes by; what came in is counted since the first, a week at least."""
    async with store.reading() as session:
        first = await find.first_sent(session)
        a_week_ago = Instant.of(until - timedelta(days=7))
        return _Past(
            since,
            until,
            await find.cases(session, since, until),
            max(since, min(first or a_week_ago, a_week_ago)),
            await find.reactions(session, since, until),
            await find.duty(session, since, until),
            await find.held_cases(session, since, until),
            await find.caps(session),
        )


def _tightest(forecasts: dict[Hour, staffing.Forecast]) -> staffing.Forecast:
    return min(forecasts.values(), key=lambda forecast: forecast.minutes)


def _prior(rules: Configuration) -> staffing.Prior:
    section = rules.staffing
    return staffing.Prior(section.prior_share, section.prior_median_minutes, section.prior_sigma)


def _loads(rules: Configuration, past: _Past, full: float) -> dict[Hour, staffing.Load]:
    lasted = hours_between(past.counted_from, past.until, rules.zone)
    rates = arrivals((case.sent_at for case in past.cases), lasted, rules.zone)
    return {hour: staffing.Load(full, rates[hour], rules.staffing.minutes) for hour in WEEK}


def _had(rules: Configuration, past: _Past) -> dict[Hour, float]:
    """How many were on duty in each hour on an average, since duty was first noted."""
    if not past.duty:
        return {}
    lasted = hours_between(min(spell.since for spell in past.duty), past.until, rules.zone)
    spent = dict.fromkeys(WEEK, 0.0)
    for spell in past.duty:
        for hour, hours in hours_between(spell.since, spell.until, rules.zone).items():
            spent[hour] += hours
    return {hour: spent[hour] / lasted[hour] for hour in WEEK if lasted[hour]}


def _planned(rules: Configuration, planned: Planned, until: Instant) -> dict[Hour, float]:
    """How many the rota has in each hour of the week to come, at half past."""
    begin = datetime.combine(until.astimezone(rules.zone).date(), time(0, 30), rules.zone)
    moments = [Instant.of(Instant.of(begin) + timedelta(hours=ahead)) for ahead in range(7 * 24)]
    return {hour_of(moment, rules.zone): float(planned(moment)) for moment in moments}


def _forecasts(
    rules: Configuration, panel: staffing.Panel, urgency: Urgency, until: Instant
) -> dict[Hour, staffing.Forecast]:
    """What is asked about in opening hours only has the open minutes until the promise."""
    policy = rules.policies[urgency]
    if not policy.asks_anybody:
        return {}
    if not policy.only_in_opening_hours:
        return dict.fromkeys(WEEK, staffing.Forecast(panel, policy, rules.staffing.minutes))
    made = {}
    begin = datetime.combine(until.astimezone(rules.zone).date(), time(0, 30), rules.zone)
    for ahead in range(7 * 24):
        at = Instant.of(Instant.of(begin) + timedelta(hours=ahead))
        if rules.panel_hours.is_open(at):
            by = promised_by(at, urgency=urgency, promises=rules.promise, hours=rules.panel_hours)
            left = staffing.open_minutes(at, by, rules.panel_hours)
            made[hour_of(at, rules.zone)] = staffing.Forecast(panel, policy, left)
    return made
