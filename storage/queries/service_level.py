"""What the log says of waiting, offers and duty, as scheduling's values; nobody is named in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.instant import Instant
from scheduling.service_level import Case
from scheduling.staffing import Held, Reacted, Reaction
from storage.models import (
    Assignment,
    DutySpell,
    Enquiry,
    Kind,
    Offer,
    OfferState,
    Outcome,
    Person,
    Role,
    State,
    Switch,
)
from storage.unit_of_work import Unit

_NOT_FOR_THE_PANEL = (Outcome.MISUSE, Outcome.PRESS, Outcome.REDIRECTED)
_REACTED = {OfferState.CLAIMED: Reacted.CLAIMED, OfferState.DECLINED: Reacted.DECLINED}


async def cases(session: AsyncSession, since: Instant | None, until: Instant | None) -> list[Case]:
    """Return the concern enquiries sent from the one moment until before the other, the oldest first.

    What turned out to be misuse, the press's or another municipality's did not wait for the panel, nor did
    what the desk typed in and kept for itself.
    """
    claimed = (
        select(Assignment.enquiry_id, func.min(Assignment.started_at).label("at"))
        .group_by(Assignment.enquiry_id)
        .subquery()
    )
    query = (
        select(
            Enquiry.urgency,
            Enquiry.sent_at,
            Enquiry.promised_by,
            claimed.c.at,
            Enquiry.answered_at,
            Enquiry.state,
        )
        .outerjoin(claimed, claimed.c.enquiry_id == Enquiry.id)
        .where(
            Enquiry.kind == Kind.CONCERN,
            Enquiry.sent_at.is_not(None),
            Enquiry.outcome.is_(None) | Enquiry.outcome.not_in(_NOT_FOR_THE_PANEL),
            Enquiry.typed_by.is_(None) | claimed.c.at.is_(None) | (claimed.c.at > Enquiry.sent_at),
            *_between(Enquiry.sent_at, since, until),
        )
        .order_by(Enquiry.sent_at)
    )
    return [
        Case(row[0], row[1], row[2], row[3], row[4], row[5] is State.CLOSED)
        for row in (await session.execute(query)).all()
    ]


async def first_sent(session: AsyncSession) -> Instant | None:
    """Return when the first concern enquiry of all was sent."""
    query = select(Enquiry.sent_at).where(Enquiry.kind == Kind.CONCERN, Enquiry.sent_at.is_not(None))
    return (await session.execute(query.order_by(Enquiry.sent_at).limit(1))).scalar_one_or_none()


async def reactions(session: AsyncSession, since: Instant, until: Instant) -> list[Reaction]:
    """Return what became of each offer made in the time, whoever it was made to."""
    query = select(Offer.offered_at, Offer.decided_at, Offer.state).where(
        *_between(Offer.offered_at, since, until)
    )
    return [
        Reaction(((decided or until) - offered).total_seconds() / 60, _REACTED.get(state, Reacted.NOT_SEEN))
        for offered, decided, state in (await session.execute(query)).all()
    ]


async def duty(session: AsyncSession, since: Instant, until: Instant) -> list[Held]:
    """Return when resource persons were on duty, cut to the time."""
    query = (
        select(DutySpell.person_id, DutySpell.started_at, DutySpell.ended_at)
        .join(Person, Person.id == DutySpell.person_id)
        .where(Person.role == Role.RESOURCE_PERSON, DutySpell.started_at < until)
        .where(DutySpell.ended_at.is_(None) | (DutySpell.ended_at > since))
    )
    return _cut((await session.execute(query)).all(), since, until)


async def held_cases(session: AsyncSession, since: Instant, until: Instant) -> list[Held]:
    """Return when people had cases, cut to the time."""
    query = (
        select(Assignment.person_id, Assignment.started_at, Assignment.ended_at)
        .where(Assignment.started_at < until)
        .where(Assignment.ended_at.is_(None) | (Assignment.ended_at > since))
    )
    return _cut((await session.execute(query)).all(), since, until)


async def caps(session: AsyncSession) -> dict[UUID, int]:
    """Return how many cases each resource person may have at once."""
    query = select(Person.id, Person.cap).where(Person.role == Role.RESOURCE_PERSON)
    return {row[0]: row[1] for row in (await session.execute(query)).all()}


async def figure(unit: Unit, name: str) -> str | None:
    """Return the figure kept under the name."""
    found = await unit.session.get(Switch, name)
    return None if found is None else found.value


async def keep_figure(unit: Unit, name: str, value: str | None) -> None:
    """Keep the figure under the name in place of the one before; None keeps none."""
    found = await unit.session.get(Switch, name)
    if found is None and value is not None:
        unit.session.add(Switch(name=name, value=value, turned_at=unit.now))
    elif found is not None and value is not None:
        found.value, found.turned_at = value, unit.now
    elif found is not None:
        await unit.session.delete(found)


def _between(column: Any, since: Instant | None, until: Instant | None) -> list[ColumnElement[bool]]:
    limits: list[ColumnElement[bool]] = [] if since is None else [column >= since]
    return limits if until is None else [*limits, column < until]


def _cut(rows: Sequence[Any], since: Instant, until: Instant) -> list[Held]:
    return [Held(person, max(started, since), min(ended or until, until)) for person, started, ended in rows]
