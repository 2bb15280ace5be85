"""What somebody typed into the page of a new enquiry: read, masked, and what is still wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from aiohttp import web

from bot import intake, typed_in
from bot.emergency_signs import shows_emergency
from bot.typed_in import TakenDown, Way
from handlers.console import typed_card
from handlers.console.desk import Desk, form_id
from handlers.console.typed_card import TypedCard
from scheduling.ids import new_id
from scheduling.instant import Instant
from scheduling.local_time import instant_of
from storage.models import Channel, Outcome

MOST_LETTERS = 4000
_FORMAT = "%Y-%m-%dT%H:%M"
_SLACK = timedelta(minutes=2)  # the clocks of a PC and of the server
_YEAR = timedelta(days=366)
_MINUTES = re.compile("[0-9]{1,4}")
_MOST_MINUTES = 24 * 60


@dataclass(slots=True)
class Typed:
    """The page as it was typed; the text is masked, with the masks in the reader's language."""

    id: UUID
    channel: str
    came: str
    answers: dict[str, str]
    matter: str
    way: str
    outcome: str
    minutes: str
    is_masked: bool = False
    is_urgent: bool = False
    was_warned: bool = False
    faults: dict[str, str] = field(default_factory=dict)
    contact: TypedCard = field(default_factory=TypedCard)
    taken_down: TakenDown | None = None

    @property
    def has_faults(self) -> bool:
        """Whether something keeps it from being kept."""
        return bool(self.faults or self.contact.faults)


def blank(desk: Desk) -> Typed:
    """Return a page on which nothing is typed: by telephone, now, to the panel."""
    now = desk.store.clock.now().astimezone(desk.rules.zone).strftime(_FORMAT)
    return Typed(new_id(), Channel.TELEPHONE.value, now, {}, "", Way.PANEL.value, "", "")


def read(desk: Desk, form: Mapping[str, Any], language: str) -> Typed:
    """Return what was typed; what is whole, and kept as it was last shown, can be taken down."""
    given = {name: str(value).strip() for name, value in form.items()}
    said = desk.words.unmasked(given.get("matter", "").replace("\r\n", "\n"), language)
    masked = desk.rules.masker.mask(said)
    typed = Typed(
        id=form_id(given.get("id", "")),
        channel=given.get("channel", ""),
        came=given.get("came", ""),
        answers=_answers(desk, given),
        matter=desk.words.masked(masked.text, language),
        way=given.get("way", ""),
        outcome=given.get("outcome", ""),
        minutes=given.get("minutes", ""),
        is_masked=masked.text != said,
        is_urgent=shows_emergency(said, desk.rules.signs),
        was_warned=given.get("warned") == "yes",
        contact=typed_card.read(desk.rules, given),
    )
    came_at = _moment(desk, typed.came)
    _find_faults(desk, typed, came_at)
    is_as_shown = not typed.is_masked and (typed.was_warned or not typed.is_urgent)
    if not typed.faults and typed.contact.is_settled and is_as_shown and came_at is not None:
        typed.taken_down = _taken_down(typed, came_at, masked.text)
    return typed


def _taken_down(typed: Typed, came_at: Instant, text: str) -> TakenDown:
    is_done = typed.way == Way.DONE.value
    return TakenDown(
        id=typed.id,
        channel=Channel(typed.channel),
        came_at=came_at,
        answers=typed.answers,
        text=text,
        way=Way(typed.way),
        outcome=Outcome(typed.outcome) if is_done else None,
        minutes=int(typed.minutes) if is_done and typed.minutes else None,
        card=None if typed.contact.is_empty else typed.contact.card,
    )


def _answers(desk: Desk, given: Mapping[str, str]) -> dict[str, str]:
    """Return the answers there are; what is none is not answered."""
    return {
        question: given[question]
        for question in intake.OPTIONS
        if given.get(question) in intake.options(desk.rules, question)
    }


def _find_faults(desk: Desk, typed: Typed, came_at: Instant | None) -> None:
    if typed.channel not in {one.value for one in typed_in.CHANNELS}:
        raise web.HTTPBadRequest
    if typed.way not in {one.value for one in Way}:
        raise web.HTTPBadRequest
    now = desk.store.clock.now()
    if came_at is None or came_at > now + _SLACK or came_at < now - _YEAR:
        typed.faults["came"] = "console.new.fault.came"
    ends_at_once = typed_in.ends_at_once(typed.answers) is not None
    if not typed.matter and not ends_at_once:
        typed.faults["matter"] = "console.new.fault.matter"
    elif len(typed.matter) > MOST_LETTERS:
        typed.faults["matter"] = "console.new.fault.long"
    if typed.way == Way.DONE.value and not ends_at_once:
        _find_faults_of_the_end(typed)


def _find_faults_of_the_end(typed: Typed) -> None:
    if typed.outcome not in {one.value for one in typed_in.OUTCOMES}:
        typed.faults["outcome"] = "console.new.fault.outcome"
    is_number = _MINUTES.fullmatch(typed.minutes) is not None
    if typed.minutes and not (is_number and int(typed.minutes) <= _MOST_MINUTES):
        typed.faults["minutes"] = "console.new.fault.minutes"


def _moment(desk: Desk, came: str) -> Instant | None:
    try:
        local = datetime.strptime(came, _FORMAT)  # noqa: DTZ007 - a clock time, on the hotline's clock
    except ValueError:
        return None
    return instant_of(local.date(), local.time(), desk.rules.zone)
