"""Enquiries by chat, state and number; and who has them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import aliased

from scheduling.instant import Instant
from storage.models import Assignment, AuditEntry, Chat, Enquiry, Handover, Offer, OfferState, Person, State
from storage.models.enquiries import IS_NOT_CLOSED
from storage.unit_of_work import Unit

OPEN = (State.DRAFT, State.WAITING, State.TRIAGE, State.ASSIGNED, State.HELD)

# Statements of the busiest roads are built once.
_OPEN_OF = (
    select(Enquiry)
    .where(Enquiry.chat_id == bindparam("chat"), Enquiry.state.in_(OPEN))
    .order_by(Enquiry.drafted_at)
    .with_for_update()
)
_ADVISER_CHAT = aliased(Chat)
_OPEN_WITH_ADVISERS = (
    select(Enquiry, Person, _ADVISER_CHAT)
    .outerjoin(Assignment, (Assignment.enquiry_id == Enquiry.id) & Assignment.ended_at.is_(None))
    .outerjoin(Person, Person.id == Assignment.person_id)
    .outerjoin(_ADVISER_CHAT, _ADVISER_CHAT.id == Person.chat_id)
    .where(Enquiry.chat_id == bindparam("chat"), Enquiry.state.in_(OPEN))
    .order_by(Enquiry.drafted_at)
    .with_for_update(of=Enquiry)
)
_ASSIGNED_TO = (
    select(Enquiry)
    .join(Assignment, Assignment.enquiry_id == Enquiry.id)
    .where(Assignment.person_id == bindparam("person"), Assignment.ended_at.is_(None))
    .order_by(Enquiry.sent_at)
    .with_for_update(of=Enquiry)
)
_LAST_ASSIGNMENT = (
    select(Assignment)
    .where(Assignment.enquiry_id == bindparam("enquiry"))
    .order_by(Assignment.started_at.desc())
    .limit(1)
)
_ADVISER_OF = (
    select(Person, Chat)
    .join(Assignment, Assignment.person_id == Person.id)
    .join(Chat, Chat.id == Person.chat_id)
    .where(Assignment.enquiry_id == bindparam("enquiry"), Assignment.ended_at.is_(None))
)


async def locked(unit: Unit, enquiry_id: UUID) -> Enquiry | None:
    """Return the enquiry, locked for the transaction, or None."""
    query = select(Enquiry).where(Enquiry.id == enquiry_id).with_for_update()
    query = query.execution_options(populate_existing=True)
    return (await unit.session.execute(query)).scalar_one_or_none()


async def draft_of(unit: Unit, chat_id: UUID) -> Enquiry | None:
    """Return the chat's one open draft, locked."""
    query = select(Enquiry).where(Enquiry.chat_id == chat_id, Enquiry.state == State.DRAFT)
    return (await unit.session.execute(query.with_for_update())).scalar_one_or_none()


async def open_of(unit: Unit, chat_id: UUID) -> Sequence[Enquiry]:
    """Return what the chat has asked and is not closed, the oldest first, locked."""
    return (await unit.session.execute(_OPEN_OF, {"chat": chat_id})).scalars().all()


async def open_with_advisers(unit: Unit, chat_id: UUID) -> list[tuple[Enquiry, tuple[Person, Chat] | None]]:
    """Return what `open_of` returns, each with who has it now and her chat."""
    found = (await unit.session.execute(_OPEN_WITH_ADVISERS, {"chat": chat_id})).all()
    return [
        (enquiry, None if person is None or chat is None else (person, chat))
        for enquiry, person, chat in found
    ]


async def held_of(unit: Unit, chat_id: UUID) -> Enquiry | None:
    """Return the chat's enquiry that is held as an emergency."""
    query = select(Enquiry).where(Enquiry.chat_id == chat_id, Enquiry.state == State.HELD)
    return (await unit.session.execute(query.with_for_update())).scalars().first()


async def of_chat(unit: Unit, chat_id: UUID) -> Sequence[Enquiry]:
    """Return everything the chat has asked, the newest first."""
    query = select(Enquiry).where(Enquiry.chat_id == chat_id).order_by(Enquiry.drafted_at.desc())
    return (await unit.session.execute(query)).scalars().all()


async def all_locked_of(unit: Unit, chat_id: UUID) -> Sequence[Enquiry]:
    """Return everything the chat has asked, locked, for what must not go on meanwhile."""
    query = select(Enquiry).where(Enquiry.chat_id == chat_id).order_by(Enquiry.id).with_for_update()
    return (await unit.session.execute(query.execution_options(populate_existing=True))).scalars().all()


async def last_closed_of(unit: Unit, chat_id: UUID, *, since: Instant) -> Enquiry | None:
    """Return the chat's enquiry that was closed last, where that was since the moment."""
    query = (
        select(Enquiry)
        .where(
            Enquiry.chat_id == chat_id,
            Enquiry.state == State.CLOSED,
            Enquiry.closed_at >= since,
            Enquiry.number.is_not(None),
            Enquiry.destroyed_at.is_(None),
        )
        .order_by(Enquiry.closed_at.desc())
        .limit(1)
    )
    return (await unit.session.execute(query)).scalar_one_or_none()


