"""Open lines: the only conversation a chat takes part in, of many chats at once and without any entity."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, Table, bindparam, func, select, union_all, update

from scheduling.instant import Instant
from storage.many import is_among
from storage.models import Assignment, Chat, Enquiry, Person, State, Timer
from storage.unit_of_work import Unit

_chat, _enquiry, _person, _assignment, _timer = (
    cast("Table", model.__table__) for model in (Chat, Enquiry, Person, Assignment, Timer)
)


@dataclass(frozen=True, slots=True)
class Line:
    """Who writes in which case to whom, and what must be known before her text is passed on."""

    address_hash: bytes
    chat_id: UUID
    seen_at: Instant | None
    language: str | None
    unreachable_since: Instant | None
    paused_until: Instant | None
    flood_since: Instant | None
    flood_count: int
    awaits: str | None
    own_account: UUID | None  # of the writer, where she is staff
    enquiry_id: UUID
    enquirer_chat: UUID
    number: str | None
    key_id: UUID
    answered_at: Instant | None
    owes_answer: bool
    kept_until: Instant | None
    adviser_id: UUID
    adviser_chat: UUID
    adviser_unreachable_since: Instant | None
    alias: str
    unanswered: UUID | None  # the timer that an answer cancels

    @property
    def is_adviser(self) -> bool:
        """Whether it is the adviser who writes."""
        return self.chat_id == self.adviser_chat


def _only_ones(*, is_postgresql: bool) -> Select[Any]:
    """Found by their hashes: chats whose conversations are one in all, assigned; all three rows are locked.

    What somebody else has locked is about to change, and is not waited for: it is left out.
    """
    is_asked = is_among(_chat.c.address_hash, "hashes", is_postgresql=is_postgresql)
    writers = select(_chat.c.id).where(is_asked)
    own, adviser_chat = _person.alias("own"), _chat.alias("adviser_chat")
    has = _assignment.join(_person, _person.c.id == _assignment.c.person_id)
    taking_part = union_all(
        select(_enquiry.c.chat_id.label("writer"), _enquiry.c.id.label("enquiry")).where(
            _enquiry.c.chat_id.in_(writers), _enquiry.c.state != State.CLOSED
        ),
        select(_person.c.chat_id, _assignment.c.enquiry_id)
        .select_from(has)
        .where(
            _person.c.chat_id.in_(writers), _person.c.revoked_at.is_(None), _assignment.c.ended_at.is_(None)
        ),
    ).subquery()
    in_all = func.count().over(partition_by=taking_part.c.writer).label("in_all")
    of = select(taking_part.c.writer, taking_part.c.enquiry, in_all).cte("of")
    joined = (
        of.join(_chat, _chat.c.id == of.c.writer)
        .join(_enquiry, _enquiry.c.id == of.c.enquiry)
        .join(_assignment, (_assignment.c.enquiry_id == _enquiry.c.id) & _assignment.c.ended_at.is_(None))
        .join(_person, (_person.c.id == _assignment.c.person_id) & _person.c.revoked_at.is_(None))
    )
    # Not joined: PostgreSQL takes longer to choose the order of so many tables than to read them.
    own_account = select(own.c.id).where(own.c.chat_id == _chat.c.id, own.c.revoked_at.is_(None))
    cannot_be_reached = select(adviser_chat.c.unreachable_since).where(adviser_chat.c.id == _person.c.chat_id)
    is_unanswered = (_timer.c.kind == "unanswered") & (_timer.c.subject_id == _enquiry.c.id)
    unanswered = select(_timer.c.subject_id).where(is_unanswered)
    return (
        select(
            _chat.c.address_hash,
            _chat.c.id,
            _chat.c.seen_at,
            _chat.c.language,
            _chat.c.unreachable_since,
            _chat.c.paused_until,
            _chat.c.flood_since,
            _chat.c.flood_count,
            _chat.c.awaits,
            own_account.scalar_subquery(),
            _enquiry.c.id,
            _enquiry.c.chat_id,
            _enquiry.c.number,
            _enquiry.c.key_id,
            _enquiry.c.answered_at,
            _enquiry.c.owes_answer,
            _enquiry.c.kept_until,
            _person.c.id,
            _person.c.chat_id,
            cannot_be_reached.scalar_subquery(),
            _person.c.alias,
            unanswered.scalar_subquery(),
        )
        .select_from(joined)
        .where(
            of.c.in_all == 1,
            _enquiry.c.state == State.ASSIGNED,
            _enquiry.c.chat_id.is_not(None),
            _person.c.chat_id.is_not(None),
        )
        .with_for_update(of=(_chat, _enquiry, _assignment), skip_locked=True)
    )


_ONLY_ONES, _ONLY_ONES_ON_POSTGRESQL = _only_ones(is_postgresql=False), _only_ones(is_postgresql=True)
_SEEN = (
    update(_chat)
    .where(_chat.c.id == bindparam("which"))
    .values(seen_at=bindparam("seen"), flood_since=bindparam("since"), flood_count=bindparam("count"))
)


async def only_ones(unit: Unit, address_hashes: Collection[bytes]) -> list[Line]:
    """Return the one conversation of each chat, locked; none of a chat that has several, or none assigned."""
    asked = _ONLY_ONES_ON_POSTGRESQL if unit.is_postgresql else _ONLY_ONES
    found = await unit.session.execute(asked, {"hashes": list(address_hashes)})
    return [Line(*one) for one in found]


def note_seen(
    unit: Unit, line: Line, seen_at: Instant | None, flood_since: Instant | None, flood_count: int
) -> None:
    """Have the commit note when the chat was seen and how much was written in the running minute."""
    if (seen_at, flood_since, flood_count) != (line.seen_at, line.flood_since, line.flood_count):
        given = {"which": line.chat_id, "seen": seen_at, "since": flood_since, "count": flood_count}
        unit.change(_SEEN, given)
