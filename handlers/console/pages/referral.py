"""An enquiry's formal referral at a screen: its form, its review, and what stands once it is submitted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from multidict import MultiMapping

from bot import (
    card_standing,
    cpr_doubts,
    referral_asking,
    referral_card,
    referral_file,
    referral_form,
    referral_parties,
    referral_proposals,
    referral_review,
    referral_talk,
)
from bot import referrals as use
from bot.marks import mark_of
from bot.referral_file import Opened
from bot.referral_form import FIELDS, Part, choices_of, of_part
from bot.referral_review import OTHERWISE, RefusedError, Withdrawn
from bot.referral_values import Saving, said
from bot.referral_words import in_words, neutral
from bot.turn import Turn
from handlers.console.desk import READER, Desk, TurnOnPage
from scheduling.instant import Instant
from storage.models import Enquiry, Person, ReferralState
from storage.queries import enquiries as find
from storage.queries import referrals as find_referrals

_FEWER_DIGITS = 6


class ReferralPage:
    """One referral, for the desk alone; who must not see the case finds nothing."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def make(self, request: web.Request) -> web.Response:
        """Begin the enquiry's referral; what is there already is opened."""
        async with self._desk.acting(request) as (turn, person, _chat):
            enquiry = await enquiry_of(turn, person, request)
            if not referral_file.may_become_one(enquiry):
                raise web.HTTPNotFound
            await use.make(turn, person, enquiry)
        return self._desk.see(request, _address(request))

    async def show(self, request: web.Request) -> web.Response:
        """Show the form of a draft, the review, or what was submitted; that it was read is logged."""
        place, version = asked_number(request, "of"), asked_number(request, "version")
        async with self._desk.acting(request) as (turn, person, _chat):
            enquiry = await enquiry_of(turn, person, request)
            opened = await opened_of(turn, enquiry, place=place, version=version)
            turn.record("referral_read", enquiry, by=person, detail=f"{opened.version.version}")
            given = await self._given(turn, person, opened, request)
        name = "referral_form" if given["may_write"] else "referral"
        return self._desk.render(request, f"pages/{name}.html", **given)

    async def save(self, request: web.Request) -> web.Response:
        """Keep what was written, ticked and put; then ask for a review or submit, where that was clicked."""
        form = await request.post()
        language = request[READER].language
        async with self._desk.acting(request) as (turn, person, _chat):
            enquiry = await enquiry_of(turn, person, request)
            opened = await opened_of(turn, enquiry)
            seen, does = str(form.get("seen", "")), str(form.get("do", ""))
            was_latest = seen == opened.seen
            saved = await use.save(
                turn,
                person,
                opened,
                _saving(form, language),
                ticked=[str(one) for one in form.getall("take", [])],
                pieces=[str(one) for one in form.getall("pick", [])] if does == "put" else (),
                into=str(form.get("into", "")),
            )
            _say_what_became_of_it(turn, saved, does)
            opened = await opened_of(turn, enquiry)
            doubt = self._doubt_about(said(opened.values).get("cpr", ""), now=turn.now)
            if doubt is not None:
                turn.answers.append(("referral.doubtful", {"said": {"word": f"referral.doubt.{doubt}"}}))
            if "parties" in form and opened.version.state is ReferralState.DRAFT:
                ticked, shown = [str(one) for one in form.getall("party", [])], str(form["parties"]).split()
                await referral_parties.intend(turn, person, opened, ticked=ticked, shown=shown)
            opened = await opened_of(turn, enquiry)
            if not saved.clashes and not saved.refused:
                seen = opened.seen if was_latest else seen
                await self._go_on(turn, person, opened, form, seen=seen)
            given = await self._given(turn, person, opened, request) if saved.clashes else {}
        if saved.clashes:
            return self._desk.render(
                request, "pages/referral_clash.html", **given, clashes=_clashes(opened, saved.clashes)
            )
        to = "#field-" + str(form["into"]) if saved.was_put else "#field-name" if does == "card" else ""
        return self._desk.see(request, _address(request) + to, *turn.answers)

    async def doubt(self, request: web.Request) -> web.Response:
        """Say what there is to doubt about a CPR number as it is typed; nothing is kept of it."""
        written = str((await request.post()).get("field.cpr", "")).strip()
        doubt = self._doubt_about(written, now=self._desk.store.clock.now())
        return self._desk.render(request, "parts/cpr_doubt.html", doubt=doubt)

    def _doubt_about(self, written: str, *, now: Instant) -> str | None:
        """Return what there is to doubt about the number, if one is written."""
        today = now.astimezone(self._desk.rules.zone).date()
        return cpr_doubts.doubt(written, today=today) if written else None

    async def review(self, request: web.Request) -> web.Response:
        """Approve, send back or take back; begin a correction; or withdraw."""
        form = await request.post()
        seen, does = str(form.get("seen", "")), str(form.get("do", ""))
        async with self._desk.acting(request) as (turn, person, _chat):
            enquiry = await enquiry_of(turn, person, request)
            opened = await opened_of(turn, enquiry)
            remarks, because = str(form.get("remarks", "")), str(form.get("because", ""))
            acts = {
                "approve": lambda: referral_review.approve(turn, person, opened, seen=seen),
                "send_back": lambda: referral_review.send_back(
                    turn, person, opened, seen=seen, remarks=neutral(remarks, request[READER].language)
                ),
                "take_back": lambda: referral_review.take_back(turn, person, opened, seen=seen),
                "correct": lambda: referral_review.correct(turn, person, opened, seen=seen),
                "drop": lambda: referral_review.drop(turn, person, opened, seen=seen),
                "withdraw": lambda: referral_review.withdraw(
                    turn, person, opened, seen=seen, because=because, outcome=str(form.get("outcome", ""))
                ),
            }
            if does not in acts:
                raise web.HTTPBadRequest
            try:
                await acts[does]()
            except RefusedError as error:
                turn.answers.append((error.key, dict(error.params)))
            else:
                turn.answers.append((f"referral.did.{does}", {"number": opened.referral.number or ""}))
        return self._desk.see(request, _address(request), *turn.answers)

    async def _go_on(
        self,
        turn: TurnOnPage,
        person: Person,
        opened: Opened,
        form: MultiMapping[Any],
        *,
        seen: str,
    ) -> None:
        """Do what was clicked beside saving; what a colleague changed unseen meanwhile is not handed in."""
        does = str(form.get("do", ""))
        try:
            if does == "submit":
                has_read = form.get("sure") == "yes"
                await referral_review.submit_alone(turn, person, opened, seen=seen, has_read=has_read)
            elif does == "review":
                reviewer = str(form.get("reviewer", ""))
                await referral_review.ask(turn, person, opened, reviewer=reviewer, seen=seen)
            elif does == "ask":
                chat = await find_referrals.chat_of(turn.unit, opened.enquiry)
                await referral_asking.ask(turn, person, opened, chat, seen=str(form.get("asked", "")))
            elif does == "card":
                await referral_card.use(turn, person, opened)
            else:
                return
        except RefusedError as error:
            turn.answers.append((error.key, dict(error.params)))
        else:
            turn.answers.append((f"referral.did.{does}", {"number": opened.referral.number or ""}))

    async def _given(
        self, turn: Turn, person: Person, opened: Opened, request: web.Request
    ) -> dict[str, Any]:
        """Return what the pages show."""
        language, rules = request[READER].language, self._desk.rules
        referral, version = opened.referral, opened.version
        is_draft = version.state is ReferralState.DRAFT and referral.state is not ReferralState.WITHDRAWN

        def read(field: referral_form.Field, text: str) -> str:
            return in_words(field, text, language=language, rules=rules)

        return {
            "opened": opened,
            "enquiry": opened.enquiry,
            "parts": [(part, of_part(part)) for part in Part],
            "choices": {field.name: choices_of(field, rules.referral) for field in FIELDS},
            "text_fields": [field for field in FIELDS if field.takes_pieces],
            "lacking": [field.name for field in referral_form.lacking(said(opened.values))],
            "proposals": await referral_proposals.of(turn, opened.enquiry, referral) if is_draft else {},
            "talk": await referral_talk.of(turn, opened.enquiry),
            "card": await card_standing.shown_to(turn, person, opened.enquiry) if is_draft else None,
            "doubt": self._doubt_about(said(opened.values).get("cpr", ""), now=turn.now),
            "reviewers": await referral_review.who_may_review(turn, opened) if is_draft else [],
            "is_reviewed": rules.referral.review,
            "is_newest": opened.is_newest,
            "may_write": is_draft and opened.is_newest,
            "is_hers": person.id.hex in version.written_by or person.id == version.review_asked_by,
            "reasons": tuple(Withdrawn),
            "ended": OTHERWISE if await referral_review.asks_how_it_ended(turn, opened.enquiry) else (),
            "chat": await find_referrals.chat_of(turn.unit, opened.enquiry),
            "parties": rules.parties,
            "rules": rules,
            "in_words": read,
            "mark": mark_of,
        }


