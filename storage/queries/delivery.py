"""What a deliverer needs to know of the rows it has leased, read without waiting for a writer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, cast
from uuid import UUID

import orjson
from sqlalchemy import Select, Table, case, func, select

from scheduling.instant import Instant
from storage.keys import KeyDestroyedError
from storage.many import is_among
from storage.models import DESK, Assignment, Chat, Enquiry, Message, OutboxRow, Person, Posting
from storage.outbox import Claimed
from storage.store import Store

_row, _chat, _enquiry, _message, _person, _assignment = (
    cast("Table", model.__table__) for model in (OutboxRow, Chat, Enquiry, Message, Person, Assignment)
)
_LATEST = 200
_MOST_DELETED = 5000
_TRANSCRIPT = ("copy", "head")


@dataclass(frozen=True, slots=True)
class Reader:
    """A chat as the deliverer sees it."""

    address_sealed: bytes
    key_id: UUID
    language: str | None
    is_staff: bool


@dataclass(frozen=True, slots=True)
class Sealed:
    """A message as the deliverer sees it."""

    id: UUID
    enquiry_id: UUID
    key_id: UUID
    body_sealed: bytes
    withdrawn_at: Instant | None


@dataclass(slots=True)
class Background:
    """Chats, messages and postings of the leased rows."""

    readers: dict[UUID, Reader] = field(default_factory=dict)
    messages: dict[UUID, Sealed] = field(default_factory=dict)
    postings: dict[int, list[Posting]] = field(default_factory=dict)
    enquiries: set[UUID] = field(default_factory=set)
    # Who asked each enquiry that a row shows anything of, and who else may read it now.
    enquirers: dict[UUID, UUID] = field(default_factory=dict)
    advisers: dict[UUID, UUID] = field(default_factory=dict)
    desk: set[UUID] = field(default_factory=set)

    def enquiry_of(self, row: Claimed) -> UUID | None:
        """Return the enquiry that the row is about, where replies to it must find it."""
        if row.message_id is not None and row.message_id in self.messages:
            return self.messages[row.message_id].enquiry_id
        if row.purpose == "notice":
            return row.subject_id if row.subject_id in self.enquiries else None
        return row.subject_id if row.purpose in _ABOUT_ENQUIRY else None

    def is_for_enquirer(self, row: Claimed) -> bool:
        """Whether the chat is that of whoever asked what the row is about."""
        return row.chat_id is not None and self._enquirer_of(row) == row.chat_id

    def may_be_shown(self, row: Claimed) -> bool:
        """Whether what the row shows of a case is for its reader, as things stand now.

        The case may have gone to somebody else, or the account been revoked, since the row was queued.
        """
        if not _shows_case(row):
            return True
        enquiry = self.enquiry_of(row)
        adviser = None if enquiry is None else self.advisers.get(enquiry)
        return self.is_for_enquirer(row) or row.chat_id == adviser or row.chat_id in self.desk

    def _enquirer_of(self, row: Claimed) -> UUID | None:
        enquiry = self.enquiry_of(row)
        return None if enquiry is None else self.enquirers.get(enquiry)


_ABOUT_ENQUIRY = frozenset({"head", "card", "alarm", "intake", "contact"})
_NEEDS_POSTINGS = frozenset(
    {"edit", "delete", "delete_earlier", "delete_case", "delete_copies", "delete_all", "delete_aged"}
)


# Rows that show no message, and stand for the enquiry itself.
_STANDS_FOR_ENQUIRY = ("head", "alarm")


def _surroundings(*, is_postgresql: bool) -> Select[Any]:
    """Each row's chat with its owner, its message, and who asked and who may read what it is about."""
    owner, adviser = _person.alias("owner"), _person.alias("adviser")
    itself = case((_row.c.purpose.in_(_STANDS_FOR_ENQUIRY), _row.c.subject_id))
    joined = (
        _row.join(_chat, _chat.c.id == _row.c.chat_id)
        .outerjoin(owner, owner.c.chat_id == _chat.c.id)
        .outerjoin(_message, _message.c.id == _row.c.message_id)
        .outerjoin(_enquiry, _enquiry.c.id == func.coalesce(_message.c.enquiry_id, itself))
        .outerjoin(
            _assignment, (_assignment.c.enquiry_id == _enquiry.c.id) & _assignment.c.ended_at.is_(None)
        )
        .outerjoin(adviser, (adviser.c.id == _assignment.c.person_id) & adviser.c.revoked_at.is_(None))
    )
    return (
        select(
            *(_chat.c.id, _chat.c.address_sealed, _chat.c.key_id, _chat.c.language),
            *(owner.c.role, owner.c.revoked_at),
            *(_message.c[each.name] for each in fields(Sealed)),
            *(_enquiry.c.id, _enquiry.c.chat_id, adviser.c.chat_id),
        )
        .select_from(joined)
        .where(is_among(_row.c.seq, "rows", is_postgresql=is_postgresql))
    )


