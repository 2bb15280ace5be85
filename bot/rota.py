"""The rota as people read it: one's own shifts, who is on duty, and the week."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from bot.turn import DIGEST, NOTICE, Button, Turn, span
from scheduling.instant import Instant
from scheduling.local_time import instant_of
from scheduling.opening import OpeningHours
from scheduling.rota import Rota
from scheduling.shifts import DayKind, Shift, Span, Station, Thin
from storage.models import DESK, Chat, Person, Role
from storage.queries import people
from storage.queries import rota as find

_MOST_SHIFTS = 8
_MOST_LINES = 20
_MOST_OPENINGS = 60
_MOST_ASKED = 3
_OWN_DAYS = 28


_ROLES = {Station.PANEL: (Role.RESOURCE_PERSON,), Station.COORDINATOR: DESK, Station.BACKUP: DESK}


def roles_of(station: Station) -> tuple[Role, ...]:
    """Return the roles that can stand at the station."""
    return _ROLES[station]


def stations_of(person: Person) -> frozenset[Station]:
    """Return the stations somebody in her role can stand at."""
    return frozenset(station for station, roles in _ROLES.items() if person.role in roles)


async def who_stands(turn: Turn, person_id: UUID, station: Station) -> Person | None:
    """Return who it is where she can stand at the station."""
    person = (await people.by_ids(turn.unit, (person_id,))).get(person_id)
    if person is None or person.revoked_at is not None or station not in stations_of(person):
        return None
    return person


def could_take(planned: Rota, person: Person, station: Station, of: Span) -> bool:
    """Whether she would really be there, and has no shift then already: nobody stands for two."""
    return station in stations_of(person) and planned.could_stand(person.id, of)


async def load(turn: Turn) -> Rota:
    """Return the rota as it stands; public holidays are suggested by the calendar of the country."""
    return await find.load(turn.unit, zone=turn.rules.zone, suggests=turn.rules.suggested_day)


async def know_days(turn: Turn) -> None:
    """Have opening hours go by the days whose kind the operator has set."""
    turn.rules.set_days({one.day: one.kind for one in await find.day_settings(turn.unit)})


async def forget_past(turn: Turn) -> None:
    """Delete shifts served, absences, swaps and rules that are longer past than they are kept."""
    before = turn.after(days=-turn.rules.retention.rota)
    last = before.astimezone(turn.rules.zone).date() - timedelta(days=1)
    await find.forget_past(turn.unit, before, last=last)


def next_of(turn: Turn, planned: Rota, person: Person, *, within: timedelta) -> list[Shift]:
    """Return the person's shifts that begin from now on within so long, in order."""
    window = Span(turn.now, Instant.of(turn.now + within))
    found = planned.shifts(window, person=person.id)
    return [shift for shift in found if window.starts <= shift.span.starts <= window.ends]


async def show(turn: Turn, person: Person, chat: Chat) -> None:
    """Say who is on duty now, and the person's own shifts of the next four weeks."""
    planned = await load(turn)
    own = planned.shifts(Span(turn.now, turn.after(days=_OWN_DAYS)), person=person.id)
    lines = [line(shift) for shift in own[:_MOST_SHIFTS]]
    key = "rota.mine" if own else "rota.mine_none"
    turn.say(
        chat,
        key,
        buttons=_buttons(person, has_shifts=bool(own)),
        now={"lines": await _now(turn)},
        lines={"lines": lines},
    )


