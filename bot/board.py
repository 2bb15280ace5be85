"""Everything open at one glance, for who may see it: what waits, who is asked, who has what, what is late."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from bot import candidates, card_standing, passing_on, promises
from bot.turn import Turn
from scheduling.instant import Instant
from scheduling.shifts import Station
from storage.models import Card, Enquiry, Handover, Person, Role, State
from storage.queries import console, people, requests, rota
from storage.queries import enquiries as find

GROUPS = (State.HELD, State.TRIAGE, State.WAITING, State.ASSIGNED, State.DRAFT)
_TO_GIVE = (State.TRIAGE, State.WAITING)


@dataclass(frozen=True, slots=True)
class Line:
    """An open enquiry as the board shows it: nothing of what was written."""

    enquiry: Enquiry
    adviser: str | None
    offered_to: tuple[str, ...]
    may_have: tuple[Person, ...]
    is_late: bool
    is_to_pass_on: bool
    since: Instant


@dataclass(frozen=True, slots=True)
class Board:
    """What is open, by state, the late and urgent first; and the contact cards nobody has opened yet."""

    lines: dict[State, list[Line]]
    cards: list[tuple[Card, Enquiry]]
    wishes: int

    @property
    def late(self) -> int:
        """How many have had no answer in the time that was promised."""
        return sum(line.is_late for group in self.lines.values() for line in group)

    def count(self, state: State) -> int:
        """Return how many stand in the state."""
        return len(self.lines[state])


async def show(turn: Turn, reader: Person) -> Board:
    """Return what is open but what the reader asked herself or has a conflict of interest in."""
    everything = await find.queue(turn.unit)
    conflicts = await console.conflicts_among(turn.unit, [enquiry.id for enquiry, _ in everything])
    offered: defaultdict[UUID, list[str]] = defaultdict(list)
    for _, asked, enquiry in await find.offers_still_open(turn.unit):
        offered[enquiry.id].append(asked.alias)
    panel = await _on_duty(turn)
    ready = await passing_on.ready(turn, [enquiry for enquiry, _ in everything])
    groups: dict[State, list[Line]] = {state: [] for state in GROUPS}
    for enquiry, adviser in everything:
        if enquiry.chat_id == reader.chat_id or (enquiry.id, reader.id) in conflicts:
            continue
        fit = may_have(turn, enquiry, panel, conflicts) if enquiry.state in _TO_GIVE else ()
        line = _line(turn, enquiry, adviser, offered[enquiry.id], fit, ready=ready)
        groups[enquiry.state].append(line)
    for lines in groups.values():
        lines.sort(key=lambda one: (not one.is_late, one.enquiry.urgency.rank, one.since))
    return Board(
        groups,
        cards=await card_standing.unopened_for(turn, reader),
        wishes=await requests.count_open(turn.unit, reader=reader),
    )


async def own_cases(turn: Turn, reader: Person) -> list[Line]:
    """Return the cases the reader has now, the late and urgent first."""
    cases = await console.cases_of(turn.unit, reader.id)
    ready = await passing_on.ready(turn, cases)
    lines = [_line(turn, enquiry, reader.alias, [], (), ready=ready) for enquiry in cases]
    return sorted(lines, key=lambda one: (not one.is_late, one.enquiry.urgency.rank, one.since))


async def offered_by_colleagues(turn: Turn, reader: Person) -> list[tuple[Handover, Enquiry, str]]:
    """Return what colleagues ask the reader to take over, with who asks; nothing of what was written."""
    return [
        (handover, enquiry, giver.alias)
        for handover, enquiry, giver, receiver in await find.handovers_still_open(turn.unit)
        if receiver.id == reader.id
    ]


async def who_may_have(turn: Turn, enquiry: Enquiry) -> tuple[Person, ...]:
    """Return who is on duty on the panel and may have the enquiry."""
    conflicts = await console.conflicts_among(turn.unit, [enquiry.id])
    return may_have(turn, enquiry, await _on_duty(turn), conflicts)


def may_have(
    turn: Turn, enquiry: Enquiry, panel: Iterable[Person], conflicts: set[tuple[UUID, UUID]]
) -> tuple[Person, ...]:
    """Return who of the panel no hard rule keeps from the enquiry; those who know its field come first."""
    fit = [
        person
        for person in panel
        if not candidates.barred(turn, enquiry, person, has_conflict=(enquiry.id, person.id) in conflicts)
    ]
    return tuple(sorted(fit, key=lambda one: (enquiry.competence not in one.competences, one.alias)))


async def _on_duty(turn: Turn) -> list[Person]:
    stands = await rota.on_duty(turn.unit)
    panel = await people.in_reach(turn.unit, (Role.RESOURCE_PERSON,))
    return [p for p in panel if stands.get(p.id) is Station.PANEL and not p.is_paused(turn.now)]


def _line(
    turn: Turn,
    enquiry: Enquiry,
    adviser: str | None,
    offered: list[str],
    fit: tuple[Person, ...],
    *,
    ready: set[UUID],
) -> Line:
    return Line(
        enquiry=enquiry,
        adviser=adviser,
        offered_to=tuple(offered),
        may_have=fit,
        is_late=promises.is_late(turn, enquiry),
        is_to_pass_on=enquiry.id in ready,
        since=enquiry.waits_since,
    )
