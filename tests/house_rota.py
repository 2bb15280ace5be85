"""A rota for a house that has been played: regular shifts, and everything that departs from them once."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from scheduling.ids import new_id
from scheduling.shifts import DayKind, Station
from storage.models import (
    Absence,
    DaySetting,
    Person,
    RotaOverride,
    RotaRule,
    ShiftSwap,
    SwapState,
)

if TYPE_CHECKING:
    from tests.scene import Scene

_ZONE = "Europe/Copenhagen"
_SINCE = date(2026, 1, 5)
_WEEKDAYS = [0, 1, 2, 3, 4]


class PlannedWeek:
    """Week 47 of 2026 and those around it."""

    def __init__(self) -> None:
        self.people: dict[str, UUID] = {}
        self.rule: UUID = new_id()
        self.absence: UUID = new_id()
        self.extra: UUID = new_id()
        self.offer: UUID = new_id()

    async def put_down(self, scene: Scene) -> None:
        """Write it into the scene's database; the people are there."""
        async with scene.store.unit() as unit:
            known = (await unit.session.execute(select(Person))).scalars()
            self.people = {one.alias: one.id for one in known}
            unit.session.add_all(self._rows(unit.now))
            await unit.commit()

    def _rows(self, now: Any) -> list[Any]:
        yasmin = self._rule("Yasmin", 12, 20)
        tom = self._rule("Tom", 10, 18, weekdays=[0, 1, 3])
        night = self._rule("Tom", 22, 6, weekdays=[4], every_weeks=2)
        return [
            self._rule("Mira", 8, 16, id=self.rule),
            yasmin,
            tom,
            night,
            self._rule("Lone", 8, 16, station=Station.COORDINATOR),
            RotaOverride(id=self.extra, is_on=True, **self._day("Mira", 21, 10, 14)),
            RotaOverride(id=new_id(), is_on=False, **self._day("Tom", 19, 10, 18)),
            self._away("Yasmin", 18, 20),
            ShiftSwap(id=new_id(), **self._given(tom.id, 17, "Tom", "Mira", now), state=SwapState.ACCEPTED),
            ShiftSwap(
                id=self.offer, **self._given(yasmin.id, 17, "Yasmin", None, now), state=SwapState.OFFERED
            ),
            DaySetting(day=date(2026, 11, 20), kind=DayKind.CLOSED, name="Panelets studiedag"),
        ]

    def _rule(self, alias: str, starts: int, ends: int, **more: Any) -> RotaRule:
        given = {
            "id": new_id(),
            "station": Station.PANEL,
            "weekdays": _WEEKDAYS,
            "valid_from": _SINCE,
            "every_weeks": 1,
            "day_kinds": ["normal"],
            **more,
        }
        return RotaRule(
            person_id=self.people[alias], starts=time(starts), ends=time(ends), zone=_ZONE, **given
        )

    def _day(self, alias: str, day: int, starts: int, ends: int) -> dict[str, Any]:
        return {
            "person_id": self.people[alias],
            "station": Station.PANEL,
            "day": date(2026, 11, day),
            "starts": time(starts),
            "ends": time(ends),
            "zone": _ZONE,
        }

    def _away(self, alias: str, first: int, last: int) -> Absence:
        return Absence(
            id=self.absence,
            person_id=self.people[alias],
            starts_local=datetime(2026, 11, first),  # noqa: DTZ001 - planned in local time
            ends_local=datetime(2026, 11, last),  # noqa: DTZ001 - likewise
            zone=_ZONE,
        )

    def _given(self, source: UUID, day: int, giver: str, taker: str | None, now: Any) -> dict[str, Any]:
        return {
            "source_id": source,
            "day": date(2026, 11, day),
            "giver_id": self.people[giver],
            "taker_id": None if taker is None else self.people[taker],
            "offered_at": now,
        }

    def addresses(self) -> dict[str, list[tuple[str | None, str]]]:
        """Return, for each route of the rota that shows a page, who opens it where."""
        mira = self.people["Mira"]
        shift = f"/rota/change?what=shift&person={mira}&station=panel&day=2026-11-26&starts=16&ends=20&look=1"
        away = f"/rota/change?what=absence&person={mira}&first=2026-11-26&last=2026-11-27&look=1"
        return {
            "rota": [("Lone", "/rota?day=2026-11-16"), ("Mira", "/rota?day=2026-11-16")],
            "rota-month": [("Lone", "/rota/month?day=2026-11-01")],
            "rota-shift": [("Lone", f"/rota/shift?source={self.rule}&day=2026-11-26")],
            "rota-person": [("Lone", f"/rota/person?person={mira}"), ("Mira", "/rota/person")],
            "rota-change": [
                ("Lone", "/rota/change?what=rule"),
                ("Lone", f"/rota/change?what=rule-change&rule={self.rule}"),
                ("Lone", f"/rota/change?what=give&source={self.rule}&day=2026-11-26"),
                ("Lone", "/rota/change?what=day"),
                ("Lone", "/rota/change?what=shift&station=panel&day=2026-11-26&look=1"),
                ("Lone", shift),
                ("Lone", away),
                ("Mira", f"/rota/change?what=offer&source={self.rule}&day=2026-11-26"),
            ],
            "rota-days": [("Lone", "/rota/days?year=2026")],
            "rota-file": [("Lone", "/rota/file")],
            "rota-calendars": [("Lone", "/rota/calendars"), ("Mira", "/rota/calendars")],
        }
