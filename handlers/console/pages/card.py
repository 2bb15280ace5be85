"""The contact card of a case: asked for by one click, opened with a reason, hidden again on the next page."""

from __future__ import annotations

from aiohttp import web

from bot import card_standing, cards, case_file
from handlers.console.desk import Desk
from storage.models import Enquiry
from storage.queries import enquiries as find
from storage.unit_of_work import Unit


class CardPage:
    """What can be done about a case's contact card."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def ask(self, request: web.Request) -> web.Response:
        """Have the enquirer be asked."""
        async with self._desk.acting(request) as (turn, person, chat):
            enquiry = await _found(turn.unit, request)
            if not await case_file.may_open(turn, person, enquiry):
                raise web.HTTPNotFound
            await cards.ask(turn, person, chat, enquiry)
        return self._desk.see(request, f"/console/enquiry/{enquiry.number}", *turn.answers)

    async def open(self, request: web.Request) -> web.Response:
        """Show the card, this once: within the case's page, or without scripts on one of its own."""
        form = await request.post()
        try:
            reason = cards.Reason(str(form.get("reason", "")))
        except ValueError:
            raise web.HTTPBadRequest from None
        async with self._desk.acting(request) as (turn, person, _chat):
            enquiry = await _found(turn.unit, request)
            card = await cards.read(turn, person, enquiry, reason)
            if card is None:
                raise web.HTTPNotFound
            shown = await card_standing.shown_to(turn, person, enquiry)
        template = "parts/card.html" if request.headers.get("HX-Request") else "pages/card.html"
        return self._desk.render(request, template, number=enquiry.number, shown=shown, opened=card)


async def _found(unit: Unit, request: web.Request) -> Enquiry:
    enquiry = await find.by_number(unit, request.match_info["number"])
    if enquiry is None:
        raise web.HTTPNotFound
    return enquiry