async def assigned_to(unit: Unit, person_id: UUID) -> Sequence[Enquiry]:
    """Return what the person has now, the oldest first, locked."""
    return (await unit.session.execute(_ASSIGNED_TO, {"person": person_id})).scalars().all()


async def active_assignment(unit: Unit, enquiry_id: UUID) -> Assignment | None:
    """Return who has the enquiry now."""
    query = select(Assignment).where(Assignment.enquiry_id == enquiry_id, Assignment.ended_at.is_(None))
    return (await unit.session.execute(query)).scalar_one_or_none()


async def last_assignment(unit: Unit, enquiry_id: UUID) -> Assignment | None:
    """Return who had the enquiry last."""
    return (await unit.session.execute(_LAST_ASSIGNMENT, {"enquiry": enquiry_id})).scalar_one_or_none()


async def adviser_of(unit: Unit, enquiry_id: UUID) -> tuple[Person, Chat] | None:
    """Return the person who has the enquiry now, with her chat."""
    found = (await unit.session.execute(_ADVISER_OF, {"enquiry": enquiry_id})).one_or_none()
    return None if found is None else (found[0], found[1])


async def by_number(unit: Unit, number: str) -> Enquiry | None:
    """Return the enquiry of this number, however it is capitalised, locked."""
    query = select(Enquiry).where(Enquiry.number == number.upper()).with_for_update()
    return (await unit.session.execute(query)).scalar_one_or_none()


async def waiting(unit: Unit) -> Sequence[Enquiry]:
    """Return what waits for somebody to claim it, locked."""
    query = (
        select(Enquiry)
        .where(Enquiry.state == State.WAITING)
        .order_by(Enquiry.sent_at)
        .with_for_update(skip_locked=True)
    )
    found = (await unit.session.execute(query)).scalars().all()
    return sorted(found, key=lambda e: e.urgency.rank)


async def queue(unit: Unit) -> Sequence[tuple[Enquiry, str | None]]:
    """Return everything not closed with the alias of who has it, the oldest first."""
    has = and_(Assignment.enquiry_id == Enquiry.id, Assignment.ended_at.is_(None))
    query = (
        select(Enquiry, Person.alias)
        .outerjoin(Assignment, has)
        .outerjoin(Person, Person.id == Assignment.person_id)
        .where(IS_NOT_CLOSED)
        .order_by(Enquiry.drafted_at)
    )
    return [(row[0], row[1]) for row in (await unit.session.execute(query)).all()]


async def open_offers(unit: Unit, enquiry_id: UUID) -> Sequence[tuple[Offer, Person]]:
    """Return the offers nobody has decided on, locked in one order, with the person each was made to."""
    query = (
        select(Offer, Person)
        .join(Person, Person.id == Offer.person_id)
        .where(Offer.enquiry_id == enquiry_id, Offer.state == OfferState.OPEN)
        .order_by(Offer.step, Offer.id)
        .with_for_update(of=Offer)
    )
    return [(row[0], row[1]) for row in (await unit.session.execute(query)).all()]


async def offers_still_open(unit: Unit) -> Sequence[tuple[Offer, Person, Enquiry]]:
    """Return every offer nobody has decided on of an enquiry that still waits."""
    query = (
        select(Offer, Person, Enquiry)
        .join(Person, Person.id == Offer.person_id)
        .join(Enquiry, Enquiry.id == Offer.enquiry_id)
        .where(
            Offer.state == OfferState.OPEN,
            Enquiry.state == State.WAITING,
            Person.chat_id.is_not(None),
        )
        .order_by(Offer.offered_at, Offer.id)
    )
    return [(row[0], row[1], row[2]) for row in (await unit.session.execute(query)).all()]


async def with_chat_in(unit: Unit, state: State) -> Sequence[tuple[Enquiry, Chat]]:
    """Return the enquiries in this state whose chat can be written to, with it, the oldest first."""
    query = (
        select(Enquiry, Chat)
        .join(Chat, Chat.id == Enquiry.chat_id)
        .where(Enquiry.state == state, Chat.unreachable_since.is_(None))
        .order_by(Enquiry.drafted_at)
    )
    return [(row[0], row[1]) for row in (await unit.session.execute(query)).all()]


async def open_offers_to(unit: Unit, person_id: UUID) -> Sequence[tuple[Offer, Enquiry]]:
    """Return the offers the person has not decided on, with the enquiry of each, locked before its offers."""
    await lock_all_of(unit, person_id)
    query = (
        select(Offer, Enquiry)
        .join(Enquiry, Enquiry.id == Offer.enquiry_id)
        .where(Offer.person_id == person_id, Offer.state == OfferState.OPEN)
        .order_by(Offer.offered_at, Offer.id)
        .with_for_update(of=Offer)
    )
    return [(row[0], row[1]) for row in (await unit.session.execute(query)).all()]


