"""The tables of what may become what; an illegal transition raises."""

from __future__ import annotations

from storage.models.cards import CardState
from storage.models.enquiries import State
from storage.models.referrals import ReferralState

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

CARD: dict[CardState, frozenset[CardState]] = {
    # Asked again: an earlier link is void. Who has no chat answers the desk, which types it in.
    CardState.ASKED: frozenset(CardState),
    CardState.LINKED: frozenset(CardState),
    CardState.ARRIVED: frozenset({CardState.ASKED, CardState.WITHDRAWN, CardState.ENDED}),
    CardState.DECLINED: frozenset(CardState) - {CardState.ARRIVED},
    # Given once more after it was taken back, by her own wish or when asked anew.
    CardState.WITHDRAWN: frozenset({CardState.ASKED, CardState.LINKED, CardState.DECLINED, CardState.ENDED}),
    CardState.ENDED: frozenset(),
}

# A version that corrects a submitted referral goes the same way, while the referral stays submitted.
OF_REFERRALS: dict[ReferralState, frozenset[ReferralState]] = {
    ReferralState.DRAFT: frozenset({ReferralState.REVIEW, ReferralState.SUBMITTED, ReferralState.WITHDRAWN}),
    ReferralState.REVIEW: frozenset({ReferralState.DRAFT, ReferralState.SUBMITTED, ReferralState.WITHDRAWN}),
    ReferralState.SUBMITTED: frozenset({ReferralState.WITHDRAWN}),
    ReferralState.WITHDRAWN: frozenset(),
}


class IllegalTransitionError(Exception):
    """It cannot go from the one state to the other."""


def check(current: State, following: State) -> None:
    """Raise IllegalTransitionError unless the table allows the step."""
    if following not in ALLOWED[current]:
        raise IllegalTransitionError(current.value, following.value)


def check_card(current: CardState, following: CardState) -> None:
    """Raise IllegalTransitionError unless the table of contact cards allows the step."""
    if following not in CARD[current]:
        raise IllegalTransitionError(current.value, following.value)


def check_referral(current: ReferralState, following: ReferralState) -> None:
    """Raise IllegalTransitionError unless the table of referrals allows the step."""
    if following not in OF_REFERRALS[current]:
        raise IllegalTransitionError(current.value, following.value)
