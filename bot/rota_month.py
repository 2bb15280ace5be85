"""A month of the rota: for each day how many hours nobody has, and how many have too few."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from bot import rota, rota_week
from bot.turn import Turn
from scheduling.shifts import DayKind
from storage.queries import rota as find

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day of the calendar, with the minutes that lack somebody; outside the month it is shown pale."""

    day: date
    kind: DayKind
    name: str
    is_inside: bool
    empty: int
    thin: int


@dataclass(frozen=True, slots=True)
class Month:
    """The weeks that the month touches, whole."""

    first: date
    weeks: tuple[tuple[MonthDay, ...], ...]

    @property
    def before(self) -> date:
        """The month before."""
        return (self.first - _DAY).replace(day=1)

    @property
    def after(self) -> date:
        """The month after."""
        return (self.first + 31 * _DAY).replace(day=1)


async def show(turn: Turn, first: date) -> Month:
    """Return the month that begins on the day."""
    planned = await rota.load(turn)
    start = rota_week.monday_of(first)
    last = (first + 31 * _DAY).replace(day=1) - _DAY
    weeks = (last - start).days // 7 + 1
    empty, thin = defaultdict[date, int](int), defaultdict[date, int](int)
    for one in rota.thin(turn, planned, rota.days(turn, start, 7 * weeks)):
        for piece in rota.by_day(turn, one.span):
            minutes = int((piece.ends - piece.starts).total_seconds()) // 60
            (thin if one.on_duty else empty)[piece.starts.astimezone(turn.rules.zone).date()] += minutes
    names = {one.day: one.name for one in await find.day_settings(turn.unit)}
    days = [start + ahead * _DAY for ahead in range(7 * weeks)]
    made = [
        MonthDay(
            day, planned.kind_of(day), names.get(day, ""), day.month == first.month, empty[day], thin[day]
        )
        for day in days
    ]
    return Month(first, tuple(tuple(made[at : at + 7]) for at in range(0, len(made), 7)))
