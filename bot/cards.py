"""The contact card: asked for, given or not, read by the secretariat alone, and taken back at will."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Any
from uuid import UUID

from bot import alarms, candidates, card_form, card_links, card_standing, emergencies
from bot.card_form import ContactCard
from bot.turn import CONVERSATION, Button, Rows, Turn, on, when
from scheduling.ids import new_id
from storage import transitions
from storage.keys import KeyDestroyedError
from storage.models import DESK, Card, CardState, Chat, Enquiry, Person, State
from storage.queries import cards as find
from storage.queries import restored


class Reason(StrEnum):
    """Why a contact card is opened."""

    CALL = "call"
    REFERRAL = "referral"
    SAFETY = "safety"
    REQUEST = "request"


async def ask(turn: Turn, person: Person, chat: Chat, enquiry: Enquiry) -> None:
    """Have the enquirer be asked for contact details, in plain words; no more often than the limit says."""
    card, number = await find.of_enquiry(turn.unit, enquiry.id), enquiry.number or "–"
    against = card_standing.against_asking(turn, person, enquiry, card)
    if against is not None:
        turn.say(chat, against, number=number, hours=f"{turn.rules.contact.ask_again_hours:g}")
        return
    if card is None:
        card = _asked_for(turn, person, enquiry)
    else:
        _move(card, CardState.ASKED)
        card.asked_at, card.asked_by = turn.now, person.id
        card_links.void_link(card)
    turn.record("contact_asked", enquiry, by=person)
    _show_question(turn, enquiry, card)
    turn.say(chat, "contact.asked", number=number)


async def show_questions_again(turn: Turn) -> None:
    """Post anew what was asked lately and not answered: the tap may have been lost."""
    lately = turn.after(hours=-turn.rules.contact.link_hours)
    for card, enquiry in await find.in_state(turn.unit, CardState.ASKED):
        if card.asked_at > lately and enquiry.state is not State.HELD:
            _show_question(turn, enquiry, card)


async def send_form(turn: Turn, chat: Chat, enquiry: Enquiry, *, wants_call: bool) -> None:
    """Send the link to the form, or to the shorter one for a call; an older link is void."""
    card = await _to_answer(turn, chat, enquiry)
    if card is None:
        return
    _move(card, CardState.LINKED)
    card.wants_call = wants_call
    called = await card_links.open_link(turn, card)
    turn.record("card_link_sent", enquiry, by=chat)
    assert card.expires_at is not None
    again = "card:call" if wants_call else "card:form"
    rows = [
        [Button("button.card_again", on(again, enquiry))],
        [Button("button.card_no", on("card:no", enquiry))],
        *_back(card, enquiry),
    ]
    key = "card.link_call" if wants_call else "card.link"
    _say(turn, enquiry, key, rows, link={"card": called}, until=when(card.expires_at))


async def decline(turn: Turn, chat: Chat, enquiry: Enquiry) -> None:
    """Note that she would rather not: nothing more is asked, and advice goes on as before."""
    card = await _to_answer(turn, chat, enquiry)
    if card is None:
        return
    _move(card, CardState.DECLINED)
    card_links.void_link(card)
    turn.record("contact_declined", enquiry, by=chat)
    rows = [[Button("button.card_form", on("card:form", enquiry))], *_back(card, enquiry)]
    _say(turn, enquiry, "card.declined", rows)


async def withdraw(turn: Turn, chat: Chat, enquiry: Enquiry) -> None:
    """Destroy the card's key, so that it can never be read again; the coordinators hear that it is gone."""
    card = await find.of_enquiry(turn.unit, enquiry.id)
    if card is None or card.key_id is None:
        turn.say(chat, "tap.stale")
        return
    _move(card, CardState.WITHDRAWN)
    await _forget(turn, card)
    turn.record("card_withdrawn", enquiry, by=chat)
    _say(turn, enquiry, "card.withdrawn", [[Button("button.card_form", on("card:form", enquiry))]])
    on_duty, is_anybody = await alarms.coordinators(turn, about=enquiry)
    for person in on_duty:
        if is_anybody and person.chat_id is not None:
            turn.say(person.chat_id, "contact.withdrawn", subject=enquiry.id, number=enquiry.number or "–")


async def type_in(turn: Turn, person: Person, enquiry: Enquiry, written: ContactCard) -> bool:
    """Seal what somebody without a chat told the desk and agreed to; False where it cannot be kept.

    Whoever typed it in has seen it: nobody is reminded to open it.
    """
    if not card_standing.may_type_in(enquiry) or not await _may_open(turn, person, enquiry):
        return False
    card = await find.of_enquiry(turn.unit, enquiry.id)
    if card is None:
        card = _asked_for(turn, person, enquiry)
    else:
        _move(card, CardState.ASKED)
        card.asked_at, card.asked_by = turn.now, person.id
    await card_links.seal(turn, card, written)
    card.opened_at = turn.now
    turn.record("card_typed_in", enquiry, by=person)
    return True


async def take_back(turn: Turn, person: Person, enquiry: Enquiry) -> bool:
    """Destroy the card's key, as somebody without a chat asks the desk to; False where there is none."""
    card = await find.of_enquiry(turn.unit, enquiry.id)
    is_hers = enquiry.chat_id is None and await _may_open(turn, person, enquiry)
    if card is None or card.key_id is None or not is_hers:
        return False
    _move(card, CardState.WITHDRAWN)
    await _forget(turn, card)
    turn.record("card_withdrawn", enquiry, by=person)
    return True


