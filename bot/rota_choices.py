"""What a form of the rota offers to choose from, and what it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from bot import rota, swaps
from bot.turn import Turn
from scheduling.rota_lines import span_on
from scheduling.rota_plan import PlannedSpan
from scheduling.shifts import Occurrence, Planned, Station
from storage.models import Person, Role, RotaOverride, RotaRule
from storage.queries import people

STANDING = (Role.RESOURCE_PERSON, Role.SECRETARIAT, Role.COORDINATOR)


@dataclass(frozen=True, slots=True)
class OneShift:
    """One occurrence of a shift: who holds it, whose it was, where it comes from, who else could have it."""

    planned: Planned
    holder: Person
    owner: Person
    source: RotaRule | RotaOverride
    could_have: tuple[Person, ...]
    is_ahead: bool

    @property
    def is_swapped(self) -> bool:
        """Whether somebody else holds it than whose it was."""
        return self.holder.id != self.owner.id


async def everybody(turn: Turn) -> list[Person]:
    """Return who can stand on the rota at all, by alias."""
    return sorted(await people.in_roles(turn.unit, STANDING), key=lambda one: one.alias.lower())


async def free_for(turn: Turn, wanted: PlannedSpan, standing: Iterable[Person]) -> frozenset[UUID]:
    """Return which of them could stand there then: neither on duty already nor away, and in a role for it."""
    span = span_on(wanted.day, wanted.starts, wanted.ends, turn.rules.zone)
    if span is None:
        return frozenset()
    planned = await rota.load(turn)
    return frozenset(one.id for one in standing if rota.could_take(planned, one, wanted.station, span))


def stations(person: Person) -> list[Station]:
    """Return where the person can stand, in their order."""
    return [one for one in Station if one in rota.stations_of(person)]


async def shift(turn: Turn, occurrence: Occurrence) -> OneShift | None:
    """Return the occurrence where there is one."""
    planned = await rota.load(turn)
    one = swaps.find_one(turn, planned, occurrence)
    if one is None:
        return None
    rule = await turn.unit.session.get(RotaRule, occurrence.source)
    source = await turn.unit.session.get(RotaOverride, occurrence.source) if rule is None else rule
    known = await people.by_ids(turn.unit, {one.holder, one.owner})
    assert source is not None
    return OneShift(
        planned=one,
        holder=known[one.holder],
        owner=known[one.owner],
        source=source,
        could_have=tuple(await swaps.could_have(turn, planned, occurrence)),
        is_ahead=one.span.starts > turn.now,
    )


async def rule(turn: Turn, rule_id: UUID) -> tuple[RotaRule, Person] | None:
    """Return the weekly shift and whose it is."""
    row = await turn.unit.session.get(RotaRule, rule_id)
    return None if row is None else (row, await people.by_id(turn.unit, row.person_id))