_SURROUNDINGS, _ON_POSTGRESQL = _surroundings(is_postgresql=False), _surroundings(is_postgresql=True)


async def background(store: Store, rows: Sequence[Claimed]) -> Background:
    """Return what is needed to send the rows."""
    known = Background()
    async with store.reading() as session:
        asked = _SURROUNDINGS if store.is_sqlite else _ON_POSTGRESQL
        for found in await session.execute(asked, {"rows": [row.seq for row in rows]}):
            _note(known, *found)
        for row in rows:
            if row.action in _NEEDS_POSTINGS or row.reply_to is not None:
                standing = await session.execute(_postings_for(row))
                known.postings[row.seq] = list(standing.scalars())
        subjects = {row.subject_id for row in rows if row.purpose == "notice"} - known.readers.keys()
        if subjects:
            found_ids = await session.execute(select(Enquiry.id).where(Enquiry.id.in_(subjects)))
            known.enquiries = set(found_ids.scalars())
    return known


def _note(known: Background, *found: Any) -> None:
    chat_id, sealed, key_id, language, role, revoked_at = found[:6]
    known.readers[chat_id] = Reader(sealed, key_id, language, is_staff=role is not None)
    if role in DESK and revoked_at is None:
        known.desk.add(chat_id)
    message, (enquiry, enquirer, adviser) = Sealed(*found[6:-3]), found[-3:]
    if message.id is not None:
        known.messages[message.id] = message
    if enquirer is not None:
        known.enquirers[enquiry] = enquirer
    if adviser is not None:
        known.advisers[enquiry] = adviser


def _shows_case(row: Claimed) -> bool:
    if row.purpose == "head":
        return True
    return row.purpose == "copy" and row.message_id is not None


def _postings_for(row: Claimed) -> Select[Posting]:
    standing = select(Posting).where(Posting.chat_id == row.chat_id, Posting.gone_at.is_(None))
    standing = standing.order_by(Posting.posted_at.desc(), Posting.telegram_id.desc())
    standing = standing.limit(_MOST_DELETED if row.action.startswith("delete") else _LATEST)
    if row.action == "delete_all":
        return standing
    if row.action in ("delete_case", "delete_aged"):
        aged = row.params.get("before")
        if aged is not None:
            standing = standing.where(Posting.posted_at <= Instant.from_microseconds(aged))
        return standing.where(Posting.enquiry_id == row.subject_id)
    if row.action == "delete_copies":
        return standing.where(Posting.enquiry_id == row.subject_id, Posting.purpose.in_(_TRANSCRIPT))
    if row.action == "send":
        return standing.where(Posting.subject_id == row.reply_to, Posting.purpose == "original")
    return standing.where(Posting.subject_id == row.subject_id, Posting.purpose == row.purpose)


async def read_message(store: Store, message: Sealed) -> dict[str, object] | None:
    """Return what the message says, or None once its key is destroyed."""
    try:
        opened = await store.keys.open(
            message.key_id, message.body_sealed, place=f"message.body:{message.id}"
        )
    except KeyDestroyedError:
        return None
    body: dict[str, object] = orjson.loads(opened)
    return body


async def read_address(store: Store, chat_id: UUID, reader: Reader) -> int:
    """Return the chat's address; used for nothing but sending."""
    opened = await store.keys.open(reader.key_id, reader.address_sealed, place=f"chat.address:{chat_id}")
    return int(orjson.loads(opened)["address"])
