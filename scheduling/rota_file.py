"""The rota as a file that people write: YAML in which every word is read by us, with its line."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from scheduling.rota_plan import (
    KINDS,
    WEEKDAYS,
    PlannedAbsence,
    PlannedDay,
    PlannedPerson,
    PlannedShift,
    PlannedSpan,
    RotaPlan,
)
from scheduling.shifts import NORMAL_DAYS, DayKind, Station

MOST_BYTES = 1_000_000
_DEEPEST = 6
_LONGEST_NAME = 64
_LONGEST_QUOTE = 80
_DAY = timedelta(days=1)
_DATE = re.compile(r"(?:19|20|21)\d\d-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d", re.ASCII)
_WEEKS = re.compile(r"[1-9]\d?", re.ASCII)

_T = TypeVar("_T")
_Node = yaml.Node


class FaultReason(StrEnum):
    """What is wrong on a line of the file."""

    NOT_YAML = "not_yaml"
    TOO_LARGE = "too_large"
    TAB = "tab"
    MARKUP = "markup"
    WRONG_SHAPE = "wrong_shape"
    UNKNOWN_KEY = "unknown_key"
    DUPLICATE_KEY = "duplicate_key"
    DUPLICATE_PERSON = "duplicate_person"
    BAD_NAME = "bad_name"
    BAD_ZONE = "bad_zone"
    BAD_DAY = "bad_day"
    BAD_TIME = "bad_time"
    BAD_KIND = "bad_kind"
    BAD_SHIFT = "bad_shift"
    END_BEFORE_START = "end_before_start"


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault: its line, counted from one, what is wrong, and the words in question."""

    line: int
    reason: FaultReason
    text: str


class PlanError(ValueError):
    """A rota file with faults: all that were found, in the order of their lines."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(f"line {fault.line}: {fault.reason}" for fault in faults))
        self.faults = faults


class _Refused(Exception):  # noqa: N818  # it never leaves this module
    """Words that cannot be read, and why."""

    def __init__(self, reason: FaultReason) -> None:
        super().__init__(reason)
        self.reason = reason


class _MarkupError(yaml.MarkedYAMLError):
    """An anchor, an alias, a tag, or more levels than the file has."""


class _Loader(yaml.SafeLoader):
    """Composes nodes, but none that stand for others or claim a type."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node | None:
        """Return the next node, or raise _MarkupError."""
        event = self.peek_event()  # type: ignore[no-untyped-call]  # its stub says no types
        is_marked = getattr(event, "anchor", None) is not None or getattr(event, "tag", None) is not None
        if is_marked or self.depth > _DEEPEST:
            raise _MarkupError(problem_mark=event.start_mark)
        self.depth += 1
        node = super().compose_node(parent, index)  # type: ignore[arg-type]  # its stub names no index
        self.depth -= 1
        return node


def read_plan(text: str, *, zone: ZoneInfo, today: date) -> RotaPlan:
    """Return the plan; a shift that says no first day holds from today. Raises PlanError with every fault."""
    if len(text.encode("utf-8", errors="replace")) > MOST_BYTES:
        raise PlanError((Fault(1, FaultReason.TOO_LARGE, ""),))
    tabs = [
        Fault(number, FaultReason.TAB, _quoted(line))
        for number, line in enumerate(text.split("\n"), 1)
        if "\t" in line
    ]
    if tabs:
        raise PlanError(tuple(tabs))
    reader = _Reader(zone, today)
    plan = reader.plan(_composed(text))
    if reader.faults:
        raise PlanError(tuple(sorted(reader.faults)))
    return plan


def _composed(text: str) -> _Node | None:
    try:
        return yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = FaultReason.MARKUP if isinstance(error, _MarkupError) else FaultReason.NOT_YAML
        line = 1 if mark is None else mark.line + 1
        raise PlanError((Fault(line, reason, error.problem or ""),)) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise PlanError((Fault(line, FaultReason.NOT_YAML, error.reason),)) from error


def _quoted(text: str) -> str:
    return " ".join(text.split())[:_LONGEST_QUOTE]


