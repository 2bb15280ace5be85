"""A submitted referral leaves the house: parties, papers, what was sent; and the enquirer is told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from aiohttp import web

from bot import referral_asking, referral_parties, referral_schema
from bot.paper import Paper
from bot.referral_file import Opened
from bot.referral_form import Sheet
from bot.referral_papers import MAKERS, Recipient, Submitted, as_json
from bot.referral_parties import Choice
from bot.referral_review import RefusedError
from handlers.console.desk import READER, Desk, TurnOnPage
from handlers.console.pages.referral import asked_number, enquiry_of, opened_of
from handlers.console.reader import Saying
from handlers.papers import pdf
from handlers.papers.template_error import TemplateError
from scheduling.instant import Instant
from storage.models import Person, ReferralState
from storage.queries import referrals as find

_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


class ReferralLeavingPage:
    """What is done with a referral beside writing it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def word(self, request: web.Request) -> web.Response:
        """Tell the enquirer that it was submitted, with one click."""
        async with self._desk.acting(request) as (turn, person, _chat):
            enquiry = await enquiry_of(turn, person, request)
            opened = await opened_of(turn, enquiry)
            chat = await find.chat_of(turn.unit, enquiry)
            try:
                await referral_asking.tell(turn, person, opened, chat)
            except RefusedError as error:
                turn.answers.append((error.key, dict(error.params)))
            else:
                turn.answers.append(("referral.did.tell", {}))
        return self._back(request, *turn.answers)

    async def parties(self, request: web.Request) -> web.Response:
        """Have the ticked parties get it, note that one was sent it, or note the case system's number."""
        form = await request.post()
        async with self._desk.acting(request) as (turn, person, _chat):
            enquiry = await enquiry_of(turn, person, request)
            opened = await opened_of(turn, enquiry, place=asked_number(request, "of"))
            try:
                await _note(turn, person, opened, form)
            except RefusedError as error:
                turn.answers.append((error.key, dict(error.params)))
            else:
                turn.answers.append(("referral.saved", {}))
        return self._back(request, *turn.answers)

    async def as_json(self, request: web.Request) -> web.Response:
        """Hand out a submitted version as JSON; that it was taken out is logged."""
        async with self._desk.acting(request) as (turn, person, _chat):
            opened = await self._submitted(turn, person, request)
            referral_parties.note_export(turn, person, opened, party="", what="json")
            said = as_json(self._of(opened))
        return _file(
            orjson.dumps(said, option=orjson.OPT_INDENT_2), _name(opened, "json"), "application/json"
        )

    async def paper(self, request: web.Request) -> web.Response:
        """Hand out a party's paper of a submitted version; that it was taken out is logged.

        It is set between two transactions: on SQLite nobody could write meanwhile.
        """
        sheet, kind = Sheet(request.match_info["sheet"]), request.match_info["kind"]
        party = request.match_info["party"]
        async with self._desk.acting(request) as (turn, person, _chat):
            opened = await self._submitted(turn, person, request)
            paper = self._paper(opened, party, sheet, made_at=turn.now)
        try:
            body = await asyncio.to_thread(self._rendered, paper, kind)
        except TemplateError as error:
            said = {"said": error.said(request[READER].language)}
            return self._back(request, ("referral.template_refused", said))
        async with self._desk.acting(request) as (turn, person, _chat):
            opened = await self._submitted(turn, person, request)
            referral_parties.note_export(turn, person, opened, party=party, what=f"{sheet.value}.{kind}")
        return _file(body, _name(opened, kind, party, sheet.value), _TYPES[kind])

    def _paper(self, opened: Opened, party: str, sheet: Sheet, *, made_at: Instant) -> Paper:
        """Return the party's paper; only a party that was chosen has one."""
        rules, chosen = self._desk.rules, opened.parties.get(party)
        if chosen is None or party not in rules.parties:
            raise web.HTTPNotFound
        return MAKERS[sheet](
            self._of(opened),
            Recipient(party, chosen.basis),
            rules=rules,
            language=self._desk.words.first_language,
            made_on=made_at.astimezone(rules.zone).date(),
        )

    def _rendered(self, paper: Paper, kind: str) -> bytes:
        template = self._desk.rules.referral.template
        if kind == "pdf":
            return pdf.render(paper)
        from handlers.papers import docx  # noqa: PLC0415 - heavy, and few processes ever make a paper

        return docx.render(paper, Path(template) if template else None)

    async def schema(self, _request: web.Request) -> web.Response:
        """Answer with the schema that the JSON keeps to."""
        body = orjson.dumps(referral_schema.schema(), option=orjson.OPT_INDENT_2)
        return _file(body, "referral-schema.json", "application/schema+json")

    async def _submitted(self, turn: TurnOnPage, person: Person, request: web.Request) -> Opened:
        """Return the version of the address, if it was submitted and not withdrawn."""
        enquiry = await enquiry_of(turn, person, request)
        opened = await opened_of(turn, enquiry, version=int(request.match_info["version"]))
        states = (opened.version.state, opened.referral.state)
        if states != (ReferralState.SUBMITTED, ReferralState.SUBMITTED):
            raise web.HTTPNotFound
        return opened

    def _of(self, opened: Opened) -> Submitted:
        decided = Instant.of(opened.version.decided_at or opened.version.saved_at)
        on = decided.astimezone(self._desk.rules.zone).date()
        return Submitted(opened.referral.number or "", opened.version.version, on, opened.values)

    def _back(self, request: web.Request, *said: Saying) -> web.Response:
        number = request.match_info["number"]
        return self._desk.see(request, f"/console/enquiry/{number}/referral", *said)


async def _note(turn: TurnOnPage, person: Person, opened: Opened, form: Mapping[str, Any]) -> None:
    seen = str(form.get("left", ""))
    does, party = str(form.get("do", "")).partition(":")[0], str(form.get("do", "")).partition(":")[2]
    if does == "choose":
        ticked = {name.removeprefix("party.") for name in form if name.startswith("party.")}
        chosen = {
            one: Choice(str(form.get(f"basis.{one}", "")), str(form.get(f"channel.{one}", "")))
            for one in ticked
        }
        await referral_parties.choose(turn, person, opened, chosen, seen=seen)
    elif does == "sent":
        referral_parties.note_sent(turn, person, opened, party, seen=seen)
    elif does == "reference":
        referral_parties.note_reference(turn, person, opened, str(form.get("reference", "")), seen=seen)
    else:
        raise web.HTTPBadRequest


def _name(opened: Opened, kind: str, *more: str) -> str:
    return "-".join((opened.referral.number or "", f"v{opened.version.version}", *more)) + f".{kind}"


def _file(body: bytes, name: str, content_type: str) -> web.Response:
    """Return a file to be kept, not shown: it stays in no cache of ours."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=body, content_type=content_type, headers=headers)
