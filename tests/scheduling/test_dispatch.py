"""Whom to ask next: the hard rules, one by one, and the order."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from scheduling.dispatch import Candidate, Need, PassedOver, chosen, decide, hard_rules_broken, obstacle
from scheduling.instant import Instant

NEED = Need(language="da", competence="school", is_about_minor=False, is_writer_minor=False)
FIT = Candidate(
    person=UUID(int=1), languages=frozenset({"da"}), competences=frozenset({"school"}), is_on_duty=True
)


def named(number: int, **changes: object) -> Candidate:
    return replace(FIT, person=UUID(int=number), **changes)  # type: ignore[arg-type]


def test_somebody_fit_meets_no_obstacle() -> None:
    assert obstacle(NEED, FIT) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"is_on_duty": False}, PassedOver.OFF_DUTY),
        ({"is_paused": True}, PassedOver.PAUSED),
        ({"is_reachable": False}, PassedOver.UNREACHABLE),
        ({"is_enquirer": True}, PassedOver.OWN_ENQUIRY),
        ({"has_conflict": True}, PassedOver.CONFLICT),
        ({"languages": frozenset({"en"})}, PassedOver.LANGUAGE),
        ({"open_enquiries": 5}, PassedOver.AT_CAP),
        ({"has_been_asked": True}, PassedOver.ALREADY_ASKED),
    ],
)
def test_each_hard_rule_passes_a_person_over(changes: dict[str, object], reason: PassedOver) -> None:
    assert obstacle(NEED, replace(FIT, **changes)) is reason  # type: ignore[arg-type]


def test_a_required_competence_passes_over_who_lacks_it() -> None:
    need = replace(NEED, competence="former_extremist", requires_competence=True)

    assert obstacle(need, FIT) is PassedOver.COMPETENCE


def test_a_former_extremist_is_passed_over_when_the_writer_is_a_minor() -> None:
    need = replace(NEED, is_writer_minor=True)

    assert obstacle(need, replace(FIT, competences=frozenset({"former_extremist"}))) is PassedOver.MINOR_RULE


def test_the_minor_rule_is_broken_whatever_else_stands_in_the_way() -> None:
    need = replace(NEED, is_writer_minor=True, language="en", competence="school", requires_competence=True)
    candidate = replace(FIT, competences=frozenset({"former_extremist"}), is_enquirer=True, has_conflict=True)

    assert hard_rules_broken(need, candidate) == (
        PassedOver.OWN_ENQUIRY,
        PassedOver.CONFLICT,
        PassedOver.MINOR_RULE,
    )


def test_the_field_comes_before_the_number_of_open_cases() -> None:
    other = named(2, competences=frozenset({"family"}))
    busy = named(3, open_enquiries=4)

    places = [v.person.int for v in decide(NEED, [other, busy])]

    assert places == [3, 2]


def test_fewest_open_comes_before_least_recently_asked_and_that_before_the_id() -> None:
    never = named(4)
    lately = named(1, last_asked=Instant.from_microseconds(2_000_000))
    earlier = named(2, last_asked=Instant.from_microseconds(1_000_000))
    busy = named(3, open_enquiries=1)

    places = [v.person.int for v in decide(NEED, [busy, lately, earlier, never])]

    assert places == [4, 2, 1, 3]


def test_nobody_passed_over_is_chosen() -> None:
    verdicts = decide(NEED, [named(1, is_on_duty=False), named(2), named(3), named(4)])

    assert [v.person.int for v in chosen(verdicts, many=2)] == [2, 3]
    assert [v.passed_over for v in verdicts] == [None, None, None, PassedOver.OFF_DUTY]


def test_a_policy_that_asks_nobody_at_once_chooses_nobody() -> None:
    assert chosen(decide(NEED, [FIT]), many=0) == ()
