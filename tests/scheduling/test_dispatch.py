"""Whom to ask now, whom not and why, in which order, and when to look again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from scheduling.dispatch import (
    Answer,
    Candidate,
    Need,
    PassedOver,
    Plan,
    Policy,
    Ring,
    Round,
    decide,
    default_policies,
    hard_rules_broken,
    judge,
    loads,
    obstacle,
)
from scheduling.instant import Instant
from scheduling.opening import parse_hours
from scheduling.urgency import Urgency

NEED = Need(language="da", competence="school", is_about_minor=False, is_writer_minor=False)
FIT = Candidate(
    person=UUID(int=1), languages=frozenset({"da"}), competences=frozenset({"school"}), is_on_duty=True
)
COPENHAGEN = ZoneInfo("Europe/Copenhagen")
HOURS = parse_hours("mon-fri 08:00-20:00", COPENHAGEN)
NOON = Instant.of(datetime(2026, 11, 16, 12, 0, tzinfo=COPENHAGEN))
MINUTE = timedelta(minutes=1)
HIGH = Policy(
    3,
    2 * MINUTE,
    only_in_opening_hours=False,
    exclusive_for=5 * MINUTE,
    ask_again_after=15 * MINUTE,
    most_rings=2,
)
NORMAL = Policy(2, 10 * MINUTE, only_in_opening_hours=True)


def named(number: int, **changes: object) -> Candidate:
    return FIT._replace(person=UUID(int=number), **changes)  # type: ignore[arg-type]


def order(candidates: list[Candidate]) -> list[int]:
    found = judge(HIGH, NEED, candidates, Round(NOON), now=NOON)
    return [v.person.int for v in found if v.place is not None]


class Desk:
    """Carries plans out, as production and the bench do."""

    def __init__(self, policy: Policy, candidates: list[Candidate], at: Instant = NOON) -> None:
        self.policy, self.candidates, self.now = policy, candidates, at
        self.round, self.rings = Round(at), dict[UUID, Ring]()

    def look(self, *, need: Need = NEED, waiting: int = 1) -> Plan:
        offered = replace(self.round, rings=tuple(self.rings.values()))
        is_silent = {ring.person for ring in offered.rings if ring.answer is Answer.NONE}
        panel = [c._replace(unanswered_offers=int(c.person in is_silent)) for c in self.candidates]
        plan = decide(self.policy, need, panel, offered, now=self.now, hours=HOURS, waiting=waiting)
        self.round = replace(offered, wanted=plan.wanted, next_step=plan.next_step)
        for person in plan.ring:
            times = self.rings[person].times + 1 if person in self.rings else 1
            self.rings[person] = Ring(person, self.now, times)
        return plan

    def rung(self, **more: int) -> list[int]:
        return [person.int for person in self.look(waiting=more.get("waiting", 1)).ring]

    def later(self, minutes: float, **more: int) -> list[int]:
        self.now += minutes * MINUTE
        return self.rung(**more)

    def declines(self, number: int, answer: Answer) -> None:
        self.rings[UUID(int=number)] = replace(self.rings[UUID(int=number)], answer=answer)


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
        ({"is_own_district": True}, PassedOver.OWN_DISTRICT),
        ({"open_enquiries": 5}, PassedOver.AT_CAP),
        ({"had_it_last": True}, PassedOver.HAD_IT),
    ],
)
def test_each_hard_rule_passes_a_person_over(changes: dict[str, object], reason: PassedOver) -> None:
    assert obstacle(NEED, FIT._replace(**changes)) is reason  # type: ignore[arg-type]


def test_a_required_competence_passes_over_who_lacks_it() -> None:
    need = replace(NEED, competence="former_extremist", requires_competence=True)

    assert obstacle(need, FIT) is PassedOver.COMPETENCE


def test_a_former_extremist_is_passed_over_when_the_writer_is_a_minor() -> None:
    need = replace(NEED, is_writer_minor=True)

    assert obstacle(need, FIT._replace(competences=frozenset({"former_extremist"}))) is PassedOver.MINOR_RULE


def test_what_may_involve_a_child_passes_over_who_has_no_certificate_and_nothing_else_does() -> None:
    need, without = replace(NEED, requires_certificate=True), FIT._replace(has_certificate=False)

    assert obstacle(need, without) is PassedOver.CERTIFICATE
    assert obstacle(need, FIT) is None
    assert obstacle(NEED, without) is None


def test_certificate_and_own_district_hold_for_whoever_gives_the_case() -> None:
    need = replace(NEED, requires_certificate=True)
    candidate = FIT._replace(has_certificate=False, is_own_district=True, is_on_duty=False)

    assert hard_rules_broken(need, candidate) == (PassedOver.CERTIFICATE, PassedOver.OWN_DISTRICT)


def test_the_minor_rule_is_broken_whatever_else_stands_in_the_way() -> None:
    need = replace(NEED, is_writer_minor=True, language="en", competence="school", requires_competence=True)
    candidate = FIT._replace(competences=frozenset({"former_extremist"}), is_enquirer=True, has_conflict=True)

    assert hard_rules_broken(need, candidate) == (
        PassedOver.OWN_ENQUIRY,
        PassedOver.CONFLICT,
        PassedOver.MINOR_RULE,
    )


def test_fewest_open_counts_offers_not_answered_too() -> None:
    assert order([named(1, open_enquiries=1), named(2, unanswered_offers=2), named(3)]) == [3, 1, 2]


def test_who_has_clearly_carried_more_than_her_part_comes_after_the_others() -> None:
    asked_long_ago = Instant.from_microseconds(0)
    carried_much = named(1, load=1.3, last_asked=asked_long_ago)

    assert order([carried_much, named(2, load=1.2, last_asked=NOON)]) == [2, 1]


def test_among_equals_who_was_asked_longest_ago_comes_first_and_then_the_id() -> None:
    lately = named(1, last_asked=Instant.from_microseconds(2_000_000))
    earlier = named(2, last_asked=Instant.from_microseconds(1_000_000))

    assert order([lately, named(4), earlier, named(3)]) == [3, 4, 2, 1]


def test_speed_and_willingness_are_no_part_of_what_the_choice_knows() -> None:
    known = set(Candidate._fields)

    assert not {name for name in known if any(w in name for w in ("speed", "rate", "accept", "median"))}


def test_a_newcomer_is_taken_for_average_and_twice_the_part_shows() -> None:
    a, b, new = UUID(int=1), UUID(int=2), UUID(int=3)

    found = loads({a: 10.0, b: 30.0}, {a: 100.0, b: 100.0}, [a, b, new])

    assert found[new] == 1.0
    assert found[a] < 0.6
    assert found[b] > 1.4


def test_where_no_hours_are_known_cases_are_compared_and_without_cases_all_are_equal() -> None:
    a, b = UUID(int=1), UUID(int=2)

    assert loads({}, {}, [a, b]) == {a: 1.0, b: 1.0}
    found = loads({a: 3.0}, {}, [a, b])
    assert found[a] > 1.0 > found[b]


def test_three_at_once_and_one_more_every_two_minutes() -> None:
    desk = Desk(HIGH, [named(n) for n in range(1, 8)])

    assert desk.rung() == [1, 2, 3]
    assert desk.later(1) == []
    assert desk.later(1) == [4]
    assert desk.later(2) == [5]
    assert desk.look().look_at == desk.now + 2 * MINUTE


def test_looking_twice_at_the_same_moment_rings_nobody_twice() -> None:
    desk = Desk(HIGH, [named(n) for n in range(1, 8)])

    assert [desk.rung(), desk.rung(), desk.rung()] == [[1, 2, 3], [], []]


@pytest.mark.parametrize("answer", [Answer.NOT_NOW, Answer.NO])
def test_a_decline_is_replaced_at_once(answer: Answer) -> None:
    desk = Desk(HIGH, [named(n) for n in range(1, 8)])
    desk.rung()
    desk.declines(2, answer)

    assert desk.rung() == [4]
    assert desk.rung() == []


def test_only_who_knows_the_field_is_asked_for_a_while() -> None:
    others = [named(n, competences=frozenset({"family"})) for n in (2, 3, 4, 5, 6)]
    desk = Desk(HIGH, [FIT, *others])

    plan = desk.look()
    assert [p.int for p in plan.ring] == [1]
    assert {v.passed_over for v in plan.verdicts[1:]} == {PassedOver.FIELD_FIRST}
    desk.later(2)
    desk.later(2)
    assert desk.look().look_at == NOON + 5 * MINUTE

    assert desk.later(1) == [2, 3, 4]


@pytest.mark.parametrize("answer", [Answer.NOT_NOW, Answer.NO])
def test_once_all_who_know_the_field_have_declined_the_others_are_asked_at_once(answer: Answer) -> None:
    others = [named(n, competences=frozenset({"family"})) for n in (3, 4, 5)]
    desk = Desk(HIGH, [FIT, named(2), *others])
    assert desk.rung() == [1, 2]

    desk.declines(1, answer)
    assert desk.rung() == []  # the other one may still take it
    desk.declines(2, answer)

    assert desk.rung() == [3, 4, 5]


def test_nobody_waits_for_those_who_know_the_field_and_have_no_room() -> None:
    others = [named(n, competences=frozenset({"family"})) for n in (2, 3)]

    assert Desk(HIGH, [named(1, open_enquiries=5), *others]).rung() == [2, 3]


def test_nobody_waits_for_a_field_that_nobody_on_duty_knows() -> None:
    others = [named(n, competences=frozenset({"family"})) for n in (2, 3)]

    assert Desk(HIGH, [named(1, is_on_duty=False), *others]).rung() == [2, 3]


def test_whoever_comes_on_duty_is_rung_at_once_where_too_few_were() -> None:
    desk = Desk(HIGH, [named(1)])
    assert desk.look().is_short

    desk.candidates = [named(1), named(2), named(3), named(4)]

    assert desk.later(0.5) == [2, 3]


def test_what_was_missed_for_hours_is_made_up_for_with_as_many_as_at_the_start() -> None:
    desk = Desk(HIGH, [])
    for _ in range(40):
        assert desk.later(2) == []

    desk.candidates = [named(n) for n in range(1, 12)]

    assert len(desk.rung()) == 3


def test_a_clock_that_jumps_makes_one_step_and_one_that_goes_back_none() -> None:
    desk = Desk(NORMAL, [named(n) for n in range(1, 12)])
    assert len(desk.rung()) == 2

    assert desk.later(24 * 60) == [3]
    assert desk.rung() == []
    assert desk.later(-60) == []


def test_the_silent_are_rung_again_after_a_while_but_not_for_ever() -> None:
    desk = Desk(HIGH, [named(1), named(2)])
    assert desk.rung() == [1, 2]
    assert desk.later(14) == []
    assert desk.look().look_at == NOON + 15 * MINUTE

    assert desk.later(1) == [1, 2]
    assert [desk.later(15) for _ in range(10)] == [[]] * 10


def test_not_now_may_be_rung_again_and_not_my_field_never() -> None:
    desk = Desk(HIGH, [named(1), named(2)])
    desk.rung()
    desk.declines(1, Answer.NOT_NOW)
    desk.declines(2, Answer.NO)

    assert desk.later(15) == [1]


def test_nobody_is_rung_again_where_the_policy_does_not_say_so() -> None:
    desk = Desk(NORMAL, [named(1), named(2)])
    desk.rung()

    assert [desk.later(60) for _ in range(6)] == [[]] * 6


def test_with_more_waiting_than_can_be_taken_no_more_than_the_fresh_offers_are_made() -> None:
    desk = Desk(HIGH, [named(n, cap=1) for n in range(1, 9)])
    desk.rung(waiting=20)

    assert [desk.later(2, waiting=20) for _ in range(7)] == [[]] * 7
    assert desk.later(2, waiting=20) == [4]


def test_out_of_hours_nobody_is_rung_for_what_can_wait() -> None:
    night = Instant.of(datetime(2026, 11, 16, 22, 0, tzinfo=COPENHAGEN))
    desk = Desk(NORMAL, [named(1), named(2), named(3)], at=night)

    plan = desk.look()
    assert plan.ring == ()
    assert plan.look_at == Instant.of(datetime(2026, 11, 17, 8, 0, tzinfo=COPENHAGEN))
    desk.now = plan.look_at
    assert desk.rung() == [1, 2]


def test_what_is_low_waits_for_the_next_days_opening_and_then_asks_one() -> None:
    desk = Desk(default_policies()[Urgency.LOW], [named(1), named(2)])

    plan = desk.look()
    assert (plan.ring, plan.is_short) == ((), False)
    assert plan.look_at == Instant.of(datetime(2026, 11, 17, 8, 0, tzinfo=COPENHAGEN))
    assert desk.later(60) == []
    desk.now = plan.look_at
    assert desk.rung() == [1]


def test_everybody_gets_one_verdict_and_a_place_or_a_reason() -> None:
    people = [named(1, is_on_duty=False), *(named(n) for n in range(2, 8))]

    plan = Desk(HIGH, people).look()

    assert sorted(v.person.int for v in plan.verdicts) == list(range(1, 8))
    assert all((v.place is None) != (v.passed_over is None) for v in plan.verdicts)
    assert [v.person for v in plan.verdicts if v.is_rung] == list(plan.ring)
