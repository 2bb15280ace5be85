"""What a rota is made of: weekly rules, what departs from them, and the shifts that come of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from scheduling.instant import Instant


class Station(StrEnum):
    """What a shift is for."""

    PANEL = "panel"
    COORDINATOR = "coordinator"
    BACKUP = "backup"


class DayKind(StrEnum):
    """What kind of day a date is; a rule says on which kinds it holds."""

    NORMAL = "normal"
    HOLIDAY = "holiday"
    CLOSED = "closed"


NORMAL_DAYS = frozenset({DayKind.NORMAL})


class Span(NamedTuple):
    """A half-open span of time."""

    starts: Instant
    ends: Instant


@dataclass(frozen=True, slots=True)
class Weekly:
    """A weekly shift; `ends` at or before `starts` is on the day after, and equal times are a whole day.

    The weeks of `every_weeks` are counted from the ISO week of `valid_from`; both ends of the
    validity are days on which it holds. An overnight shift belongs to the day it starts on.
    """

    weekdays: frozenset[int]
    starts: time
    ends: time
    valid_from: date
    valid_until: date | None = None
    every_weeks: int = 1
    station: Station = Station.PANEL
    on: frozenset[DayKind] = NORMAL_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Weekly):
    """A person's weekly shift, in the time of a zone."""

    id: UUID
    person: UUID
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Override:
    """On one day a shift more (`is_on`), or a span in which the rules give the person none."""

    id: UUID
    person: UUID
    day: date
    starts: time
    ends: time
    zone: ZoneInfo
    is_on: bool
    station: Station = Station.PANEL


@dataclass(frozen=True, slots=True)
class Absence:
    """A span of local time in which the person has no shift at any station."""

    id: UUID
    person: UUID
    starts: datetime
    ends: datetime
    zone: ZoneInfo


class Occurrence(NamedTuple):
    """One day's instance of a rule or of an override; what a swap is bound to."""

    source: UUID
    day: date


@dataclass(frozen=True, slots=True)
class Swap:
    """An occurrence that its holder has given to a colleague."""

    occurrence: Occurrence
    giver: UUID
    taker: UUID


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody the rota knows: from the day she joins to the day she leaves, both included; may be paused."""

    person: UUID
    joins: date | None = None
    leaves: date | None = None
    paused: Span | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """An occurrence as it stands: whose it was, who holds it, and its span before absences cut it."""

    occurrence: Occurrence
    owner: UUID
    holder: UUID
    station: Station
    span: Span


class Shift(NamedTuple):
    """A span in which a person is on duty at a station; touching occurrences melt into one shift."""

    person: UUID
    station: Station
    span: Span


@dataclass(frozen=True, slots=True)
class Thin:
    """A span in which fewer people are on duty than are needed; with nobody at all it is a gap."""

    span: Span
    station: Station
    on_duty: int
    needed: int


Source = Rule | Override
Single = tuple[date, Span]  # a span held on one day only, and the day its occurrence belongs to
