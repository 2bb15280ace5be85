"""The rota as it is planned, and who is on duty in fact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from scheduling.instant import Instant
from scheduling.rota import Rota
from scheduling.shifts import Absence as AbsenceValue
from scheduling.shifts import DayKind, Member, Occurrence, Override, Rule, Span, Station, Swap
from storage.models import (
    Absence,
    DaySetting,
    DutySpell,
    Person,
    RotaFeed,
    RotaOverride,
    RotaRevision,
    RotaRule,
    ShiftSwap,
    SwapState,
)
from storage.models.base import Base
from storage.unit_of_work import Unit

_zone = lru_cache(maxsize=64)(ZoneInfo)
_FOR_EVER = Instant.from_microseconds(253_370_764_800_000_000)  # the year 9999


async def load(unit: Unit, *, zone: ZoneInfo, suggests: Callable[[date], DayKind]) -> Rota:
    """Return everything planned; what kind of day a date is, is suggested where nobody has set it."""
    settings = await day_settings(unit)
    kinds = {one.day: one.kind for one in settings}
    enrolled = select(Person).where(Person.revoked_at.is_(None)).execution_options(populate_existing=True)
    people = (await unit.session.execute(enrolled)).scalars().all()
    # A thousand rules are read for a week on a page: as plain rows they take a third of the time.
    rules = (await unit.session.execute(select(*_columns(RotaRule)))).all()
    overrides = (await unit.session.execute(select(*_columns(RotaOverride)))).all()
    absences = (await unit.session.execute(select(*_columns(Absence)))).all()
    standing = select(ShiftSwap).where(ShiftSwap.state == SwapState.ACCEPTED)
    accepted = (await unit.session.execute(standing)).scalars().all()
    owners = {one.id: one.person_id for one in rules} | {one.id: one.person_id for one in overrides}
    return Rota(
        zone=zone,
        members=tuple(_member(person) for person in people),
        rules=tuple(_rule(row) for row in rules),
        overrides=tuple(_override(row) for row in overrides),
        absences=tuple(_absence(row) for row in absences),
        swaps=tuple(
            Swap(Occurrence(row.source_id, row.day), owners[row.source_id], row.taker_id)
            for row in accepted
            if row.source_id in owners and row.taker_id is not None
        ),
        kind_of=lambda day: kinds.get(day) or suggests(day),
    )


async def on_duty(unit: Unit) -> dict[UUID, Station]:
    """Return who is on duty now, and at which station."""
    query = select(DutySpell.person_id, DutySpell.station).where(DutySpell.ended_at.is_(None))
    return dict((await unit.session.execute(query)).all())


async def open_spell(unit: Unit, person_id: UUID) -> DutySpell | None:
    """Return the spell of duty that lasts."""
    query = select(DutySpell).where(DutySpell.person_id == person_id, DutySpell.ended_at.is_(None))
    return (await unit.session.execute(query)).scalar_one_or_none()


async def forget_past(unit: Unit, before: Instant, *, last: date) -> None:
    """Delete spells of duty that ended before the moment, and what was planned up to the last day only."""
    ends_of_last = datetime.combine(last, time.max)
    for past in (
        delete(DutySpell).where(DutySpell.ended_at < before),
        delete(Absence).where(Absence.ends_local <= ends_of_last),
        delete(ShiftSwap).where(ShiftSwap.day <= last),
        delete(RotaOverride).where(RotaOverride.day <= last),
        delete(RotaRule).where(RotaRule.valid_until <= last),
    ):
        await unit.session.execute(past)


async def day_settings(unit: Unit) -> Sequence[DaySetting]:
    """Return the days whose kind somebody has set, in order."""
    return (await unit.session.execute(select(DaySetting).order_by(DaySetting.day))).scalars().all()


async def swap(unit: Unit, swap_id: UUID) -> ShiftSwap | None:
    """Return the swap, locked and read anew."""
    query = select(ShiftSwap).where(ShiftSwap.id == swap_id).with_for_update()
    query = query.execution_options(populate_existing=True)
    return (await unit.session.execute(query)).scalar_one_or_none()


async def standing_swaps(unit: Unit, occurrence: Occurrence) -> dict[SwapState, ShiftSwap]:
    """Return the offered and the accepted swap of the occurrence, locked."""
    query = (
        select(ShiftSwap)
        .where(
            ShiftSwap.source_id == occurrence.source,
            ShiftSwap.day == occurrence.day,
            ShiftSwap.state.in_((SwapState.OFFERED, SwapState.ACCEPTED)),
        )
        .with_for_update()
    )
    return {row.state: row for row in (await unit.session.execute(query)).scalars()}


async def swaps_with(unit: Unit, person_id: UUID) -> Sequence[ShiftSwap]:
    """Return the swaps that stand or are on offer, given by the person or to her."""
    query = select(ShiftSwap).where(
        or_(ShiftSwap.giver_id == person_id, ShiftSwap.taker_id == person_id),
        ShiftSwap.state.in_((SwapState.OFFERED, SwapState.ACCEPTED)),
    )
    return (await unit.session.execute(query.with_for_update())).scalars().all()


async def offered(unit: Unit) -> Sequence[ShiftSwap]:
    """Return the swaps on offer that nobody has answered yet."""
    query = select(ShiftSwap).where(ShiftSwap.state == SwapState.OFFERED)
    return (await unit.session.execute(query)).scalars().all()


async def swaps_standing_with(unit: Unit, person_id: UUID) -> Sequence[ShiftSwap]:
    """Return the swaps that were accepted, given by the person or to her."""
    query = select(ShiftSwap).where(
        or_(ShiftSwap.giver_id == person_id, ShiftSwap.taker_id == person_id),
        ShiftSwap.state == SwapState.ACCEPTED,
    )
    return (await unit.session.execute(query)).scalars().all()


async def plans_of(unit: Unit, person_id: UUID) -> list[RotaRule | RotaOverride | Absence]:
    """Return the lines of the person's rota: rules, then overrides, then absences typed by somebody."""
    own = Absence.source_uid.is_(None)
    rules = select(RotaRule).where(RotaRule.person_id == person_id).order_by(RotaRule.valid_from, RotaRule.id)
    overrides = select(RotaOverride).where(RotaOverride.person_id == person_id).order_by(RotaOverride.day)
    absences = select(Absence).where(Absence.person_id == person_id, own).order_by(Absence.starts_local)
    return [
        *(await unit.session.execute(rules)).scalars(),
        *(await unit.session.execute(overrides)).scalars(),
        *(await unit.session.execute(absences)).scalars(),
    ]


