"""What the choice of whom to ask is told: a fixed number of questions, whatever the log has grown to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, case, func, or_, select, type_coerce

from scheduling.dispatch import HALF_LIFE
from scheduling.ids import new_id
from scheduling.instant import Instant
from storage.models import (
    Assignment,
    Chat,
    DispatchStep,
    DutySpell,
    Enquiry,
    Offer,
    OfferState,
    Person,
    Role,
    State,
)
from storage.unit_of_work import Unit

_WEEK = timedelta(days=7)
_WEEKS = 8  # two half-lives: what is older weighs less than a quarter, and is not asked for
_MICROSECONDS_AN_HOUR = 3_600_000_000

_HAS_NOW = (
    select(func.count())
    .where(Assignment.person_id == Person.id, Assignment.ended_at.is_(None))
    .scalar_subquery()
)
_IS_OFFERED = (
    select(func.count()).where(Offer.person_id == Person.id, Offer.state == OfferState.OPEN).scalar_subquery()
)
_LAST_RUNG = select(func.max(Offer.rung_at)).where(Offer.person_id == Person.id).scalar_subquery()
_PANEL = (
    select(Person, Chat.unreachable_since, _HAS_NOW, _IS_OFFERED, _LAST_RUNG)
    .outerjoin(Chat, Chat.id == Person.chat_id)
    .where(Person.role == Role.RESOURCE_PERSON, Person.revoked_at.is_(None), Person.chat_id.is_not(None))
    .order_by(Person.alias)
)


class Standing:
    """A member of the panel, with what she has now, is offered, and when her phone rang last."""

    __slots__ = ("has_now", "is_offered", "is_reachable", "last_rung", "person")

    def __init__(self, row: Sequence[Any]) -> None:
        self.person: Person = row[0]
        self.is_reachable: bool = row[1] is None
        self.has_now: int = row[2]
        self.is_offered: int = row[3]
        self.last_rung: Instant | None = row[4]


async def panel(unit: Unit) -> list[Standing]:
    """Return everybody on the panel by alias."""
    return [Standing(row) for row in (await unit.session.execute(_PANEL)).all()]


async def taken(unit: Unit, people: Collection[UUID], now: Instant) -> dict[UUID, float]:
    """Return how many cases each of the people has taken of late, each weighing half after four weeks."""
    weight = func.sum(_weight(Assignment.started_at, now))
    query = (
        select(Assignment.person_id, weight)
        .where(Assignment.person_id.in_(people), Assignment.started_at >= now - _WEEKS * _WEEK)
        .group_by(Assignment.person_id)
    )
    return {person: float(sum_) for person, sum_ in (await unit.session.execute(query)).all()}


async def hours(unit: Unit, people: Collection[UUID], now: Instant) -> dict[UUID, float]:
    """Return how many hours each of the people has stood on duty of late, weighed in the same way."""
    since = now - _WEEKS * _WEEK
    started = case((DutySpell.started_at < since, since.microseconds), else_=_number(DutySpell.started_at))
    ended = case((DutySpell.ended_at.is_(None), now.microseconds), else_=_number(DutySpell.ended_at))
    weighed = func.sum((ended - started) * _weight(DutySpell.ended_at, now)) / _MICROSECONDS_AN_HOUR
    query = (
        select(DutySpell.person_id, weighed)
        .where(
            DutySpell.person_id.in_(people), or_(DutySpell.ended_at.is_(None), DutySpell.ended_at >= since)
        )
        .group_by(DutySpell.person_id)
    )
    return {person: float(sum_) for person, sum_ in (await unit.session.execute(query)).all()}


async def offers(unit: Unit, enquiry: Enquiry) -> Sequence[Offer]:
    """Return the offers of this round, and those of earlier ones that are open still, locked."""
    query = (
        select(Offer)
        .where(
            Offer.enquiry_id == enquiry.id,
            or_(Offer.round == enquiry.dispatch_round, Offer.state == OfferState.OPEN),
        )
        .order_by(Offer.step, Offer.id)
        .with_for_update()
    )
    return (await unit.session.execute(query)).scalars().all()


async def count_waiting(unit: Unit) -> int:
    """Return how many enquiries wait for somebody to take them."""
    query = select(func.count()).where(Enquiry.state == State.WAITING)
    return (await unit.session.execute(query)).scalar_one()


async def waiting_for_a_shift(unit: Unit) -> Sequence[Enquiry]:
    """Return what waits and has been asked about with nobody yet, locked; the oldest first."""
    query = (
        select(Enquiry)
        .where(Enquiry.state == State.WAITING, Enquiry.dispatch_wanted == 0)
        .order_by(Enquiry.sent_at)
        .with_for_update(skip_locked=True)
    )
    return (await unit.session.execute(query)).scalars().all()


async def keep_step(unit: Unit, enquiry: Enquiry, verdicts: Mapping[str, str]) -> None:
    """Keep what the choice said of everybody, unless it is what was said last and nobody is rung."""
    last = await last_step(unit, enquiry)
    is_new_round = last is None or last.round != enquiry.dispatch_round
    if last is not None and not is_new_round and last.verdicts == dict(verdicts):
        return
    step = 0 if last is None or is_new_round else last.step + 1
    unit.session.add(
        DispatchStep(
            id=new_id(),
            enquiry_id=enquiry.id,
            round=enquiry.dispatch_round,
            step=step,
            at=unit.now,
            verdicts=dict(verdicts),
        )
    )


async def last_step(unit: Unit, enquiry: Enquiry) -> DispatchStep | None:
    """Return what the choice said last."""
    query = (
        select(DispatchStep)
        .where(DispatchStep.enquiry_id == enquiry.id)
        .order_by(DispatchStep.round.desc(), DispatchStep.step.desc())
        .limit(1)
    )
    return (await unit.session.execute(query)).scalar_one_or_none()


async def steps(unit: Unit, enquiry: Enquiry) -> Sequence[DispatchStep]:
    """Return what the choice said in this round, in order."""
    query = (
        select(DispatchStep)
        .where(DispatchStep.enquiry_id == enquiry.id, DispatchStep.round == enquiry.dispatch_round)
        .order_by(DispatchStep.step)
    )
    return (await unit.session.execute(query)).scalars().all()


def _weight(at: Any, now: Instant) -> ColumnElement[float]:
    """Halved every four weeks, in steps of a week, so that the database adds it up itself."""
    per_week = HALF_LIFE / _WEEK
    steps = [(at >= now - (week + 1) * _WEEK, 0.5 ** ((week + 0.5) / per_week)) for week in range(_WEEKS - 1)]
    open_still = [(at.is_(None), 0.5 ** (0.5 / per_week))]
    return case(*open_still, *steps, else_=0.5 ** ((_WEEKS - 0.5) / per_week))


def _number(column: Any) -> ColumnElement[int]:
    return type_coerce(column, BigInteger)
