"""Days of a year that are not what their weekday makes them: public holidays, and what the desk has set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot import rota
from bot.turn import Turn
from scheduling.shifts import DayKind
from storage.queries import rota as find


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A date, what kind of day it is, what it was named, and whether somebody has said so."""

    day: date
    kind: DayKind
    name: str
    is_set: bool
    is_past: bool


async def of_year(turn: Turn, year: int) -> list[SpecialDay]:
    """Return the year's public holidays and every day that was set, in order."""
    settings = {one.day: one for one in await find.day_settings(turn.unit) if one.day.year == year}
    today = rota.today(turn)
    return [
        SpecialDay(
            day=day,
            kind=settings[day].kind if day in settings else DayKind.HOLIDAY,
            name=settings[day].name if day in settings else "",
            is_set=day in settings,
            is_past=day < today,
        )
        for day in sorted({*turn.rules.holidays_of(year), *settings})
    ]