async def enquiry_of(turn: Turn, person: Person, request: web.Request) -> Enquiry:
    """Return the enquiry of the address, locked; what she may not work on is not there."""
    enquiry = await find.by_number(turn.unit, request.match_info["number"])
    if enquiry is None or not await referral_file.may_work_on(turn, person, enquiry):
        raise web.HTTPNotFound
    return enquiry


async def opened_of(
    turn: Turn, enquiry: Enquiry, *, place: int | None = None, version: int | None = None
) -> Opened:
    """Return the enquiry's referral; raises where there is none."""
    opened = await referral_file.opened(turn, enquiry, place=place, version=version)
    if opened is None:
        raise web.HTTPNotFound
    return opened


def asked_number(request: web.Request, name: str) -> int | None:
    """Return the number that the address asks for under the name; None where it asks for none."""
    asked = request.query.get(name, "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < _FEWER_DIGITS else None


def _saving(form: MultiMapping[Any], language: str) -> Saving:
    """Return what the form brings; of two texts that clashed her own only where she picked it."""
    fields = _group(form, "field.")
    keeps = _group(form, "keep.")
    fields |= {name: text for name, text in _group(form, "mine.").items() if keeps.get(name) == "mine"}
    written = {name: neutral(text, language) for name, text in fields.items()}
    return Saving(written, _group(form, "shown."))


def _group(form: MultiMapping[Any], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): str(form[name]) for name in form if name.startswith(prefix)}


def _clashes(opened: Opened, clashes: Mapping[str, str]) -> list[tuple[referral_form.Field, str, str]]:
    """Return each field that two people wrote differently, with what stands there and what she wrote."""
    standing = said(opened.values)
    return [
        (field, standing.get(field.name, ""), clashes[field.name])
        for field in FIELDS
        if field.name in clashes
    ]


def _say_what_became_of_it(turn: TurnOnPage, saved: use.Saved, does: str) -> None:
    if saved.was_masked:
        turn.answers.append(("referral.masked", {}))
    for name in saved.refused:
        if name in referral_form.BY_NAME:
            turn.answers.append(("referral.refused", {"field": {"word": f"referral.field.{name}"}}))
    if does == "put" and not saved.was_put:
        turn.answers.append(("referral.put_nothing", {}))
    elif does == "save" and not saved.clashes:
        turn.answers.append(("referral.saved", {}))


def _address(request: web.Request) -> str:
    return f"/console/enquiry/{request.match_info['number']}/referral"