class _Reader:
    """Reads nodes into values and collects what it cannot read."""

    def __init__(self, zone: ZoneInfo, today: date) -> None:
        self.zone, self.today = zone, today
        self.faults: list[Fault] = []

    def plan(self, root: _Node | None) -> RotaPlan:
        """Return what the file says, as far as it can be read."""
        parts = {} if root is None else self._parts(root, ("zone", "days", "people"))
        zone = self._one(parts.get("zone"), _zone) or self.zone
        return RotaPlan(zone, self._days(parts.get("days")), self._people(parts.get("people")))

    def _days(self, node: _Node | None) -> tuple[PlannedDay, ...]:
        found: dict[date, PlannedDay] = {}
        for key, value in self._pairs(node):
            day = self._one(key, _day)
            kind = self._one(value, _kind)
            if day in found:
                self._fault(key, FaultReason.DUPLICATE_KEY)
            elif day is not None and kind is not None:
                found[day] = PlannedDay(day, *kind)
        return tuple(found.values())

    def _people(self, node: _Node | None) -> tuple[PlannedPerson, ...]:
        seen: set[str] = set()
        found: list[PlannedPerson] = []
        for key, value in self._pairs(node):
            alias = self._one(key, _alias)
            if alias is not None and alias.casefold() in seen:
                self._fault(key, FaultReason.DUPLICATE_PERSON)
            seen.add("" if alias is None else alias.casefold())
            found.append(self._person(alias or "", value))
        return tuple(found)

    def _person(self, alias: str, node: _Node) -> PlannedPerson:
        parts = self._parts(node, ("joins", "leaves", "shifts", "extra", "off", "absent"))
        joins, leaves = self._one(parts.get("joins"), _day), self._one(parts.get("leaves"), _day)
        if joins is not None and leaves is not None and leaves < joins:
            self._fault(parts["leaves"], FaultReason.END_BEFORE_START)
        return PlannedPerson(
            alias,
            joins,
            leaves,
            self._list(parts.get("shifts"), lambda text: _shift(text, self.today)),
            self._list(parts.get("extra"), _span),
            self._list(parts.get("off"), _span),
            self._list(parts.get("absent"), _absence),
        )

    def _parts(self, node: _Node, known: tuple[str, ...]) -> dict[str, _Node]:
        found: dict[str, _Node] = {}
        for key, value in self._pairs(node):
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            if name not in known:
                self._fault(key, FaultReason.UNKNOWN_KEY)
            elif name in found:
                self._fault(key, FaultReason.DUPLICATE_KEY)
            else:
                found[name] = value
        return found

    def _pairs(self, node: _Node | None) -> list[tuple[_Node, _Node]]:
        if isinstance(node, yaml.MappingNode):
            return list(node.value)
        self._must_be_empty(node)
        return []

    def _list(self, node: _Node | None, read: Callable[[str], _T]) -> tuple[_T, ...]:
        if not isinstance(node, yaml.SequenceNode):
            self._must_be_empty(node)
            return ()
        found = (self._one(each, read) for each in node.value)
        return tuple(each for each in found if each is not None)

    def _must_be_empty(self, node: _Node | None) -> None:
        if node is not None and not (isinstance(node, yaml.ScalarNode) and not node.value):
            self._fault(node, FaultReason.WRONG_SHAPE)

    def _one(self, node: _Node | None, read: Callable[[str], _T]) -> _T | None:
        """Return what the words say; a fault where they cannot be read."""
        if node is None:
            return None
        if not isinstance(node, yaml.ScalarNode):
            self._fault(node, FaultReason.WRONG_SHAPE)
            return None
        try:
            return read(" ".join(node.value.split()))
        except _Refused as refused:
            self._fault(node, refused.reason)
            return None

    def _fault(self, node: _Node, reason: FaultReason) -> None:
        text = _quoted(node.value) if isinstance(node, yaml.ScalarNode) else ""
        self.faults.append(Fault(node.start_mark.line + 1, reason, text))


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _Refused(FaultReason.BAD_ZONE) from error


def _alias(text: str) -> str:
    if not 0 < len(text) <= _LONGEST_NAME or not text.isprintable():
        raise _Refused(FaultReason.BAD_NAME)
    return text


