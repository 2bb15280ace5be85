"""What the choice of whom to ask is told: a fixed number of questions, whatever the log has grown to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Executable,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    type_coerce,
)

from scheduling.dispatch import HALF_LIFE
from scheduling.ids import new_id
from scheduling.instant import Instant
from scheduling.shifts import Station
from storage.models import (
    Assignment,
    Chat,
    Conflict,
    DispatchStep,
    DutySpell,
    Enquiry,
    Offer,
    OfferState,
    Person,
    Role,
    State,
)
from storage.models.base import InstantColumn
from storage.unit_of_work import Unit

_WEEK = timedelta(days=7)
_WEEKS = 8  # two half-lives: what is older weighs less than a quarter, and is not asked for
_WEIGHTS = tuple(0.5 ** ((week + 0.5) / (HALF_LIFE / _WEEK)) for week in range(_WEEKS))
_HOUR = timedelta(hours=1)

_ON_PANEL_NOW = (
    select(DutySpell.person_id)
    .where(DutySpell.ended_at.is_(None), DutySpell.station == Station.PANEL)
    .scalar_subquery()
)


def _weight(at: Any) -> ColumnElement[float]:
    """Halved every four weeks, in steps of a week, so that the database adds it up itself."""
    newest = [(at >= _weeks_ago(week + 1), weight) for week, weight in enumerate(_WEIGHTS[:-1])]
    return case(*newest, else_=_WEIGHTS[-1])


def _weeks_ago(weeks: int) -> BindParameter[Instant]:
    return bindparam(f"weeks_ago_{weeks}", type_=InstantColumn())


def _moments(now: Instant) -> dict[str, Instant]:
    return {f"weeks_ago_{weeks}": now - weeks * _WEEK for weeks in range(1, _WEEKS + 1)}


# Statements that are busy are built once; each is answered from an index alone, and from its last weeks.
_PANEL = (
    select(
        Person.id,
        Person.alias,
        Person.languages,
        Person.competences,
        Person.cap,
        Person.paused_since,
        Person.paused_until,
        Person.certificate_on,
        Person.own_districts,
        Person.chat_id.is_not_distinct_from(bindparam("chat")),
        Chat.unreachable_since.is_(None),
        exists().where(Conflict.person_id == Person.id, Conflict.enquiry_id == bindparam("enquiry")),
        DutySpell.station,
        DutySpell.started_at,
        select(func.count())
        .where(Assignment.person_id == Person.id, Assignment.ended_at.is_(None))
        .scalar_subquery(),
        select(func.count())
        .where(Offer.person_id == Person.id, Offer.state == OfferState.OPEN)
        .scalar_subquery(),
        select(func.max(Offer.rung_at)).where(Offer.person_id == Person.id).scalar_subquery(),
    )
    .outerjoin(Chat, Chat.id == Person.chat_id)
    .outerjoin(DutySpell, and_(DutySpell.person_id == Person.id, DutySpell.ended_at.is_(None)))
    .where(Person.role == Role.RESOURCE_PERSON, Person.revoked_at.is_(None), Person.chat_id.is_not(None))
    .order_by(Person.alias)
)
_TAKEN = (
    select(Assignment.person_id, func.sum(_weight(Assignment.started_at)))
    .where(Assignment.person_id.in_(_ON_PANEL_NOW), Assignment.started_at >= _weeks_ago(_WEEKS))
    .group_by(Assignment.person_id)
)
_STOOD = type_coerce(DutySpell.ended_at, BigInteger) - case(
    (DutySpell.started_at < _weeks_ago(_WEEKS), type_coerce(_weeks_ago(_WEEKS), BigInteger)),
    else_=type_coerce(DutySpell.started_at, BigInteger),
)
_HOURS = (
    select(DutySpell.person_id, func.sum(_STOOD * _weight(DutySpell.ended_at)))
    .where(DutySpell.person_id.in_(_ON_PANEL_NOW), DutySpell.ended_at >= _weeks_ago(_WEEKS))
    .group_by(DutySpell.person_id)
)
_OFFERS = (
    select(Offer)
    .where(
        Offer.enquiry_id == bindparam("enquiry"),
        or_(Offer.round == bindparam("round"), Offer.state == OfferState.OPEN),
    )
    .order_by(Offer.step, Offer.id)
    .with_for_update()
)
_COUNT_WAITING = select(func.count()).where(Enquiry.state == State.WAITING)
_LAST_STEP = (
    select(DispatchStep)
    .where(DispatchStep.enquiry_id == bindparam("enquiry"))
    .order_by(DispatchStep.round.desc(), DispatchStep.step.desc())
    .limit(1)
)


class Standing(NamedTuple):
    """A member of the panel: what she may have, what she has and is offered, and where she stands now."""

    person: UUID
    alias: str
    languages: list[str]
    competences: list[str]
    cap: int
    paused_since: Instant | None
    paused_until: Instant | None
    certificate_on: date | None
    own_districts: list[str]
    is_enquirer: bool
    is_reachable: bool
    has_conflict: bool
    station: Station | None
    on_duty_since: Instant | None
    has_now: int
    is_offered: int
    last_rung: Instant | None


async def panel(unit: Unit, enquiry: Enquiry) -> list[Standing]:
    """Return everybody on the panel by alias, with how she stands to the enquiry."""
    found = await _rows(unit, _PANEL, {"chat": enquiry.chat_id, "enquiry": enquiry.id})
    return [Standing._make(row) for row in found]


async def taken(unit: Unit) -> dict[UUID, float]:
    """Return how many cases each who is on duty has taken of late, each weighing half after four weeks."""
    return {person: float(sum_) for person, sum_ in await _rows(unit, _TAKEN, _moments(unit.now))}


async def hours(unit: Unit, panel: Iterable[Standing]) -> dict[UUID, float]:
    """Return how many hours each who is on duty has stood there of late, weighed in the same way."""
    found = await _rows(unit, _HOURS, _moments(unit.now))
    microseconds = _HOUR // timedelta(microseconds=1)
    over = {person: float(sum_) / microseconds for person, sum_ in found}
    since = unit.now - _WEEKS * _WEEK
    return {
        one.person: over.get(one.person, 0.0)
        + _WEIGHTS[0] * ((unit.now - max(one.on_duty_since, since)) / _HOUR)
        for one in panel
        if one.on_duty_since is not None
    }


async def _rows(unit: Unit, query: Executable, values: dict[str, Any]) -> Sequence[Any]:
    """Return plain rows, without the session's book-keeping; what the unit has done so far counts."""
    await unit.session.flush()
    return (await (await unit.session.connection()).execute(query, values)).all()


async def offers(unit: Unit, enquiry: Enquiry) -> Sequence[Offer]:
    """Return the offers of this round, and those of earlier ones that are open still, locked."""
    asked = {"enquiry": enquiry.id, "round": enquiry.dispatch_round}
    return (await unit.session.execute(_OFFERS, asked)).scalars().all()


async def count_waiting(unit: Unit) -> int:
    """Return how many enquiries wait for somebody to take them."""
    return (await unit.session.execute(_COUNT_WAITING)).scalar_one()


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
    return (await unit.session.execute(_LAST_STEP, {"enquiry": enquiry.id})).scalar_one_or_none()


async def steps(unit: Unit, enquiry: Enquiry) -> Sequence[DispatchStep]:
    """Return what the choice said in this round, in order."""
    query = (
        select(DispatchStep)
        .where(DispatchStep.enquiry_id == enquiry.id, DispatchStep.round == enquiry.dispatch_round)
        .order_by(DispatchStep.step)
    )
    return (await unit.session.execute(query)).scalars().all()
