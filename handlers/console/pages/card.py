"""The contact card of a case: asked for by one click, opened with a reason, hidden again on the next page."""

from __future__ import annotations

from aiohttp import web

from bot import card_standing, cards, case_file
from handlers.console import typed_card
from handlers.console.desk import Desk
from handlers.console.pages.enquiry import show_case
from storage.models import Enquiry
from storage.queries import enquiries as find
from storage.unit_of_work import Unit

_MOVED_ON = "console.card.moved_on"


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

    async def type_in(self, request: web.Request) -> web.Response:
        """Keep the card of somebody without a chat; what is to be looked at again is said first."""
        form = dict(await request.post())
        typed = typed_card.read(self._desk.rules, form)
        if typed.is_empty:
            typed = typed_card.looked_over(self._desk.rules, typed)
        if not typed.is_settled:
            return await show_case(self._desk, request, contact=typed, status=422)
        async with self._desk.acting(request) as (turn, person, _chat):
            enquiry = await _found(turn.unit, request)
            is_as_seen = await card_standing.is_as_seen(turn, enquiry, str(form.get("seen", "")))
            if is_as_seen and not await cards.type_in(turn, person, enquiry, typed.card):
                raise web.HTTPNotFound
        if not is_as_seen:
            return await show_case(self._desk, request, contact=typed, card_refusal=_MOVED_ON, status=409)
        return self._back(request, "console.card.kept")

    async def take_back(self, request: web.Request) -> web.Response:
        """Delete for good the card of somebody without a chat, who asked for it."""
        seen = str((await request.post()).get("seen", ""))
        async with self._desk.acting(request) as (turn, person, _chat):
            enquiry = await _found(turn.unit, request)
            is_as_seen = await card_standing.is_as_seen(turn, enquiry, seen)
            if is_as_seen and not await cards.take_back(turn, person, enquiry):
                raise web.HTTPNotFound
        if not is_as_seen:
            return await show_case(self._desk, request, card_refusal=_MOVED_ON, status=409)
        return self._back(request, "console.card.taken_back")

    def _back(self, request: web.Request, said: str) -> web.Response:
        return self._desk.see(request, f"/console/enquiry/{request.match_info['number']}", (said, {}))


async def _found(unit: Unit, request: web.Request) -> Enquiry:
    enquiry = await find.by_number(unit, request.match_info["number"])
    if enquiry is None:
        raise web.HTTPNotFound
    return enquiry
