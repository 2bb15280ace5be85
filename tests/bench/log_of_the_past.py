"""Fills the log with enquiries of the past, closed and answered, as years of use would."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert

from scheduling.ids import new_id
from scheduling.instant import Instant
from scheduling.urgency import Urgency
from storage.models import Author, Chat, Enquiry, Kind, Message, Outcome, State
from storage.store import Store

_AT_ONCE = 500
_MESSAGES = 4


async def write_past_enquiries(store: Store, count: int) -> None:
    """Store so many closed enquiries of one past chat, with four messages each."""
    if not count:
        return
    now = store.clock.now()
    chat_id = new_id()
    async with store.writing() as connection:
        await connection.execute(
            insert(Chat).values(
                id=chat_id, address_hash=bytes(32), address_sealed=bytes(40), key_id=new_id(), flood_count=0
            )
        )
    for start in range(0, count, _AT_ONCE):
        numbers = range(start, min(start + _AT_ONCE, count))
        rows = [
            _enquiry(chat_id, number, Instant.of(now - timedelta(days=1, hours=number))) for number in numbers
        ]
        texts = [_message(row, position) for row in rows for position in range(_MESSAGES)]
        async with store.writing() as connection:
            await connection.execute(insert(Enquiry), rows)
            await connection.execute(insert(Message), texts)


def _enquiry(chat_id: object, number: int, at: Instant) -> dict[str, object]:
    return {
        "id": new_id(),
        "number": f"P-2020-{number:06d}",
        "kind": Kind.CONCERN,
        "chat_id": chat_id,
        "key_id": new_id(),
        "state": State.CLOSED,
        "outcome": Outcome.ADVICE_ONLY,
        "urgency": Urgency.NORMAL,
        "message_count": _MESSAGES,
        "drafted_at": at,
        "sent_at": at,
        "closed_at": at,
        "dispatch_round": 1,
        "dispatch_is_short": False,
        "cards_shown": 0,
        "suggests_referral": False,
    }


def _message(row: dict[str, object], position: int) -> dict[str, object]:
    return {
        "id": new_id(),
        "enquiry_id": row["id"],
        "position": position + 1,
        "author": Author.ENQUIRER,
        "key_id": row["key_id"],
        "body_sealed": bytes(180),
        "version": 1,
        "written_at": row["sent_at"],
    }
