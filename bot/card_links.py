"""The one-time link to a contact card's form: only a hash is kept, and it is spent when the form is sent."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from bot import alarms, candidates
from bot.card_form import ContactCard
from bot.turn import CONVERSATION, Button, Turn, on
from scheduling.deadlines import next_working_day
from scheduling.instant import Instant
from storage import transitions
from storage.keys import KeyStore
from storage.models import DESK, Card, CardState, Enquiry, Person
from storage.queries import cards as find
from storage.queries import enquiries as find_enquiries
from storage.unit_of_work import Unit

PURPOSE = "contact"  # of what stands in the enquirer's chat about her card: one message, the newest
UNOPENED = "card_unopened"
_KEY = "card-link"


class Standing(StrEnum):
    """What can be done with a link."""

    OPEN = "open"
    SPENT = "spent"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


class LinkClosedError(Exception):
    """The link was spent, has expired or is void."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link as its page may know it; nothing of the case but the language of its chat."""

    standing: Standing
    language: str | None = None
    wants_call: bool = False
    expires_at: Instant | None = None
    proof: str = ""  # that a form was sent from the page that this link opens


async def open_link(turn: Turn, card: Card) -> str:
    """Give the card a new link, and return what it is called in the outbox; an older one is void."""
    card.linked_at = turn.now
    card.expires_at = turn.after(hours=turn.rules.contact.link_hours)
    called = f"{card.id.hex}-{turn.now.microseconds}"
    card.token_hash = _hash(await secret(turn.unit.keys, called, now=turn.now))
    return called


def void_link(card: Card) -> None:
    """Have the card's link open nothing."""
    card.token_hash, card.linked_at, card.expires_at = None, None, None


async def secret(keys: KeyStore, called: str, *, now: Instant) -> str:
    """Return the secret of the link that is called so: made from a key, so that no table holds it."""
    return _written(await keys.keyed_hash(_KEY, called.encode(), now=now))


async def look(turn: Turn, token: str) -> Link:
    """Return how the link stands; looking spends nothing, for previews look too."""
    found = await find.by_link(turn.unit, _hash(token))
    if found is None:
        return Link(Standing.UNKNOWN)
    card, _, chat = found
    proof = _written(await turn.unit.keys.keyed_hash(_KEY, f"proof {token}".encode(), now=turn.now))
    return Link(_standing(turn, card), chat.language, card.wants_call, card.expires_at, proof)


async def take(turn: Turn, token: str, written: ContactCard) -> None:
    """Seal what was sent under a key of its own, in place of an earlier card, and tell whom it concerns.

    Raises LinkClosedError, and then nothing is kept.
    """
    found = await find.by_link(turn.unit, _hash(token))
    enquiry = None if found is None else await find_enquiries.locked(turn.unit, found[1].id)
    card = None if enquiry is None else await find.of_enquiry(turn.unit, enquiry.id)
    if card is None or enquiry is None or card.token_hash != _hash(token):
        raise LinkClosedError
    if _standing(turn, card) is not Standing.OPEN:
        raise LinkClosedError
    await seal(turn, card, written)
    turn.record("card_arrived", enquiry, by=found[2] if found is not None else None)
    await remind_later(turn, enquiry)
    await _tell(turn, enquiry, card)


async def seal(turn: Turn, card: Card, written: ContactCard) -> None:
    """Have the card say this, under a key of its own; what it said before can never be read again."""
    transitions.check_card(card.state, CardState.ARRIVED)
    if card.key_id is not None:
        turn.unit.doom_key(card.key_id)
    card.key_id = await turn.unit.keys.make("card", now=turn.now)
    card.body_sealed = await turn.unit.seal(card.key_id, written.plain(), place=_place(card.id))
    card.state, card.arrived_at, card.opened_at = CardState.ARRIVED, turn.now, None


async def unseal(unit: Unit, card: Card) -> dict[str, object]:
    """Return what the card says; raises KeyDestroyedError where it was taken back."""
    assert card.key_id is not None
    assert card.body_sealed is not None
    return await unit.open(card.key_id, card.body_sealed, place=_place(card.id))


async def remind_later(turn: Turn, enquiry: Enquiry) -> None:
    """Have the coordinators be reminded on the next working day."""
    hours = turn.rules.coordinator_hours or turn.rules.panel_hours
    await turn.set_timer(UNOPENED, enquiry.id, next_working_day(turn.now, hours=hours))


async def _tell(turn: Turn, enquiry: Enquiry, card: Card) -> None:
    """Tell the enquirer, whoever asked and still has to do with the case, and the coordinators on duty.

    They hear that it has come, and nothing of it.
    """
    number = enquiry.number or "–"
    back = [[Button("button.card_withdraw", on("card:withdraw", enquiry))]]
    assert enquiry.chat_id is not None
    turn.remove(enquiry.chat_id, purpose=PURPOSE, subject=enquiry.id)
    turn.say(
        enquiry.chat_id,
        "card.arrived",
        buttons=back,
        purpose=PURPOSE,
        subject=enquiry.id,
        priority=CONVERSATION,
        number=number,
    )
    asked = await turn.unit.session.get_one(Person, card.asked_by)
    concerned = [asked] if await _is_concerned(turn, asked, enquiry) else []
    on_duty, is_anybody = await alarms.coordinators(turn, about=enquiry)
    concerned += [person for person in on_duty if is_anybody and person.id != asked.id]
    for person in concerned:
        if person.chat_id is not None and person.revoked_at is None:
            turn.say(person.chat_id, "contact.arrived", subject=enquiry.id, number=number)


async def _is_concerned(turn: Turn, person: Person, enquiry: Enquiry) -> bool:
    """Whether the case is hers now, or she is of the desk; and nothing keeps her from it."""
    assignment = await find_enquiries.active_assignment(turn.unit, enquiry.id)
    is_hers = assignment is not None and assignment.person_id == person.id
    is_desk = person.role in DESK
    return (is_hers or is_desk) and await candidates.may_read(turn, person, enquiry)


def _standing(turn: Turn, card: Card) -> Standing:
    if card.state is CardState.ARRIVED:
        return Standing.SPENT
    if card.state is not CardState.LINKED or card.expires_at is None:
        return Standing.UNKNOWN
    return Standing.OPEN if turn.now < card.expires_at else Standing.EXPIRED


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _written(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _place(card_id: UUID) -> str:
    return f"contact_card.body:{card_id}"
