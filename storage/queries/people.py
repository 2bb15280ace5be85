"""Staff by chat, role, alias and duty."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import bindparam, func, select

from scheduling.instant import Instant
from storage.models import Chat, Conflict, Invite, Person, Role
from storage.unit_of_work import Unit

_OF_CHAT = select(Person).where(Person.chat_id == bindparam("chat"), Person.revoked_at.is_(None))
_BY_IDS = select(Person).where(Person.id.in_(bindparam("ids", expanding=True)))


async def of_chat(unit: Unit, chat_id: UUID) -> Person | None:
    """Return the member of staff whose chat this is."""
    return (await unit.session.execute(_OF_CHAT, {"chat": chat_id})).scalar_one_or_none()


async def by_id(unit: Unit, person_id: UUID) -> Person:
    """Return the member of staff; raises where there is none."""
    return await unit.session.get_one(Person, person_id)


async def by_ids(unit: Unit, ids: Collection[UUID]) -> dict[UUID, Person]:
    """Return the members of staff, of those that are known."""
    if not ids:
        return {}
    found = (await unit.session.execute(_BY_IDS, {"ids": list(ids)})).scalars()
    return {person.id: person for person in found}


async def lock(unit: Unit, person: Person) -> None:
    """Lock the account and read it anew, so that it is not cut off while a case is given to it."""
    await unit.session.refresh(person, with_for_update={"key_share": True})


async def by_alias(unit: Unit, alias: str) -> Person | None:
    """Return the member of staff of this alias, however it is capitalised."""
    query = select(Person).where(func.lower(Person.alias) == alias.lower())
    return (await unit.session.execute(query)).scalar_one_or_none()


async def in_roles(unit: Unit, roles: Collection[Role]) -> Sequence[Person]:
    """Return everybody enrolled in one of the roles whose account is not revoked."""
    query = (
        select(Person)
        .where(Person.role.in_(roles), Person.revoked_at.is_(None), Person.chat_id.is_not(None))
        .order_by(Person.alias)
    )
    return (await unit.session.execute(query)).scalars().all()


async def in_reach(unit: Unit, roles: Collection[Role]) -> list[Person]:
    """Return everybody enrolled in one of the roles whose chat can be written to."""
    query = (
        select(Person)
        .join(Chat, Chat.id == Person.chat_id)
        .where(Person.role.in_(roles), Person.revoked_at.is_(None), Chat.unreachable_since.is_(None))
        .order_by(Person.alias)
    )
    return list((await unit.session.execute(query)).scalars())


async def conflicted(unit: Unit, enquiry_id: UUID) -> set[UUID]:
    """Return who must not have the enquiry."""
    query = select(Conflict.person_id).where(Conflict.enquiry_id == enquiry_id)
    return set((await unit.session.execute(query)).scalars())


async def conflicts_of(unit: Unit, person_id: UUID) -> set[UUID]:
    """Return the enquiries the person must not have."""
    query = select(Conflict.enquiry_id).where(Conflict.person_id == person_id)
    return set((await unit.session.execute(query)).scalars())


async def invite_by_hash(unit: Unit, token_hash: bytes) -> Invite | None:
    """Return the invite of this token, locked for the transaction."""
    query = select(Invite).where(Invite.token_hash == token_hash).with_for_update()
    return (await unit.session.execute(query)).scalar_one_or_none()


async def invite_by_id(unit: Unit, invite_id: UUID) -> Invite | None:
    """Return the invite, locked for the transaction."""
    query = select(Invite).where(Invite.id == invite_id).with_for_update()
    return (await unit.session.execute(query)).scalar_one_or_none()


async def open_invites(unit: Unit, alias: str, now: Instant) -> Sequence[Invite]:
    """Return the links for this alias that could still be opened."""
    query = select(Invite).where(
        func.lower(Invite.alias) == alias.lower(), Invite.used_at.is_(None), Invite.expires_at > now
    )
    return (await unit.session.execute(query)).scalars().all()
