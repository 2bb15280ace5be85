"""All enquiries there ever were, a page at a time: the newest first, and by what is looked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select

from scheduling.instant import Instant
from storage.models import Assignment, Channel, Conflict, Enquiry, Outcome, Person, Role, State
from storage.unit_of_work import Unit

Key = tuple[Instant, UUID]
_ADVISE = (Role.RESOURCE_PERSON, Role.SECRETARIAT, Role.COORDINATOR)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; None is anything. From `since` until before `until`, by when it came."""

    number: str | None = None
    since: Instant | None = None
    until: Instant | None = None
    state: State | None = None
    outcome: Outcome | None = None
    competence: str | None = None
    channel: Channel | None = None
    alias: str | None = None


async def newest(
    unit: Unit, wanted: Wanted, *, reader: Person, before: Key | None, at_most: int
) -> Sequence[Enquiry]:
    """Return what came last of what is wanted, before the key; nothing the reader must not see."""
    query = (
        select(Enquiry)
        .where(*_wanted(wanted), *_not_kept_from(reader))
        .order_by(Enquiry.drafted_at.desc(), Enquiry.id.desc())
        .limit(at_most)
    )
    if before is not None:
        at, last = before
        query = query.where(Enquiry.drafted_at <= at, or_(Enquiry.drafted_at < at, Enquiry.id < last))
    return (await unit.session.execute(query)).scalars().all()


async def who_had(unit: Unit, enquiry_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return who has each of the enquiries, or had it last, by alias."""
    query = (
        select(Assignment.enquiry_id, Person.alias)
        .join(Person, Person.id == Assignment.person_id)
        .where(Assignment.enquiry_id.in_(enquiry_ids))
        .order_by(Assignment.started_at)
    )
    return dict((await unit.session.execute(query)).all())


async def advisers(unit: Unit) -> Sequence[str]:
    """Return the aliases of everybody who has or could have had an enquiry."""
    query = select(Person.alias).where(Person.role.in_(_ADVISE)).order_by(Person.alias)
    return (await unit.session.execute(query)).scalars().all()


def _wanted(wanted: Wanted) -> list[ColumnElement[bool]]:
    exactly = (
        (Enquiry.number, wanted.number),
        (Enquiry.state, wanted.state),
        (Enquiry.outcome, wanted.outcome),
        (Enquiry.competence, wanted.competence),
        (Enquiry.channel, wanted.channel),
    )
    asked = [column == value for column, value in exactly if value is not None]
    if wanted.since is not None:
        asked.append(Enquiry.drafted_at >= wanted.since)
    if wanted.until is not None:
        asked.append(Enquiry.drafted_at < wanted.until)
    if wanted.alias is not None:
        person_id = select(Person.id).where(Person.alias == wanted.alias).scalar_subquery()
        # What she had is looked up first: one person's cases are few among all.
        had = select(Assignment.enquiry_id).where(Assignment.person_id == person_id)
        asked.append(Enquiry.id.in_(had))
    return asked


def _not_kept_from(reader: Person) -> list[ColumnElement[bool]]:
    has_conflict = exists().where(and_(Conflict.enquiry_id == Enquiry.id, Conflict.person_id == reader.id))
    return [Enquiry.chat_id.is_distinct_from(reader.chat_id), ~has_conflict]
