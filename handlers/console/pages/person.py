"""One member of staff: what is kept of her, a pause, and the end of her account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from aiohttp import web

from bot import certificates, leaving, out_of_hours, people, rota, staff_file
from bot.people import OwnAccountError
from bot.staff_file import ChangedMeanwhileError, Facts, Faults, NotPossibleError
from bot.turn import Turn
from handlers.console.access import may
from handlers.console.desk import READER, Desk, TurnOnPage, form_id
from handlers.console.pages import person_form
from handlers.console.pages.person_form import Typed
from handlers.console.reader import Saying
from scheduling.ids import new_id
from storage.models import Person, Role
from storage.unit_of_work import Unit

_MEANWHILE: Saying = ("staff.changed_meanwhile", {})


@dataclass(frozen=True, slots=True)
class _Page:
    """What the page shows: the form as it stands in the browser, and what stands in the file."""

    person: Person
    facts: Facts
    typed: Typed
    faults: Faults
    is_meanwhile: bool = False


class PersonPage:
    """A person's page. A form carries the version it showed; the slower of two loses nothing she typed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: web.Request) -> web.Response:
        """Show what is kept of her."""
        async with self._desk.looking() as turn:
            person = await found(turn.unit, request)
            facts = await staff_file.read(turn, person)
            kept = person_form.shown(facts, places=self._places(request, facts))
            return await self._render(request, turn, _Page(person, facts, kept, {}))

    async def change(self, request: web.Request) -> web.Response:
        """Keep what was typed; where that cannot be, show it again with the reason at each field."""
        form = await request.post()
        try:
            async with self._desk.acting(request) as (turn, reader, _chat):
                person = await _managed(turn, reader, request)
                changed = await self._keep(request, turn, reader, person, form)
                key = "staff.saved" if changed else "staff.nothing_changed"
                said = [(key, {"alias": person.alias}), *turn.answers]
        except NotPossibleError as error:
            return await self._again(request, form, error.faults)
        except ChangedMeanwhileError:
            return await self._again(request, form, {}, is_meanwhile=True)
        return self._desk.see(request, _path(person), *said)

    async def pause(self, request: web.Request) -> web.Response:
        """Have her have no shifts and no cases, through a day or until further notice."""
        form = await request.post()
        last = _last_day(str(form.get("last", "")).strip())
        async with self._desk.acting(request) as (turn, reader, chat):
            person = await _managed(turn, reader, request)
            if not await staff_file.is_as_seen(turn, person, _seen(form)):
                turn.answers.append(_MEANWHILE)
            elif last is None:
                turn.answers.append(("staff.fault.date", {}))
            else:
                await people.pause(turn, person, chat, last[0], by=reader)
        return self._desk.see(request, _path(person), *turn.answers)

    async def resume(self, request: web.Request) -> web.Response:
        """Have her stand on the rota again."""
        form = await request.post()
        async with self._desk.acting(request) as (turn, reader, chat):
            person = await _managed(turn, reader, request)
            if not await staff_file.is_as_seen(turn, person, _seen(form)):
                turn.answers.append(_MEANWHILE)
            else:
                await people.resume(turn, person, chat, by=reader)
        return self._desk.see(request, _path(person), *turn.answers)

    async def ask_to_close(self, request: web.Request) -> web.Response:
        """Say what closing her account would do, and ask."""
        async with self._desk.looking() as turn:
            person = await _managed(turn, request[READER].person, request)
            if person.revoked_at is not None or person.id == request[READER].person.id:
                raise web.HTTPNotFound
            follows = await leaving.foresee(turn, person)
        return self._desk.render(request, "pages/person_close.html", person=person, follows=follows)

    async def close(self, request: web.Request) -> web.Response:
        """Close her account, if what was said to follow still would follow."""
        form = await request.post()
        async with self._desk.acting(request) as (turn, reader, _chat):
            person = await _managed(turn, reader, request)
            version, _, cases = str(form.get("seen", "")).partition(":")
            is_as_seen = await staff_file.is_as_seen(turn, person, _number(version))
            follows = await leaving.foresee(turn, person)
            if not is_as_seen or cases != str(follows.cases):
                turn.answers.append(("staff.close.other", {"alias": person.alias}))
            else:
                await _revoke(turn, reader, person)
        return self._desk.see(request, _path(person), *turn.answers)

    async def _keep(
        self, request: web.Request, turn: Turn, reader: Person, person: Person, form: Any
    ) -> tuple[str, ...]:
        facts = await staff_file.read(turn, person)
        fields = person_form.typed(form, person_form.choices(self._desk.rules, facts))
        wished, faults = person_form.understood(fields, facts, places=self._places(request, facts))
        if faults:
            raise NotPossibleError(faults)
        return await staff_file.change(turn, person, wished, by=reader, seen=_seen(form))

    async def _again(
        self, request: web.Request, form: Any, faults: Faults, *, is_meanwhile: bool = False
    ) -> web.Response:
        """Show the form as it was typed, beside what stands in the file now; a second click was no other."""
        async with self._desk.looking() as turn:
            person = await found(turn.unit, request)
            facts = await staff_file.read(turn, person)
            places = self._places(request, facts)
            fields = person_form.typed(form, person_form.choices(self._desk.rules, facts))
            wished, _ = person_form.understood(fields, facts, places=places)
            if is_meanwhile and not facts.differing(wished):
                return self._desk.see(request, _path(person), ("staff.saved", {"alias": person.alias}))
            page = _Page(person, facts, fields, faults, is_meanwhile=is_meanwhile)
            return await self._render(request, turn, page, status=409 if is_meanwhile else 422)

    async def _render(
        self, request: web.Request, turn: Turn, page: _Page, *, status: int = 200
    ) -> web.Response:
        reader, person = request[READER], page.person
        manages = may(reader.role, "person-change") and people.manages(reader.person, person.role)
        gives = [role for role in Role if people.manages(reader.person, role) or role is person.role]
        return self._desk.render(
            request,
            "pages/person.html",
            status=status,
            page=page,
            person=person,
            typed=page.typed,
            kept=person_form.shown(page.facts, places=self._places(request, page.facts)),
            faults=page.faults,
            papers=certificates.of(person, turn.rules.panel, rota.today(turn)),
            choices=person_form.choices(self._desk.rules, page.facts),
            roles=gives,
            is_paused=person.is_paused(turn.now),
            may_change=manages and person.revoked_at is None,
            may_invite=manages and person.revoked_at is not None,
            asked=None if person.revoked_at else await _asked_out_of_hours(turn, person),
            is_own=person.id == reader.person.id,
            form_id=new_id(),
            today=rota.today(turn).isoformat(),
            most_cases=staff_file.MOST_CASES,
            most_letters=staff_file.MOST_PLACE_LETTERS,
            most_alias=people.MOST_ALIAS_LETTERS,
        )

    def _places(self, request: web.Request, facts: Facts) -> str:
        return self._desk.words.masked(facts.own_places, request[READER].language)