async def read(turn: Turn, person: Person, enquiry: Enquiry, reason: Reason) -> ContactCard | None:
    """Return what the card says, and log that it was opened and why; None where she may not, or none came."""
    card = await find.of_enquiry(turn.unit, enquiry.id)
    if card is None or card.key_id is None or not await _may_open(turn, person, enquiry):
        return None
    try:
        body = await card_links.unseal(turn.unit, card)
    except KeyDestroyedError:
        return None
    card.opened_at = card.opened_at or turn.now
    await turn.cancel_timer(card_links.UNOPENED, enquiry.id)
    turn.record("card_opened", enquiry, by=person, detail=reason.value)
    return card_form.restored(body)


async def read_own(turn: Turn, chat: Chat, enquiry: Enquiry) -> ContactCard | None:
    """Return to whoever gave the card what it says, and log it; for the desk it waits as before."""
    card = await find.of_enquiry(turn.unit, enquiry.id)
    if card is None or card.key_id is None or enquiry.chat_id != chat.id:
        return None
    try:
        body = await card_links.unseal(turn.unit, card)
    except KeyDestroyedError:
        return None
    turn.record("card_opened", enquiry, by=chat, detail=Reason.REQUEST.value)
    return card_form.restored(body)


async def remind(turn: Turn, enquiry: Enquiry) -> None:
    """Remind the coordinators, without content, each working day until the card is opened."""
    card = await find.of_enquiry(turn.unit, enquiry.id)
    if card is not None and card.key_id is not None and card.opened_at is None:
        await alarms.alert(turn, "alarm.card_unopened", about=enquiry, number=enquiry.number or "–")
        await card_links.remind_later(turn, enquiry)


async def end(turn: Turn, enquiry: Enquiry) -> None:
    """Destroy the card's key with the enquiry's, and have nothing more be asked or sent."""
    card = await find.of_enquiry(turn.unit, enquiry.id)
    if card is not None and card.state is not CardState.ENDED:
        _move(card, CardState.ENDED)
        await _forget(turn, card)


async def void_links(turn: Turn) -> None:
    """Have no link that is out open anything, as after a restore; a button gives a new one."""
    for card, enquiry in await find.in_state(turn.unit, CardState.LINKED):
        _move(card, CardState.ASKED)
        card_links.void_link(card)
        await restored.drop_unsent(turn.unit, purpose=card_links.PURPOSE, subject_id=enquiry.id)
        again = "card:call" if card.wants_call else "card:form"
        rows = [[Button("button.card_again", on(again, enquiry))], *_back(card, enquiry)]
        _say(turn, enquiry, "card.void", rows)


async def note_destroyed(turn: Turn, destroyed: Collection[UUID]) -> None:
    """Treat as taken back what lost its key since the backup."""
    for card in await find.under(turn.unit, destroyed):
        _move(card, CardState.WITHDRAWN)
        await _forget(turn, card)


async def to_take_back(turn: Turn, chat: Chat) -> Rows:
    """Return a button for each card that the chat has given and can take back."""
    return [
        [Button("button.card_withdraw_of", on("card:withdraw", enquiry), {"number": enquiry.number or "–"})]
        for enquiry in await find.held_of_chat(turn.unit, chat.id)
    ]


def _asked_for(turn: Turn, person: Person, enquiry: Enquiry) -> Card:
    card = Card(
        id=new_id(),
        enquiry_id=enquiry.id,
        state=CardState.ASKED,
        asked_at=turn.now,
        asked_by=person.id,
        wants_call=False,
    )
    turn.unit.session.add(card)
    return card


async def _may_open(turn: Turn, person: Person, enquiry: Enquiry) -> bool:
    return person.role in DESK and await candidates.may_read(turn, person, enquiry)


async def _to_answer(turn: Turn, chat: Chat, enquiry: Enquiry) -> Card | None:
    """Return the card the enquirer may answer about now; else she hears why not."""
    if enquiry.state is State.HELD and await emergencies.remind(turn, chat):
        return None
    card = await find.of_enquiry(turn.unit, enquiry.id)
    if card is None or card.state in (CardState.ENDED, CardState.ARRIVED):
        turn.say(chat, "tap.stale")
        return None
    return card


def _show_question(turn: Turn, enquiry: Enquiry, card: Card) -> None:
    rows = [
        [Button("button.card_form", on("card:form", enquiry))],
        [Button("button.card_call", on("card:call", enquiry))],
        [Button("button.card_no", on("card:no", enquiry))],
        *_back(card, enquiry),
    ]
    key = "card.ask" if card.key_id is None else "card.ask_anew"
    _say(turn, enquiry, key, rows, days=turn.rules.retention.advice_only)


def _back(card: Card, enquiry: Enquiry) -> list[list[Button]]:
    """Return the button that takes back the card there is; none where there is none."""
    return [] if card.key_id is None else [[Button("button.card_withdraw", on("card:withdraw", enquiry))]]


def _say(turn: Turn, enquiry: Enquiry, key: str, rows: Rows, **params: Any) -> None:
    """Say it in the enquirer's chat in place of what stood there about her card."""
    assert enquiry.chat_id is not None
    turn.remove(enquiry.chat_id, purpose=card_links.PURPOSE, subject=enquiry.id)
    turn.say(
        enquiry.chat_id,
        key,
        buttons=rows,
        purpose=card_links.PURPOSE,
        subject=enquiry.id,
        priority=CONVERSATION,
        number=enquiry.number or "–",
        **params,
    )


def _move(card: Card, to: CardState) -> None:
    transitions.check_card(card.state, to)
    card.state = to


async def _forget(turn: Turn, card: Card) -> None:
    if card.key_id is not None:
        turn.unit.doom_key(card.key_id)
    card.key_id, card.body_sealed, card.arrived_at, card.opened_at = None, None, None, None
    card_links.void_link(card)
    await turn.cancel_timer(card_links.UNOPENED, card.enquiry_id)
