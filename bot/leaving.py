"""What becomes of a person's work when her account is closed, told before it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from bot import handovers, people, rota
from bot.turn import Turn
from storage.models import Enquiry, Person, State
from storage.queries import console

_AHEAD_DAYS = 28


@dataclass(frozen=True, slots=True)
class Consequences:
    """How many cases go where, how many shifts nobody has then, and whether the secretariat is empty."""

    cases_offered: int
    cases_to_triage: int
    cases_held: int
    shifts: int
    is_last_secretary: bool

    @property
    def cases(self) -> int:
        """How many cases she has in all."""
        return self.cases_offered + self.cases_to_triage + self.cases_held


async def foresee(turn: Turn, person: Person) -> Consequences:
    """Return what closing the person's account would do now."""
    goes = Counter(
        _goes_to(turn, person, enquiry) for enquiry in await console.cases_of(turn.unit, person.id)
    )
    ahead = rota.next_of(turn, await rota.load(turn), person, within=timedelta(days=_AHEAD_DAYS))
    return Consequences(
        cases_offered=goes[State.WAITING],
        cases_to_triage=goes[State.TRIAGE],
        cases_held=goes[State.HELD],
        shifts=len(ahead),
        is_last_secretary=await people.is_last_secretary(turn, person),
    )


def _goes_to(turn: Turn, person: Person, enquiry: Enquiry) -> State:
    if enquiry.state is State.HELD:
        return State.HELD
    is_sorted_again = handovers.why_back_to_triage(turn, person, enquiry) is not None
    return State.TRIAGE if is_sorted_again else State.WAITING
