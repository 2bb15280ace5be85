"""The rota as a week and as a month; one shift; and what stands planned for one person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from aiohttp import web

from bot import rota, rota_choices, rota_month, rota_person, rota_week
from handlers.console.desk import READER, Desk, form_id
from scheduling.shifts import Occurrence
from storage.models import DESK

_WEEK = timedelta(days=7)
_FIRST, _LAST = date(2000, 1, 10), date(2099, 12, 20)


class RotaPage:
    """Who stands when."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def week(self, request: web.Request) -> web.Response:
        """Show the week of a day: today's where none is named."""
        person = request[READER].person
        async with self._desk.looking() as turn:
            first = rota_week.monday_of(day_of(request.query, "day") or rota.today(turn))
            shown = await rota_week.show(turn, person, first)
            today = rota.today(turn)
        return self._desk.render(
            request,
            "pages/rota.html",
            week=shown,
            today=today,
            before=first - _WEEK,
            after=first + _WEEK,
            holiday=self._holiday(request),
            address=lambda of: f"source={of.source}&day={of.day}",
            clock=lambda at: f"{at.astimezone(self._desk.rules.zone):%H:%M}",
            undo=request.query.get("undo", ""),
            is_desk=person.role in DESK,
        )

    async def month(self, request: web.Request) -> web.Response:
        """Show a month, each day with the hours that lack somebody."""
        async with self._desk.looking() as turn:
            first = (day_of(request.query, "day") or rota.today(turn)).replace(day=1)
            shown = await rota_month.show(turn, first)
            today = rota.today(turn)
        return self._desk.render(
            request,
            "pages/rota_month.html",
            month=shown,
            today=today,
            holiday=self._holiday(request),
            amount=lambda minutes: f"{minutes / 60:g}".replace(".", ","),
        )

    async def shift(self, request: web.Request) -> web.Response:
        """Show one shift, and what can be done with it."""
        occurrence = occurrence_of(request.query)
        person = request[READER].person
        async with self._desk.looking() as turn:
            one = await rota_choices.shift(turn, occurrence)
        if one is None:
            raise web.HTTPNotFound
        return self._desk.render(
            request,
            "pages/rota_shift.html",
            one=one,
            is_desk=person.role in DESK,
            is_own=one.holder.id == person.id,
        )

    async def person(self, request: web.Request) -> web.Response:
        """Show everything planned for somebody: for the desk of anybody, else of oneself."""
        reader = request[READER].person
        asked = request.query.get("person", "")
        who = form_id(asked) if asked and reader.role in DESK else reader.id
        async with self._desk.looking() as turn:
            shown = await rota_person.show(turn, who)
            everybody = await rota_choices.everybody(turn)
        if shown is None:
            raise web.HTTPNotFound
        return self._desk.render(
            request,
            "pages/rota_person.html",
            shown=shown,
            everybody=everybody,
            is_desk=reader.role in DESK,
            is_own=who == reader.id,
        )

    def _holiday(self, request: web.Request) -> Any:
        language = request[READER].language
        return lambda day: self._desk.rules.name_of_holiday(day, language)


def day_of(given: Mapping[str, str], name: str) -> date | None:
    """Return the day that an address names, or None where it names none that there is."""
    try:
        found = date.fromisoformat(given.get(name, ""))
    except ValueError:
        return None
    return found if _FIRST <= found <= _LAST else None


def occurrence_of(given: Mapping[str, str]) -> Occurrence:
    """Return the occurrence that an address names."""
    day = day_of(given, "day")
    if day is None:
        raise web.HTTPNotFound
    return Occurrence(form_id(given.get("source", "")), day)
