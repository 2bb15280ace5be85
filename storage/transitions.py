"""The one table of what may become what; an illegal transition raises."""

from __future__ import annotations

from storage.models.enquiries import State

ALLOWED: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.WAITING, State.TRIAGE, State.HELD, State.CLOSED}),
    State.WAITING: frozenset({State.TRIAGE, State.ASSIGNED, State.HELD, State.CLOSED}),
    State.TRIAGE: frozenset({State.WAITING, State.ASSIGNED, State.HELD, State.CLOSED}),
    State.ASSIGNED: frozenset({State.WAITING, State.TRIAGE, State.HELD, State.CLOSED}),
    # An emergency that was not one goes back to where the enquiry stood.
    State.HELD: frozenset({State.DRAFT, State.WAITING, State.TRIAGE, State.ASSIGNED, State.CLOSED}),
    # The same case again, within a fortnight.
    State.CLOSED: frozenset({State.WAITING}),
}


class IllegalTransitionError(Exception):
    """An enquiry cannot go from the one state to the other."""


def check(current: State, following: State) -> None:
    """Raise IllegalTransitionError unless the table allows the step."""
    if following not in ALLOWED[current]:
        raise IllegalTransitionError(current.value, following.value)
