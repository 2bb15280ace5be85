"""Two rotas side by side: which shifts a change takes and gives, and where it leaves fewer people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from uuid import UUID

from scheduling.rota import Rota
from scheduling.shifts import Shift, Span, Thin

Shifts = dict[UUID, list[Shift]]


def differences(before: Rota, after: Rota, window: Span) -> tuple[Shifts, Shifts]:
    """Return the shifts within the window that are no more, and those that are new, by person."""
    old = {(s.person, s.station, s.span): s for s in before.shifts(window)}
    new = {(s.person, s.station, s.span): s for s in after.shifts(window)}
    return _by_person(old[k] for k in old.keys() - new.keys()), _by_person(
        new[k] for k in new.keys() - old.keys()
    )


def fewer(before: Sequence[Thin], after: Sequence[Thin]) -> tuple[Thin, ...]:
    """Return the spans, out of what is thin after, in which fewer people are on duty than before."""
    found: list[Thin] = []
    for one in after:
        others = [other for other in before if other.station is one.station]
        for piece in _cut(one, others):
            known = (o.on_duty for o in others if o.span.starts <= piece.starts < o.span.ends)
            if one.on_duty < next(known, one.needed):
                _append(found, Thin(piece, one.station, one.on_duty, one.needed))
    return tuple(found)


def _by_person(shifts: Iterable[Shift]) -> Shifts:
    found: defaultdict[UUID, list[Shift]] = defaultdict(list)
    for shift in sorted(shifts, key=lambda s: s.span):
        found[shift.person].append(shift)
    return dict(found)


def _cut(one: Thin, others: Sequence[Thin]) -> Iterator[Span]:
    """Yield the span of the one, cut wherever one of the others begins or ends."""
    starts, ends = one.span
    inside = {moment for other in others for moment in other.span if starts < moment < ends}
    for first, last in pairwise([starts, *sorted(inside), ends]):
        yield Span(first, last)


def _append(found: list[Thin], one: Thin) -> None:
    if found and (found[-1].span.ends, found[-1].station, found[-1].on_duty) == (
        one.span.starts,
        one.station,
        one.on_duty,
    ):
        one = Thin(Span(found.pop().span.starts, one.span.ends), one.station, one.on_duty, one.needed)
    found.append(one)
