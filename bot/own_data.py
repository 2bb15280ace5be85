"""What is kept of somebody is given to her, once her wish was granted: in her chat, or behind a link."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from bot import alarms, card_links, cards, privacy
from bot.card_form import ContactCard
from bot.turn import Turn, when, word
from scheduling.ids import new_id
from scheduling.instant import Instant
from storage.keys import KeyStore
from storage.models import Author, Chat, DataRequest, Enquiry, Person, Referral, ReferralParty
from storage.queries import cards as find_cards
from storage.queries import enquiries as find
from storage.queries import messages, referrals, requests

INSIGHT = "insight"
# Why a wish is refused: consideration for others, or it was answered lately.
REASONS = ("others", "repeated")
_LABELS = {Author.ENQUIRER: "access.yours", Author.RESOURCE_PERSON: "access.ours"}
_KEPT = "kept/"


async def ask(turn: Turn, chat: Chat) -> None:
    """Put the wish on the secretariat's worklist, once; somebody answers it."""
    if await requests.open_of(turn.unit, chat.id, INSIGHT) is None:
        turn.unit.session.add(DataRequest(id=new_id(), chat_id=chat.id, kind=INSIGHT, asked_at=turn.now))
        turn.record("insight_requested", chat, by=chat)
        await alarms.alert(turn, "alarm.insight", wished_by=chat.id)
    turn.say(chat, "access.noted")


async def give(turn: Turn, person: Person, chat: Chat, request: DataRequest) -> None:
    """Post into her chat what she and her advisers wrote, and which referrals there are.

    Her contact cards are shown behind a link. Notes, what is held and what a referral says are not among it.
    """
    privacy.note_answer(turn, person, request, "granted")
    asked = [e for e in await find.of_chat(turn.unit, request.chat_id) if e.destroyed_at is None]
    turn.say(request.chat_id, "access.given")
    written = referred = 0
    for enquiry in reversed(asked):
        texts, made = await _of_case(turn, request.chat_id, enquiry)
        written, referred = written + texts, referred + made
    with_card = await find_cards.held_of_chat(turn.unit, request.chat_id)
    if with_card:
        turn.say(
            request.chat_id,
            "access.cards",
            link={"card": f"{_KEPT}{request.id.hex}"},
            cases=", ".join(enquiry.number or "–" for enquiry in with_card),
            until=when(_until(turn, turn.now)),
        )
    turn.say(chat, "request.given", count=written, cards=len(with_card), referrals=referred)


async def refuse(turn: Turn, person: Person, chat: Chat, request: DataRequest, *, reason: str) -> None:
    """Give nothing, and say why to whoever wished for it."""
    request.reason = reason
    privacy.note_answer(turn, person, request, "kept")
    turn.say(request.chat_id, f"access.refused_{reason}")
    turn.say(chat, "request.refused")


async def path(keys: KeyStore, called: str, *, now: Instant) -> str:
    """Return the path, below that of the cards, of the link that is called so; no table holds its secret."""
    secret = await card_links.secret(keys, called, now=now)
    return f"{called}/{secret}" if called.startswith(_KEPT) else secret


async def asker(turn: Turn, request_id: UUID, secret: str) -> Chat | None:
    """Return whose cards the link shows: her wish was granted lately; None where it opens nothing."""
    request = await turn.unit.session.get(DataRequest, request_id)
    if request is None or request.kind != INSIGHT or request.answer != "granted":
        return None
    made = await card_links.secret(turn.unit.keys, f"{_KEPT}{request_id.hex}", now=turn.now)
    is_open = request.answered_at is not None and turn.now < _until(turn, request.answered_at)
    if not is_open or not hmac.compare_digest(made, secret):
        return None
    return await turn.unit.session.get_one(Chat, request.chat_id)


async def her_cards(turn: Turn, chat: Chat) -> list[tuple[str, ContactCard]]:
    """Return what the chat's contact cards say, by the numbers of their cases; that is logged."""
    found = []
    for enquiry in await find_cards.held_of_chat(turn.unit, chat.id):
        card = await cards.read_own(turn, chat, enquiry)
        if card is not None:
            found.append((enquiry.number or "–", card))
    return found


async def _of_case(turn: Turn, chat_id: UUID, enquiry: Enquiry) -> tuple[int, int]:
    """Post what was written in the case and which referrals it became, and return how much that is."""
    written = [
        message
        for message in await messages.of_enquiry(turn.unit, enquiry.id)
        if message.author in _LABELS and message.key_id == enquiry.key_id
    ]
    made = await referrals.all_of(turn.unit, enquiry.id)
    if written or made:
        turn.say(chat_id, "access.case", number=enquiry.number or "–")
    for message in written:
        key = _LABELS[message.author]
        turn.say(chat_id, key, message=message.id, purpose="copy", subject=message.id)
    for referral in made:
        await _tell_of(turn, chat_id, referral)
    return len(written), len(made)


async def _tell_of(turn: Turn, chat_id: UUID, referral: Referral) -> None:
    state = word(f"referral.state.{referral.state.value}")
    if referral.number is None or referral.submitted_at is None:
        turn.say(chat_id, "access.referral_begun", at=when(referral.made_at), state=state)
        return
    chosen = await referrals.parties(turn.unit, referral.id)
    turn.say(
        chat_id,
        "access.referral",
        referral=referral.number,
        at=when(referral.submitted_at),
        state=state,
        parties={"lines": _in_lines([chosen[name] for name in turn.rules.parties if name in chosen])},
    )


def _in_lines(chosen: Sequence[ReferralParty]) -> list[dict[str, object]]:
    if not chosen:
        return [{"key": "access.party_none", "params": {}}]
    return [
        {"key": "access.party_chosen", "params": {"party": {"party": one.party}}}
        if one.sent_at is None
        else {"key": "access.party_sent", "params": {"party": {"party": one.party}, "at": when(one.sent_at)}}
        for one in chosen
    ]


def _until(turn: Turn, granted: Instant) -> Instant:
    return Instant.of(granted + timedelta(hours=turn.rules.contact.link_hours))
