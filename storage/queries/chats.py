"""Chats by address hash or by id."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import bindparam, select

from storage.models import Chat
from storage.unit_of_work import Unit

# Statements of the busiest roads are built once.
_BY_HASH = select(Chat).where(Chat.address_hash == bindparam("hash")).with_for_update()


async def by_hash(unit: Unit, address_hash: bytes) -> Chat | None:
    """Return the chat of this address hash, locked for the transaction."""
    return (await unit.session.execute(_BY_HASH, {"hash": address_hash})).scalar_one_or_none()


async def by_id(unit: Unit, chat_id: UUID) -> Chat:
    """Return the chat; raises where there is none."""
    return await unit.session.get_one(Chat, chat_id)


async def by_ids(unit: Unit, chat_ids: Iterable[UUID]) -> list[Chat]:
    """Return the chats of these ids."""
    query = select(Chat).where(Chat.id.in_(list(chat_ids)))
    return list((await unit.session.execute(query)).scalars())
