"""`python -m tests.bench.rota`: how long a rota of two hundred people with five rules each takes to ask."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from datetime import date, time
from time import perf_counter
from uuid import UUID
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from scheduling.instant import Instant
from scheduling.local_time import instant_of
from scheduling.opening import parse_hours
from scheduling.rota import Rota
from scheduling.rota_lines import _midnight_of_even, _moment_on, span_on
from scheduling.shifts import Member, Rule, Span, Station

_ZONE = ZoneInfo("Europe/Copenhagen")
_PEOPLE, _RULES = 200, 5
_HOURS = ((8, 16), (16, 22), (22, 8), (10, 14), (12, 20))


def rota(*, days_a_rule: int) -> Rota:
    """Two hundred people with five rules each."""
    rules = tuple(
        Rule(
            frozenset((person + number + ahead) % 7 for ahead in range(days_a_rule)),
            time(_HOURS[number][0]),
            time(_HOURS[number][1], 15 * (person % 4)),
            date(2026, 1, 1),
            id=UUID(int=10_000 + person * _RULES + number),
            person=UUID(int=person),
            zone=_ZONE,
        )
        for person in range(_PEOPLE)
        for number in range(_RULES)
    )
    return Rota(_ZONE, tuple(Member(UUID(int=person)) for person in range(_PEOPLE)), rules)


def at(day: date, hour: int) -> Instant:
    return instant_of(day, time(hour), _ZONE)


def measured(ask: Callable[[Rota], object], made: Rota, *, is_new: bool, rounds: int) -> float:
    """Milliseconds; the median of the rounds, each with a rota (and times) not asked before where so told."""
    took = []
    for _ in range(rounds):
        asked = Rota(made.zone, made.members, made.rules) if is_new else made
        if is_new:
            for kept in (span_on, _moment_on, _midnight_of_even):
                kept.cache_clear()
        began = perf_counter()
        ask(asked)
        took.append((perf_counter() - began) * 1000)
    return statistics.median(took)


def main() -> None:
    now = at(date(2026, 11, 18), 13)
    year = Span(at(date(2026, 1, 1), 0), at(date(2027, 1, 1), 0))
    week = Span(at(date(2026, 11, 16), 0), at(date(2026, 11, 23), 0))
    always = parse_hours("always", _ZONE)
    questions: tuple[tuple[str, int, Callable[[Rota], object]], ...] = (
        ("on duty now", 30, lambda asked: asked.on_duty(now)),
        ("shift of one person now", 30, lambda asked: asked.shift_at(UUID(int=7), now)),
        ("next change of one person", 30, lambda asked: asked.next_change(UUID(int=7), now)),
        ("next start", 30, lambda asked: asked.next_start(now, station=Station.PANEL)),
        ("thin spans of a week", 10, lambda a: a.thin(week, station=Station.PANEL, needed=40, hours=always)),
        ("shifts of a week", 10, lambda asked: asked.shifts(week)),
        ("shifts of a year", 5, lambda asked: asked.shifts(year)),
        ("occurrences of a year", 5, lambda asked: asked.occurrences(year)),
    )
    table = Table("question", "days a rule", "asked first, ms", "asked again, ms", "answers")
    for days_a_rule in (1, 5):
        made = rota(days_a_rule=days_a_rule)
        for name, rounds, ask in questions:
            answer = ask(made)
            count = str(len(answer)) if isinstance(answer, dict | tuple) else "1"
            del answer  # what is kept alive slows the next question
            first = measured(ask, made, is_new=True, rounds=rounds)
            again = measured(ask, made, is_new=False, rounds=rounds)
            table.add_row(name, str(days_a_rule), f"{first:.2f}", f"{again:.2f}", count)
    Console().print(table)


if __name__ == "__main__":
    main()
