"""A rota written as a file that people read, and that is read as the same rota."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import time, timedelta

from scheduling.rota_plan import (
    KINDS,
    WEEKDAYS,
    PlannedAbsence,
    PlannedPerson,
    PlannedShift,
    PlannedSpan,
    RotaPlan,
)
from scheduling.shifts import NORMAL_DAYS, DayKind, Station

_DAY = timedelta(days=1)
_PLAIN = re.compile(r"[^\W_](?:[\w .'/-]*[\w.])?")


def write_plan(plan: RotaPlan) -> str:
    """Return the plan as a file that `rota_file.read_plan` reads as the same plan."""
    return "\n".join(_lines(plan)) + "\n"


def _lines(plan: RotaPlan) -> Iterator[str]:
    yield "# hotline rota"
    yield f"zone: {plan.zone.key}"
    if plan.days:
        yield "days:"
    for day in plan.days:
        yield f"  {day.day}: {_scalar(f'{day.kind} {day.name}'.strip())}"
    if plan.people:
        yield "people:"
    for person in plan.people:
        yield f"  {_scalar(person.alias)}:"
        yield from (f"    {line}" for line in _person_lines(person))


def _person_lines(person: PlannedPerson) -> Iterator[str]:
    if person.joins is not None:
        yield f"joins: {person.joins}"
    if person.leaves is not None:
        yield f"leaves: {person.leaves}"
    for name, items in (
        ("shifts", [_written_shift(shift) for shift in person.shifts]),
        ("extra", [_written_span(span) for span in person.extra]),
        ("off", [_written_span(span) for span in person.off]),
        ("absent", [_written_absence(absence) for absence in person.absent]),
    ):
        if items:
            yield f"{name}:"
            yield from (f"  - {item}" for item in items)


def _scalar(text: str) -> str:
    """Return the text as it stands where YAML lets it, else in quotes."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _stationed_words(station: Station, *words: str) -> str:
    return " ".join(words if station is Station.PANEL else (station, *words))


def _written_hours(starts: time, ends: time) -> str:
    return f"{starts:%H:%M}-{ends:%H:%M}"


def _written_span(span: PlannedSpan) -> str:
    return _stationed_words(span.station, str(span.day), _written_hours(span.starts, span.ends))


def _written_absence(absence: PlannedAbsence) -> str:
    if absence.starts.time() == absence.ends.time() == time(0):
        return f"{absence.starts.date()} to {absence.ends.date() - _DAY}"
    return f"{absence.starts:%Y-%m-%d %H:%M} to {absence.ends:%Y-%m-%d %H:%M}"


def _written_shift(shift: PlannedShift) -> str:
    words = [_written_weekdays(shift.weekdays), _written_hours(shift.starts, shift.ends)]
    if shift.every_weeks > 1:
        words.append(f"every {shift.every_weeks} weeks")
    if shift.on == frozenset(DayKind):
        words.append("on all days")
    elif shift.on != NORMAL_DAYS:
        words.append("on " + " and ".join(name for name, kind in KINDS.items() if kind in shift.on))
    words.append(f"from {shift.valid_from}")
    if shift.valid_until is not None:
        words.append(f"until {shift.valid_until}")
    return _stationed_words(shift.station, *words)


def _written_weekdays(weekdays: frozenset[int]) -> str:
    """Return the days with three or more in a row as a range."""
    runs: list[list[int]] = []
    for day in sorted(weekdays):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    parts = [
        [f"{WEEKDAYS[run[0]]}-{WEEKDAYS[run[-1]]}"] if len(run) > 2 else [WEEKDAYS[day] for day in run]
        for run in runs
    ]
    return ",".join(word for part in parts for word in part)
