"""A held emergency: opened by a coordinator, read once it is, and decided on as it was read."""

from __future__ import annotations

from aiohttp import web

from bot import closing, emergencies, held, resuming
from handlers.console.desk import Desk, TurnOnPage, form_id
from storage.models import Enquiry, Person
from storage.queries import enquiries as find


class AlarmPage:
    """What the alarm's buttons in the chat do, at a screen."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: web.Request) -> web.Response:
        """Show the emergency: what is held only once the reader has opened the alarm."""
        async with self._desk.acting(request) as (turn, person, _chat):
            enquiry = await _alarmed(turn, person, request)
            shown = await held.show(turn, person, enquiry)
        return self._desk.render(request, "pages/alarm.html", held=shown)

    async def open(self, request: web.Request) -> web.Response:
        """Open the alarm; that is logged."""
        async with self._desk.acting(request) as (turn, person, _chat):
            enquiry = await _alarmed(turn, person, request)
            if not await held.has_opened(turn, person, enquiry):
                await emergencies.note_opened(turn, person, enquiry)
        return self._desk.see(request, f"/console/alarm/{enquiry.id}")

    async def decide(self, request: web.Request) -> web.Response:
        """Let it go on to advice, or close it; nothing that came after the page is decided unread."""
        form = await request.post()
        done = str(form.get("do", ""))
        if done not in ("release", "close") or (done == "close" and form.get("sure") != "yes"):
            raise web.HTTPBadRequest
        async with self._desk.acting(request) as (turn, person, chat):
            enquiry = await _alarmed(turn, person, request)
            if not await held.has_opened(turn, person, enquiry) or form.get("seen") != held.seen_of(enquiry):
                turn.answers.append(("console.alarm.moved_on", {}))
                return self._desk.see(request, f"/console/alarm/{enquiry.id}", *turn.answers)
            if done == "release":
                await resuming.release(turn, person, enquiry)
                turn.say(chat, "desk.passed_on", number=enquiry.number or "")
            else:
                await closing.close_as_emergency(turn, person, enquiry)
                turn.remove_case(chat, enquiry)
                turn.say(chat, "desk.emergency_closed", number=enquiry.number or "")
        return self._desk.see(request, "/console", *turn.answers)


async def _alarmed(turn: TurnOnPage, person: Person, request: web.Request) -> Enquiry:
    enquiry = await find.locked(turn.unit, form_id(request.match_info["enquiry"]))
    if enquiry is None or not await held.may_open(turn, person, enquiry):
        raise web.HTTPNotFound
    return enquiry
