"""Now: everything open at one glance, live; and one's own cases, for who has some."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot import board, candidates, desk, referral_review
from handlers.console.desk import READER, Desk, TurnOnPage, form_id
from handlers.console.pages import case
from storage.models import DESK, Chat, Enquiry, Person, Role, State
from storage.queries import enquiries as find
from storage.queries import people

_ELSEWHERE = {
    Role.RESOURCE_PERSON: "/console/cases",
    Role.AUDITOR: "/console/log",
    Role.ADMINISTRATOR: "/console/settings",
}


class NowPage:
    """What waits, and one click to give it to somebody."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def home(self, request: web.Request) -> web.Response:
        """Show the board to the desk; others begin where their work is."""
        person = request[READER].person
        if person.role not in DESK:
            return self._desk.see(request, _ELSEWHERE[person.role], *request[READER].said)
        return self._desk.render(request, "pages/now.html", **await self._shown(person))

    async def live(self, request: web.Request) -> web.Response:
        """Answer the page that lies open with the board as it is now."""
        shown = await self._shown(request[READER].person)
        return self._desk.render(request, "parts/board.html", **shown)

    async def cases(self, request: web.Request) -> web.Response:
        """List the cases the reader has now."""
        async with self._desk.looking() as turn:
            person = request[READER].person
            lines = await board.own_cases(turn, person)
            offered = await board.offered_by_colleagues(turn, person)
        return self._desk.render(request, "pages/cases.html", lines=lines, offered=offered)

    async def assign(self, request: web.Request) -> web.Response:
        """Give the case to whoever was clicked, unless it has moved on since the page was made."""
        form = await request.post()
        enquiry_id = form_id(str(form.get("enquiry", "")))
        async with self._desk.acting(request) as (turn, person, chat):
            enquiry = await find.locked(turn.unit, enquiry_id)
            if enquiry is None:
                raise web.HTTPNotFound
            await give(
                turn, person, chat, enquiry, to=str(form.get("to", "")), seen=str(form.get("seen", ""))
            )
        return self._desk.see(request, "/console", *turn.answers)

    async def _shown(self, person: Person) -> dict[str, Any]:
        async with self._desk.looking() as turn:
            return {
                "board": await board.show(turn, person),
                "groups": board.GROUPS,
                "reviews": await referral_review.waiting(turn, person),
            }


async def give(turn: TurnOnPage, person: Person, chat: Chat, enquiry: Enquiry, *, to: str, seen: str) -> None:
    """Assign the enquiry as the reader saw it; where somebody was faster, she is told and nothing happens."""
    if enquiry.state is State.DRAFT or not await candidates.may_read(turn, person, enquiry):
        raise web.HTTPNotFound
    if await case.has_moved_on(turn, enquiry, seen):
        return
    number = enquiry.number or ""
    receiver = await people.by_alias(turn.unit, to)
    if receiver is None or receiver.role not in (*DESK, Role.RESOURCE_PERSON):
        turn.answers.append(("desk.person_not_found", {}))
    elif receiver.id == person.id and enquiry.state in (State.WAITING, State.TRIAGE):
        await desk.take(turn, person, chat, enquiry)
        if not turn.answers:
            turn.answers.append(("console.taken", {"number": number}))
    else:
        await desk.assign(turn, person, chat, enquiry, receiver)
