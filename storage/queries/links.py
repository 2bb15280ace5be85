"""Which enquiries refer to which."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from storage.models import Enquiry
from storage.unit_of_work import Unit


async def around(unit: Unit, enquiry: Enquiry) -> Sequence[Enquiry]:
    """Return what the enquiry refers to and what refers to it, the oldest first; not locked."""
    query = (
        select(Enquiry)
        .where((Enquiry.id == enquiry.previous_id) | (Enquiry.previous_id == enquiry.id))
        .order_by(Enquiry.drafted_at)
        .limit(100)
    )
    return (await unit.session.execute(query)).scalars().all()
