"""A new enquiry, typed in at the desk: what came by telephone, e-mail or visit."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot import card_form, intake, typed_in
from bot.configuration import Configuration
from bot.typed_in import AnotherOnesError, NotHersError, Way
from handlers.console.desk import READER, Desk
from handlers.console.typed import MOST_LETTERS, Typed, blank, read
from storage.models import Enquiry, Outcome

_PAGE = "/console/new"


class NewEnquiryPage:
    """One page: what is typed stands there until it is kept, and is kept as it was last shown."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: web.Request) -> web.Response:
        """Show the page, nothing typed in yet."""
        return self._render(request, blank(self._desk))

    async def keep(self, request: web.Request) -> web.Response:
        """Keep the enquiry; where something is missing or was masked, show the page again as it is now."""
        typed = read(self._desk, await request.post(), request[READER].language)
        taken = typed.taken_down
        if taken is None:
            return self._render(request, typed, status=422 if typed.has_faults else 200)
        try:
            async with self._desk.acting(request) as (turn, person, chat):
                enquiry = await typed_in.keep(turn, person, chat, taken)
        except NotHersError as error:
            typed.faults["way"] = error.why
            return self._render(request, typed, status=422)
        except AnotherOnesError:
            raise web.HTTPNotFound from None
        return self._kept(request, enquiry, turn.answers)

    def _kept(self, request: web.Request, enquiry: Enquiry, said: list[Any]) -> web.Response:
        if enquiry.number is None:
            outcome = Outcome.PRESS if enquiry.outcome is Outcome.PRESS else Outcome.REDIRECTED
            return self._desk.see(request, _PAGE, (f"console.new.ended.{outcome.value}", {}))
        kept = ("console.new.kept", {"number": enquiry.number})
        return self._desk.see(request, f"/console/enquiry/{enquiry.number}", kept, *said)

    def _render(self, request: web.Request, typed: Typed, *, status: int = 200) -> web.Response:
        rules = self._desk.rules
        questions = [(question, _options(rules, question)) for question in intake.OPTIONS]
        return self._desk.render(
            request,
            "pages/new_enquiry.html",
            status=status,
            typed=typed,
            questions=questions,
            channels=typed_in.CHANNELS,
            ways=tuple(Way),
            most_letters=MOST_LETTERS,
            outcomes=typed_in.OUTCOMES,
            most_of_card=card_form.MOST_CHARACTERS,
        )


def _options(rules: Configuration, question: str) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (option, intake.label(question, option), intake.named(question, option) or {})
        for option in intake.options(rules, question)
    ]
