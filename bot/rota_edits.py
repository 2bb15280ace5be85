"""What is changed in the rota at a screen, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from scheduling.calendars import Away
from scheduling.rota_plan import PlannedShift, PlannedSpan, RotaPlan
from scheduling.shifts import DayKind, Occurrence, Span


@dataclass(frozen=True, slots=True)
class AddRule:
    """A weekly shift more."""

    person: UUID
    shift: PlannedShift
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """A weekly shift that is another from its new first day on; before that it stays what it was."""

    rule: UUID
    shift: PlannedShift
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class EndRule:
    """A weekly shift that holds for the last time on the day; None is without end."""

    rule: UUID
    last: date | None


@dataclass(frozen=True, slots=True)
class DropRule:
    """A weekly shift that has not begun, and never will."""

    rule: UUID


@dataclass(frozen=True, slots=True)
class AddShift:
    """A shift more on one day."""

    person: UUID
    span: PlannedSpan


@dataclass(frozen=True, slots=True)
class MoveShift:
    """One day's shift at other hours; None is not at all."""

    occurrence: Occurrence
    hours: tuple[time, time] | None


@dataclass(frozen=True, slots=True)
class DropDepartures:
    """What was changed on one day, taken back."""

    ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class AddAbsence:
    """Somebody is away for a span of local time."""

    person: UUID
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class DropAbsence:
    """Somebody is there after all."""

    absence: UUID


@dataclass(frozen=True, slots=True)
class GiveShift:
    """One occurrence of a shift goes to a colleague."""

    occurrence: Occurrence
    taker: UUID


@dataclass(frozen=True, slots=True)
class UndoSwap:
    """One occurrence of a shift is its owner's again."""

    occurrence: Occurrence


@dataclass(frozen=True, slots=True)
class SetDay:
    """What kind of day a date is, and its name; None is what the country's calendar makes of it."""

    day: date
    kind: DayKind | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class OfferShift:
    """One's own shift, offered to a colleague, or to whoever says yes first."""

    occurrence: Occurrence
    to: UUID | None


class SwapAct(StrEnum):
    """What one can do with a swap that one is part of."""

    ACCEPT = "accept"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class AnswerSwap:
    """What is done with a swap by who is part of it."""

    swap: UUID
    act: SwapAct


@dataclass(frozen=True, slots=True)
class TakeShift:
    """Hours that lack somebody, taken by oneself."""

    span: Span


@dataclass(frozen=True, slots=True)
class PutPlan:
    """The people and days that a rota file names, as it says."""

    plan: RotaPlan


@dataclass(frozen=True, slots=True)
class ReadCalendar:
    """Somebody's absences from a calendar, in place of those read before."""

    person: UUID
    away: tuple[Away, ...]


Edit = (
    AddRule | ChangeRule | EndRule | DropRule
    | AddShift | MoveShift | DropDepartures
    | AddAbsence | DropAbsence
    | GiveShift | UndoSwap | SetDay
    | OfferShift | AnswerSwap | TakeShift
    | PutPlan | ReadCalendar
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Made:
    """What was made: the first day it bears on, and what takes it back, if anything does."""

    first: date
    undo: Edit | None = None
