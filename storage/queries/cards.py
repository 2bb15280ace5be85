"""Contact cards by enquiry and by link."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select

from storage.models import Card, CardState, Chat, Conflict, Enquiry, Person
from storage.unit_of_work import Unit


async def of_enquiry(unit: Unit, enquiry_id: UUID) -> Card | None:
    """Return the enquiry's contact card; whoever changes it holds the enquiry's lock."""
    query = select(Card).where(Card.enquiry_id == enquiry_id).execution_options(populate_existing=True)
    return (await unit.session.execute(query)).scalar_one_or_none()


async def with_asker(unit: Unit, enquiry_id: UUID) -> tuple[Card, str] | None:
    """Return the enquiry's contact card and the alias of who asked for it."""
    query = select(Card, Person.alias).join(Person, Person.id == Card.asked_by)
    found = (await unit.session.execute(query.where(Card.enquiry_id == enquiry_id))).one_or_none()
    return None if found is None else (found[0], found[1])


async def by_link(unit: Unit, token_hash: bytes) -> tuple[Card, Enquiry, Chat] | None:
    """Return the card that a link belongs to, with its enquiry and the chat it was sent to; not locked."""
    query = (
        select(Card, Enquiry, Chat)
        .join(Enquiry, Enquiry.id == Card.enquiry_id)
        .join(Chat, Chat.id == Enquiry.chat_id)
        .where(Card.token_hash == token_hash)
    )
    found = (await unit.session.execute(query)).one_or_none()
    return None if found is None else (found[0], found[1], found[2])


async def held_of_chat(unit: Unit, chat_id: UUID) -> Sequence[Enquiry]:
    """Return the chat's enquiries whose contact card has come and can be taken back, the newest first."""
    query = (
        select(Enquiry)
        .join(Card, Card.enquiry_id == Enquiry.id)
        .where(Enquiry.chat_id == chat_id, Card.key_id.is_not(None))
        .order_by(Card.arrived_at.desc())
    )
    return (await unit.session.execute(query)).scalars().all()


async def unopened(unit: Unit) -> Sequence[tuple[Card, Enquiry]]:
    """Return the cards that have come and nobody has opened, the oldest first."""
    query = (
        select(Card, Enquiry)
        .join(Enquiry, Enquiry.id == Card.enquiry_id)
        .where(Card.key_id.is_not(None), Card.opened_at.is_(None))
        .order_by(Card.arrived_at)
    )
    return [(row[0], row[1]) for row in (await unit.session.execute(query)).all()]


async def conflicts_with(unit: Unit, person_id: UUID, enquiry_ids: Collection[UUID]) -> set[UUID]:
    """Return which of the enquiries the person must not have."""
    query = select(Conflict.enquiry_id).where(
        Conflict.person_id == person_id, Conflict.enquiry_id.in_(enquiry_ids)
    )
    return set((await unit.session.execute(query)).scalars())


async def in_state(unit: Unit, state: CardState) -> Sequence[tuple[Card, Enquiry]]:
    """Return the cards in the state, with their enquiries."""
    query = select(Card, Enquiry).join(Enquiry, Enquiry.id == Card.enquiry_id)
    found = await unit.session.execute(query.where(Card.state == state))
    return [(row[0], row[1]) for row in found.all()]


async def under(unit: Unit, key_ids: Collection[UUID]) -> Sequence[Card]:
    """Return the cards that are sealed under one of these keys."""
    query = select(Card).where(Card.key_id.is_not(None))
    return [card for card in (await unit.session.execute(query)).scalars() if card.key_id in key_ids]
