"""Everything written that a case, or a chat, still holds: withdrawn, edited and unread texts included."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from storage.models import InboxRow, Message, MessageVersion
from storage.unit_of_work import Unit


async def everything_of(unit: Unit, enquiry_id: UUID) -> Sequence[Message]:
    """Return every message of the enquiry, also what was withdrawn or is held, in order."""
    await unit.write_out()
    query = select(Message).where(Message.enquiry_id == enquiry_id).order_by(Message.position)
    return (await unit.session.execute(query)).scalars().all()


async def versions_of(unit: Unit, enquiry_id: UUID) -> Sequence[MessageVersion]:
    """Return what the enquiry's messages said before they were edited."""
    query = (
        select(MessageVersion)
        .join(Message, Message.id == MessageVersion.message_id)
        .where(Message.enquiry_id == enquiry_id)
    )
    return (await unit.session.execute(query)).scalars().all()


async def not_yet_read(unit: Unit, chat_hash: bytes) -> Sequence[InboxRow]:
    """Return what came in from the chat and is not handled, set aside or waiting; locked where it is free."""
    query = (
        select(InboxRow)
        .where(InboxRow.chat_hash == chat_hash, InboxRow.body_sealed.is_not(None))
        .with_for_update(skip_locked=True)
    )
    return (await unit.session.execute(query)).scalars().all()
