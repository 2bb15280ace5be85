"""One enquiry: what was written, what was done, who was asked and why; giving it to somebody, and closing."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from bot import card_form, case_file, closing, handovers, log, notes, passing_on, referral_file, triage
from handlers.console.desk import Desk
from handlers.console.pages import case
from handlers.console.pages.now import give
from handlers.console.reader import Saying
from handlers.console.typed_card import TypedCard
from scheduling.ids import new_id
from storage.models import DESK, Outcome, State
from storage.queries import enquiries as find

_OPEN = (State.WAITING, State.TRIAGE, State.ASSIGNED)


class EnquiryPage:
    """A case, as far as the reader may see it; what she may not see is not there."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: web.Request) -> web.Response:
        """Show the case; that it was read is logged."""
        return await show_case(self._desk, request)

    async def assign(self, request: web.Request) -> web.Response:
        """Give the case to somebody else."""
        form = await request.post()
        async with self._desk.acting(request) as (turn, person, chat):
            enquiry = await case.of(turn, person, request)
            await give(
                turn, person, chat, enquiry, to=str(form.get("to", "")), seen=str(form.get("seen", ""))
            )
        return await case.back(self._desk, request, enquiry, turn.answers)

    async def passed_on(self, request: web.Request) -> web.Response:
        """Note that the enquirer, who has no chat, was told; not where more was written meanwhile."""
        seen = str((await request.post()).get("seen", ""))
        async with self._desk.acting(request) as (turn, person, _chat):
            enquiry = await case.of(turn, person, request)
            is_noted = await passing_on.note(turn, person, enquiry, seen=seen)
        said = "console.enquiry.is_passed_on" if is_noted else "console.enquiry.not_passed_on"
        return await case.back(self._desk, request, enquiry, [(said, {})])

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
            enquiry = await case.of(turn, person, request)
            has_it = await find.active_assignment(turn.unit, enquiry.id)
            if await case.has_moved_on(turn, enquiry, str(form.get("seen", ""))):
                return await case.back(self._desk, request, enquiry, turn.answers)
            if not case.is_sure(form, outcome):
                turn.answers.append(("console.enquiry.not_sure", {}))
                return await case.back(self._desk, request, enquiry, turn.answers)
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
        return await case.back(self._desk, request, enquiry, turn.answers)


async def show_case(
    desk: Desk,
    request: web.Request,
    *,
    draft: str = "",
    faults: Sequence[Saying] = (),
    contact: TypedCard | None = None,
    card_refusal: str = "",
    status: int = 200,
) -> web.Response:
    """Return the case's page, with what could not be kept in its form; that it is read is logged."""
    async with desk.acting(request) as (turn, person, _chat):
        shown = await case_file.open_to(turn, person, request.match_info["number"])
        if shown is None:
            raise web.HTTPNotFound
        is_hers = shown.adviser is not None and shown.adviser.id == person.id
        may_hand_on = is_hers and shown.enquiry.state is State.ASSIGNED
        colleagues = await handovers.colleagues_of(turn, person) if may_hand_on else []
        referral = await referral_file.standing(turn, person, shown.enquiry)
    return desk.render(
        request,
        "pages/enquiry.html",
        status=status,
        case=shown,
        done=[log.in_words(entry, alias) for entry, alias in reversed(shown.done)],
        is_hers=is_hers,
        may_hand_on=may_hand_on,
        colleagues=colleagues,
        competences=list(turn.rules.competences),
        outcomes=closing.outcomes_of(person),
        may_close=shown.enquiry.state in _OPEN and (is_hers or person.role in DESK),
        minutes=closing.MINUTES,
        urgencies=triage.JUDGED,
        note_id=new_id(),
        most=notes.MOST_CHARACTERS,
        draft=draft,
        faults=faults,
        referral=referral,
        contact=contact or TypedCard(),
        card_refusal=card_refusal,
        most_of_card=card_form.MOST_CHARACTERS,
    )
