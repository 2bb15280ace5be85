"""How a case's contact card stands, as far as a reader may know, and what waits to be opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.turn import Turn, when
from storage.models import DESK, Card, CardState, Enquiry, Person, Role, State
from storage.queries import cards as find

_MAY_BE_ASKED = (State.WAITING, State.TRIAGE, State.ASSIGNED, State.CLOSED)


@dataclass(frozen=True, slots=True)
class Shown:
    """How a case's contact card stands, as far as the reader may know: its words by key and parameters."""

    key: str
    params: dict[str, Any]
    may_ask: bool
    may_open: bool
    may_type_in: bool
    may_take_back: bool
    seen: str  # what a form carries, so that it does nothing to a card it did not show


async def shown_to(turn: Turn, reader: Person, enquiry: Enquiry) -> Shown:
    """Return how the card stands: to the desk in full, to an adviser only whether it has come."""
    found = await find.with_asker(turn.unit, enquiry.id)
    card, asker = found or (None, "")
    has_come = card is not None and card.key_id is not None
    is_desk = reader.role in DESK
    has_chat = enquiry.chat_id is not None
    in_words = _in_words(turn, card, asker) if has_chat else _without_chat(card, asker)
    key, params = in_words if is_desk else _for_adviser(has_come=has_come, has_chat=has_chat)
    return Shown(
        key=key,
        params=params,
        may_ask=against_asking(turn, reader, enquiry, card) is None,
        may_open=has_come and is_desk,
        may_type_in=is_desk and may_type_in(enquiry),
        may_take_back=has_come and is_desk and not has_chat,
        seen=_seen_of(card),
    )


async def is_as_seen(turn: Turn, enquiry: Enquiry, seen: str) -> bool:
    """Whether the card stands as the page showed it."""
    return seen == _seen_of(await find.of_enquiry(turn.unit, enquiry.id))


def may_type_in(enquiry: Enquiry) -> bool:
    """Whether the desk fills the card in, as its enquirer has no chat to be asked in."""
    return enquiry.chat_id is None and _is_readable(enquiry)


async def unopened_for(turn: Turn, reader: Person) -> list[tuple[Card, Enquiry]]:
    """Return what has come and nobody has opened, but what the reader asked herself or must not see."""
    waiting = await find.unopened(turn.unit)
    conflicts = await find.conflicts_with(turn.unit, reader.id, [enquiry.id for _, enquiry in waiting])
    return [
        (card, enquiry)
        for card, enquiry in waiting
        if enquiry.chat_id != reader.chat_id and enquiry.id not in conflicts
    ]


def against_asking(turn: Turn, person: Person, enquiry: Enquiry, card: Card | None) -> str | None:
    """Return the words for what keeps the enquirer from being asked now, or None."""
    if enquiry.chat_id is None or not _is_readable(enquiry):
        return "contact.not_now"
    if card is None:
        return None
    if card.key_id is not None and person.role is Role.RESOURCE_PERSON:
        return "contact.there_already"
    again = turn.after(hours=-turn.rules.contact.ask_again_hours)
    is_lately = card.state is not CardState.ARRIVED and card.asked_at > again
    return "contact.asked_lately" if is_lately else None


def _seen_of(card: Card | None) -> str:
    if card is None:
        return ""
    return f"{card.state.value}:{0 if card.arrived_at is None else card.arrived_at.microseconds}"


def _is_readable(enquiry: Enquiry) -> bool:
    return enquiry.state in _MAY_BE_ASKED and enquiry.destroyed_at is None


def _without_chat(card: Card | None, asker: str) -> tuple[str, dict[str, Any]]:
    if card is not None and card.key_id is not None and card.arrived_at is not None:
        return "console.card.typed_in", {"at": when(card.arrived_at), "alias": asker}
    is_withdrawn = card is not None and card.state is CardState.WITHDRAWN
    return ("console.card.withdrawn" if is_withdrawn else "console.card.none_typed"), {}


def _in_words(turn: Turn, card: Card | None, asker: str) -> tuple[str, dict[str, Any]]:
    if card is None or card.state is CardState.ENDED:
        return "console.card.none", {}
    if card.key_id is not None and card.arrived_at is not None:
        key = "console.card.arrived" if card.opened_at is None else "console.card.opened"
        return key, {"at": when(card.arrived_at)}
    if card.state is CardState.LINKED and card.expires_at is not None:
        key = "console.card.linked" if turn.now < card.expires_at else "console.card.expired"
        return key, {"at": when(card.expires_at)}
    keys = {CardState.DECLINED: "console.card.declined", CardState.WITHDRAWN: "console.card.withdrawn"}
    return keys.get(card.state, "console.card.asked"), {"at": when(card.asked_at), "alias": asker}


def _for_adviser(*, has_come: bool, has_chat: bool) -> tuple[str, dict[str, Any]]:
    if has_come:
        return "console.card.at_secretariat", {}
    # Of what the desk types in itself she is not told.
    return ("console.card.for_adviser" if has_chat else "console.card.for_desk"), {}
