"""A change of the rota: filled in, shown with what it would do, and only then made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from aiohttp import web
from multidict import MultiDict, MultiMapping

from bot import rota, rota_choices, rota_foresight, rota_making
from bot.rota_choices import OneShift
from bot.rota_edits import AddShift, Edit
from bot.rota_foresight import Foreseen, Thought
from bot.turn import Turn
from handlers.console.desk import READER, Desk
from handlers.console.rota_forms import AT_ONCE, READ, Form, fields_of
from scheduling.shifts import Occurrence
from storage.models import DESK, Chat, Person, RotaRule
from storage.queries import people
from storage.queries import rota as find

_CHANGE = "/console/rota/change"
_OUR_OWN = ("csrf", "seen", "look")
_LONGEST, _MOST_FIELDS = 160, 30  # what an address can carry


@dataclass(frozen=True, slots=True)
class _About:
    """What a form is about, and what it offers to choose from."""

    everybody: list[Person]
    shift: OneShift | None = None
    rule: RotaRule | None = None
    person: Person | None = None
    free: frozenset[UUID] | None = None  # of a shift more, once it is said when: who could stand there


class RotaChangePage:
    """One form for each kind of change."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: web.Request) -> web.Response:
        """Show the form; filled in, also what the change would do, and the button that makes it."""
        given = request.query
        what = given.get("what", "")
        if what not in READ:
            raise web.HTTPNotFound
        form = Form(given, self._desk.rules.zone)
        edit, foreseen = READ[what](form), None
        is_asked = bool(given.get("look")) or what in AT_ONCE
        if is_asked and not form.faults:
            foreseen = await self._foresee(request, edit)
        if what in AT_ONCE and form.faults:
            raise web.HTTPNotFound
        async with self._desk.looking() as turn:
            about = await self._about(turn, request, form)
            if isinstance(edit, AddShift) and form.faults.keys() <= {"person"}:
                about = replace(about, free=await rota_choices.free_for(turn, edit.span, about.everybody))
            values = _values(given, about, rota.today(turn).isoformat())
        return self._desk.render(
            request,
            "pages/rota_change.html",
            what=what,
            about=about,
            values=values,
            faults=form.faults if is_asked else {},
            foreseen=foreseen,
            carried=[(name, value) for name, value in given.items() if name not in _OUR_OWN],
            is_at_once=what in AT_ONCE,
        )

    async def make(self, request: web.Request) -> web.Response:
        """Make the change that was shown, unless the rota is another by now: then it is shown anew."""
        given: MultiDict[str] = MultiDict(
            (name, str(value)) for name, value in (await request.post()).items() if name != "csrf"
        )
        form = Form(given, self._desk.rules.zone)
        what = given.get("what", "")
        if what not in READ:
            raise web.HTTPNotFound
        edit = READ[what](form)
        if form.faults:
            return self._again(request, given)
        async with self._desk.acting(request) as (turn, person, chat):
            if not rota_making.may_make(person, edit):
                raise web.HTTPForbidden
            if str(await find.locked_revision(turn.unit)) != given.get("seen", ""):
                return self._again(request, given, ("console.rota.moved_on", {}))
            made = await rota_making.make(turn, person, chat, edit)
        if made is None:
            return self._again(request, given, *turn.answers)
        async with self._desk.looking() as reading:
            await rota.know_days(reading)
        undo = {} if made.undo is None else {"undo": urlencode(fields_of(made.undo))}
        back = urlencode({"day": made.first.isoformat(), **undo})
        said = turn.answers or [("console.rota.done", {})]
        return self._desk.see(request, f"/console/rota?{back}", *said)

    def _again(self, request: web.Request, given: MultiMapping[str], *said: Any) -> web.Response:
        shown = [(name, value[:_LONGEST]) for name, value in given.items() if name not in _OUR_OWN]
        return self._desk.see(
            request, f"{_CHANGE}?{urlencode([*shown[:_MOST_FIELDS], ('look', '1')])}", *said
        )

    async def _foresee(self, request: web.Request, edit: Edit) -> Foreseen:
        """Return what the change would do: it is made in a unit that is left without a commit."""
        known = request[READER].signed_in
        assert known is not None
        async with self._desk.store.unit() as unit:
            thought = Thought(unit, self._desk.rules)
            person = await people.by_id(unit, known.person.id)
            if not rota_making.may_make(person, edit):
                raise web.HTTPForbidden
            chat = await unit.session.get_one(Chat, known.chat.id)
            return await rota_foresight.foresee(thought, person, chat, edit)

    async def _about(self, turn: Turn, request: web.Request, form: Form) -> _About:
        reader = request[READER].person
        is_desk = reader.role in DESK
        everybody = await rota_choices.everybody(turn) if is_desk else [reader]
        rule = await rota_choices.rule(turn, form.id("rule")) if form.text("rule") else None
        shift = None
        if form.text("source"):
            occurrence = Occurrence(form.id("source"), form.day("day"))
            shift = await rota_choices.shift(turn, occurrence)
        return _About(everybody, shift, *(rule or (None, None)))


def _values(given: MultiMapping[str], about: _About, today: str) -> dict[str, Any]:
    """Return what stands in the fields: what was filled in, else what it is about, else a usual value."""
    values: dict[str, Any] = {
        "person": "", "station": "panel", "day": today, "first": today, "last": "", "starts": "", "ends": "",
        "every": "1", "zone": "", "kind": "closed", "name": "", "taker": "",
    }  # fmt: skip
    weekdays, kinds = [str(day) for day in range(5)], ["normal"]
    if about.shift is not None:
        values |= _times(about.shift.source)
    if about.rule is not None:
        row = about.rule
        values |= {
            **_times(row),
            "station": row.station.value,
            "every": str(row.every_weeks),
            "zone": row.zone,
        }
        values["last"] = "" if row.valid_until is None else row.valid_until.isoformat()
        weekdays, kinds = [str(day) for day in row.weekdays], list(row.day_kinds)
    if given.get("look"):
        weekdays, kinds = given.getall("weekdays", []), given.getall("on", [])
    return {
        **values,
        **{name: given[name] for name in values if name in given},
        "weekdays": weekdays,
        "on": kinds,
    }


def _times(row: Any) -> dict[str, str]:
    return {"starts": f"{row.starts:%H:%M}", "ends": f"{row.ends:%H:%M}"}
