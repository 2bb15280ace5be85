"""What goes in and out of the rota: its file, calendars, and the country's holidays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot import feeds, plans, rota, rota_choices, rota_closings, rota_foresight, rota_making
from bot.rota_edits import Edit, PutPlan, ReadCalendar
from bot.rota_foresight import Foreseen, Thought
from bot.turn import Turn
from handlers.console.desk import READER, Desk, TurnOnPage, form_id
from handlers.console.reader import Saying
from scheduling.calendars import CalendarError, absences_in
from scheduling.rota_file import PlanError, read_plan
from scheduling.rota_writing import write_plan
from scheduling.shifts import Span
from storage.models import DESK, Chat, Person
from storage.queries import people
from storage.queries import rota as find

_FILE = "/console/rota/file"
_CALENDARS = "/console/rota/calendars"
_DAYS_READ = 400
_YEARS = (2000, 2099)


@dataclass(frozen=True, slots=True)
class _Read:
    """A text that was handed in: what change it is, or what is wrong with it."""

    edit: Edit | None
    faults: tuple[Any, ...] = ()
    calendar_fault: str = ""


class RotaPapersPage:
    """The rota's papers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def days(self, request: web.Request) -> web.Response:
        """Show a year's public holidays and closed days."""
        asked = request.query.get("year", "")
        language = request[READER].language
        async with self._desk.looking() as turn:
            is_year = asked.isascii() and asked.isdigit() and len(asked) == 4
            year = int(asked) if is_year and _YEARS[0] <= int(asked) <= _YEARS[1] else rota.today(turn).year
            shown = await rota_closings.of_year(turn, year)
        return self._desk.render(
            request,
            "pages/rota_days.html",
            year=year,
            days=shown,
            holiday=lambda day: self._desk.rules.name_of_holiday(day, language),
        )

    async def file(self, request: web.Request) -> web.Response:
        """Show where a file is handed in, and the way to the rota as one."""
        return await self._file(request)

    async def read(self, request: web.Request) -> web.Response:
        """Say what is wrong with a file line by line, or show what it would do; once confirmed, do it."""
        form = await request.post()
        kind, text = str(form.get("kind", "")), str(form.get("text", ""))
        if kind not in ("plan", "calendar"):
            raise web.HTTPBadRequest
        async with self._desk.looking() as turn:
            read = self._read(turn, kind, text, str(form.get("person", "")))
        if read.edit is None or "seen" not in form:
            foreseen = None if read.edit is None else await self._foresee(request, read.edit)
            return await self._file(request, kind=kind, text=text, read=read, foreseen=foreseen)
        async with self._desk.acting(request) as (turn, person, chat):
            if str(await find.locked_revision(turn.unit)) != str(form["seen"]):
                turn.answers.append(("console.rota.moved_on_file", {}))
            else:
                await rota_making.make(turn, person, chat, read.edit)
        async with self._desk.looking() as reading:
            await rota.know_days(reading)
        return self._desk.see(request, _FILE, *turn.answers)

    async def export(self, _request: web.Request) -> web.Response:
        """Answer with the rota as a file that can be read in again."""
        async with self._desk.looking() as turn:
            written = write_plan(await plans.current(turn))
            name = f"rota-{rota.today(turn)}.yaml"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return web.Response(text=written, content_type="application/yaml", charset="utf-8", headers=headers)

    async def calendars(self, request: web.Request) -> web.Response:
        """Show which addresses may be read."""
        return await self._calendars(request)

    async def open(self, request: web.Request) -> web.Response:
        """Make an address, and show it this once."""
        form = await request.post()
        async with self._desk.acting(request) as (turn, person, _chat):
            whose = _whose(str(form.get("whose", "")), person)
            if not await _is_as_seen(turn, whose, str(form.get("seen", ""))):
                return self._desk.see(request, _CALENDARS, ("console.rota.calendar_moved_on", {}))
            token = await feeds.open_for(turn, whose, by=person)
        return await self._calendars(request, token=token, is_panels=whose is None)

    async def close(self, request: web.Request) -> web.Response:
        """Have an address be read no more."""
        form = await request.post()
        async with self._desk.acting(request) as (turn, person, _chat):
            was_open = await feeds.close_for(turn, _whose(str(form.get("whose", "")), person), by=person)
        said: Saying = ("calendar.closed" if was_open else "calendar.none", {})
        return self._desk.see(request, _CALENDARS, said)

    def _read(self, turn: Turn, kind: str, text: str, person: str) -> _Read:
        if kind == "plan":
            try:
                return _Read(PutPlan(read_plan(text, zone=turn.rules.zone, today=rota.today(turn))))
            except PlanError as error:
                return _Read(None, faults=error.faults)
        window = Span(turn.now, turn.after(days=_DAYS_READ))
        try:
            away = absences_in(text.encode("utf-8", "replace"), zone=turn.rules.zone, window=window)
        except CalendarError as error:
            return _Read(None, calendar_fault=error.reason.value)
        return _Read(ReadCalendar(form_id(person), away))

    async def _foresee(self, request: web.Request, edit: Edit) -> Foreseen:
        known = request[READER].signed_in
        assert known is not None
        async with self._desk.store.unit() as unit:
            person = await people.by_id(unit, known.person.id)
            chat = await unit.session.get_one(Chat, known.chat.id)
            return await rota_foresight.foresee(Thought(unit, self._desk.rules), person, chat, edit)

    async def _file(self, request: web.Request, **shown: Any) -> web.Response:
        async with self._desk.looking() as turn:
            everybody = await rota_choices.everybody(turn)
        given = {"kind": "", "text": "", "read": None, "foreseen": None, **shown}
        person = str((await request.post()).get("person", "")) if request.method == "POST" else ""
        return self._desk.render(request, "pages/rota_file.html", everybody=everybody, person=person, **given)

    async def _calendars(self, request: web.Request, **shown: Any) -> web.Response:
        reader = request[READER].person
        async with self._desk.looking() as turn:
            standing = {
                "own": await find.feeds_of(turn.unit, reader.id),
                "panel": await find.feeds_of(turn.unit, None) if reader.role in DESK else [],
            }
        return self._desk.render(
            request,
            "pages/rota_calendars.html",
            standing=standing,
            is_desk=reader.role in DESK,
            **{"token": "", "is_panels": False, **shown},
        )


def _whose(written: str, person: Person) -> Person | None:
    """Return whose calendar is meant: one's own, or None for the panel's, which only the desk may open."""
    if written == "own":
        return person
    if written != "panel":
        raise web.HTTPBadRequest
    if person.role not in DESK:
        raise web.HTTPForbidden
    return None


async def _is_as_seen(turn: TurnOnPage, whose: Person | None, seen: str) -> bool:
    standing = await find.feeds_of(turn.unit, None if whose is None else whose.id)
    return ",".join(sorted(str(one.id) for one in standing)) == seen
