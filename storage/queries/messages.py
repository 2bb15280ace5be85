"""Messages of an enquiry, and where in which chat they stand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, select

from scheduling.instant import Instant
from storage.models import (
    Author,
    Enquiry,
    Message,
    OutboxRow,
    Parked,
    Person,
    Posting,
    Progress,
)
from storage.unit_of_work import Unit

_POSTING_AT = (
    select(Posting)
    .where(Posting.chat_id == bindparam("chat"), Posting.telegram_id == bindparam("telegram"))
    .order_by(Posting.posted_at.desc())
    .limit(1)
)


async def of_enquiry(unit: Unit, enquiry_id: UUID) -> Sequence[Message]:
    """Return what was written in the enquiry and not withdrawn, in order."""
    await unit.write_out()
    query = (
        select(Message)
        .where(Message.enquiry_id == enquiry_id, Message.withdrawn_at.is_(None))
        .order_by(Message.position)
    )
    return (await unit.session.execute(query)).scalars().all()


async def advised(unit: Unit, enquiry_ids: Collection[UUID]) -> dict[UUID, list[Instant]]:
    """Return, by enquiry, when its advisers wrote what was not withdrawn."""
    found: dict[UUID, list[Instant]] = {one: [] for one in enquiry_ids}
    if not found:
        return found
    await unit.write_out()
    query = select(Message.enquiry_id, Message.written_at).where(
        Message.enquiry_id.in_(found),
        Message.author == Author.RESOURCE_PERSON,
        Message.withdrawn_at.is_(None),
    )
    for enquiry_id, written_at in await unit.session.execute(query):
        found[enquiry_id].append(written_at)
    return found


async def never_shown_in(unit: Unit, enquiry_id: UUID, chat_id: UUID) -> Sequence[Message]:
    """Return what the enquirer has written that never stood in the chat and is not on its way, in order."""
    await unit.write_out()
    stood = exists().where(
        Posting.chat_id == chat_id, Posting.subject_id == Message.id, Posting.purpose == "copy"
    )
    comes = exists().where(
        OutboxRow.chat_id == chat_id,
        OutboxRow.message_id == Message.id,
        OutboxRow.action == "send",
        OutboxRow.progress == Progress.WAITING,
    )
    query = (
        select(Message)
        .where(
            Message.enquiry_id == enquiry_id,
            Message.author == Author.ENQUIRER,
            Message.withdrawn_at.is_(None),
            ~stood,
            ~comes,
        )
        .order_by(Message.position)
    )
    return (await unit.session.execute(query)).scalars().all()


async def by_id(unit: Unit, message_id: UUID) -> Message | None:
    """Return the message."""
    await unit.write_out()
    return await unit.session.get(Message, message_id)


async def posting_at(unit: Unit, chat_id: UUID, telegram_id: int) -> Posting | None:
    """Return what stands in the chat at this Telegram message id; of several the one it became last."""
    await unit.write_out()
    found = await unit.session.execute(_POSTING_AT, {"chat": chat_id, "telegram": telegram_id})
    return found.scalars().first()


async def postings_of(unit: Unit, subject_id: UUID) -> Sequence[Posting]:
    """Return everywhere the subject stands and is not gone."""
    await unit.write_out()
    query = select(Posting).where(Posting.subject_id == subject_id, Posting.gone_at.is_(None))
    return (await unit.session.execute(query)).scalars().all()


async def copies_under_way(unit: Unit, message_id: UUID, *, purpose: str = "copy") -> set[UUID]:
    """Return the chats that a copy, or an echo, of the message is queued for, or just being sent to."""
    await unit.write_out()
    query = select(OutboxRow.chat_id).where(
        OutboxRow.message_id == message_id,
        OutboxRow.purpose == purpose,
        OutboxRow.progress == Progress.WAITING,
        OutboxRow.chat_id.is_not(None),
    )
    return {chat_id for chat_id in (await unit.session.execute(query)).scalars() if chat_id is not None}


async def chats_of_others_with(unit: Unit, enquiry: Enquiry) -> set[UUID]:
    """Return every chat but the enquirer's that anything of the enquiry stands in."""
    await unit.write_out()
    query = select(Posting.chat_id).where(
        Posting.enquiry_id == enquiry.id, Posting.gone_at.is_(None), Posting.chat_id != enquiry.chat_id
    )
    return set((await unit.session.execute(query)).scalars())


async def cases_standing_in(unit: Unit, chat_id: UUID) -> Sequence[Enquiry]:
    """Return the enquiries of others that anything in the chat belongs to."""
    await unit.write_out()
    standing = select(Posting.enquiry_id).where(Posting.chat_id == chat_id, Posting.gone_at.is_(None))
    query = select(Enquiry).where(Enquiry.id.in_(standing), Enquiry.chat_id.is_distinct_from(chat_id))
    return (await unit.session.execute(query)).scalars().all()


async def parked_in(unit: Unit, chat_id: UUID) -> Sequence[Parked]:
    """Return what waits for its writer to say which enquiry it belongs to, in order."""
    query = select(Parked).where(Parked.chat_id == chat_id).order_by(Parked.parked_at, Parked.id)
    return (await unit.session.execute(query)).scalars().all()


async def parked(unit: Unit, parked_id: UUID) -> Parked | None:
    """Return what was parked under this id."""
    return await unit.session.get(Parked, parked_id)


async def forget_parked(unit: Unit, parked_ids: Sequence[UUID]) -> None:
    """Delete what was parked under these ids, and where it stood: it may stand there as a message now."""
    await unit.write_out()
    await unit.session.execute(delete(Posting).where(Posting.subject_id.in_(parked_ids)))
    await unit.session.execute(delete(Parked).where(Parked.id.in_(parked_ids)))


async def ageing_in_staff_chats(
    unit: Unit, before: Instant, *, after: Instant
) -> Sequence[tuple[UUID, UUID]]:
    """Return chat and enquiry of what stands in staff's chats since before the one and after the other."""
    asked = select(OutboxRow.subject_id).where(
        OutboxRow.progress == Progress.WAITING, OutboxRow.action == "delete_aged"
    )
    query = (
        select(Posting.chat_id, Posting.enquiry_id)
        .join(Person, Person.chat_id == Posting.chat_id)
        .where(
            Posting.gone_at.is_(None),
            Posting.posted_at <= before,
            Posting.posted_at > after,
            Posting.enquiry_id.is_not(None),
            Posting.enquiry_id.not_in(asked),
        )
        .distinct()
        .limit(100)
    )
    found = (await unit.session.execute(query)).all()
    return [(chat_id, enquiry_id) for chat_id, enquiry_id in found if enquiry_id is not None]
