"""Whom to ask now, whom not and why, and when to look again: one decision, in words that can be read aloud.

An enquiry is offered to `at_once` people and then to one more every `one_more_after`, until somebody claims
it. What could not be placed because nobody was free is made up for once somebody is, but never with more than
`at_once` rings at a time. A decline is replaced at once, and no open offer is taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from scheduling.instant import Instant
from scheduling.opening import OpeningHours
from scheduling.urgency import Urgency

FORMER_EXTREMIST = "former_extremist"
HALF_LIFE = timedelta(days=28)

_LOOK_ANYWAY = timedelta(minutes=15)
_TWO_SHIFTS = 16.0
_CLEARLY_MORE = 1.25


class PassedOver(StrEnum):
    """Why a person is not asked."""

    OFF_DUTY = "off_duty"
    PAUSED = "paused"
    LANGUAGE = "language"
    COMPETENCE = "competence"
    MINOR_RULE = "minor_rule"
    CERTIFICATE = "certificate"
    OWN_DISTRICT = "own_district"
    CONFLICT = "conflict"
    OWN_ENQUIRY = "own_enquiry"
    AT_CAP = "at_cap"
    ALREADY_ASKED = "already_asked"
    DECLINED = "declined"
    HAD_IT = "had_it"
    FIELD_FIRST = "field_first"
    UNREACHABLE = "unreachable"


class Answer(StrEnum):
    """What a person who was rung has said so far."""

    NONE = "none"
    NOT_NOW = "not_now"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Policy:
    """How many are asked at once, how often one more, and who may be rung again; kept on the enquiry."""

    at_once: int
    one_more_after: timedelta
    only_in_opening_hours: bool
    exclusive_for: timedelta = timedelta(0)
    ask_again_after: timedelta = timedelta(0)
    most_rings: int = 1
    overload_fresh_offers: int = 3
    # Whether the exclusive minutes run on though all who know the field have declined, or have no room.
    keeps_to_field: bool = False

    @property
    def asks_anybody(self) -> bool:
        """False where the enquiry waits for the next shift's digest."""
        return self.at_once > 0


@dataclass(frozen=True, slots=True)
class Need:
    """What an enquiry asks of a resource person."""

    language: str
    competence: str | None
    is_about_minor: bool
    is_writer_minor: bool
    requires_competence: bool = False
    requires_certificate: bool = False


class Candidate(NamedTuple):
    """What the choice may know of a person; never how fast she is, nor how often she says yes."""

    person: UUID
    languages: frozenset[str]
    competences: frozenset[str]
    is_on_duty: bool
    is_paused: bool = False
    is_reachable: bool = True
    has_conflict: bool = False
    is_enquirer: bool = False
    has_certificate: bool = True
    is_own_district: bool = False
    had_it_last: bool = False
    open_enquiries: int = 0
    unanswered_offers: int = 0
    cap: int = 5
    load: float = 1.0
    last_asked: Instant | None = None


@dataclass(frozen=True, slots=True)
class Ring:
    """An offer made to a person in this round: how often she was rung, last when, and what she said."""

    person: UUID
    last_rung: Instant
    times: int = 1
    answer: Answer = Answer.NONE


@dataclass(frozen=True, slots=True)
class Round:
    """How far a round of offers has come; `wanted` and `next_step` are what the last plan said of them."""

    started_at: Instant
    rings: Sequence[Ring] = ()
    wanted: int = 0
    next_step: Instant | None = None


