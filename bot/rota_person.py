"""Everything that is planned for one person: regular shifts, what departs from them, swaps and days away."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from bot import rota
from bot.turn import Turn
from scheduling.shifts import Occurrence, Planned, Span, Station, Thin
from storage.models import Absence, Person, RotaOverride, RotaRule, ShiftSwap, SwapState
from storage.queries import people
from storage.queries import rota as find

_AHEAD_DAYS = 42
_MOST = 40


@dataclass(frozen=True, slots=True)
class Given:
    """A swap that stands or is on offer: the shift, who gave it, and who has or may have it; or everybody."""

    swap: ShiftSwap
    planned: Planned
    giver: str
    taker: str | None


@dataclass(frozen=True, slots=True)
class Plans:
    """What is planned for a person from today on."""

    person: Person
    shifts: tuple[Planned, ...]
    rules: tuple[RotaRule, ...]
    departures: tuple[RotaOverride, ...]
    absences: tuple[Absence, ...]
    swaps: tuple[Given, ...]
    lacking: tuple[Thin, ...]


async def show(turn: Turn, person_id: UUID) -> Plans | None:
    """Return what is planned for the person; None where nobody of this id can stand on the rota."""
    person = (await people.by_ids(turn.unit, (person_id,))).get(person_id)
    if person is None or person.revoked_at is not None:
        return None
    planned, today = await rota.load(turn), rota.today(turn)
    window = Span(turn.now, turn.after(days=_AHEAD_DAYS))
    ahead = turn.after(days=7 * turn.rules.rota.forecast_weeks)
    coming = [one for one in planned.occurrences(window) if one.span.starts > turn.now]
    rows = await find.plans_of(turn.unit, person_id)
    now = turn.now.astimezone(turn.rules.zone).replace(tzinfo=None)
    rules = (one for one in rows if isinstance(one, RotaRule))
    departures = (one for one in rows if isinstance(one, RotaOverride))
    return Plans(
        person=person,
        shifts=tuple(one for one in coming if one.holder == person_id)[:_MOST],
        rules=tuple(one for one in rules if one.valid_until is None or one.valid_until >= today),
        departures=tuple(one for one in departures if one.day >= today)[:_MOST],
        absences=tuple(one for one in await find.absences_of(turn.unit, person_id) if one.ends_local > now)[
            :_MOST
        ],
        swaps=await _swaps(turn, person, {one.occurrence: one for one in coming}),
        lacking=tuple(
            one
            for one in rota.thin(turn, planned, Span(turn.now, ahead))
            if one.station is Station.PANEL and rota.could_take(planned, person, one.station, one.span)
        )[:_MOST],
    )


async def _swaps(turn: Turn, person: Person, coming: dict[Occurrence, Planned]) -> tuple[Given, ...]:
    """Return the swaps of shifts ahead that she has part in, and the offers that she may answer."""
    rows = [
        one
        for one in (*await find.offered(turn.unit), *await find.swaps_standing_with(turn.unit, person.id))
        if Occurrence(one.source_id, one.day) in coming
        and (person.id in (one.giver_id, one.taker_id) or _may_answer(person, coming, one))
    ]
    known = await people.by_ids(
        turn.unit, {who for one in rows for who in (one.giver_id, one.taker_id) if who}
    )
    return tuple(
        Given(
            one,
            coming[Occurrence(one.source_id, one.day)],
            known[one.giver_id].alias,
            None if one.taker_id is None else known[one.taker_id].alias,
        )
        for one in sorted(rows, key=lambda one: (one.day, str(one.id)))
    )


def _may_answer(person: Person, coming: dict[Occurrence, Planned], one: ShiftSwap) -> bool:
    station = coming[Occurrence(one.source_id, one.day)].station
    is_open = one.state is SwapState.OFFERED and one.taker_id in (None, person.id)
    return is_open and one.giver_id != person.id and station in rota.stations_of(person)
