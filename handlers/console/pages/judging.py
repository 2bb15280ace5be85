"""What the desk judges about a case: where it goes, how urgent it is, and which earlier one it follows."""

from __future__ import annotations

from aiohttp import web

from bot import desk as at_the_desk
from bot import linking, triage
from handlers.console.desk import Desk
from handlers.console.pages import case
from scheduling.urgency import Urgency
from storage.models import Outcome, State

_OPEN = (State.WAITING, State.TRIAGE, State.ASSIGNED)
# What is done, and how the case ends by it.
_SORTED = {
    "panel": (at_the_desk.pass_on, None),
    "misuse": (at_the_desk.mark_misuse, Outcome.MISUSE),
    "elsewhere": (at_the_desk.redirect, Outcome.REDIRECTED),
}
_PAUSED = {"pause": at_the_desk.pause, "unpause": at_the_desk.unpause}


class JudgingPage:
    """Each is done as the page showed the case, or not at all."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def sort(self, request: web.Request) -> web.Response:
        """Let the panel be asked, or close what is misuse or another municipality's."""
        form = await request.post()
        decide, outcome = _SORTED.get(str(form.get("do", "")), (None, None))
        if decide is None or not case.is_sure(form, outcome):
            raise web.HTTPBadRequest
        async with self._desk.acting(request) as (turn, person, chat):
            enquiry = await case.of(turn, person, request)
            if not await case.has_moved_on(turn, enquiry, str(form.get("seen", ""))):
                await decide(turn, person, chat, enquiry)
        return await case.back(self._desk, request, enquiry, turn.answers)

    async def pause(self, request: web.Request) -> web.Response:
        """Pause the chat a case came from, or let it write again."""
        form = await request.post()
        decide = _PAUSED.get(str(form.get("do", "")))
        if decide is None:
            raise web.HTTPBadRequest
        async with self._desk.acting(request) as (turn, person, chat):
            enquiry = await case.of(turn, person, request)
            await decide(turn, person, chat, enquiry)
        return await case.back(self._desk, request, enquiry, turn.answers)

    async def urgency(self, request: web.Request) -> web.Response:
        """Change how urgent an open case is."""
        form = await request.post()
        try:
            to, seen = Urgency(str(form.get("urgency", ""))), Urgency(str(form.get("seen", "")))
        except ValueError:
            raise web.HTTPBadRequest from None
        if to not in triage.JUDGED:
            raise web.HTTPBadRequest
        async with self._desk.acting(request) as (turn, person, _chat):
            enquiry = await case.of(turn, person, request)
            number = enquiry.number or ""
            if enquiry.state not in _OPEN or enquiry.urgency is not seen:
                turn.answers.append(("console.moved_on", {"number": number}))
            elif to is not seen:
                await triage.change_urgency(turn, person, enquiry, to)
                turn.answers.append(("console.urgency.changed", {"number": number}))
        return await case.back(self._desk, request, enquiry, turn.answers)

    async def link(self, request: web.Request) -> web.Response:
        """Have the case refer to an earlier one, or to none any more."""
        form = await request.post()
        async with self._desk.acting(request) as (turn, person, chat):
            enquiry = await case.of(turn, person, request)
            if str(form.get("seen", "")) != str(enquiry.previous_id or ""):
                turn.answers.append(("console.moved_on", {"number": enquiry.number or ""}))
            elif form.get("do") == "undo":
                await linking.unlink(turn, person, chat, enquiry)
            else:
                await linking.link(turn, person, chat, enquiry, str(form.get("earlier", "")).strip())
        return await case.back(self._desk, request, enquiry, turn.answers)
