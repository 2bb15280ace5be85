"""What the programme reports: exact totals, and tables of people's traits in which nobody is found.

Totals and activities are exact. A table that crosses people's traits hides counts of 1 to 4 as "<5", and as
many other cells as it takes that no hidden count can be worked out from the table's exact margins.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.enquiries import SKIPPED
from storage.models import Enquiry, Kind, Outcome, State

SMALL = 5
HANDLED = frozenset({Outcome.ADVICE_ONLY, Outcome.REFERRED, Outcome.EMERGENCY, Outcome.REDIRECTED})
# Closed without a word having been written, these count all the same.
_COUNTS_UNWRITTEN = frozenset({Outcome.REDIRECTED, Outcome.EMERGENCY})
_OPEN, _UNKNOWN = "open", "unknown"


class Trait(StrEnum):
    """What a table may cross."""

    ROLE = "role"
    AGE = "age"
    URGENCY = "urgency"
    OUTCOME = "outcome"
    TOPIC = "topic"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Report:
    """Concern enquiries and activity requests of a period."""

    concerns: int
    handled: int
    still_open: int
    by_outcome: dict[str, int]
    press: int
    activity_requests: int


def is_concern(enquiry: Enquiry) -> bool:
    """Whether it is a concern enquiry: something was written, or a person was shown another way."""
    if enquiry.kind is not Kind.CONCERN or enquiry.outcome is Outcome.PRESS:
        return False
    return bool(enquiry.number or enquiry.message_count) or enquiry.outcome in _COUNTS_UNWRITTEN


def summarise(enquiries: Iterable[Enquiry]) -> Report:
    """Return the totals, all exact."""
    everything = list(enquiries)
    concerns = [enquiry for enquiry in everything if is_concern(enquiry)]
    outcomes = Counter(value_of(enquiry, Trait.OUTCOME) for enquiry in concerns)
    return Report(
        concerns=len(concerns),
        handled=sum(enquiry.outcome in HANDLED for enquiry in concerns),
        still_open=sum(enquiry.state is not State.CLOSED for enquiry in concerns),
        by_outcome=dict(sorted(outcomes.items())),
        press=sum(enquiry.outcome is Outcome.PRESS for enquiry in everything),
        activity_requests=sum(enquiry.kind is Kind.ACTIVITY for enquiry in everything),
    )


def value_of(enquiry: Enquiry, trait: Trait) -> str:
    """Return the enquiry's answer; what was skipped is unknown, what has not ended is open."""
    value = getattr(enquiry, trait.value)
    if value is None or value == SKIPPED:
        return _OPEN if trait is Trait.OUTCOME else _UNKNOWN
    return str(value)


@dataclass(frozen=True, slots=True)
class Table:
    """Counts of concern enquiries by two traits."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


def cross(enquiries: Iterable[Enquiry], row: Trait, column: Trait) -> Table:
    """Return how many concern enquiries there are of each pair of answers."""
    pairs = Counter((value_of(e, row), value_of(e, column)) for e in enquiries if is_concern(e))
    rows = tuple(sorted({one for one, _ in pairs}))
    columns = tuple(sorted({other for _, other in pairs}))
    counts = tuple(tuple(pairs[one, other] for other in columns) for one in rows)
    return Table(rows, columns, counts)


class Hidden(StrEnum):
    """What stands in place of a count."""

    FEW = "<5"
    MANY = "≥5"


Cell = int | Hidden


@dataclass(frozen=True, slots=True)
class Published:
    """A table that may be shown: cells, some of them hidden, with exact margins."""

    cells: tuple[tuple[Cell, ...], ...]
    row_totals: tuple[int, ...]
    column_totals: tuple[int, ...]


def suppress(counts: Sequence[Sequence[int]]) -> Published | None:
    """Return the table with its small counts hidden for good, or None where no hiding is enough.

    Of every count of 1 to 4 a reader who adds up the margins is left with at least two possible values.
    """
    hiding = _Hiding(counts)
    for cell in hiding.small():
        if not hiding.protect(cell):
            return None
    return Published(
        cells=tuple(
            tuple(hiding.shown((i, j)) for j in range(len(row))) for i, row in enumerate(hiding.counts)
        ),
        row_totals=tuple(sum(row) for row in hiding.counts),
        column_totals=tuple(sum(column) for column in zip(*hiding.counts, strict=True)),
    )


_At = tuple[int, int]


@dataclass(slots=True)
class _Hiding:
    """A table while it is decided what to hide.

    A hidden count can be another one without a margin changing where a loop of hidden cells, by turns one
    more and one less, leads through it; so for each small count the cheapest such loop is hidden.
    """

    counts: Sequence[Sequence[int]]
    hidden: set[_At] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.hidden = set(self.small())

    def small(self) -> list[_At]:
        return [
            (i, j) for i, row in enumerate(self.counts) for j, count in enumerate(row) if 0 < count < SMALL
        ]

    def shown(self, at: _At) -> Cell:
        count = self.counts[at[0]][at[1]]
        if at not in self.hidden:
            return count
        return Hidden.FEW if count < SMALL else Hidden.MANY

    def protect(self, at: _At) -> bool:
        """Hide the cheapest loop through the cell; False where there is none."""
        loops = [loop for loop in (self._loop(at, +1), self._loop(at, -1)) if loop is not None]
        if not loops:
            return False
        _, cells = min(loops, key=lambda loop: loop[0])
        self.hidden |= cells
        return True

    def _loop(self, at: _At, change: int) -> tuple[int, set[_At]] | None:
        """Return the cost and cells of the cheapest loop that begins with this change of the cell."""
        if not self._can(at, change):
            return None
        row, column = at
        start, goal = ((1, column), (0, row)) if change > 0 else ((0, row), (1, column))
        costs: dict[tuple[int, int], int] = {start: 0}
        came: dict[tuple[int, int], tuple[tuple[int, int], _At]] = {}
        queue = [(0, start)]
        while queue:
            cost, node = heapq.heappop(queue)
            if node == goal:
                return cost, _walked(came, start, goal)
            if cost > costs[node]:
                continue
            for following, cell in self._steps(node, at):
                reached = cost + self._cost(cell)
                if reached < costs.get(following, reached + 1):
                    costs[following] = reached
                    came[following] = (node, cell)
                    heapq.heappush(queue, (reached, following))
        return None

    def _steps(self, node: tuple[int, int], besides: _At) -> Iterator[tuple[tuple[int, int], _At]]:
        """From a row (0) one goes on by a cell that grows, from a column (1) by one that shrinks."""
        side, index = node
        if side == 0:
            candidates = [((1, j), (index, j), +1) for j in range(len(self.counts[index]))]
        else:
            candidates = [((0, i), (i, index), -1) for i in range(len(self.counts))]
        for following, cell, change in candidates:
            if cell != besides and self._can(cell, change):
                yield following, cell

    def _can(self, at: _At, change: int) -> bool:
        """Whether the count could be one more, or one less, and be hidden by the same sign."""
        changed = self.counts[at[0]][at[1]] + change
        return changed >= 0 and (changed < SMALL) == (self.counts[at[0]][at[1]] < SMALL)

    def _cost(self, at: _At) -> int:
        return 0 if at in self.hidden else self.counts[at[0]][at[1]] + 1


def _walked(
    came: dict[tuple[int, int], tuple[tuple[int, int], _At]], start: tuple[int, int], goal: tuple[int, int]
) -> set[_At]:
    cells, node = set(), goal
    while node != start:
        node, cell = came[node]
        cells.add(cell)
    return cells
