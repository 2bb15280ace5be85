"""The service level on the screen: how soon enquiries are claimed and answered, and what staff that takes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Annotated, Any

import typer

from bot import rota as rota_of
from bot import service_level as figures
from bot.service_level import Staffing, Waiting
from handlers.commands import ground
from scheduling.service_level import CLAIMED_WITHIN, SMALL, WEEK, Hour, Level, Service
from scheduling.shifts import Station
from scheduling.staffing import Need
from scheduling.urgency import Urgency

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FEW = f"<{SMALL}"
_HOW = (
    "Clock time, nights included. A case nobody has claimed or answered, or that was closed before anybody"
    " did, stands behind all others and is never within; ? marks how many of these could still be."
)


def service_level(
    since: Annotated[str | None, typer.Option(help="First day, such as 2026-01-01.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day, that day included.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same for a program.")] = False,
) -> None:
    """Say how soon enquiries are claimed and answered, and how many must be on duty; nobody is named."""

    async def work() -> None:
        async with ground.opened() as at:
            first, last = ground.parse_day(since, "--since"), ground.parse_day(until, "--until")
            begin = None if first is None else ground.midnight(first, at.rules.zone)
            end = None if last is None else ground.midnight(last + timedelta(days=1), at.rules.zone)
            waiting = await figures.waiting(at.store, at.rules, since=begin, until=end)
            async with at.turn() as turn:
                rota = await rota_of.load(turn)
            staffing = await figures.forecast(
                at.store,
                at.rules,
                until=min(end or at.now, at.now),
                planned=lambda moment: len(rota.on_duty(moment, station=Station.PANEL)),
            )
            period = f"{first or 'the beginning'} to {last or 'now'}"
            if as_json:
                ground.say(json.dumps(_plain(period, waiting, staffing, at.rules.staffing.minutes)))
                return
            _show_waiting(period, waiting)
            _show_staffing(at, staffing)

    ground.guarded(work)


def _show_waiting(period: str, waiting: Waiting) -> None:
    if not waiting.by_urgency:
        ground.say(f"From {period} no concern was sent.")
        return
    limit = f"within {int(CLAIMED_WITHIN.total_seconds() // 60)} min"
    columns = ("urgency", "until", "cases", "happened", "median", "95 %", limit, "within the promise")
    rows = [
        (urgency.value, of, level.cases, level.happened, *_level(level))
        for urgency, service in waiting.by_urgency.items()
        for of, level in (("first claim", service.claim), ("first answer", service.answer))
    ]
    ground.tabulate(f"From {period}", columns, rows)
    ground.say(_HOW)
    ground.say("")
    title = f"By hour of the week: cases sent · median to the first claim · {limit}"
    ground.tabulate(title, ("", *_DAYS), _week({hour: _cell(one) for hour, one in waiting.by_hour.items()}))


def _level(level: Level) -> tuple[str, str, str, str]:
    return (
        _time(level.median),
        _time(level.p95),
        _share(level.within_limit, level.cases, level.undecided_limit),
        _share(level.within_promise, level.cases, level.undecided_promise),
    )


def _share(within: int, cases: int, undecided: int) -> str:
    return f"{within / cases:.0%}{f' ({undecided}?)' if undecided else ''}"


def _time(took: timedelta | None) -> str:
    if took is None:
        return "not reached"
    minutes = took.total_seconds() / 60
    if minutes < 60:
        return f"{minutes:.1f} min"
    return f"{minutes / 60:.1f} h" if minutes < 48 * 60 else f"{minutes / (24 * 60):.1f} d"


def _cell(service: Service | None) -> str:
    if service is None:
        return _FEW
    claim = service.claim
    return f"{claim.cases} · {_time(claim.median)} · {claim.share_within_limit:.0%}"


def _week(cells: dict[Hour, str]) -> list[tuple[str, ...]]:
    """Return the hours of the day as rows: alike ones as one, and none in which there is nothing all week."""
    days = [tuple(cells.get((day, hour), "–") for day in range(7)) for hour in range(24)]
    rows = []
    for row, alike in groupby(range(24), key=lambda hour: days[hour]):
        hours = list(alike)
        if set(row) != {"–"}:
            rows.append((f"{hours[0]:02}–{hours[-1] + 1:02}", *row))
    return rows


def _show_staffing(at: ground.Ground, staffing: Staffing) -> None:
    ground.say("")
    period = f"from {at.local(staffing.since)} to {at.local(staffing.until)}"
    ground.say(f"Staffing, by {staffing.offers} offers {period}: {_reaction(at, staffing)}")
    ground.say(f"{staffing.per_week:.1f} concerns a week are sent.")
    ground.say(f"People on duty had as many cases as they may for {staffing.at_cap:.0%} of the time.")
    for urgency, needs in staffing.needs.items():
        policy = at.rules.policies[urgency]
        within = "the promise, in opening hours"
        if not policy.only_in_opening_hours:
            within = f"{at.rules.staffing.minutes:g} min"
        every = policy.one_more_after.total_seconds() / 60
        ground.say("")
        has = " / planned" if needs[0].planned is not None else ""
        title = f"{urgency.value}, claimed within {within}: on duty for {_targets(staffing)} · had{has}"
        ground.tabulate(title, ("", *_DAYS), _week({need.hour: _need(need) for need in needs}))
        ground.say(
            f"Asked as the rules say: {policy.at_once} at once, one more every {every:g} min."
            f" Were all asked at once: {_numbers(staffing.at_once[urgency])}."
        )


def _reaction(at: ground.Ground, staffing: Staffing) -> str:
    minutes, section = at.rules.staffing.minutes, at.rules.staffing
    found = (
        f"{staffing.panel.share:.0%} are claimed, {staffing.panel.claimed_within(minutes):.0%}"
        f" within {minutes:g} min."
    )
    if not staffing.is_prior:
        return found
    taken = (
        f"share {section.prior_share:g}, median {section.prior_median_minutes:g} min,"
        f" sigma {section.prior_sigma:g}"
    )
    return f"fewer than {section.fewest_offers}, so taken for granted ([staffing]: {taken}): {found}"


def _targets(staffing: Staffing) -> str:
    return "/".join(str(target) for target in staffing.targets) + " %"


def _need(need: Need) -> str:
    planned = "" if need.planned is None else f"/{need.planned:g}"
    return f"{_numbers(need.needed)} · {need.had:.1f}{planned}"


def _numbers(needed: Sequence[int | None]) -> str:
    return "/".join("none" if one is None else str(one) for one in needed)


def _plain(period: str, waiting: Waiting, staffing: Staffing, minutes: float) -> dict[str, Any]:
    return {
        "period": period,
        "limit_seconds": CLAIMED_WITHIN.total_seconds(),
        "how": _HOW,
        "by_urgency": {urgency.value: _of(one) for urgency, one in waiting.by_urgency.items()},
        "by_hour": [
            {"weekday": day + 1, "hour": hour, **_of_hour((day, hour), waiting)} for day, hour in WEEK
        ],
        "staffing": {
            "since": _iso(staffing.since),
            "until": _iso(staffing.until),
            "offers": staffing.offers,
            "is_prior": staffing.is_prior,
            "share_claimed": round(staffing.panel.share, 4),
            "share_claimed_in_time": round(staffing.panel.claimed_within(minutes), 4),
            "minutes": minutes,
            "sent_in_a_week": round(staffing.per_week, 2),
            "share_of_duty_at_cap": round(staffing.at_cap, 4),
            "targets": list(staffing.targets),
            "needed_were_all_asked_at_once": {u.value: list(n) for u, n in staffing.at_once.items()},
            "by_hour": [_of_need(u, need) for u, needs in staffing.needs.items() for need in needs],
        },
    }


def _of_hour(hour: Hour, waiting: Waiting) -> dict[str, Any]:
    if hour not in waiting.by_hour:
        return {"cases": 0}
    found = waiting.by_hour[hour]
    return {"cases": _FEW} if found is None else {"cases": found.claim.cases, **_of(found)}


def _of(service: Service) -> dict[str, Any]:
    return {"claim": _of_level(service.claim), "answer": _of_level(service.answer)}


def _of_level(level: Level) -> dict[str, Any]:
    return {
        "cases": level.cases,
        "happened": level.happened,
        "median_seconds": None if level.median is None else level.median.total_seconds(),
        "p95_seconds": None if level.p95 is None else level.p95.total_seconds(),
        "within_limit": round(level.share_within_limit, 4),
        "undecided_limit": level.undecided_limit,
        "within_promise": round(level.share_within_promise, 4),
        "undecided_promise": level.undecided_promise,
    }


def _of_need(urgency: Urgency, need: Need) -> dict[str, Any]:
    return {
        "urgency": urgency.value,
        "weekday": need.hour[0] + 1,
        "hour": need.hour[1],
        "needed": list(need.needed),
        "had": round(need.had, 2),
        "planned": need.planned,
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