async def show_week(turn: Turn, chat: Chat, first: date) -> None:
    """Say who has which shift in the seven days from this one on, and which hours are thin."""
    planned = await load(turn)
    window = days(turn, first, 7)
    aliases = {one.id: one.alias for one in await people.in_roles(turn.unit, tuple(Role))}
    shifts = [s for s in planned.shifts(window) if s.person in aliases]
    lines = [_day_lines(day, list(of), aliases) for day, of in groupby(shifts, lambda s: _day(turn, s))]
    lack = [thin_line(one) for one in thin(turn, planned, window)]
    earlier, later = first - timedelta(days=7), first + timedelta(days=7)
    row = [
        Button("button.week_before", f"rota:week:{earlier:%Y%m%d}"),
        Button("button.week_after", f"rota:week:{later:%Y%m%d}"),
    ]
    turn.say(
        chat,
        "rota.week" if lack else "rota.week_full",
        buttons=[row],
        first={"day": first.isoformat()},
        lines={"lines": lines or [{"key": "rota.week_empty", "params": {}}]},
        lack={"lines": lack},
    )


async def next_staffed(turn: Turn, *, only_when_open: bool) -> Instant | None:
    """Return when by the rota somebody of the panel is next on duty, or None where none is planned."""
    planned, moment = await load(turn), turn.now
    for _ in range(_MOST_OPENINGS):
        start = planned.next_start(moment, station=Station.PANEL)
        opening = start if start is None or not only_when_open else turn.rules.panel_hours.next_opening(start)
        if opening is None or opening == start or planned.on_duty(opening, station=Station.PANEL):
            return opening
        moment = opening
    return None


def loudness(turn: Turn) -> int:
    """Return the priority of a notice about shifts: outside the panel's hours it makes no sound."""
    return NOTICE if turn.rules.panel_hours.is_open(turn.now) else DIGEST


def thin(turn: Turn, planned: Rota, window: Span) -> list[Thin]:
    """Return the hours in which fewer people are planned than the configuration needs, in order.

    What is open goes by the days as this rota has them.
    """
    needed, hours = turn.rules.rota.needed, open_hours(turn, planned)
    found = list(planned.thin(window, station=Station.PANEL, needed=needed, hours=hours))
    if turn.rules.coordinator_hours is not None:
        hours = _by_days_of(planned, turn.rules.coordinator_hours)
        found += planned.thin(window, station=Station.COORDINATOR, needed=1, hours=hours)
    return sorted(found, key=lambda one: (one.span, one.station.value))


def open_hours(turn: Turn, planned: Rota) -> OpeningHours:
    """Return the panel's opening hours by the days as this rota has them."""
    return _by_days_of(planned, turn.rules.panel_hours)


def by_day(turn: Turn, span: Span) -> Iterator[Span]:
    """Yield the span cut at the local midnights in it."""
    starts = span.starts
    while starts < span.ends:
        day = starts.astimezone(turn.rules.zone).date()
        ends = min(span.ends, instant_of(day + timedelta(days=1), time(0), turn.rules.zone))
        yield Span(starts, ends)
        starts = ends


def line(shift: Shift) -> dict[str, Any]:
    """Return one shift as a line of words."""
    return {"key": f"rota.line_{shift.station.value}", "params": {"span": span(shift.span)}}


def thin_line(one: Thin) -> dict[str, Any]:
    """Return a span that lacks people as a line of words."""
    station = one.station.value
    key = f"rota.gap_{station}" if one.on_duty == 0 else f"rota.thin_{station}"
    return {"key": key, "params": {"span": span(one.span), "on_duty": one.on_duty, "needed": one.needed}}


def days(turn: Turn, first: date, count: int) -> Span:
    """Return the span of so many local days from this one on."""
    zone = turn.rules.zone
    return Span(instant_of(first, time(0), zone), instant_of(first + timedelta(days=count), time(0), zone))


def today(turn: Turn) -> date:
    """Return the local date."""
    return turn.now.astimezone(turn.rules.zone).date()


async def preview(turn: Turn, person: Person) -> None:
    """Tell her of her shifts of the coming week, and the desk of hours that lack people; set the next."""
    planned = await load(turn)
    own = next_of(turn, planned, person, within=timedelta(days=7))
    if person.chat_id is not None and own:
        turn.say(person.chat_id, "rota.preview", lines={"lines": [line(shift) for shift in own]})
    if person.chat_id is not None and person.role in DESK:
        await tell_forecast(turn, person.chat_id, planned)
    await set_preview(turn, person)