def _day(text: str) -> date:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError as error:
        raise _Refused(FaultReason.BAD_DAY) from error
    raise _Refused(FaultReason.BAD_DAY)


def _time(text: str) -> time:
    try:
        if _TIME.fullmatch(text):
            return time.fromisoformat(text)
    except ValueError as error:
        raise _Refused(FaultReason.BAD_TIME) from error
    raise _Refused(FaultReason.BAD_TIME)


def _hours(text: str) -> tuple[time, time]:
    starts, _, ends = text.partition("-")
    return _time(starts), time(0) if ends == "24:00" else _time(ends)


def _kind(text: str) -> tuple[DayKind, str]:
    word, _, name = text.partition(" ")
    if word.lower() not in set(DayKind):
        raise _Refused(FaultReason.BAD_KIND)
    return DayKind(word.lower()), name


def _stationed(text: str) -> tuple[Station, list[str]]:
    """Return the station and the words after it."""
    words = text.lower().split()
    if words and words[0] in set(Station):
        return Station(words[0]), words[1:]
    return Station.PANEL, words


def _span(text: str) -> PlannedSpan:
    station, words = _stationed(text)
    if len(words) != 2:
        raise _Refused(FaultReason.BAD_SHIFT)
    return PlannedSpan(_day(words[0]), *_hours(words[1]), station)


def _absence(text: str) -> PlannedAbsence:
    first, _, last = text.lower().partition(" to ")
    starts, ends = _moment(first, is_end=False), _moment(last or first, is_end=True)
    if ends <= starts:
        raise _Refused(FaultReason.END_BEFORE_START)
    return PlannedAbsence(starts, ends)


def _moment(text: str, *, is_end: bool) -> datetime:
    day, _, at = text.partition(" ")
    midnight = datetime.combine(_day(day), time(0))
    if not at or (is_end and at == "24:00"):
        return midnight + _DAY if is_end else midnight
    return datetime.combine(midnight, _time(at))


def _shift(text: str, today: date) -> PlannedShift:
    station, words = _stationed(text)
    if len(words) < 2:
        raise _Refused(FaultReason.BAD_SHIFT)
    weekdays, (starts, ends) = _weekdays(words[0]), _hours(words[1])
    clauses = _clauses(words[2:])
    valid_from = _day(clauses["from"]) if "from" in clauses else today
    valid_until = _day(clauses["until"]) if "until" in clauses else None
    if valid_until is not None and valid_until < valid_from:
        raise _Refused(FaultReason.END_BEFORE_START)
    every = _weeks(clauses["every"]) if "every" in clauses else 1
    on = _kinds(clauses["on"]) if "on" in clauses else NORMAL_DAYS
    return PlannedShift(weekdays, starts, ends, valid_from, valid_until, every, station, on)


def _clauses(words: list[str]) -> dict[str, str]:
    """Return what follows each of the words that begin a clause."""
    found: dict[str, list[str]] = {}
    clause: list[str] | None = None
    for word in words:
        if word in ("every", "on", "from", "until") and word not in found:
            clause = found[word] = []
        elif clause is None:
            raise _Refused(FaultReason.BAD_SHIFT)
        else:
            clause.append(word)
    return {name: " ".join(after) for name, after in found.items()}


def _weekdays(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS or part.endswith("-"):
            raise _Refused(FaultReason.BAD_SHIFT)
        start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        found.update(day % 7 for day in range(start, end + 1 if end >= start else end + 8))
    return frozenset(found)


def _weeks(text: str) -> int:
    count, _, unit = text.partition(" ")
    if not _WEEKS.fullmatch(count) or unit not in ("week", "weeks"):
        raise _Refused(FaultReason.BAD_SHIFT)
    return int(count)


def _kinds(text: str) -> frozenset[DayKind]:
    if text == "all days":
        return frozenset(DayKind)
    if not all(part in KINDS for part in text.split(" and ")):
        raise _Refused(FaultReason.BAD_SHIFT)
    return frozenset(KINDS[part] for part in text.split(" and "))
