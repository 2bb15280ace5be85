"""Minutes noted on cases that ended in a span of time, and what of them was approved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.instant import Instant
from storage.models import Assignment, Enquiry, HoursStatement, Person

# Who found a conflict of interest gave the case back unworked, unless she noted minutes all the same.
_counts: ColumnElement[bool] = (
    Assignment.ended_because.is_(None)
    | (Assignment.ended_because != "conflict")
    | Assignment.minutes.is_not(None)
)


@dataclass(frozen=True, slots=True)
class Worked:
    """A person's minutes and cases in a span of time, and how many assignments have no minutes."""

    person: Person
    minutes: int
    cases: int
    missing: int


@dataclass(frozen=True, slots=True)
class WithoutMinutes:
    """An assignment that has ended and has no minutes."""

    assignment_id: UUID
    enquiry_id: UUID
    number: str | None


async def worked(
    session: AsyncSession, since: Instant, until: Instant, *, person_id: UUID | None = None
) -> list[Worked]:
    """Return what each person, or the one, noted on cases that ended in the time, by alias."""
    query = (
        select(
            Person,
            func.coalesce(func.sum(Assignment.minutes), 0),
            func.count(func.distinct(Assignment.enquiry_id)),
            func.count() - func.count(Assignment.minutes),
        )
        .join(Person, Person.id == Assignment.person_id)
        .where(Assignment.ended_at >= since, Assignment.ended_at < until, _counts)
        .group_by(Person.id)
        .order_by(func.lower(Person.alias))
    )
    if person_id is not None:
        query = query.where(Person.id == person_id)
    return [
        Worked(person, minutes or 0, cases, missing)
        for person, minutes, cases, missing in (await session.execute(query)).all()
    ]


async def without_minutes(session: AsyncSession, person_id: UUID, since: Instant) -> list[WithoutMinutes]:
    """Return what of the person's has ended since the moment and has no minutes, the oldest first."""
    query = (
        select(Assignment.id, Enquiry.id, Enquiry.number)
        .join(Enquiry, Enquiry.id == Assignment.enquiry_id)
        .where(
            Assignment.person_id == person_id,
            Assignment.ended_at >= since,
            Assignment.minutes.is_(None),
            _counts,
        )
        .order_by(Assignment.ended_at)
    )
    return [WithoutMinutes(*row) for row in (await session.execute(query)).all()]


async def assignment_of(
    session: AsyncSession, assignment_id: UUID, *, enquiry_id: UUID, person_id: UUID
) -> Assignment | None:
    """Return the assignment, where it is the person's of this enquiry."""
    query = select(Assignment).where(
        Assignment.id == assignment_id,
        Assignment.enquiry_id == enquiry_id,
        Assignment.person_id == person_id,
    )
    return (await session.execute(query)).scalar_one_or_none()


async def statements(session: AsyncSession, month: date) -> Sequence[tuple[HoursStatement, str]]:
    """Return what was approved of the month that begins on this day, with the alias of who approved it."""
    query = (
        select(HoursStatement, Person.alias)
        .join(Person, Person.id == HoursStatement.approved_by)
        .where(HoursStatement.month == month)
    )
    return [(row[0], row[1]) for row in (await session.execute(query)).all()]


async def statement(session: AsyncSession, person_id: UUID, month: date) -> HoursStatement | None:
    """Return what was approved of the person's month, as it stands now."""
    return await session.get(HoursStatement, (person_id, month), populate_existing=True)