async def _asked_out_of_hours(turn: Turn, person: Person) -> Saying | None:
    return out_of_hours.in_words(turn, await rota.load(turn), person)


async def found(unit: Unit, request: web.Request) -> Person:
    """Return the member of staff of the address."""
    person = await unit.session.get(Person, form_id(request.match_info["person"]))
    if person is None:
        raise web.HTTPNotFound
    return person


async def _managed(turn: Turn, reader: Person, request: web.Request) -> Person:
    """Return the member of staff of the address, whom the reader may change."""
    person = await found(turn.unit, request)
    if not people.manages(reader, person.role):
        raise web.HTTPForbidden
    return person


async def _revoke(turn: TurnOnPage, reader: Person, person: Person) -> None:
    try:
        await people.revoke(turn, person, by=reader)
    except OwnAccountError:
        turn.answers.append(("desk.own_account", {}))
    else:
        turn.answers.append(("desk.revoked", {"alias": person.alias}))


def _seen(form: Any) -> int:
    return _number(str(form.get("seen", "")))


def _number(written: str) -> int:
    return int(written) if written.isascii() and written.isdigit() and len(written) < 9 else 0


def _last_day(written: str) -> tuple[date | None] | None:
    """Return the last day that was written, which may be none; None where it cannot be read."""
    if not written:
        return (None,)
    try:
        return (date.fromisoformat(written),)
    except ValueError:
        return None


def _path(person: Person | UUID) -> str:
    return f"/console/panel/{person if isinstance(person, UUID) else person.id}"