async def absences_of(unit: Unit, person_id: UUID) -> Sequence[Absence]:
    """Return the person's absences, in order."""
    query = select(Absence).where(Absence.person_id == person_id).order_by(Absence.starts_local)
    return (await unit.session.execute(query)).scalars().all()


async def feed_by_hash(unit: Unit, token_hash: bytes) -> RotaFeed | None:
    """Return the calendar that may be read under this token."""
    query = select(RotaFeed).where(RotaFeed.token_hash == token_hash, RotaFeed.revoked_at.is_(None))
    return (await unit.session.execute(query)).scalar_one_or_none()


async def feeds_opened_by(unit: Unit, person_id: UUID) -> Sequence[RotaFeed]:
    """Return the calendars that may be read because the person has opened them."""
    query = select(RotaFeed).where(RotaFeed.opened_by == person_id, RotaFeed.revoked_at.is_(None))
    return (await unit.session.execute(query)).scalars().all()


async def feeds_of(unit: Unit, person_id: UUID | None) -> Sequence[RotaFeed]:
    """Return the calendars of the person, or of the panel, that may be read."""
    query = select(RotaFeed).where(RotaFeed.person_id == person_id, RotaFeed.revoked_at.is_(None))
    return (await unit.session.execute(query)).scalars().all()


async def revision(unit: Unit) -> int:
    """Return how often the rota has been changed."""
    found = await unit.session.get(RotaRevision, 1)
    return 0 if found is None else found.number


async def locked_revision(unit: Unit) -> int:
    """Return how often the rota has been changed; nobody else changes it until the unit has ended."""
    found = await unit.session.get(RotaRevision, 1, with_for_update=True)
    return 0 if found is None else found.number


async def count_change(unit: Unit) -> None:
    """Count a change of the rota; whoever changes it at the same moment waits here."""
    found = await unit.session.get(RotaRevision, 1, with_for_update=True)
    if found is None:
        unit.session.add(RotaRevision(id=1, number=1, changed_at=unit.now))
    else:
        found.number, found.changed_at = found.number + 1, unit.now
    await unit.session.flush()


def _columns(model: type[Base]) -> list[InstrumentedAttribute[Any]]:
    return [getattr(model, column.key) for column in model.__table__.columns]


def _member(row: Person) -> Member:
    paused = None if row.paused_since is None else Span(row.paused_since, row.paused_until or _FOR_EVER)
    return Member(row.id, row.joins_on, row.leaves_on, paused)


def _rule(row: Any) -> Rule:
    return Rule(
        id=row.id,
        person=row.person_id,
        weekdays=frozenset(row.weekdays),
        starts=row.starts,
        ends=row.ends,
        zone=_zone(row.zone),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        every_weeks=row.every_weeks,
        station=row.station,
        on=_kinds(*row.day_kinds),
    )


@lru_cache(maxsize=64)
def _kinds(*named: str) -> frozenset[DayKind]:
    return frozenset(DayKind(kind) for kind in named)


def _override(row: Any) -> Override:
    return Override(
        id=row.id,
        person=row.person_id,
        day=row.day,
        starts=row.starts,
        ends=row.ends,
        zone=_zone(row.zone),
        is_on=row.is_on,
        station=row.station,
    )


def _absence(row: Any) -> AbsenceValue:
    return AbsenceValue(row.id, row.person_id, row.starts_local, row.ends_local, _zone(row.zone))
