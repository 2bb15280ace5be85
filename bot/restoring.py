"""After a restore nothing goes out by itself: delivery is held, and what may have changed since is undone."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from bot import cards, enquiries
from bot.turn import Turn
from storage import outbox
from storage.models import Enquiry, OfferState, Outcome, State
from storage.queries import console, referrals, restored

# What the log names as the subject of an act on the whole hotline.
HOTLINE = UUID(int=0)


async def settle(turn: Turn) -> None:
    """Hold delivery, withdraw open offers, void links, sign everybody out; what waits is offered anew."""
    await outbox.hold_within(turn.unit)
    await restored.clear_leases(turn.unit)
    await console.end_everything(turn.unit)
    await cards.void_links(turn)
    await _withdraw_offers(turn)
    for enquiry in await restored.in_state(turn.unit, State.WAITING):
        enquiry.dispatch_round += 1
        enquiry.dispatch_wanted, enquiry.dispatch_next_step = 0, None
        enquiry.dispatch_is_short = True
        await turn.set_timer("dispatch", enquiry.id, turn.now)
    turn.unit.record("restored", actor="operator", subject="hotline", subject_id=HOTLINE)


async def note_destroyed(turn: Turn, destroyed: Collection[UUID]) -> int:
    """Treat as erased what lost its key since the backup, and return how many enquiries that is."""
    await restored.set_aside_inbox(turn.unit, destroyed)
    await cards.note_destroyed(turn, destroyed)
    erased = 0
    for enquiry in await restored.not_destroyed(turn.unit):
        if enquiry.key_id in destroyed:
            await _end(turn, enquiry)
            erased += 1
    return erased


def record_release(turn: Turn) -> None:
    """Append to the log that a person let delivery go on."""
    turn.unit.record("released", actor="operator", subject="hotline", subject_id=HOTLINE)


async def _withdraw_offers(turn: Turn) -> None:
    for offer, person in await restored.open_offers(turn.unit):
        offer.state, offer.decided_at = OfferState.WITHDRAWN, turn.now
        was_on_its_way = await restored.drop_unsent(turn.unit, purpose="offer", subject_id=offer.id)
        if not was_on_its_way and person.chat_id is not None:
            turn.say(person.chat_id, "offer.gone", action="edit", purpose="offer", subject=offer.id, alias="")


async def _end(turn: Turn, enquiry: Enquiry) -> None:
    if enquiry.state is not State.CLOSED:
        enquiries.move(turn, enquiry, State.CLOSED, detail="key destroyed")
        enquiry.outcome, enquiry.closed_at = Outcome.LAPSED, turn.now
        await restored.end_assignments(turn.unit, enquiry.id)
    await cards.end(turn, enquiry)
    await restored.forget_timers(turn.unit, enquiry.id)
    enquiry.destroyed_at = turn.now
    enquiry.postcode = enquiry.postcode_seen = None
    await referrals.note_destroyed(turn.unit, enquiry.id)
    turn.record("destroyed", enquiry)
