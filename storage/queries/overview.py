"""What an operator sees of the hotline: counts, ages and states, never content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from scheduling.instant import Instant
from storage.models import (
    Assignment,
    AuditEntry,
    AuditPending,
    DutySpell,
    Enquiry,
    InboxRow,
    OutboxRow,
    Person,
    Progress,
    State,
    Timer,
)

_began = func.coalesce(Enquiry.sent_at, Enquiry.drafted_at)


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of staff, how many cases she has, and since when she is on duty."""

    person: Person
    open_cases: int
    on_duty_since: Instant | None


async def staff(session: AsyncSession) -> list[Colleague]:
    """Return everybody whose account is not revoked, by alias."""
    has = and_(Assignment.person_id == Person.id, Assignment.ended_at.is_(None))
    stands = and_(DutySpell.person_id == Person.id, DutySpell.ended_at.is_(None))
    query = (
        select(Person, func.count(Assignment.id), DutySpell.started_at)
        .outerjoin(Assignment, has)
        .outerjoin(DutySpell, stands)
        .where(Person.revoked_at.is_(None))
        .group_by(Person.id, DutySpell.started_at)
        .order_by(func.lower(Person.alias))
    )
    return [Colleague(row[0], row[1], row[2]) for row in (await session.execute(query)).all()]


async def listed(
    session: AsyncSession, *, state: State | None = None, since: Instant | None = None
) -> list[tuple[Enquiry, str | None]]:
    """Return the enquiries with the alias of who has them, the oldest first; by state and beginning."""
    has = and_(Assignment.enquiry_id == Enquiry.id, Assignment.ended_at.is_(None))
    query = (
        select(Enquiry, Person.alias)
        .outerjoin(Assignment, has)
        .outerjoin(Person, Person.id == Assignment.person_id)
        .order_by(_began, Enquiry.number)
    )
    if state is not None:
        query = query.where(Enquiry.state == state)
    if since is not None:
        query = query.where(_began >= since)
    return [(row[0], row[1]) for row in (await session.execute(query)).all()]


async def begun_between(
    session: AsyncSession, since: Instant | None, until: Instant | None
) -> Sequence[Enquiry]:
    """Return the enquiries that began from the one moment until before the other."""
    query = select(Enquiry)
    if since is not None:
        query = query.where(_began >= since)
    if until is not None:
        query = query.where(_began < until)
    return (await session.execute(query)).scalars().all()


async def by_number(session: AsyncSession, number: str) -> Enquiry | None:
    """Return the enquiry of this number, however it is capitalised."""
    query = select(Enquiry).where(Enquiry.number == number.upper())
    return (await session.execute(query)).scalar_one_or_none()


async def timeline(session: AsyncSession, enquiry_id: UUID) -> list[tuple[AuditEntry, str | None]]:
    """Return what the log says of the enquiry, in order, with the alias of staff who acted."""
    query = (
        select(AuditEntry, Person.alias)
        .outerjoin(Person, Person.id == AuditEntry.actor_id)
        .where(AuditEntry.subject_id == enquiry_id)
        .order_by(AuditEntry.at, AuditEntry.id)
    )
    return [(row[0], row[1]) for row in (await session.execute(query)).all()]


async def timers_of(session: AsyncSession, kinds: Sequence[str]) -> list[tuple[Timer, Enquiry]]:
    """Return when what falls due for which enquiry, the earliest first."""
    query = (
        select(Timer, Enquiry)
        .join(Enquiry, Enquiry.id == Timer.subject_id)
        .where(Timer.kind.in_(kinds))
        .order_by(Timer.due_at)
    )
    return [(row[0], row[1]) for row in (await session.execute(query)).all()]


@dataclass(frozen=True, slots=True)
class Standing:
    """How the hotline stands at one glance."""

    by_state: dict[State, int]
    oldest_waiting: Instant | None
    oldest_inbox: Instant | None
    oldest_outbox: Instant | None
    overdue_timers: int
    unsealed_entries: int


async def standing(session: AsyncSession, now: Instant) -> Standing:
    """Return counts and the oldest of what waits."""
    states = await session.execute(select(Enquiry.state, func.count()).group_by(Enquiry.state))
    waits = Enquiry.state.in_((State.WAITING, State.TRIAGE, State.HELD))
    oldest = await session.execute(select(_began).where(waits).order_by(_began).limit(1))
    inbox = select(func.min(InboxRow.received_at)).where(InboxRow.progress == Progress.WAITING)
    outbox = select(func.min(OutboxRow.queued_at)).where(OutboxRow.progress == Progress.WAITING)
    overdue = select(func.count()).select_from(Timer).where(Timer.due_at < now)
    unsealed = select(func.count()).select_from(AuditPending)
    return Standing(
        dict(states.all()),
        oldest.scalar_one_or_none(),
        (await session.execute(inbox)).scalar_one(),
        (await session.execute(outbox)).scalar_one(),
        (await session.execute(overdue)).scalar_one(),
        (await session.execute(unsealed)).scalar_one(),
    )