async def handovers_to(unit: Unit, person_id: UUID) -> Sequence[tuple[Handover, Enquiry]]:
    """Return what has been offered to the person by colleagues and she has not answered."""
    query = (
        select(Handover, Enquiry)
        .join(Enquiry, Enquiry.id == Handover.enquiry_id)
        .where(Handover.to_person_id == person_id, Handover.decided_at.is_(None))
    )
    return [(row[0], row[1]) for row in (await unit.session.execute(query)).all()]


async def asked_on(unit: Unit, enquiry_id: UUID) -> str | None:
    """Return the alias of whom its adviser has asked to take the enquiry over, last and without an answer."""
    query = (
        select(Person.alias)
        .join(Handover, Handover.to_person_id == Person.id)
        .join(
            Assignment,
            (Assignment.enquiry_id == Handover.enquiry_id)
            & (Assignment.person_id == Handover.from_person_id)
            & Assignment.ended_at.is_(None),
        )
        .where(
            Handover.enquiry_id == enquiry_id,
            Handover.decided_at.is_(None),
            Handover.offered_at >= Assignment.started_at,
        )
        .order_by(Handover.offered_at.desc())
        .limit(1)
    )
    return (await unit.session.execute(query)).scalar_one_or_none()


async def handovers_still_open(unit: Unit) -> list[tuple[Handover, Enquiry, Person, Person]]:
    """Return what nobody has answered and its giver still has: with the case, the giver and the receiver."""
    giver, receiver = aliased(Person), aliased(Person)
    query = (
        select(Handover, Enquiry, giver, receiver)
        .join(Enquiry, Enquiry.id == Handover.enquiry_id)
        .join(giver, giver.id == Handover.from_person_id)
        .join(receiver, receiver.id == Handover.to_person_id)
        .join(
            Assignment,
            (Assignment.enquiry_id == Handover.enquiry_id)
            & (Assignment.person_id == giver.id)
            & Assignment.ended_at.is_(None),
        )
        .where(
            Handover.decided_at.is_(None),
            Handover.offered_at >= Assignment.started_at,
            Enquiry.state == State.ASSIGNED,
            receiver.chat_id.is_not(None),
        )
        .order_by(Handover.offered_at, Handover.id)
    )
    return [(row[0], row[1], row[2], row[3]) for row in (await unit.session.execute(query)).all()]


async def in_triage(unit: Unit) -> Sequence[Enquiry]:
    """Return what a coordinator looks at first, the oldest first."""
    query = select(Enquiry).where(Enquiry.state == State.TRIAGE).order_by(Enquiry.sent_at)
    return (await unit.session.execute(query)).scalars().all()


async def lock_all_of(unit: Unit, person_id: UUID) -> None:
    """Lock what the person has or is offered: enquiries come before offers, offers before people."""
    has = select(Assignment.enquiry_id).where(
        Assignment.person_id == person_id, Assignment.ended_at.is_(None)
    )
    is_offered = select(Offer.enquiry_id).where(Offer.person_id == person_id, Offer.state == OfferState.OPEN)
    query = select(Enquiry).where(Enquiry.id.in_(has) | Enquiry.id.in_(is_offered)).order_by(Enquiry.id)
    await unit.session.execute(query.with_for_update().execution_options(populate_existing=True))


async def offer(unit: Unit, offer_id: UUID) -> Offer | None:
    """Return the offer, not locked: its enquiry is locked before it."""
    return await unit.session.get(Offer, offer_id)


async def lock_offer(unit: Unit, offer: Offer) -> None:
    """Lock the offer and read it anew; its enquiry is locked already."""
    await unit.session.refresh(offer, with_for_update=True)


async def lock_handover(unit: Unit, handover: Handover) -> None:
    """Lock the handover and read it anew; its enquiry is locked already."""
    await unit.session.refresh(handover, with_for_update=True)


async def count_by_state(unit: Unit) -> dict[State, int]:
    """Return how many enquiries stand in each state."""
    query = select(Enquiry.state, func.count()).group_by(Enquiry.state)
    return dict((await unit.session.execute(query)).all())


async def last_assignment_of(unit: Unit, enquiry_id: UUID, person_id: UUID) -> Assignment | None:
    """Return the last time the person had the enquiry."""
    query = (
        select(Assignment)
        .where(Assignment.enquiry_id == enquiry_id, Assignment.person_id == person_id)
        .order_by(Assignment.started_at.desc())
        .limit(1)
    )
    return (await unit.session.execute(query)).scalar_one_or_none()


async def times_alarmed(unit: Unit, enquiry_id: UUID, key: str, *, since: Instant) -> int:
    """Return how often this alarm was raised about the enquiry, by the log."""
    query = select(func.count()).where(
        AuditEntry.subject_id == enquiry_id,
        AuditEntry.action == "alarmed",
        AuditEntry.detail == key,
        AuditEntry.at >= since,
    )
    return (await unit.session.execute(query)).scalar_one()
