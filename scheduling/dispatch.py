"""Whom to ask next: hard filters first, then an order that can be read aloud."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from scheduling.instant import Instant
from scheduling.urgency import Urgency

FORMER_EXTREMIST = "former_extremist"


class PassedOver(StrEnum):
    """Why a person is not asked."""

    OFF_DUTY = "off_duty"
    PAUSED = "paused"
    LANGUAGE = "language"
    COMPETENCE = "competence"
    MINOR_RULE = "minor_rule"
    CONFLICT = "conflict"
    OWN_ENQUIRY = "own_enquiry"
    AT_CAP = "at_cap"
    ALREADY_ASKED = "already_asked"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Policy:
    """How many are asked at once, and how often one more; copied onto the enquiry when it starts."""

    at_once: int
    one_more_after: timedelta
    only_in_opening_hours: bool

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


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the choice may know of a person; never how fast she is."""

    person: UUID
    languages: frozenset[str]
    competences: frozenset[str]
    is_on_duty: bool
    is_paused: bool = False
    is_reachable: bool = True
    has_conflict: bool = False
    is_enquirer: bool = False
    has_been_asked: bool = False
    open_enquiries: int = 0
    cap: int = 5
    last_asked: Instant | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a person is asked, in which place, or why she is passed over."""

    person: UUID
    place: int | None
    passed_over: PassedOver | None
    matches_competence: bool


def decide(need: Need, candidates: Iterable[Candidate]) -> tuple[Verdict, ...]:
    """Return a verdict for everybody: those to ask in order of place, then those passed over."""
    fit: list[Candidate] = []
    passed: list[Verdict] = []
    for candidate in candidates:
        reason = obstacle(need, candidate)
        if reason is None:
            fit.append(candidate)
        else:
            passed.append(Verdict(candidate.person, None, reason, _matches(need, candidate)))
    fit.sort(key=lambda candidate: _order(need, candidate))
    asked = [Verdict(c.person, place, None, _matches(need, c)) for place, c in enumerate(fit)]
    return (*asked, *passed)


def chosen(verdicts: Sequence[Verdict], *, many: int) -> tuple[Verdict, ...]:
    """Return the first so many who are to be asked."""
    return tuple(v for v in verdicts if v.place is not None)[:many]


def obstacle(need: Need, candidate: Candidate) -> PassedOver | None:
    """Return the first hard rule that keeps the person from being asked, or None."""
    rules = (
        (not candidate.is_on_duty, PassedOver.OFF_DUTY),
        (candidate.is_paused, PassedOver.PAUSED),
        (not candidate.is_reachable, PassedOver.UNREACHABLE),
        (candidate.is_enquirer, PassedOver.OWN_ENQUIRY),
        (candidate.has_conflict, PassedOver.CONFLICT),
        (need.language not in candidate.languages, PassedOver.LANGUAGE),
        (need.requires_competence and not _matches(need, candidate), PassedOver.COMPETENCE),
        (_would_be_alone_with_minor(need, candidate), PassedOver.MINOR_RULE),
        (candidate.open_enquiries >= candidate.cap, PassedOver.AT_CAP),
        (candidate.has_been_asked, PassedOver.ALREADY_ASKED),
    )
    return next((reason for applies, reason in rules if applies), None)


def hard_rules_broken(need: Need, candidate: Candidate) -> tuple[PassedOver, ...]:
    """Return the rules no person may set aside, whoever gives the enquiry to the candidate and however."""
    rules = (
        (candidate.is_enquirer, PassedOver.OWN_ENQUIRY),
        (candidate.has_conflict, PassedOver.CONFLICT),
        (_would_be_alone_with_minor(need, candidate), PassedOver.MINOR_RULE),
    )
    return tuple(reason for applies, reason in rules if applies)


def default_policies() -> dict[Urgency, Policy]:
    """Return the policy by urgency where the configuration is silent."""
    return {
        Urgency.EMERGENCY: Policy(0, timedelta(minutes=2), only_in_opening_hours=False),
        Urgency.HIGH: Policy(3, timedelta(minutes=2), only_in_opening_hours=False),
        Urgency.NORMAL: Policy(2, timedelta(minutes=10), only_in_opening_hours=True),
        Urgency.LOW: Policy(0, timedelta(minutes=10), only_in_opening_hours=True),
    }


def _matches(need: Need, candidate: Candidate) -> bool:
    return need.competence is None or need.competence in candidate.competences


def _would_be_alone_with_minor(need: Need, candidate: Candidate) -> bool:
    """One person answers each enquiry, so a former extremist would always be alone with the minor."""
    return need.is_writer_minor and FORMER_EXTREMIST in candidate.competences


def _order(need: Need, candidate: Candidate) -> tuple[bool, int, float, str]:
    asked = candidate.last_asked.timestamp() if candidate.last_asked else 0.0
    return (not _matches(need, candidate), candidate.open_enquiries, asked, str(candidate.person))
