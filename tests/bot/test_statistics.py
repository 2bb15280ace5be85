"""Totals are exact, and no small count can be worked out from a table that crosses people's traits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.statistics import Cell, Hidden, Published, Trait, cross, summarise, suppress
from scheduling.instant import Instant
from storage.models import Enquiry, Kind, Outcome, State

AT = Instant.from_microseconds(0)


def tables(*, most: int, size: int) -> st.SearchStrategy[list[list[int]]]:
    def of(shape: tuple[int, int]) -> st.SearchStrategy[list[list[int]]]:
        rows, columns = shape
        row = st.lists(st.integers(0, most), min_size=columns, max_size=columns)
        return st.lists(row, min_size=rows, max_size=rows)

    return st.tuples(st.integers(1, size), st.integers(1, size)).flatmap(of)


def possible(cell: Cell, most: int) -> Sequence[int]:
    """What a reader must reckon with behind a cell."""
    if cell is Hidden.FEW:
        return range(5)
    return range(5, most + 1) if cell is Hidden.MANY else (int(cell),)


def solutions(published: Published) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Every table that fits what is published, by trying them all."""

    def fill(row: int, left: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], ...]]:
        if row == len(published.cells):
            yield from [()] if not any(left) else []
            return
        for values in lines(published.cells[row], published.row_totals[row], left):
            rest = tuple(room - value for room, value in zip(left, values, strict=True))
            for others in fill(row + 1, rest):
                yield (values, *others)

    return fill(0, published.column_totals)


def lines(cells: Sequence[Cell], total: int, left: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Every row that fits its cells, its total and what is left of each column."""
    if not cells:
        yield from [()] if total == 0 else []
        return
    most = min(total, left[0])
    for value in possible(cells[0], most):
        if value <= most:
            for others in lines(cells[1:], total - value, left[1:]):
                yield (value, *others)


@settings(max_examples=300, deadline=None)
@given(tables(most=9, size=3))
def test_every_small_count_has_two_possible_values_at_least(counts: list[list[int]]) -> None:
    published = suppress(counts)
    if published is None:
        return
    seen: dict[tuple[int, int], set[int]] = {}
    for solution in solutions(published):
        for i, row in enumerate(solution):
            for j, value in enumerate(row):
                seen.setdefault((i, j), set()).add(value)
    for i, row in enumerate(counts):
        for j, count in enumerate(row):
            assert count in seen[i, j]
            if 1 <= count <= 4:
                assert len(seen[i, j]) >= 2


@given(tables(most=40, size=6))
def test_what_is_shown_is_true(counts: list[list[int]]) -> None:
    published = suppress(counts)
    if published is None:
        return
    for row, shown in zip(counts, published.cells, strict=True):
        for count, cell in zip(row, shown, strict=True):
            if cell is Hidden.FEW:
                assert count < 5
            elif cell is Hidden.MANY:
                assert count >= 5
            else:
                assert cell == count
                assert not 1 <= count <= 4
    assert published.row_totals == tuple(map(sum, counts))
    assert published.column_totals == tuple(map(sum, zip(*counts, strict=True)))


@given(tables(most=40, size=6).map(lambda rows: [[0 if 0 < n < 5 else n for n in row] for row in rows]))
def test_a_table_without_small_counts_is_shown_whole(counts: list[list[int]]) -> None:
    published = suppress(counts)

    assert published is not None
    assert published.cells == tuple(map(tuple, counts))


@pytest.mark.parametrize("counts", [[[3]], [[2, 0, 7]], [[1], [9], [12]]])
def test_a_table_of_one_line_with_a_small_count_is_not_shown(counts: list[list[int]]) -> None:
    assert suppress(counts) is None


def test_one_small_count_takes_three_others_with_it() -> None:
    published = suppress([[2, 8, 20], [9, 7, 30], [40, 50, 60]])

    assert published is not None
    assert published.cells == ((Hidden.FEW, Hidden.MANY, 20), (Hidden.MANY, Hidden.MANY, 30), (40, 50, 60))


def enquiry(outcome: Outcome | None = None, **facts: object) -> Enquiry:
    state = State.WAITING if outcome is None else State.CLOSED
    known = {"kind": Kind.CONCERN, "state": state, "outcome": outcome, "message_count": 1, "drafted_at": AT}
    return Enquiry(**{**known, **facts})


def test_the_report_counts_concerns_and_leaves_out_what_is_none() -> None:
    report = summarise(
        [
            enquiry(Outcome.ADVICE_ONLY),
            enquiry(Outcome.REDIRECTED, message_count=0),
            enquiry(Outcome.WITHDRAWN),
            enquiry(),
            enquiry(Outcome.LAPSED, message_count=0),
            enquiry(None, state=State.DRAFT, message_count=0),
            enquiry(Outcome.PRESS),
            enquiry(Outcome.ACTIVITY, kind=Kind.ACTIVITY),
        ]
    )

    assert report.concerns == 4
    assert report.handled == 2
    assert report.still_open == 1
    assert report.by_outcome == {"advice_only": 1, "open": 1, "redirected": 1, "withdrawn": 1}
    assert (report.press, report.activity_requests) == (1, 1)


def test_a_crossed_table_names_what_was_skipped_unknown() -> None:
    table = cross([enquiry(role="relative"), enquiry(Outcome.MISUSE)], Trait.ROLE, Trait.OUTCOME)

    assert table.rows == ("relative", "unknown")
    assert table.columns == ("misuse", "open")
    assert table.counts == ((0, 1), (1, 0))
