"""One enquiry: what was written, what was done, who was asked and why; handing on, and closing."""

from __future__ import annotations

from aiohttp import web

from bot import case_file, closing, log, referral_file
from bot.case_file import DESK
from handlers.console.desk import READER, Desk
from handlers.console.pages.now import give
from handlers.console.reader import Saying
from storage.models import Enquiry, Outcome, State
from storage.queries import enquiries as find
from storage.unit_of_work import Unit

_OPEN = (State.WAITING, State.TRIAGE, State.ASSIGNED)


class EnquiryPage:
    """A case, as far as the reader may see it; what she may not see is not there."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: web.Request) -> web.Response:
        """Show the case; that it was read is logged."""
        async with self._desk.acting(request) as (turn, person, _chat):
            case = await case_file.open_to(turn, person, request.match_info["number"])
            if case is None:
                raise web.HTTPNotFound
            referral = await referral_file.standing(turn, person, case.enquiry)
        is_hers = case.adviser is not None and case.adviser.id == person.id
        return self._desk.render(
            request,
            "pages/enquiry.html",
            case=case,
            done=[log.in_words(entry, alias) for entry, alias in reversed(case.done)],
            is_hers=is_hers,
            outcomes=closing.outcomes_of(person),
            may_close=case.enquiry.state in _OPEN and (is_hers or person.role in DESK),
            minutes=closing.MINUTES,
            referral=referral,
        )

    async def assign(self, request: web.Request) -> web.Response:
        """Give the case to somebody else."""
        form = await request.post()
        async with self._desk.acting(request) as (turn, person, chat):
            enquiry = await _found(turn.unit, request)
            await give(
                turn, person, chat, enquiry, to=str(form.get("to", "")), seen=str(form.get("seen", ""))
            )
        return self._back(request, enquiry, turn.answers)

    async def close(self, request: web.Request) -> web.Response:
        """Close the case with how it ended: one's own, or at the desk anybody's."""
        form = await request.post()
        try:
            outcome = Outcome(str(form.get("outcome", "")))
        except ValueError:
            raise web.HTTPBadRequest from None
        minutes = str(form.get("minutes", "")).strip()
        if minutes and not (minutes.isascii() and minutes.isdigit() and len(minutes) < 5):
            raise web.HTTPBadRequest
        async with self._desk.acting(request) as (turn, person, chat):
            enquiry = await _found(turn.unit, request)
            if not await case_file.may_open(turn, person, enquiry):
                raise web.HTTPNotFound
            has_it = await find.active_assignment(turn.unit, enquiry.id)
            if person.role in DESK and (has_it is None or has_it.person_id != person.id):
                await closing.close_by_desk(turn, person, chat, enquiry, outcome)
            else:
                await closing.finish_with(
                    turn,
                    person,
                    chat,
                    enquiry,
                    outcome=outcome,
                    minutes=int(minutes) if minutes else None,
                    suggests_referral=form.get("referral") == "yes",
                )
        return self._back(request, enquiry, turn.answers)

    def _back(self, request: web.Request, enquiry: Enquiry, said: list[Saying]) -> web.Response:
        """Return the way back to the case, or home where the reader may not read it any more."""
        stays = request[READER].role in DESK
        return self._desk.see(request, f"/console/enquiry/{enquiry.number}" if stays else "/console", *said)


async def _found(unit: Unit, request: web.Request) -> Enquiry:
    """Return the enquiry of the address, locked."""
    enquiry = await find.by_number(unit, request.match_info["number"])
    if enquiry is None:
        raise web.HTTPNotFound
    return enquiry
