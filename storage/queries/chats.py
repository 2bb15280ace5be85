"""Chats by address hash or by id."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import bindparam, select

from storage.models import Chat, Person
from storage.unit_of_work import Unit

# The busiest statement is built once.
_VISITOR = (
    select(Chat, Person)
    .outerjoin(Person, (Person.chat_id == Chat.id) & Person.revoked_at.is_(None))
    .where(Chat.address_hash == bindparam("hash"))
    .with_for_update(of=Chat)
)


async def visitor(unit: Unit, address_hash: bytes) -> tuple[Chat, Person | None] | None:
    """Return the chat of this address hash, locked, with the member of staff whose it is."""
    found = (await unit.session.execute(_VISITOR, {"hash": address_hash})).one_or_none()
    return None if found is None else (found[0], found[1])


async def by_id(unit: Unit, chat_id: UUID) -> Chat:
    """Return the chat; raises where there is none."""
    return await unit.session.get_one(Chat, chat_id)


async def locked(unit: Unit, chat_id: UUID) -> Chat:
    """Return the chat, locked for the transaction; raises where there is none."""
    return await unit.session.get_one(Chat, chat_id, with_for_update=True, populate_existing=True)


async def by_ids(unit: Unit, chat_ids: Iterable[UUID]) -> list[Chat]:
    """Return the chats of these ids."""
    query = select(Chat).where(Chat.id.in_(list(chat_ids)))
    return list((await unit.session.execute(query)).scalars())