async def tell_forecast(turn: Turn, chat: UUID, planned: Rota) -> None:
    """Say which hours of the next weeks have nobody or too few."""
    weeks = turn.rules.rota.forecast_weeks
    lack = thin(turn, planned, Span(turn.now, turn.after(days=7 * weeks)))
    key = "rota.forecast" if lack else "rota.forecast_full"
    shown = [thin_line(one) for one in lack[:_MOST_LINES]]
    turn.say(chat, key, buttons=cover_buttons(lack), lines={"lines": shown}, weeks=weeks, count=len(lack))


def cover_buttons(lack: Sequence[Thin]) -> list[list[Button]]:
    """Return a button for the first spans that lack somebody, with which the desk asks the panel."""
    return [
        [Button("button.ask_for_cover", f"cover:ask:{minutes(one)}", {"span": span(one.span)})]
        for one in [one for one in lack if one.station is Station.PANEL][:_MOST_ASKED]
    ]


def minutes(one: Thin) -> str:
    """Return the span as a button carries it: the minutes since 1970 of its start and its end."""
    starts, ends = (int(moment.timestamp()) // 60 for moment in (one.span.starts, one.span.ends))
    return f"{one.station.value}:{starts}:{ends}"


async def set_preview(turn: Turn, person: Person) -> None:
    """Have the weekly preview fall due at its next moment."""
    at = turn.rules.rota.preview_at
    if at is None:
        return
    weekday, clock = at
    day = today(turn) + timedelta(days=(weekday - today(turn).weekday()) % 7)
    moment = instant_of(day, clock, turn.rules.zone)
    if moment <= turn.now:
        moment = instant_of(day + timedelta(days=7), clock, turn.rules.zone)
    await turn.set_timer("rota_preview", person.id, moment)


def _day(turn: Turn, shift: Shift) -> date:
    return shift.span.starts.astimezone(turn.rules.zone).date()


def _by_days_of(planned: Rota, hours: OpeningHours) -> OpeningHours:
    if hours.is_holiday is None:
        return hours
    return replace(hours, is_holiday=lambda day: planned.kind_of(day) is not DayKind.NORMAL)


def _day_lines(day: date, shifts: list[Shift], aliases: dict[UUID, str]) -> dict[str, Any]:
    """Return a day of the week: the hours, and who has them."""
    names: dict[tuple[Span, Station], list[str]] = {}
    for shift in shifts:
        names.setdefault((shift.span, shift.station), []).append(aliases[shift.person])
    lines = [
        {
            "key": f"rota.week_{station.value}",
            "params": {
                "hours": {"hours": [when.starts.microseconds, when.ends.microseconds]},
                "names": ", ".join(sorted(who)),
            },
        }
        for (when, station), who in sorted(names.items(), key=lambda one: (one[0][0], one[0][1].value))
    ]
    return {"key": "rota.week_day", "params": {"day": {"day": day.isoformat()}, "lines": {"lines": lines}}}


async def _now(turn: Turn) -> list[dict[str, Any]]:
    on = await find.on_duty(turn.unit)
    everybody = await people.in_roles(turn.unit, tuple(Role))
    lines = [
        {"key": f"rota.now_{on[one.id].value}", "params": {"alias": one.alias}}
        for one in everybody
        if one.id in on
    ]
    return lines or [{"key": "rota.nobody", "params": {}}]


def _buttons(person: Person, *, has_shifts: bool) -> list[list[Button]]:
    rows = [[Button("button.rota_week", "rota:week")]]
    if has_shifts:
        rows.append([Button("button.swap_shift", "rota:swap")])
    if person.role is Role.RESOURCE_PERSON:
        rows.append([Button("button.cover", "rota:cover")])
    rows.append([Button("button.absent", "rota:absent"), Button("button.calendar", "rota:calendar")])
    return rows
