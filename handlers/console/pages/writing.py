"""What a reader adds to a case or takes out of it: notes, and words that slipped through."""

from __future__ import annotations

from aiohttp import web

from bot import case_file, notes, redaction
from bot.incoming import Did, Incoming
from bot.masking import Mask, NotToBeMaskedError
from handlers.console.desk import READER, Desk, form_id
from handlers.console.pages import case
from handlers.console.pages.enquiry import show_case
from handlers.console.reader import Saying
from storage.models import DESK, Enquiry, Person
from storage.queries import console

# What slips through most often comes first.
MASKED_BY_HAND = (Mask.NAME, Mask.ADDRESS, Mask.PHONE, Mask.CPR, Mask.OTHER)


class WritingPage:
    """Notes and masks; what was typed is masked before it is kept, and what is to be masked never is."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def note(self, request: web.Request) -> web.Response:
        """Keep a note, once; where it cannot be kept, what was typed stands in the form again."""
        form = await request.post()
        note_id = form_id(str(form.get("note", "")))
        text = str(form.get("text", "")).replace("\r\n", "\n").strip()
        if not text:
            return await self._not_kept(request, text, ("note.empty", {}))
        if len(text) > notes.MOST_CHARACTERS:
            count = {"most": notes.MOST_CHARACTERS, "count": len(text)}
            return await self._not_kept(request, text, ("note.too_long", count))
        masked = self._desk.rules.masker.mask(text)
        async with self._desk.acting(request) as (turn, person, chat):
            enquiry = await case.of(turn, person, request)
            incoming = Incoming(Did.TEXT, 0, turn.now, text=masked.text, has_masks=bool(masked.found))
            is_kept = await notes.add_once(turn, person, chat, enquiry, incoming, note_id=note_id)
        if not is_kept:
            return await self._not_kept(request, text, *turn.answers)
        return await case.back(self._desk, request, enquiry, turn.answers)

    async def ask_what_to_mask(self, request: web.Request) -> web.Response:
        """Show the form that masks words: under a message, or without scripts on a page of its own."""
        at = request.query.get("at", "0")
        if not (at.isascii() and at.isdigit()):
            raise web.HTTPNotFound
        async with self._desk.looking() as turn:
            enquiry = await console.enquiry_of(turn.unit, request.match_info["number"])
            if enquiry is None or not await case_file.may_open(turn, request[READER].person, enquiry):
                raise web.HTTPNotFound
        template = "parts/case/mask.html" if request.headers.get("HX-Request") else "pages/mask.html"
        return self._desk.render(request, template, number=enquiry.number, at=at, masks=MASKED_BY_HAND)

    async def mask(self, request: web.Request) -> web.Response:
        """Mask the words everywhere in the case."""
        form = await request.post()
        try:
            mask = Mask(str(form.get("kind", "")))
        except ValueError:
            raise web.HTTPBadRequest from None
        async with self._desk.acting(request) as (turn, person, _chat):
            enquiry = await case.of(turn, person, request)
            number = enquiry.number or ""
            try:
                done = await redaction.mask_everywhere(
                    turn, person, enquiry, str(form.get("words", "")), mask
                )
            except NotToBeMaskedError:
                turn.answers.append(("redaction.not_words", {}))
            else:
                key = "redaction.done" if done.places else "redaction.not_found"
                if done.places or not done.holding:
                    turn.answers.append((key, {"number": number, "count": done.places}))
                turn.answers.extend(_held_by_referrals(enquiry, person, done))
        return await case.back(self._desk, request, enquiry, turn.answers)

    async def _not_kept(self, request: web.Request, text: str, *faults: Saying) -> web.Response:
        return await show_case(self._desk, request, draft=text, faults=list(faults), status=422)


def _held_by_referrals(enquiry: Enquiry, person: Person, done: redaction.Masked) -> list[Saying]:
    """Say where the words stand still to who may correct it, and to others that they may."""
    if person.role not in DESK:
        return [("redaction.referral_at_desk", {})] if done.is_referred else []
    to = f"/console/enquiry/{enquiry.number}/referral"
    return [
        (
            "redaction.referral_holds" if one.is_in_force else "redaction.referral_held",
            {"referral": one.number, "to": to},
        )
        for one in done.holding
    ]
