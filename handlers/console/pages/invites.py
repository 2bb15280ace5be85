"""The ways in: a link that works once, shown once, also as a code for a phone's camera; listed, withdrawn."""

from __future__ import annotations

import io
from typing import Any

from aiohttp import web
from markupsafe import Markup

from bot import panel, people
from bot.people import AliasTakenError, AlreadyMadeError, NoAliasError, UnknownCompetenceError
from bot.turn import Turn
from handlers.console.desk import READER, Desk, form_id
from handlers.console.pages import person_form
from handlers.console.pages.person import found
from scheduling.ids import new_id
from storage.models import Person, Role
from storage.queries import people as find

_REFUSALS = {
    AliasTakenError: "staff.fault.alias_taken",
    NoAliasError: "staff.fault.alias",
    UnknownCompetenceError: "staff.fault.competence",
    AlreadyMadeError: "invites.already_made",
}


class InvitesPage:
    """Links that stand open, and a form for another."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: web.Request) -> web.Response:
        """List what stands open."""
        return await self._render(request, {})

    async def make(self, request: web.Request) -> web.Response:
        """Make a link and show it, this once; what cannot be is said, and nothing typed is lost."""
        form = await request.post()
        choices = person_form.choices(self._desk.rules)
        try:
            role = Role(str(form.get("role", "")))
        except ValueError:
            return await self._render(request, dict(form), fault="staff.fault.role", status=422)
        try:
            async with self._desk.acting(request) as (turn, reader, _chat):
                if not people.manages(reader, role):
                    raise web.HTTPForbidden
                token = await people.invite(
                    turn,
                    role=role,
                    alias=str(form.get("alias", "")).strip(),
                    competences=[one for one in choices.competences if f"competence:{one}" in form],
                    languages=[one for one in choices.languages if f"language:{one}" in form],
                    by=reader,
                    form=form_id(str(form.get("form", ""))),
                )
        except tuple(_REFUSALS) as error:
            return await self._render(request, dict(form), fault=_REFUSALS[type(error)], status=422)
        return self._made(request, str(form.get("alias", "")).strip(), token)

    async def again(self, request: web.Request) -> web.Response:
        """Make a link that brings back somebody whose account was closed, such as to a new phone."""
        form = await request.post()
        try:
            async with self._desk.acting(request) as (turn, reader, _chat):
                person = await found(turn.unit, request)
                if not people.manages(reader, person.role):
                    raise web.HTTPForbidden
                token = await self._invited_again(turn, person, reader, str(form.get("form", "")))
        except (AliasTakenError, AlreadyMadeError) as error:
            return self._desk.see(
                request,
                f"/console/panel/{person.id}",
                (_REFUSALS[type(error)], {"most": people.MOST_ALIAS_LETTERS}),
            )
        return self._made(request, person.alias, token)

    async def withdraw(self, request: web.Request) -> web.Response:
        """Have a link let nobody in."""
        invite_id = form_id(str((await request.post()).get("invite", "")))
        async with self._desk.acting(request) as (turn, reader, _chat):
            link = await find.invite_by_id(turn.unit, invite_id)
            if link is None or not people.manages(reader, link.role):
                raise web.HTTPNotFound
            is_open = link.used_at is None and link.expires_at > turn.now
            if is_open:
                people.withdraw(turn, link, by=reader)
        said = "invites.withdrawn" if is_open else "invites.gone"
        return self._desk.see(request, "/console/panel/invites", (said, {"alias": link.alias}))

    async def _invited_again(self, turn: Turn, person: Person, reader: Person, form: str) -> str:
        return await people.invite(
            turn,
            role=person.role,
            alias=person.alias,
            competences=[one for one in person.competences if one in turn.rules.competences],
            languages=person.languages,
            by=reader,
            form=form_id(form),
        )

    def _made(self, request: web.Request, alias: str, token: str) -> web.Response:
        link = self._desk.words.invite_link(token)
        days = int(self._desk.rules.limits.invite_days)
        return self._desk.render(
            request, "pages/invite_made.html", link=link, alias=alias, days=days, code=_as_code(link)
        )

    async def _render(
        self, request: web.Request, form: dict[str, Any], *, fault: str | None = None, status: int = 200
    ) -> web.Response:
        after = request.query.get("after") or None
        if after is not None and "\0" in after:
            raise web.HTTPBadRequest
        async with self._desk.looking() as turn:
            standing, next_after = await panel.invites(turn, after=after)
        reader = request[READER].person
        return self._desk.render(
            request,
            "pages/invites.html",
            status=status,
            invites=[(one, people.manages(reader, one.role)) for one in standing],
            next_after=next_after,
            fault=fault,
            form=form,
            form_id=new_id(),
            roles=[role for role in Role if people.manages(reader, role)],
            choices=person_form.choices(self._desk.rules),
            most_alias=people.MOST_ALIAS_LETTERS,
        )


def _as_code(link: str) -> Markup:
    """Return the link as a picture a phone's camera reads: an SVG without a style of its own."""
    import segno  # noqa: PLC0415 - heavy, and invites are rare

    made = io.BytesIO()
    segno.make(link, error="m", micro=False).save(
        made, kind="svg", xmldecl=False, svgns=False, nl=False, omitsize=True, svgclass="code", lineclass=None
    )
    return Markup(made.getvalue().decode())  # noqa: S704 - drawn by the library: a path and nothing typed
