"""What the log says: about a subject, and a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import aliased

from scheduling.instant import Instant
from storage.models import AuditEntry, Enquiry, Person
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


@dataclass(frozen=True, slots=True)
class Sought:
    """Which entries are looked for; None is anything. From `since` until before `until`."""

    about: UUID | None = None
    since: Instant | None = None
    until: Instant | None = None
    action: str | None = None
    alias: str | None = None


async def newest(
    unit: Unit, sought: Sought, *, before: tuple[Instant, UUID] | None, at_most: int
) -> list[tuple[AuditEntry, str | None, str | None]]:
    """Return the last entries before the key, with who acted, and the case's number or whose it is."""
    whose = aliased(Person)
    query = (
        select(AuditEntry, Person.alias, func.coalesce(Enquiry.number, whose.alias))
        .outerjoin(Person, Person.id == AuditEntry.actor_id)
        .outerjoin(Enquiry, Enquiry.id == AuditEntry.subject_id)
        .outerjoin(whose, whose.id == AuditEntry.subject_id)
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(at_most)
    )
    if sought.about is not None:
        query = query.where(AuditEntry.subject_id == sought.about)
    if sought.since is not None:
        query = query.where(AuditEntry.at >= sought.since)
    if sought.until is not None:
        query = query.where(AuditEntry.at < sought.until)
    if sought.action is not None:
        query = query.where(AuditEntry.action == sought.action)
    if sought.alias is not None:
        query = query.where(func.lower(Person.alias) == sought.alias.lower())
    if before is not None:
        at, last = before
        query = query.where(AuditEntry.at <= at, or_(AuditEntry.at < at, AuditEntry.id < last))
    return [(row[0], row[1], row[2]) for row in (await unit.session.execute(query)).all()]
