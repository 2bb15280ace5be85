"""`python -m tests.bench.dispatch`: our choice of whom to ask beside what other desks do.

Enquiries come at random, shifts last four hours, and each ring is answered yes, no or not at all after a
while that differs from person to person. Every way of asking meets the same people and the same enquiries.
Nothing of the people's habits is told to anybody who asks.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from rich.console import Console
from rich.table import Table

from scheduling import dispatch
from scheduling.dispatch import Answer, Candidate, Need, Policy, Ring, Round
from scheduling.instant import Instant
from scheduling.opening import OpeningHours
from scheduling.urgency import Urgency

START = Instant.of(datetime(2026, 1, 5, tzinfo=UTC))
_SHIFT = 240.0
_FIELDS = ("school", "family", "street_work", "psychology")
_GIVEN_UP = 12 * 60.0


@dataclass(frozen=True)
class World:
    """How big the desk is, how much comes in, and how people answer; minutes throughout."""

    people: int
    on_duty: tuple[int, int]
    per_day: float
    days: int
    seed: int
    says_yes: float = 0.6
    says_no: float = 0.15
    answers_after: float = 3.0
    talks_for: float = 25.0
    cap: int = 2


@dataclass
class Asked:
    """An enquiry: what it needs, whom it was rung to and when, and who took it when."""

    came: float
    competence: str | None
    round: Round
    rings: dict[int, Ring] = field(default_factory=dict)
    log: list[tuple[float, int]] = field(default_factory=list)
    taken_at: float | None = None
    taken_by: int | None = None
    looks_at: float = math.inf


@dataclass(frozen=True)
class Way:
    """A way of asking: whom to ring now, and after how many minutes to look again."""

    name: str
    look: Callable[[Simulation, Asked], tuple[list[int], float | None]]
    rings_everybody: bool = False


class Simulation:
    """One world, one way of asking, from the first enquiry to the last."""

    def __init__(self, world: World, way: Way) -> None:
        self.world, self.way, self.now = world, way, 0.0
        self.busy = [0] * world.people
        self.taken: list[list[float]] = [[] for _ in range(world.people)]
        self.last_rung: dict[int, float] = {}
        self.waiting: list[Asked] = []
        self.done: list[Asked] = []
        self.turn = itertools.count()
        dice = random.Random(world.seed)
        self.fields = [frozenset(f for f in _FIELDS if dice.random() < 0.4) for _ in range(world.people)]
        self.pace = [math.exp(dice.gauss(0, 0.4)) for _ in range(world.people)]
        self._shifts = self._plan(dice)
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        for came in self._arrivals(dice):
            competence = dice.choice(_FIELDS) if dice.random() < 0.4 else None
            one = Asked(came, competence, Round(self.instant(came)))
            self.at(came, lambda one=one: self._arrive(one))
        for shift in range(len(self._shifts)):
            self.at(shift * _SHIFT, self._look_at_all)

    def run(self) -> Simulation:
        while self._events:
            self.now, _, act = heapq.heappop(self._events)
            act()
        return self

    def at(self, moment: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, (moment, next(self._count), act))

    @staticmethod
    def instant(minute: float) -> Instant:
        return START + timedelta(minutes=minute)

    def on_duty(self) -> list[int]:
        return self._shifts[min(int(self.now // _SHIFT), len(self._shifts) - 1)]

    def hours_of(self, person: int) -> float:
        return self._stood[min(int(self.now // _SHIFT), len(self._stood) - 1)][person] * _SHIFT / 60

    def fits(self, one: Asked, person: int) -> bool:
        return one.competence is None or one.competence in self.fields[person]

    def free(self, one: Asked) -> list[int]:
        """Who is on duty, may take another, and was not rung about it yet."""
        return [p for p in self.on_duty() if self.busy[p] < self.world.cap and p not in one.rings]

    def _plan(self, dice: random.Random) -> list[list[int]]:
        stood = [0] * self.world.people
        shifts, self._stood = [], list[list[int]]()
        for _ in range(self.world.days * 6 + 18):
            many = dice.randint(*self.world.on_duty)
            chosen = sorted(range(self.world.people), key=lambda p: (stood[p], dice.random()))[:many]
            for person in chosen:
                stood[person] += 1
            shifts.append(chosen)
            self._stood.append(list(stood))
        return shifts

    def _arrivals(self, dice: random.Random) -> Iterator[float]:
        moment = 0.0
        while (moment := moment + dice.expovariate(self.world.per_day / 1440)) < self.world.days * 1440:
            yield moment

    def _arrive(self, one: Asked) -> None:
        self.waiting.append(one)
        if self.way.rings_everybody:
            one.log += [(self.now, p) for p in range(self.world.people) if p not in self.free(one)]
        self.at(self.now + _GIVEN_UP, lambda: self._give_up(one))
        self._look(one)

    def _give_up(self, one: Asked) -> None:
        if one in self.waiting:
            self.waiting.remove(one)
            self.done.append(one)

    def _look_at_all(self) -> None:
        for one in list(self.waiting):
            self._look(one)

    def _look(self, one: Asked) -> None:
        if one not in self.waiting:
            return
        whom, again = self.way.look(self, one)
        for person in whom:
            self._ring(one, person)
        if again is not None and not self.now < one.looks_at <= self.now + again:
            one.looks_at = self.now + again
            self.at(one.looks_at + 1e-6, lambda: self._look(one))

    def _ring(self, one: Asked, person: int) -> None:
        times = one.rings[person].times + 1 if person in one.rings else 1
        one.rings[person] = Ring(UUID(int=person), self.instant(self.now), times)
        one.log.append((self.now, person))
        self.last_rung[person] = self.now
        # The same ring in the same world is answered alike, whoever asks.
        dice = random.Random(f"{self.world.seed} {one.came:.6f} {person} {times}")
        chance, after = dice.random(), self.world.answers_after * self.pace[person]
        after *= math.exp(dice.gauss(0, 1.2))
        if chance < self.world.says_yes:
            self.at(self.now + after, lambda: self._claim(one, person))
        elif chance < self.world.says_yes + self.world.says_no:
            self.at(self.now + after, lambda: self._decline(one, person))

    def _claim(self, one: Asked, person: int) -> None:
        if one not in self.waiting:
            return
        if self.busy[person] >= self.world.cap:
            self._decline(one, person)
            return
        self.waiting.remove(one)
        self.done.append(one)
        one.taken_at, one.taken_by = self.now, person
        self.busy[person] += 1
        self.taken[person].append(self.now)
        talk = random.Random(f"{self.world.seed} {one.came:.6f}").gauss(0, 0.6)
        self.at(self.now + self.world.talks_for * math.exp(talk), lambda: self._free(person))

    def _free(self, person: int) -> None:
        self.busy[person] -= 1
        self._look_at_all()

    def _decline(self, one: Asked, person: int) -> None:
        if one in self.waiting:
            one.rings[person] = replace(one.rings[person], answer=Answer.NOT_NOW)
            self._look(one)


def production(policy: Policy, *, hours: OpeningHours | None = None, name: str = "") -> Way:
    """Ask as the hotline does: the very function, told what the hotline is told."""

    def look(at: Simulation, one: Asked) -> tuple[list[int], float | None]:
        now = at.instant(at.now)
        offered = replace(one.round, rings=tuple(one.rings.values()))
        plan = dispatch.decide(
            policy,
            Need("da", one.competence, is_about_minor=False, is_writer_minor=False),
            _candidates(at),
            offered,
            now=now,
            hours=hours,
            waiting=len(at.waiting),
        )
        one.round = replace(one.round, wanted=plan.wanted, next_step=plan.next_step)
        return [person.int for person in plan.ring], (plan.look_at - now) / timedelta(minutes=1)

    return Way(name or f"this hotline, {policy.at_once} + 1", look)


def _candidates(at: Simulation) -> list[Candidate]:
    unanswered = [0] * at.world.people
    for one in at.waiting:
        for person, ring in one.rings.items():
            unanswered[person] += ring.answer is Answer.NONE
    half = dispatch.HALF_LIFE / timedelta(minutes=1)
    everybody = range(at.world.people)
    taken = {UUID(int=p): sum(0.5 ** ((at.now - t) / half) for t in at.taken[p]) for p in everybody}
    hours = {UUID(int=p): at.hours_of(p) for p in everybody}
    loads = dispatch.loads(taken, hours, taken)
    return [
        Candidate(
            person=UUID(int=person),
            languages=frozenset({"da"}),
            competences=at.fields[person],
            is_on_duty=True,
            open_enquiries=at.busy[person],
            unanswered_offers=unanswered[person],
            cap=at.world.cap,
            load=loads[UUID(int=person)],
            last_asked=at.instant(at.last_rung[person]) if person in at.last_rung else None,
        )
        for person in at.on_duty()
    ]


def _everybody(at: Simulation, one: Asked) -> tuple[list[int], float | None]:
    return at.free(one), None


def _in_turn(minutes: float) -> Callable[[Simulation, Asked], tuple[list[int], float | None]]:
    """Whoever is next gets it; where she is silent for so long, or declines, the one after her."""

    def look(at: Simulation, one: Asked) -> tuple[list[int], float | None]:
        latest = max(one.log, default=None)
        is_silent = latest is not None and one.rings[latest[1]].answer is Answer.NONE
        if latest is not None and is_silent and at.now < latest[0] + minutes - 1e-9:
            return [], latest[0] + minutes - at.now
        free = sorted(at.free(one), key=lambda p: (not at.fits(one, p), at.last_rung.get(p, -1.0), p))
        return free[:1], minutes

    return look


def _chain(at: Simulation, one: Asked) -> tuple[list[int], float | None]:
    """One, after five minutes a second, after five more everybody; a decline is not heard."""
    age, free = at.now - one.came + 1e-6, at.free(one)
    many = 1 - len(one.rings) if age < 5 else 2 - len(one.rings) if age < 10 else len(free)
    return free[: max(many, 0)], 5.0 if age < 10 else None


PEERS = (
    Way("group message to all", _everybody, rings_everybody=True),
    Way("everybody on duty", _everybody),
    Way("assigned round robin, stuck for an hour", _in_turn(60)),
    Way("escalation chain 1, 1, all", _chain),
    Way("one after the other, 10 min each", _in_turn(10)),
)
WORLDS = {
    "small desk": World(people=11, on_duty=(1, 2), per_day=1, days=300, seed=7),
    "city": World(people=20, on_duty=(4, 6), per_day=24, days=40, seed=7),
    "national": World(people=50, on_duty=(12, 20), per_day=90, days=14, seed=7),
}


def gini(shares: list[float]) -> float:
    ordered, total = sorted(shares), sum(shares)
    if not total:
        return 0.0
    many = len(ordered)
    return sum((2 * i - many + 1) * share for i, share in enumerate(ordered)) / (many * total)


def row(at: Simulation) -> tuple[float, float, float, float, float]:
    """Return the median and p95 of the minutes waited, the part taken in 5, rings an enquiry, and Gini."""
    waits = [math.inf if one.taken_at is None else one.taken_at - one.came for one in at.done]
    waits.sort()
    per_hour = [len(taken) / max(at.hours_of(p), 1.0) for p, taken in enumerate(at.taken)]
    rings = sum(len(one.log) for one in at.done) / len(at.done)
    in_five = sum(wait <= 5 for wait in waits) / len(waits)
    return statistics.median(waits), waits[int(len(waits) * 0.95)], in_five, rings, gini(per_hour)


def main() -> None:
    ours = production(dispatch.default_policies()[Urgency.HIGH], name="this hotline, high")
    for name, world in WORLDS.items():
        table = Table(title=f"{name}: {world.people} people, {world.per_day:g} enquiries a day")
        for heading in ("", "median min", "p95 min", "in 5 min", "rings each", "Gini"):
            table.add_column(heading, justify="right" if heading else "left")
        for way in (ours, *PEERS):
            median, p95, in_five, rings, unevenness = row(Simulation(world, way).run())
            cells = f"{median:.1f}", f"{p95:.0f}", f"{in_five:.2f}", f"{rings:.1f}", f"{unevenness:.2f}"
            table.add_row(way.name, *cells)
        Console().print(table)


if __name__ == "__main__":
    main()
