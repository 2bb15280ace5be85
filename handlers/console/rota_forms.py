"""Forms of the rota read into changes: what cannot be read is named field by field, nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from multidict import MultiMapping

from bot import covers
from bot.rota_edits import (
    AddAbsence,
    AddRule,
    AddShift,
    AnswerSwap,
    ChangeRule,
    DropAbsence,
    DropDepartures,
    DropRule,
    Edit,
    EndRule,
    GiveShift,
    MoveShift,
    OfferShift,
    SetDay,
    SwapAct,
    TakeShift,
    UndoSwap,
)
from scheduling.instant import Instant
from scheduling.rota_plan import PlannedShift, PlannedSpan
from scheduling.shifts import DayKind, Occurrence, Span, Station

_T = TypeVar("_T")
_TIME = re.compile(r"([01]?\d|2[0-4])(?:[:.]?([0-5]\d))?", re.ASCII)
_DAY = re.compile(r"20\d\d-\d\d-\d\d", re.ASCII)
_NO_DAY = date(2000, 1, 1)
_NEVER = Span(Instant.from_microseconds(0), Instant.from_microseconds(0))
_MOST_WEEKS = 52
_LONGEST_NAME = 80
_MOST_IDS = 4


class Form:
    """What was filled in; each field that cannot be read is noted with why, and has no value then."""

    def __init__(self, given: MultiMapping[str], zone: ZoneInfo) -> None:
        self.zone = zone
        self.faults: dict[str, str] = {}
        self._given = given

    def text(self, name: str) -> str:
        """Return what stands in the field."""
        return self._given.get(name, "").strip()

    def many(self, name: str) -> list[str]:
        """Return everything that was chosen."""
        return self._given.getall(name, [])

    def day(self, name: str) -> date:
        """Return the date."""
        return self._read(name, _day, "day", _NO_DAY)

    def day_or_none(self, name: str) -> date | None:
        """Return the date, or None where the field is empty."""
        return self.day(name) if self.text(name) else None

    def time(self, name: str) -> time:
        """Return the time on the clock; 24 is midnight."""
        return self._read(name, _clock, "time", time(0))

    def id(self, name: str) -> UUID:
        """Return the id that a choice carries."""
        return self._read(name, UUID, "choice", UUID(int=0))

    def one_of(self, name: str, known: Callable[[str], _T], otherwise: _T) -> _T:
        """Return the choice by the values that there are."""
        return self._read(name, known, "choice", otherwise)

    def number(self, name: str, most: int) -> int:
        """Return a number from one up to the most."""
        written = self.text(name) or "1"
        is_number = written.isascii() and written.isdigit() and len(written) < 4
        if is_number and 1 <= int(written) <= most:
            return int(written)
        self.faults[name] = "number"
        return 1

    def _read(self, name: str, read: Callable[[str], _T], fault: str, otherwise: _T) -> _T:
        written = self.text(name)
        try:
            return read(written)
        except (ValueError, KeyError, OverflowError):
            self.faults[name] = fault if written else "empty"
            return otherwise


def _day(written: str) -> date:
    if _DAY.fullmatch(written) is None:
        raise ValueError
    return date.fromisoformat(written)


def _clock(written: str) -> time:
    found = _TIME.fullmatch(written)
    if found is None or (found[1] == "24" and (found[2] or "00") != "00"):
        raise ValueError
    return time(int(found[1]) % 24, int(found[2] or 0))


def _shift(form: Form) -> PlannedShift:
    days = [one for one in form.many("weekdays") if one in tuple("0123456")]
    kinds = [one for one in form.many("on") if one in tuple(DayKind)]
    if not days:
        form.faults["weekdays"] = "empty"
    if not kinds:
        form.faults["on"] = "empty"
    first, last = form.day("first"), form.day_or_none("last")
    if last is not None and last < first and "first" not in form.faults:
        form.faults.setdefault("last", "before")
    return PlannedShift(
        weekdays=frozenset(map(int, days)),
        starts=form.time("starts"),
        ends=form.time("ends"),
        valid_from=first,
        valid_until=last,
        every_weeks=form.number("every", _MOST_WEEKS),
        station=form.one_of("station", Station, Station.PANEL),
        on=frozenset(map(DayKind, kinds)),
    )


def _zone(form: Form) -> ZoneInfo:
    return form.one_of("zone", ZoneInfo, form.zone) if form.text("zone") else form.zone


def _occurrence(form: Form) -> Occurrence:
    return Occurrence(form.id("source"), form.day("day"))


def _add_shift(form: Form) -> Edit:
    station = form.one_of("station", Station, Station.PANEL)
    return AddShift(
        form.id("person"), PlannedSpan(form.day("day"), form.time("starts"), form.time("ends"), station)
    )


def _drop_departures(form: Form) -> Edit:
    written = form.text("ids").split(",")[:_MOST_IDS]
    return DropDepartures(form.one_of("ids", lambda _: tuple(map(UUID, written)), ()))


def _add_absence(form: Form) -> Edit:
    """Whole days where no times are given."""
    first = form.day("first")
    last = form.day_or_none("last") or first
    has_times = bool(form.text("starts") or form.text("ends"))
    starts = datetime.combine(first, form.time("starts") if has_times else time(0))
    ends = datetime.combine(last, form.time("ends") if has_times else time(0))
    if not has_times or form.text("ends").startswith("24"):
        ends += timedelta(days=1)
    if ends <= starts and not form.faults:
        form.faults["last" if last < first else "ends"] = "before"
    return AddAbsence(form.id("person"), starts, ends)


def _offer(form: Form) -> Edit:
    return OfferShift(_occurrence(form), form.id("taker") if form.text("taker") else None)


def _take(form: Form) -> Edit:
    span = covers.span_of(form.text("from"), form.text("to"))
    if span is None:
        form.faults["from"] = "choice"
    return TakeShift(span or _NEVER)


def _set_day(form: Form) -> Edit:
    kind = form.text("kind")
    name = " ".join(form.text("name").split())
    if len(name) > _LONGEST_NAME or not name.isprintable():
        form.faults["name"] = "long"
    chosen = None if kind == "suggested" else form.one_of("kind", DayKind, DayKind.NORMAL)
    return SetDay(form.day("day"), chosen, name)


def _acting(act: SwapAct) -> Callable[[Form], Edit]:
    return lambda form: AnswerSwap(form.id("swap"), act)


READ: Mapping[str, Callable[[Form], Edit]] = {
    "rule": lambda form: AddRule(form.id("person"), _shift(form), _zone(form)),
    "rule-change": lambda form: ChangeRule(form.id("rule"), _shift(form), _zone(form)),
    "rule-end": lambda form: EndRule(form.id("rule"), form.day_or_none("last")),
    "rule-drop": lambda form: DropRule(form.id("rule")),
    "shift": _add_shift,
    "move": lambda form: MoveShift(_occurrence(form), (form.time("starts"), form.time("ends"))),
    "off": lambda form: MoveShift(_occurrence(form), None),
    "restore": _drop_departures,
    "absence": _add_absence,
    "back": lambda form: DropAbsence(form.id("absence")),
    "give": lambda form: GiveShift(_occurrence(form), form.id("taker")),
    "swap-undo": lambda form: UndoSwap(_occurrence(form)),
    "day": _set_day,
    "offer": _offer,
    "take": _take,
    **{f"swap-{act.value}-own": _acting(act) for act in SwapAct},
}
# Nothing is to be filled in: what it does is shown at once.
AT_ONCE = frozenset({"rule-drop", "off", "restore", "back", "swap-undo", "take"}) | {
    f"swap-{act.value}-own" for act in SwapAct
}


def fields_of(edit: Edit) -> dict[str, str]:
    """Return the fields of a form that makes the change: of those that take another one back."""
    match edit:
        case DropRule(rule):
            found = {"what": "rule-drop", "rule": str(rule)}
        case EndRule(rule, last):
            found = {"what": "rule-end", "rule": str(rule), "last": "" if last is None else last.isoformat()}
        case DropDepartures(ids):
            found = {"what": "restore", "ids": ",".join(map(str, ids))}
        case DropAbsence(absence):
            found = {"what": "back", "absence": str(absence)}
        case UndoSwap(occurrence):
            day = occurrence.day.isoformat()
            found = {"what": "swap-undo", "source": str(occurrence.source), "day": day}
        case SetDay(day, kind, name):
            chosen = "suggested" if kind is None else kind.value
            found = {"what": "day", "day": day.isoformat(), "kind": chosen, "name": name}
        case AddAbsence():
            found = _fields_of_absence(edit)
        case AddShift(person, span):
            times = {"starts": f"{span.starts:%H:%M}", "ends": f"{span.ends:%H:%M}"}
            where = {"station": span.station.value, "day": span.day.isoformat()}
            found = {"what": "shift", "person": str(person), **where, **times}
        case _:
            raise TypeError(type(edit).__name__)
    return found


def _fields_of_absence(edit: AddAbsence) -> dict[str, str]:
    is_whole = edit.starts.time() == edit.ends.time() == time(0)
    return {
        "what": "absence",
        "person": str(edit.person),
        "first": edit.starts.date().isoformat(),
        "last": (edit.ends.date() - timedelta(days=is_whole)).isoformat(),
        "starts": "" if is_whole else f"{edit.starts:%H:%M}",
        "ends": "" if is_whole else f"{edit.ends:%H:%M}",
    }
