"""Which enquiries refer to which."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from storage.models import Enquiry
from storage.unit_of_work import Unit


async def by_id(unit: Unit, enquiry_id: UUID) -> Enquiry | None:
    """Return the enquiry, not locked: whoever has locked a later one waits for none before it."""
    return await unit.session.get(Enquiry, enquiry_id)


async def around(unit: Unit, enquiry: Enquiry) -> Sequence[Enquiry]:
    """Return what the enquiry refers to and what refers to it, the oldest first; not locked."""
    is_linked = Enquiry.previous_id == enquiry.id
    if enquiry.previous_id is not None:  # a comparison with nothing would have the whole log be walked
        is_linked |= Enquiry.id == enquiry.previous_id
    query = select(Enquiry).where(is_linked).order_by(Enquiry.drafted_at).limit(100)
    return (await unit.session.execute(query)).scalars().all()
