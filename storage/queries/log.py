"""What the log says about a subject."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import exists, select

from scheduling.instant import Instant
from storage.models import AuditEntry
from storage.unit_of_work import Unit


async def last_reasons(unit: Unit, enquiry_id: UUID) -> dict[str, int]:
    """Return why how many people were passed over when somebody was last to be asked."""
    query = (
        select(AuditEntry.detail)
        .where(AuditEntry.subject_id == enquiry_id, AuditEntry.action == "asked")
        .order_by(AuditEntry.at.desc())
        .limit(1)
    )
    detail = (await unit.session.execute(query)).scalar_one_or_none() or ""
    counted = (part.split("=") for part in detail.split() if "=" in part)
    return {why: int(count) for why, count in counted if why != "asked" and count.isdigit()}


async def is_noted(unit: Unit, action: str, *, about: UUID, by: UUID, since: Instant) -> bool:
    """Return whether the log says that the person has done this to the subject since the moment."""
    await unit.write_out()
    query = select(
        exists().where(
            AuditEntry.subject_id == about,
            AuditEntry.actor_id == by,
            AuditEntry.action == action,
            AuditEntry.at >= since,
        )
    )
    return bool((await unit.session.execute(query)).scalar_one())
