"""What a deliverer needs to know of the rows it has leased, read without waiting for a writer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

import orjson
from sqlalchemy import Select, select

from scheduling.instant import Instant
from storage.keys import KeyDestroyedError
from storage.models import Chat, Enquiry, Message, Person, Posting
from storage.outbox import Claimed
from storage.store import Store

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


@dataclass(slots=True)
class Background:
    """Chats, messages and postings of the leased rows."""

    readers: dict[UUID, Reader] = field(default_factory=dict)
    messages: dict[UUID, Message] = field(default_factory=dict)
    postings: dict[int, list[Posting]] = field(default_factory=dict)
    enquiries: set[UUID] = field(default_factory=set)

    def enquiry_of(self, row: Claimed) -> UUID | None:
        """Return the enquiry that the row is about, where replies to it must find it."""
        if row.message_id is not None and row.message_id in self.messages:
            return self.messages[row.message_id].enquiry_id
        if row.purpose == "notice":
            return row.subject_id if row.subject_id in self.enquiries else None
        return row.subject_id if row.purpose in _ABOUT_ENQUIRY else None


_ABOUT_ENQUIRY = frozenset({"head", "card", "alarm", "intake"})
_NEEDS_POSTINGS = frozenset(
    {"edit", "delete", "delete_earlier", "delete_case", "delete_copies", "delete_all", "delete_aged"}
)


async def background(store: Store, rows: Sequence[Claimed]) -> Background:
    """Return what is needed to send the rows."""
    known = Background()
    async with store.reading() as session:
        chat_ids = {row.chat_id for row in rows if row.chat_id is not None}
        query = (
            select(Chat.id, Chat.address_sealed, Chat.key_id, Chat.language, Person.id)
            .outerjoin(Person, Person.chat_id == Chat.id)
            .where(Chat.id.in_(chat_ids))
        )
        for chat_id, sealed, key_id, language, person in await session.execute(query):
            known.readers[chat_id] = Reader(sealed, key_id, language, is_staff=person is not None)
        message_ids = {row.message_id for row in rows if row.message_id is not None}
        if message_ids:
            found = await session.execute(select(Message).where(Message.id.in_(message_ids)))
            known.messages = {message.id: message for message in found.scalars()}
        for row in rows:
            if row.action in _NEEDS_POSTINGS or row.reply_to is not None:
                standing = await session.execute(_postings_for(row))
                known.postings[row.seq] = list(standing.scalars())
        subjects = {row.subject_id for row in rows if row.purpose == "notice"} - chat_ids
        if subjects:
            found_ids = await session.execute(select(Enquiry.id).where(Enquiry.id.in_(subjects)))
            known.enquiries = set(found_ids.scalars())
    return known


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


async def read_message(store: Store, message: Message) -> dict[str, object] | None:
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
