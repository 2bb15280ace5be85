"""A rota as people plan it: what a file of it says, and the words it says it with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from scheduling.shifts import DayKind, Station, Weekly

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
KINDS = {"normal days": DayKind.NORMAL, "holidays": DayKind.HOLIDAY, "closed days": DayKind.CLOSED}


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """A day that is not what its weekday makes it, and what it is called."""

    day: date
    kind: DayKind
    name: str = ""


@dataclass(frozen=True, slots=True)
class PlannedShift(Weekly):
    """A weekly shift as a line of the file says it."""


@dataclass(frozen=True, slots=True)
class PlannedSpan:
    """A span on one day: a shift more, or a shift less."""

    day: date
    starts: time
    ends: time
    station: Station = Station.PANEL


@dataclass(frozen=True, slots=True)
class PlannedAbsence:
    """A span of local time; whole days are from midnight to the midnight after the last."""

    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class PlannedPerson:
    """Everything the file says about one person."""

    alias: str
    joins: date | None = None
    leaves: date | None = None
    shifts: tuple[PlannedShift, ...] = ()
    extra: tuple[PlannedSpan, ...] = ()
    off: tuple[PlannedSpan, ...] = ()
    absent: tuple[PlannedAbsence, ...] = ()


@dataclass(frozen=True, slots=True)
class RotaPlan:
    """Everything a rota file says."""

    zone: ZoneInfo
    days: tuple[PlannedDay, ...] = ()
    people: tuple[PlannedPerson, ...] = ()
