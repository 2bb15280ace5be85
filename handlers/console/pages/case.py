"""The case an address names, for a page that does something with it: who may, and as it was shown."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from multidict import MultiMapping

from bot import case_file
from handlers.console.desk import READER, Desk, TurnOnPage
from handlers.console.reader import Saying
from storage.models import Enquiry, Outcome, Person, Role
from storage.queries import enquiries as find

# These turn the enquirer away: she is warned, or shown to another municipality, and cannot be called back.
_TURNS_AWAY = frozenset({Outcome.MISUSE, Outcome.REDIRECTED})


def is_sure(form: MultiMapping[Any], outcome: Outcome | None) -> bool:
    """Whether a case may end so: what turns the enquirer away only where the form's tick says so."""
    return outcome not in _TURNS_AWAY or form.get("sure") == "yes"


async def of(turn: TurnOnPage, person: Person, request: web.Request) -> Enquiry:
    """Return the case of the address, locked; what she may not read is not there."""
    enquiry = await find.by_number(turn.unit, request.match_info["number"])
    if enquiry is None or not await case_file.may_open(turn, person, enquiry):
        raise web.HTTPNotFound
    return enquiry


async def has_moved_on(turn: TurnOnPage, enquiry: Enquiry, seen: str) -> bool:
    """Whether the case stands elsewhere than her page showed; then she is told, and nothing may happen."""
    has_it = await find.adviser_of(turn.unit, enquiry.id)
    alias = "" if has_it is None else has_it[0].alias
    if seen == f"{enquiry.state.value}:{alias}":
        return False
    key = "console.moved_on" if has_it is None else "console.faster"
    turn.answers.append((key, {"number": enquiry.number or "", "alias": alias}))
    return True


async def back(desk: Desk, request: web.Request, enquiry: Enquiry, said: list[Saying]) -> web.Response:
    """Return the way back to the case, or to where she begins if the case is not for her any more."""
    reader = request[READER]
    async with desk.looking() as turn:
        may_stay = await case_file.may_open(turn, reader.person, enquiry)
    begins = "/console/cases" if reader.role is Role.RESOURCE_PERSON else "/console"
    return desk.see(request, f"/console/enquiry/{enquiry.number}" if may_stay else begins, *said)
