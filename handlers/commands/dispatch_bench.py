"""The production dispatcher as a program: told of a simulated desk line by line, it says whom it would ring.

It speaks JSON lines on stdin and stdout, keeps time by what it is told, and decides by `scheduling.dispatch`
under the policy *high* of the configuration. Nothing of Telegram or of the databases is loaded.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import log
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson

from bot.configuration import read_configuration
from scheduling import dispatch
from scheduling.instant import Instant
from scheduling.urgency import Urgency

_SHIPPED = Path(__file__).parents[2] / "hotline.toml"
_HALF_LIFE = dispatch.HALF_LIFE / timedelta(minutes=1)
_LANGUAGE = "da"
_SPOKEN = frozenset({_LANGUAGE})
_A_MOMENT = 1e-6  # minutes: a timer is to fall due after, not before, what it waits for


def dispatch_bench() -> None:
    """Play the dispatcher of a simulated desk, by JSON lines on stdin and stdout."""
    rules = read_configuration(Path(os.environ.get("HOTLINE_CONFIG") or _SHIPPED))
    desk = SimulatedDesk(rules.policies[Urgency.HIGH])
    for line in sys.stdin:
        sys.stdout.write(orjson.dumps(desk.hear(orjson.loads(line))).decode() + "\n")
        sys.stdout.flush()


@dataclass
class _Waiting:
    """A simulated enquiry that nobody has claimed."""

    need: dispatch.Need
    offered: dispatch.Round
    rings: dict[int, dispatch.Ring] = field(default_factory=dict)
    looks_at: Instant | None = None


class SimulatedDesk:
    """Keeps what production keeps in its database, and asks the same function."""

    def __init__(self, policy: dispatch.Policy) -> None:
        self._policy = policy
        self._cap = 0
        self._fields: dict[int, frozenset[str]] = {}
        self._waiting: dict[int, _Waiting] = {}
        self._unanswered: dict[int, int] = {}
        self._last_asked: dict[int, Instant] = {}
        # Cases taken and hours on duty, weighted so that the latest weigh most; as of now once divided.
        self._taken: dict[UUID, float] = {}
        self._hours: dict[UUID, float] = {}
        self._minute = 0.0
        self._on_duty: list[int] = []

    def hear(self, event: dict[str, Any]) -> list[dict[str, Any]]:
        """Return what is to be done about what happened."""
        kind = event["ev"]
        if kind == "hello":
            self._begin(event["people"], event["rules"])
            return []
        self._note_duty(event["t"], event["duty"])
        if kind == "arrive":
            self._open(event)
        elif kind == "decline":
            self._note_decline(event["e"], event["i"])
        elif kind == "claimed":
            self._note_claim(event)
            return []
        due = list(self._waiting) if kind == "capacity" else [event["e"]]
        return [action for one in due if one in self._waiting for action in self._look(one, event)]

    def _begin(self, people: list[dict[str, Any]], rules: dict[str, float]) -> None:
        self._fields = {one["id"]: frozenset(map(str, one["comps"])) for one in people}
        self._unanswered = dict.fromkeys(self._fields, 0)
        self._taken = dict.fromkeys(map(_id, self._fields), 0.0)
        self._hours = dict(self._taken)
        self._cap = int(rules["cap"])
        self._policy = replace(
            self._policy,
            exclusive_for=timedelta(minutes=rules["fallback"]),
            ask_again_after=timedelta(minutes=rules["reoffer_gap"]),
            most_rings=int(rules["rounds"]),
            keeps_to_field=True,
        )

    def _note_duty(self, minute: float, on_duty: list[int]) -> None:
        hours = (_weight(minute) - _weight(self._minute)) * _HALF_LIFE / log(2) / 60
        for person in self._on_duty:
            self._hours[_id(person)] += hours
        self._minute, self._on_duty = minute, on_duty

    def _open(self, event: dict[str, Any]) -> None:
        field = None if event["comp"] is None else str(event["comp"])
        need = dispatch.Need(_LANGUAGE, field, is_about_minor=False, is_writer_minor=False)
        self._waiting[event["e"]] = _Waiting(need, dispatch.Round(_instant(event["t"])))

    def _note_decline(self, enquiry: int, person: int) -> None:
        waiting = self._waiting.get(enquiry)
        if waiting is not None and person in waiting.rings:
            answered = replace(waiting.rings[person], answer=dispatch.Answer.NOT_NOW)
            waiting.rings[person] = answered
            self._unanswered[person] -= 1

    def _note_claim(self, event: dict[str, Any]) -> None:
        gone = self._waiting.pop(event["e"], None)
        for person, ring in gone.rings.items() if gone is not None else ():
            self._unanswered[person] -= ring.answer is dispatch.Answer.NONE
        if event["i"] is not None:
            self._taken[_id(event["i"])] += _weight(event["t"])

    def _look(self, enquiry: int, event: dict[str, Any]) -> Iterable[dict[str, Any]]:
        waiting, now = self._waiting[enquiry], _instant(event["t"])
        plan = dispatch.decide(
            self._policy,
            waiting.need,
            self._candidates(event),
            replace(waiting.offered, rings=tuple(waiting.rings.values())),
            now=now,
            waiting=len(self._waiting),
        )
        waiting.offered = replace(waiting.offered, wanted=plan.wanted, next_step=plan.next_step)
        for person in plan.ring:
            self._ring(waiting, person.int, now)
            yield {"do": "offer", "e": enquiry, "i": person.int}
        if not (waiting.looks_at and now < waiting.looks_at <= plan.look_at):
            waiting.looks_at = plan.look_at
            minutes = (plan.look_at - now) / timedelta(minutes=1)
            yield {"do": "timer", "e": enquiry, "in": minutes + _A_MOMENT, "tag": "look"}

    def _ring(self, waiting: _Waiting, person: int, now: Instant) -> None:
        earlier = waiting.rings.get(person)
        times = 1 if earlier is None else earlier.times + 1
        if earlier is None or earlier.answer is not dispatch.Answer.NONE:
            self._unanswered[person] += 1
        waiting.rings[person] = dispatch.Ring(_id(person), now, times)
        self._last_asked[person] = now

    def _candidates(self, event: dict[str, Any]) -> list[dispatch.Candidate]:
        weight = _weight(event["t"])
        taken = {person: cases / weight for person, cases in self._taken.items()}
        hours = {person: one / weight for person, one in self._hours.items()}
        loads = dispatch.loads(taken, hours, taken)
        return [
            dispatch.Candidate(
                person=_id(person),
                languages=_SPOKEN,
                competences=self._fields[person],
                is_on_duty=True,
                open_enquiries=event["active"][person],
                unanswered_offers=self._unanswered[person],
                cap=self._cap,
                load=loads[_id(person)],
                last_asked=self._last_asked.get(person),
            )
            for person in event["duty"]
        ]


_IDS: dict[int, UUID] = {}


def _id(person: int) -> UUID:
    if person not in _IDS:
        _IDS[person] = UUID(int=person)
    return _IDS[person]


def _instant(minute: float) -> Instant:
    return Instant.from_microseconds(round(minute * 60_000_000))


def _weight(minute: float) -> float:
    return float(2 ** (minute / _HALF_LIFE))
