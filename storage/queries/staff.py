"""Members of staff as a list, a page at a time, and the ways in that stand open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import and_, func, select

from scheduling.shifts import Station
from storage.models import Assignment, DutySpell, Invite, Person
from storage.unit_of_work import Unit


class Listed(NamedTuple):
    """A member of staff, how many cases she has, and where she stands now."""

    person: Person
    open_cases: int
    station: Station | None


async def listed(unit: Unit, *, closed: bool, after: str | None, at_most: int) -> list[Listed]:
    """Return accounts by alias, those that are open or those that were closed, after the alias given."""
    has = and_(Assignment.person_id == Person.id, Assignment.ended_at.is_(None))
    stands = and_(DutySpell.person_id == Person.id, DutySpell.ended_at.is_(None))
    is_closed = Person.revoked_at.is_not(None)
    query = (
        select(
            Person,
            select(func.count()).where(has).correlate(Person).scalar_subquery(),
            DutySpell.station,
        )
        .outerjoin(DutySpell, stands)
        .where(is_closed if closed else ~is_closed)
        .order_by(func.lower(Person.alias))
        .limit(at_most)
    )
    if after is not None:
        query = query.where(func.lower(Person.alias) > func.lower(after))
    return [Listed(row[0], row[1], row[2]) for row in (await unit.session.execute(query)).all()]


async def invites_standing(unit: Unit, *, after: str | None, at_most: int) -> Sequence[Invite]:
    """Return the links that could still be opened, by alias, after the alias given."""
    query = (
        select(Invite)
        .where(Invite.used_at.is_(None), Invite.expires_at > unit.now)
        .order_by(func.lower(Invite.alias))
        .limit(at_most)
    )
    if after is not None:
        query = query.where(func.lower(Invite.alias) > func.lower(after))
    return (await unit.session.execute(query)).scalars().all()
