"""How a case's contact card stands, as far as a reader may know, and what waits to be opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot import alarms
from bot.turn import Turn, when
from storage.models import Card, CardState, Enquiry, Person, Role, State
from storage.queries import cards as find

_MAY_BE_ASKED = (State.WAITING, State.TRIAGE, State.ASSIGNED, State.CLOSED)


@dataclass(frozen=True, slots=True)
class Shown:
    """How a case's contact card stands, as far as the reader may know: its words by key and parameters."""

    key: str
    params: dict[str, Any]
    may_ask: bool
    may_open: bool


async def shown_to(turn: Turn, reader: Person, enquiry: Enquiry) -> Shown:
    """Return how the card stands: to the desk in full, to an adviser only whether it has come."""
    found = await find.with_asker(turn.unit, enquiry.id)
    card, asker = found or (None, "")
    has_come = card is not None and card.key_id is not None
    is_desk = reader.role in alarms.COORDINATORS
    key, params = _in_words(turn, card, asker) if is_desk else _for_adviser(has_come=has_come)
    return Shown(
        key=key,
        params=params,
        may_ask=against_asking(turn, reader, enquiry, card) is None,
        may_open=has_come and is_desk,
    )


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
    has_chat = enquiry.chat_id is not None
    if not has_chat or enquiry.state not in _MAY_BE_ASKED or enquiry.destroyed_at is not None:
        return "contact.not_now"
    if card is None:
        return None
    if card.key_id is not None and person.role is Role.RESOURCE_PERSON:
        return "contact.there_already"
    again = turn.after(hours=-turn.rules.contact.ask_again_hours)
    is_lately = card.state is not CardState.ARRIVED and card.asked_at > again
    return "contact.asked_lately" if is_lately else None


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


def _for_adviser(*, has_come: bool) -> tuple[str, dict[str, Any]]:
    return ("console.card.at_secretariat" if has_come else "console.card.for_adviser"), {}
