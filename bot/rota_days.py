"""One day of the rota: a shift more, at other hours or not at all; and what kind of day it is."""

from __future__ import annotations

from bot import rota, rota_changes
from bot.rota_edits import AddShift, DropDepartures, Made, MoveShift, SetDay
from bot.turn import Turn, as_day
from scheduling.ids import new_id
from scheduling.rota_plan import PlannedSpan
from storage.models import Chat, DaySetting, Person, RotaOverride, RotaRule, SwapState
from storage.queries import people
from storage.queries import rota as find


async def add(turn: Turn, by: Person, chat: Chat, edit: AddShift) -> Made | None:
    """Have the person stand there on the day besides."""
    person = await rota.who_stands(turn, edit.person, edit.span.station)
    if person is None:
        turn.say(chat, "edit.cannot_stand")
        return None
    if edit.span.day < rota.today(turn):
        turn.say(chat, "edit.not_back_in_time")
        return None
    async with rota_changes.changing(turn, by=by, about=person, what="day_changed"):
        row = _override(person, edit.span, turn.rules.zone.key, is_on=True)
        turn.unit.session.add(row)
        turn.say(chat, "edit.shift_added", alias=person.alias, day=as_day(edit.span.day))
    return Made(edit.span.day, DropDepartures((row.id,)))


async def move(turn: Turn, by: Person, chat: Chat, edit: MoveShift) -> Made | None:
    """Have the day's rule give nothing, and a shift more stand in its place."""
    session, asked = turn.unit.session, edit.occurrence.source
    rule = await session.get(RotaRule, asked)
    source = await session.get(RotaOverride, asked) if rule is None else rule
    if source is None or edit.occurrence.day < rota.today(turn):
        turn.say(chat, "edit.gone")
        return None
    if SwapState.ACCEPTED in await find.standing_swaps(turn.unit, edit.occurrence):
        turn.say(chat, "edit.is_swapped")
        return None
    person, day = await people.by_id(turn.unit, source.person_id), edit.occurrence.day
    async with rota_changes.changing(turn, by=by, about=person, what="day_changed"):
        made: list[RotaOverride] = []
        old = PlannedSpan(day, source.starts, source.ends, source.station)
        if isinstance(source, RotaRule):
            made.append(_override(person, old, source.zone, is_on=False))
        else:
            await turn.unit.session.delete(source)
        if edit.hours is not None:
            new = PlannedSpan(day, *edit.hours, source.station)
            made.append(_override(person, new, source.zone, is_on=True))
        turn.unit.session.add_all(made)
        key = "edit.shift_off" if edit.hours is None else "edit.shift_moved"
        turn.say(chat, key, alias=person.alias, day=as_day(day))
    if isinstance(source, RotaRule):
        return Made(day, DropDepartures(tuple(one.id for one in made)))
    return Made(day, AddShift(person.id, old) if edit.hours is None else None)


async def restore(turn: Turn, by: Person, chat: Chat, edit: DropDepartures) -> Made | None:
    """Take back what was changed on one day: the regular shifts hold again."""
    rows = [await turn.unit.session.get(RotaOverride, one) for one in edit.ids]
    found = [row for row in rows if row is not None]
    if not found or len(found) < len(rows) or any(row.day < rota.today(turn) for row in found):
        turn.say(chat, "edit.gone")
        return None
    person = await people.by_id(turn.unit, found[0].person_id)
    async with rota_changes.changing(turn, by=by, about=person, what="day_changed"):
        for row in found:
            await turn.unit.session.delete(row)
        turn.say(chat, "edit.day_restored", alias=person.alias, day=as_day(found[0].day))
    return Made(found[0].day)


async def set_kind(turn: Turn, by: Person, chat: Chat, edit: SetDay) -> Made | None:
    """Say what kind of day the date is, or leave it to the country's calendar."""
    if edit.day < rota.today(turn):
        turn.say(chat, "edit.not_back_in_time")
        return None
    standing = await turn.unit.session.get(DaySetting, edit.day)
    before = SetDay(edit.day, None) if standing is None else SetDay(edit.day, standing.kind, standing.name)
    async with rota_changes.changing(turn, by=by, about=None, what="day_set"):
        if edit.kind is not None:
            await turn.unit.session.merge(DaySetting(day=edit.day, kind=edit.kind, name=edit.name))
        elif standing is not None:
            await turn.unit.session.delete(standing)
        turn.record("day_set", by, by=by, detail=edit.day.isoformat())
        key = f"edit.day_{'suggested' if edit.kind is None else edit.kind.value}"
        turn.say(chat, key, day=as_day(edit.day))
    return Made(edit.day, before)


def _override(person: Person, span: PlannedSpan, zone: str, *, is_on: bool) -> RotaOverride:
    return RotaOverride(
        id=new_id(),
        person_id=person.id,
        station=span.station,
        day=span.day,
        starts=span.starts,
        ends=span.ends,
        zone=zone,
        is_on=is_on,
    )
