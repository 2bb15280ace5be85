"""What a restored database must not go on with, and what has to be put right in it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import cast
from uuid import UUID

from sqlalchemy import Table, delete, select, update

from storage.models import (
    Assignment,
    Card,
    Enquiry,
    InboxRow,
    Offer,
    OfferState,
    OutboxRow,
    Person,
    Progress,
    State,
    Timer,
)
from storage.unit_of_work import Unit

_inbox = cast("Table", InboxRow.__table__)
_outbox = cast("Table", OutboxRow.__table__)


async def clear_leases(unit: Unit) -> None:
    """Give back what a process held that is gone."""
    for table in (_inbox, _outbox):
        await unit.session.execute(
            update(table).where(table.c.progress == Progress.WAITING).values(leased_until=None)
        )


async def in_state(unit: Unit, state: State) -> Sequence[Enquiry]:
    """Return the enquiries in the state."""
    return (await unit.session.execute(select(Enquiry).where(Enquiry.state == state))).scalars().all()


async def not_destroyed(unit: Unit) -> Sequence[Enquiry]:
    """Return the enquiries whose key should still be there."""
    query = select(Enquiry).where(Enquiry.destroyed_at.is_(None))
    return (await unit.session.execute(query)).scalars().all()


async def open_offers(unit: Unit) -> Sequence[tuple[Offer, Person]]:
    """Return every offer nobody has decided on, with the person it was made to."""
    query = select(Offer, Person).join(Person, Person.id == Offer.person_id)
    found = await unit.session.execute(query.where(Offer.state == OfferState.OPEN))
    return [(row[0], row[1]) for row in found.all()]


async def drop_unsent(unit: Unit, *, purpose: str, subject_id: UUID) -> bool:
    """Have what waits to be sent for this purpose not be sent; True where there was any."""
    dropped = await unit.session.execute(
        update(_outbox)
        .where(
            _outbox.c.progress == Progress.WAITING,
            _outbox.c.purpose == purpose,
            _outbox.c.subject_id == subject_id,
        )
        .values(progress=Progress.DONE, failure="restored", sent_at=unit.now)
    )
    return bool(dropped.rowcount)  # type: ignore[attr-defined]  # an UPDATE yields a cursor result


async def used_keys(unit: Unit) -> set[UUID]:
    """Return the keys that enquiries, contact cards and rows on their way in need."""
    enquiries = await unit.session.execute(select(Enquiry.key_id).where(Enquiry.destroyed_at.is_(None)))
    cards = await unit.session.execute(select(Card.key_id).where(Card.key_id.is_not(None)))
    rows = await unit.session.execute(
        select(InboxRow.key_id).where(InboxRow.progress == Progress.WAITING).distinct()
    )
    given = {key_id for key_id in cards.scalars() if key_id is not None}
    return set(enquiries.scalars()) | given | set(rows.scalars())


async def set_aside_inbox(unit: Unit, destroyed: Collection[UUID]) -> None:
    """Set aside what came in under a key that is destroyed: nobody can read it any more."""
    rows = select(InboxRow).where(InboxRow.progress == Progress.WAITING)
    for row in (await unit.session.execute(rows)).scalars():
        if row.key_id in destroyed:
            row.progress = Progress.ASIDE


async def end_assignments(unit: Unit, enquiry_id: UUID) -> None:
    """Have nobody have the enquiry any more."""
    await unit.session.execute(
        update(Assignment)
        .where(Assignment.enquiry_id == enquiry_id, Assignment.ended_at.is_(None))
        .values(ended_at=unit.now, ended_because="closed")
    )


async def forget_timers(unit: Unit, enquiry_id: UUID) -> None:
    """Have nothing fall due about the enquiry any more."""
    await unit.session.execute(delete(Timer).where(Timer.subject_id == enquiry_id))
