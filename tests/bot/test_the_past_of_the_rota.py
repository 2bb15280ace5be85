"""What is past of the rota is forgotten once it has been kept as long as the configuration says."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select

from bot import rota
from bot.configuration import Configuration
from bot.turn import Turn
from scheduling.ids import new_id
from scheduling.instant import Instant
from scheduling.shifts import Station
from storage.models import (
    Absence,
    Base,
    DutySpell,
    Person,
    Role,
    RotaOverride,
    RotaRule,
    ShiftSwap,
    SwapState,
)
from storage.store import Store

ZONE = "Europe/Copenhagen"
LAST_KEPT = date(2026, 11, 16) - timedelta(days=400)
FORGOTTEN = LAST_KEPT - timedelta(days=1)


def past(mira: UUID, day: date, now: Instant) -> list[Base]:
    """One of everything that was over on the day."""
    ended = Instant.of(now - timedelta(days=(now.date() - day).days, minutes=1))
    rule = {"zone": ZONE, "station": Station.PANEL, "starts": time(8), "ends": time(16), "person_id": mira}
    return [
        DutySpell(
            id=new_id(),
            person_id=mira,
            station=Station.PANEL,
            started_at=ended - timedelta(hours=8),
            ended_at=ended,
        ),
        Absence(
            id=new_id(),
            person_id=mira,
            starts_local=datetime.combine(day, time(8)),
            ends_local=datetime.combine(day, time(23, 59)),
            zone=ZONE,
        ),
        RotaOverride(id=new_id(), day=day, is_on=True, **rule),
        RotaRule(
            id=new_id(),
            weekdays=[0],
            valid_from=date(2024, 1, 1),
            valid_until=day,
            every_weeks=1,
            day_kinds=["normal"],
            **rule,
        ),
        ShiftSwap(
            id=new_id(),
            source_id=new_id(),
            day=day,
            giver_id=mira,
            taker_id=None,
            state=SwapState.WITHDRAWN,
            offered_at=ended,
            decided_at=ended,
        ),
    ]


async def test_what_is_longer_past_than_it_is_kept_is_forgotten(store: Store, rules: Configuration) -> None:
    async with store.unit() as unit:
        mira = Person(
            id=new_id(),
            alias="Mira",
            role=Role.RESOURCE_PERSON,
            competences=[],
            languages=["da"],
            enrolled_at=unit.now,
        )
        unit.session.add(mira)
        await unit.session.flush()
        kept = past(mira.id, LAST_KEPT + timedelta(days=1), unit.now)
        unit.session.add_all([*past(mira.id, FORGOTTEN, unit.now), *kept])
        lasting = past(mira.id, FORGOTTEN, unit.now)
        [spell, _, _, rule, _] = lasting
        assert isinstance(spell, DutySpell)
        assert isinstance(rule, RotaRule)
        spell.ended_at = rule.valid_until = None
        unit.session.add_all([spell, rule])
        await unit.commit()

    async with store.unit() as unit:
        await rota.forget_past(Turn(unit, rules))
        await unit.commit()

    async with store.reading() as session:
        for model, expected in (
            (DutySpell, {kept[0], spell}),
            (Absence, {kept[1]}),
            (RotaOverride, {kept[2]}),
            (RotaRule, {kept[3], rule}),
            (ShiftSwap, {kept[4]}),
        ):
            left = (await session.execute(select(model.id))).scalars()  # type: ignore[attr-defined]
            assert set(left) == {one.id for one in expected}  # type: ignore[attr-defined]
