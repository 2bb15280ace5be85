"""The rota from and to a file: what is unchanged in it stays what it was, so that swaps of it stand."""

from __future__ import annotations

from dataclasses import dataclass

from bot import rota, rota_changes, rota_rules
from bot.turn import Turn
from scheduling.ids import new_id
from scheduling.rota_plan import (
    PlannedAbsence,
    PlannedDay,
    PlannedPerson,
    PlannedShift,
    PlannedSpan,
    RotaPlan,
)
from scheduling.shifts import DayKind
from storage.models import Absence, DaySetting, Person, Role, RotaOverride, RotaRule
from storage.queries import people
from storage.queries import rota as find

_Said = PlannedShift | PlannedAbsence | tuple[bool, PlannedSpan]


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a plan that can be read cannot be put in force: about whom, and what is wrong."""

    alias: str
    reason: str


@dataclass(frozen=True, slots=True)
class Changed:
    """How many lines of the rota a plan added, and how many it took away."""

    added: int
    removed: int


async def objections(turn: Turn, plan: RotaPlan) -> list[Objection]:
    """Return what speaks against the plan: people nobody knows, and stations that are not theirs."""
    found = []
    for planned in plan.people:
        person = await people.by_alias(turn.unit, planned.alias)
        if person is None or person.revoked_at is not None:
            found.append(Objection(planned.alias, "unknown"))
            continue
        stations = {one.station for one in planned.shifts}
        stations |= {one.station for one in (*planned.extra, *planned.off)}
        if not stations <= rota.stations_of(person):
            found.append(Objection(planned.alias, "station"))
    return found


async def put_in_force(turn: Turn, plan: RotaPlan, *, by: Person | None = None) -> Changed:
    """Have the people and days the plan names be as it says; whoever's shifts it changes is told.

    The plan has no objections. Absences read from a calendar stay.
    """
    added = removed = 0
    async with rota_changes.changing(turn, by=by, about=None, what="planned"):
        for planned in plan.people:
            person = await people.by_alias(turn.unit, planned.alias)
            assert person is not None
            person.joins_on, person.leaves_on = planned.joins, planned.leaves
            more, fewer = await _put(turn, plan, planned, person)
            added, removed = added + more, removed + fewer
        for day in plan.days:
            await turn.unit.session.merge(DaySetting(day=day.day, kind=day.kind, name=day.name))
        if by is None:
            turn.unit.record("planned", actor="operator", subject="rota", subject_id=new_id())
        else:
            turn.record("planned", by, by=by)
    return Changed(added, removed)


async def current(turn: Turn) -> RotaPlan:
    """Return the rota as a plan, everybody with something planned, by alias."""
    found = []
    for person in await people.in_roles(turn.unit, tuple(Role)):
        planned = await _as_planned(turn, person)
        if planned != PlannedPerson(person.alias):
            found.append(planned)
    days = tuple(PlannedDay(one.day, one.kind, one.name) for one in await find.day_settings(turn.unit))
    return RotaPlan(turn.rules.zone, days, tuple(found))


async def _put(turn: Turn, plan: RotaPlan, planned: PlannedPerson, person: Person) -> tuple[int, int]:
    """Add what the plan has and the rota has not, and remove what the rota has and the plan has not."""
    wanted: list[_Said] = [*planned.shifts, *planned.absent]
    wanted += [(True, one) for one in planned.extra] + [(False, one) for one in planned.off]
    removed = 0
    for row in await find.plans_of(turn.unit, person.id):
        said = _said(row)
        if row.zone == plan.zone.key and said in wanted:
            wanted.remove(said)
        else:
            await turn.unit.session.delete(row)
            removed += 1
    for one in wanted:
        turn.unit.session.add(_row(plan, person, one))
    return len(wanted), removed


async def _as_planned(turn: Turn, person: Person) -> PlannedPerson:
    said = [_said(row) for row in await find.plans_of(turn.unit, person.id)]
    spans = [one for one in said if isinstance(one, tuple)]
    return PlannedPerson(
        alias=person.alias,
        joins=person.joins_on,
        leaves=person.leaves_on,
        shifts=tuple(one for one in said if isinstance(one, PlannedShift)),
        extra=tuple(span for is_on, span in spans if is_on),
        off=tuple(span for is_on, span in spans if not is_on),
        absent=tuple(one for one in said if isinstance(one, PlannedAbsence)),
    )


def _said(row: RotaRule | RotaOverride | Absence) -> _Said:
    """Return what a line of a plan would say of the row."""
    if isinstance(row, RotaRule):
        return PlannedShift(
            weekdays=frozenset(row.weekdays),
            starts=row.starts,
            ends=row.ends,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            every_weeks=row.every_weeks,
            station=row.station,
            on=frozenset(DayKind(kind) for kind in row.day_kinds),
        )
    if isinstance(row, RotaOverride):
        return row.is_on, PlannedSpan(row.day, row.starts, row.ends, row.station)
    return PlannedAbsence(row.starts_local, row.ends_local)


def _row(plan: RotaPlan, person: Person, one: _Said) -> RotaRule | RotaOverride | Absence:
    if isinstance(one, PlannedShift):
        return rota_rules.row_of(one, person, plan.zone)
    if isinstance(one, PlannedAbsence):
        return Absence(
            id=new_id(),
            person_id=person.id,
            starts_local=one.starts,
            ends_local=one.ends,
            zone=plan.zone.key,
        )
    is_on, span = one
    return RotaOverride(
        id=new_id(),
        person_id=person.id,
        station=span.station,
        day=span.day,
        starts=span.starts,
        ends=span.ends,
        zone=plan.zone.key,
        is_on=is_on,
    )
