"""A case is handed on at a screen: by who has it, and answered by who was asked."""

from __future__ import annotations

from aiohttp import web

from bot import handovers
from handlers.console.desk import Desk, TurnOnPage, form_id
from handlers.console.pages import case
from storage.models import Chat, Enquiry, Handover, Person


class HandingOnPage:
    """To the secretariat, to who knows a field, or to a colleague who confirms."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def hand_over(self, request: web.Request) -> web.Response:
        """Hand one's own case on, unless it has moved on since the page was shown."""
        form = await request.post()
        async with self._desk.acting(request) as (turn, person, chat):
            enquiry = await case.of(turn, person, request)
            if not await case.has_moved_on(turn, enquiry, str(form.get("seen", ""))):
                await _to(turn, person, chat, enquiry, str(form.get("to", "")))
        return await case.back(self._desk, request, enquiry, turn.answers)

    async def answer(self, request: web.Request) -> web.Response:
        """Take over what a colleague has offered, or leave it where it is."""
        form = await request.post()
        given = str(form.get("answer", ""))
        if given not in ("accept", "refuse"):
            raise web.HTTPBadRequest
        async with self._desk.acting(request) as (turn, person, chat):
            offered = await turn.unit.session.get(Handover, form_id(str(form.get("handover", ""))))
            if offered is None or offered.to_person_id != person.id:
                raise web.HTTPNotFound
            await (handovers.accept if given == "accept" else handovers.refuse)(turn, person, chat, offered)
        return self._desk.see(request, "/console/cases", *turn.answers)


async def _to(turn: TurnOnPage, person: Person, chat: Chat, enquiry: Enquiry, to: str) -> None:
    kind, _, which = to.partition(":")
    if kind == "secretariat":
        await handovers.to_secretariat(turn, person, chat, enquiry)
    elif kind == "conflict":
        await handovers.conflict_found(turn, person, chat, enquiry)
    elif kind == "competence":
        await handovers.to_competence(turn, person, chat, enquiry, which)
    elif kind == "person":
        await handovers.offer_to(turn, person, chat, enquiry, form_id(which))
    else:
        raise web.HTTPBadRequest
