"""Weekly shifts: added, changed from a day on, ended; what was stood stays as it was."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from bot import rota, rota_changes
from bot.rota_edits import AddRule, ChangeRule, DropRule, EndRule, Made
from bot.turn import Turn, as_day
from scheduling.ids import new_id
from scheduling.shifts import Weekly
from storage.models import Chat, Person, RotaRule
from storage.queries import people

_DAY = timedelta(days=1)


async def add(turn: Turn, by: Person, chat: Chat, edit: AddRule) -> Made | None:
    """Have the person stand there every week."""
    person = await rota.who_stands(turn, edit.person, edit.shift.station)
    if person is None:
        turn.say(chat, "edit.cannot_stand")
        return None
    async with rota_changes.changing(turn, by=by, about=person, what="rule_added"):
        row = row_of(edit.shift, person, edit.zone)
        turn.unit.session.add(row)
        turn.say(chat, "edit.rule_added", alias=person.alias)
    return Made(edit.shift.valid_from, DropRule(row.id))


async def change(turn: Turn, by: Person, chat: Chat, edit: ChangeRule) -> Made | None:
    """End the rule on the day before and begin another, so that what was stood stays as it was."""
    row = await turn.unit.session.get(RotaRule, edit.rule)
    person = None if row is None else await rota.who_stands(turn, row.person_id, edit.shift.station)
    if row is None or person is None or _is_over(row, edit.shift.valid_from):
        turn.say(chat, "edit.gone")
        return None
    if edit.shift.valid_from <= rota.today(turn):
        turn.say(chat, "edit.not_back_in_time")
        return None
    async with rota_changes.changing(turn, by=by, about=person, what="rule_changed"):
        if row.valid_from >= edit.shift.valid_from:
            await turn.unit.session.delete(row)
        else:
            row.valid_until = edit.shift.valid_from - _DAY
        turn.unit.session.add(row_of(edit.shift, person, edit.zone))
        turn.say(chat, "edit.rule_changed", alias=person.alias, day=as_day(edit.shift.valid_from))
    return Made(edit.shift.valid_from)


async def end(turn: Turn, by: Person, chat: Chat, edit: EndRule) -> Made | None:
    """Have the rule hold for the last time on the day, or without end again."""
    row = await turn.unit.session.get(RotaRule, edit.rule)
    if row is None:
        turn.say(chat, "edit.gone")
        return None
    today = rota.today(turn)
    before = row.valid_until
    is_past = (edit.last is not None and edit.last < today - _DAY) or (before is not None and before < today)
    if is_past or (edit.last is not None and edit.last < row.valid_from):
        turn.say(chat, "edit.not_back_in_time")
        return None
    person = await people.by_id(turn.unit, row.person_id)
    async with rota_changes.changing(turn, by=by, about=person, what="rule_ended"):
        row.valid_until = edit.last
        key = "edit.rule_endless" if edit.last is None else "edit.rule_ended"
        turn.say(chat, key, alias=person.alias, day=as_day(edit.last or today))
    return Made(edit.last or today, EndRule(row.id, before))


async def drop(turn: Turn, by: Person, chat: Chat, edit: DropRule) -> Made | None:
    """Have a rule that has not begun never begin."""
    row = await turn.unit.session.get(RotaRule, edit.rule)
    if row is None:
        turn.say(chat, "edit.gone")
        return None
    if row.valid_from < rota.today(turn):
        turn.say(chat, "edit.not_back_in_time")
        return None
    person = await people.by_id(turn.unit, row.person_id)
    async with rota_changes.changing(turn, by=by, about=person, what="rule_removed"):
        await turn.unit.session.delete(row)
        turn.say(chat, "edit.rule_removed", alias=person.alias)
    return Made(row.valid_from)


def row_of(shift: Weekly, person: Person, zone: ZoneInfo) -> RotaRule:
    """Return the weekly shift as the person's own, to be kept."""
    return RotaRule(
        id=new_id(),
        person_id=person.id,
        station=shift.station,
        weekdays=sorted(shift.weekdays),
        starts=shift.starts,
        ends=shift.ends,
        zone=zone.key,
        valid_from=shift.valid_from,
        valid_until=shift.valid_until,
        every_weeks=shift.every_weeks,
        day_kinds=sorted(kind.value for kind in shift.on),
    )


def _is_over(row: RotaRule, day: date) -> bool:
    return row.valid_until is not None and row.valid_until < day