class Verdict(NamedTuple):
    """Whether a person is rung now, in which place she stands, or why she is passed over."""

    person: UUID
    place: int | None
    passed_over: PassedOver | None
    matches_competence: bool
    is_rung: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom to ring now, a verdict for everybody, how the round stands then, and when to look again."""

    ring: tuple[UUID, ...]
    verdicts: tuple[Verdict, ...]
    wanted: int
    next_step: Instant | None
    look_at: Instant
    is_short: bool = False


def decide(
    policy: Policy,
    need: Need,
    candidates: Iterable[Candidate],
    offered: Round,
    *,
    now: Instant,
    hours: OpeningHours | None = None,
    waiting: int = 1,
) -> Plan:
    """Return what is to be done now about an enquiry that waits.

    `hours` are the panel's opening hours, where there are any; `waiting` is how many enquiries wait, this one
    included. Calling it again at the same moment, once the plan was carried out, rings nobody.
    """
    everybody = list(candidates)
    verdicts = judge(policy, need, everybody, offered, now=now)
    if not policy.asks_anybody and offered.next_step is None:
        opening = _first_of_another_day(hours, now)
        return Plan((), verdicts, 0, opening, opening)
    if policy.only_in_opening_hours and hours is not None and not hours.is_open(now):
        opening = _opening_after(hours, now)
        return Plan((), verdicts, offered.wanted, offered.next_step, opening, is_short=True)
    wanted, next_step = _count_on(policy, everybody, offered, now=now, waiting=waiting)
    placed = _placed(offered)
    wanted = min(wanted, placed + max(policy.at_once, 1))
    fit = [verdict for verdict in verdicts if verdict.place is not None]
    ring = tuple(verdict.person for verdict in fit[: max(wanted - placed, 0)])
    missing = wanted - placed - len(ring)
    verdicts = tuple(_rung(verdict) if verdict.person in ring else verdict for verdict in verdicts)
    look_at = _look_at(policy, verdicts, offered, now, next_step, missing=missing)
    return Plan(ring, verdicts, wanted, next_step, look_at, is_short=missing > 0)


def judge(
    policy: Policy, need: Need, candidates: Iterable[Candidate], offered: Round, *, now: Instant
) -> tuple[Verdict, ...]:
    """Return a verdict for everybody: those who can be rung now in order of place, then those passed over."""
    rings = {ring.person: ring for ring in offered.rings}
    found = [(c, _obstacle_now(policy, need, c, rings.get(c.person), now)) for c in candidates]
    awaited = _KNOWS_THE_FIELD if policy.keeps_to_field else _MAY_YET_TAKE_IT
    if now < offered.started_at + policy.exclusive_for and any(
        _matches(need, candidate) and reason in awaited for candidate, reason in found
    ):
        found = [
            (c, PassedOver.FIELD_FIRST if reason is None and not _matches(need, c) else reason)
            for c, reason in found
        ]
    fit = sorted((c for c, reason in found if reason is None), key=lambda c: _order(need, c))
    asked = [Verdict(c.person, place, None, _matches(need, c)) for place, c in enumerate(fit)]
    passed = [Verdict(c.person, None, why, _matches(need, c)) for c, why in found if why is not None]
    return (*asked, *passed)


def obstacle(need: Need, candidate: Candidate) -> PassedOver | None:
    """Return the first hard rule that keeps the person from being asked, or None."""
    if not candidate.is_on_duty:  # most people, most of the time
        return PassedOver.OFF_DUTY
    rules = (
        (candidate.is_paused, PassedOver.PAUSED),
        (not candidate.is_reachable, PassedOver.UNREACHABLE),
        (candidate.is_enquirer, PassedOver.OWN_ENQUIRY),
        (candidate.has_conflict, PassedOver.CONFLICT),
        (need.language not in candidate.languages, PassedOver.LANGUAGE),
        (need.requires_competence and not _matches(need, candidate), PassedOver.COMPETENCE),
        (_would_be_alone_with_minor(need, candidate), PassedOver.MINOR_RULE),
        (_lacks_certificate(need, candidate), PassedOver.CERTIFICATE),
        (candidate.is_own_district, PassedOver.OWN_DISTRICT),
        (candidate.open_enquiries >= candidate.cap, PassedOver.AT_CAP),
        (candidate.had_it_last, PassedOver.HAD_IT),
    )
    return next((reason for applies, reason in rules if applies), None)


def hard_rules_broken(need: Need, candidate: Candidate) -> tuple[PassedOver, ...]:
    """Return the rules no person may set aside, whoever gives the enquiry to the candidate and however."""
    rules = (
        (candidate.is_enquirer, PassedOver.OWN_ENQUIRY),
        (candidate.has_conflict, PassedOver.CONFLICT),
        (_would_be_alone_with_minor(need, candidate), PassedOver.MINOR_RULE),
        (_lacks_certificate(need, candidate), PassedOver.CERTIFICATE),
        (candidate.is_own_district, PassedOver.OWN_DISTRICT),
    )
    return tuple(reason for applies, reason in rules if applies)


def loads(
    taken: Mapping[UUID, float], hours: Mapping[UUID, float], people: Iterable[UUID]
) -> dict[UUID, float]:
    """Return the cases each has taken per hour on duty, both decayed, with the pool's average as 1.

    Everybody begins as if she had stood two shifts at the average, so that a newcomer is neither flooded
    nor spared; where no hours are known, everybody counts as having stood the same.
    """
    everybody = list(people)
    known = sum(hours.get(person, 0.0) for person in everybody)
    stood = {person: hours.get(person, 0.0) if known else _TWO_SHIFTS for person in everybody}
    all_taken = sum(taken.get(person, 0.0) for person in everybody)
    if not all_taken:
        return dict.fromkeys(everybody, 1.0)
    average = all_taken / sum(stood.values())
    return {
        person: (taken.get(person, 0.0) / average + _TWO_SHIFTS) / (stood[person] + _TWO_SHIFTS)
        for person in everybody
    }


def default_policies() -> dict[Urgency, Policy]:
    """Return the policy by urgency where the configuration is silent."""
    minutes = timedelta(minutes=1)
    return {
        Urgency.EMERGENCY: Policy(0, 2 * minutes, only_in_opening_hours=False),
        Urgency.HIGH: Policy(
            3,
            2 * minutes,
            only_in_opening_hours=False,
            exclusive_for=3 * minutes,
            ask_again_after=15 * minutes,
            most_rings=6,
        ),
        Urgency.NORMAL: Policy(
            2,
            10 * minutes,
            only_in_opening_hours=True,
            exclusive_for=10 * minutes,
            ask_again_after=120 * minutes,
            most_rings=2,
        ),
        Urgency.LOW: Policy(0, 10 * minutes, only_in_opening_hours=True),
    }


# Who knows the field and can be asked, or has been and may still answer, keeps the others waiting a while.
_MAY_YET_TAKE_IT = (None, PassedOver.ALREADY_ASKED)
_KNOWS_THE_FIELD = (*_MAY_YET_TAKE_IT, PassedOver.AT_CAP, PassedOver.DECLINED)


def _obstacle_now(
    policy: Policy, need: Need, candidate: Candidate, ring: Ring | None, now: Instant
) -> PassedOver | None:
    """Return what keeps the person from being rung at this moment: a hard rule, or that she was rung."""
    reason = obstacle(need, candidate)
    if reason is not None or ring is None:
        return reason
    again = _may_be_rung_again_at(policy, ring)
    if again is not None and again <= now:
        return None
    return PassedOver.ALREADY_ASKED if ring.answer is Answer.NONE else PassedOver.DECLINED


def _may_be_rung_again_at(policy: Policy, ring: Ring) -> Instant | None:
    is_final = ring.answer is Answer.NO or ring.times >= policy.most_rings
    return None if is_final or not policy.ask_again_after else ring.last_rung + policy.ask_again_after


def _count_on(
    policy: Policy, candidates: Sequence[Candidate], offered: Round, *, now: Instant, waiting: int
) -> tuple[int, Instant]:
    """Return how many rings are wanted by now, and when it is one more; any pause is one step."""
    if offered.next_step is None:
        return policy.at_once, now + policy.one_more_after
    if now < offered.next_step:
        return offered.wanted, offered.next_step
    next_step = now + policy.one_more_after
    free = sum(max(c.cap - c.open_enquiries, 0) for c in candidates if c.is_on_duty and not c.is_paused)
    if waiting > free and _fresh(policy, offered, now) >= policy.overload_fresh_offers:
        return offered.wanted, next_step
    return offered.wanted + 1, next_step


def _fresh(policy: Policy, offered: Round, now: Instant) -> int:
    """Return how many of the open offers are recent enough to be answered still."""
    since = now - (policy.ask_again_after or 5 * policy.one_more_after)
    return sum(ring.answer is Answer.NONE and ring.last_rung > since for ring in offered.rings)


def _placed(offered: Round) -> int:
    """Return how many rings count: one that was declined is to be replaced."""
    return sum(ring.times - (ring.answer is not Answer.NONE) for ring in offered.rings)


def _look_at(
    policy: Policy,
    verdicts: Sequence[Verdict],
    offered: Round,
    now: Instant,
    next_step: Instant,
    *,
    missing: int,
) -> Instant:
    """Return when time alone may change what is to be done; whatever else changes has it looked at anew."""
    if missing <= 0:
        return next_step
    moments = [_may_be_rung_again_at(policy, ring) for ring in offered.rings]
    if any(verdict.passed_over is PassedOver.FIELD_FIRST for verdict in verdicts):
        moments.append(offered.started_at + policy.exclusive_for)
    if missing < policy.at_once:
        moments.append(next_step)
    return min(
        [moment for moment in moments if moment is not None and moment > now], default=now + _LOOK_ANYWAY
    )


def _opening_after(hours: OpeningHours, now: Instant) -> Instant:
    opening = hours.next_opening(now)
    return now + timedelta(hours=12) if opening is None else Instant.of(opening)


def _first_of_another_day(hours: OpeningHours | None, now: Instant) -> Instant:
    """Return the first opening of a later day: nobody's phone buzzes today for what can wait."""
    if hours is None:
        return now + timedelta(days=1)
    tomorrow = (now.astimezone(hours.zone) + timedelta(days=1)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    return Instant.of(hours.next_opening(tomorrow) or datetime.__add__(now, timedelta(days=1)))


def _rung(verdict: Verdict) -> Verdict:
    return Verdict(verdict.person, verdict.place, None, verdict.matches_competence, is_rung=True)


def _matches(need: Need, candidate: Candidate) -> bool:
    return need.competence is None or need.competence in candidate.competences


def _would_be_alone_with_minor(need: Need, candidate: Candidate) -> bool:
    """One person answers each enquiry, so a former extremist would always be alone with the minor."""
    return need.is_writer_minor and FORMER_EXTREMIST in candidate.competences


def _lacks_certificate(need: Need, candidate: Candidate) -> bool:
    return need.requires_certificate and not candidate.has_certificate


def _order(need: Need, candidate: Candidate) -> tuple[bool, int, bool, float, UUID]:
    """The field, fewest open, nobody who has clearly carried more than others, longest not asked."""
    return (
        not _matches(need, candidate),
        candidate.open_enquiries + candidate.unanswered_offers,
        candidate.load > _CLEARLY_MORE,
        candidate.last_asked.timestamp() if candidate.last_asked else 0.0,
        candidate.person,
    )
