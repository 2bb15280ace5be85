"""Chats by address hash or by id."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from storage.models import Chat
from storage.unit_of_work import Unit


async def by_hash(unit: Unit, address_hash: bytes) -> Chat | None:
    """Return the chat of this address hash, locked for the transaction."""
    query = select(Chat).where(Chat.address_hash == address_hash).with_for_update()
    return (await unit.session.execute(query)).scalar_one_or_none()


async def by_id(unit: Unit, chat_id: UUID) -> Chat:
    """Return the chat; raises where there is none."""
    return await unit.session.get_one(Chat, chat_id)


async def by_ids(unit: Unit, chat_ids: Iterable[UUID]) -> list[Chat]:
    """Return the chats of these ids."""
    query = select(Chat).where(Chat.id.in_(list(chat_ids)))
    return list((await unit.session.execute(query)).scalars())
