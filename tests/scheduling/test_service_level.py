"""How soon it happened: exact quantiles, and what has not happened counted, not dropped."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from scheduling.instant import Instant
from scheduling.service_level import (
    Case,
    Wait,
    arrivals,
    by_hour,
    by_urgency,
    hours_between,
    quantile,
    service,
    usual_minutes,
)
from scheduling.urgency import Urgency

ZONE = ZoneInfo("Europe/Copenhagen")
AT = Instant.of(datetime(2026, 11, 16, 10, 0, tzinfo=ZONE))
NOW = Instant.of(AT + timedelta(hours=2))


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def case(
    claimed: float | None = None,
    answered: float | None = None,
    *,
    sent: Instant = AT,
    promise: float = 600,
    is_closed: bool = False,
    urgency: Urgency = Urgency.NORMAL,
) -> Case:
    def moment(after: float | None) -> Instant | None:
        return None if after is None else Instant.of(sent + minutes(after))

    return Case(urgency, sent, moment(promise), moment(claimed), moment(answered), is_closed)


def test_quantiles_are_times_that_happened() -> None:
    took = [minutes(one) for one in (1, 2, 3, 4)]

    assert quantile(took, 0.5) == minutes(2)
    assert quantile(took, 0.95) == minutes(4)
    assert quantile([*took, None], 0.95) is None
    assert quantile([], 0.5) is None


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=60), st.integers(0, 20))
def test_a_quantile_is_the_shortest_time_within_which_so_many_happened(took: list[int], not_yet: int) -> None:
    waits = [minutes(one) for one in took] + [None] * not_yet
    for share in (0.5, 0.8, 0.95):
        found = quantile(waits, share)
        within = [one for one in waits if one is not None and (found is None or one <= found)]
        if found is None:
            assert len(within) < share * len(waits)
        else:
            assert len(within) >= share * len(waits) - 1e-9
            assert len([one for one in within if one < found]) < share * len(waits)


def test_what_nobody_has_claimed_is_not_within_and_stands_behind_all_others() -> None:
    found = service([case(2, 8), case(4, 30), case(), case(is_closed=True)], NOW)

    assert (found.claim.cases, found.claim.happened) == (4, 2)
    assert (found.claim.median, found.claim.p95) == (minutes(4), None)
    assert (found.claim.within_limit, found.claim.share_within_limit) == (2, 0.5)
    assert (found.claim.within_promise, found.claim.share_within_promise) == (2, 0.5)
    assert (found.answer.median, found.answer.within_limit) == (minutes(30), 0)


def test_what_could_still_be_in_time_is_undecided_and_not_within() -> None:
    found = service([case(promise=180), case(promise=60), case(is_closed=True)], NOW).claim

    assert (found.within_promise, found.undecided_promise) == (0, 1)
    assert (found.within_limit, found.undecided_limit) == (0, 0)


def test_an_answer_counts_only_after_the_first_claim() -> None:
    assert service([case(20, 10)], NOW).answer.happened == 0
    assert service([case(None, 10)], NOW).answer.happened == 0


def test_urgencies_are_told_apart_the_most_urgent_first() -> None:
    found = by_urgency([case(9), case(1, urgency=Urgency.HIGH)], NOW)

    assert list(found) == [Urgency.HIGH, Urgency.NORMAL]
    assert [one.claim.median for one in found.values()] == [minutes(1), minutes(9)]


def test_an_hour_of_the_week_with_fewer_than_five_is_hidden() -> None:
    tuesday = Instant.of(AT + timedelta(days=1))
    found = by_hour([case(3)] * 5 + [case(3, sent=tuesday)] * 4, NOW, ZONE)

    assert set(found) == {(0, 10), (1, 10)}
    assert found[1, 10] is None
    assert found[0, 10] is not None
    assert found[0, 10].claim.cases == 5


def waits(*took: float | None) -> list[Wait]:
    return [Wait(None if one is None else minutes(one), None, None) for one in took]


def test_the_usual_wait_is_rounded_up_and_counts_who_was_never_claimed() -> None:
    assert usual_minutes(waits(*[6.0] * 20), fewest=20) == 10
    assert usual_minutes(waits(*[5.0] * 20), fewest=20) == 5
    assert usual_minutes(waits(*[4.0] * 20, 61.0, 61.0, None, None, None), fewest=20) == 5
    assert usual_minutes(waits(*[4.0] * 20, 61.0, 61.0, 61.0, None, None, None), fewest=20) == 120
    assert usual_minutes(waits(*[4.0] * 20, *[None] * 6), fewest=20) is None


def test_too_few_claims_or_too_long_a_wait_is_no_usual_wait() -> None:
    assert usual_minutes(waits(*[6.0] * 19), fewest=20) is None
    assert usual_minutes(waits(*[600.0] * 20), fewest=20) is None


def test_the_hours_of_a_week_are_counted_by_the_local_clock() -> None:
    """The night the clocks go back has an hour twice, the night they go forward one not at all."""
    autumn = Instant.of(datetime(2026, 10, 19, 0, 0, tzinfo=ZONE))
    spring = Instant.of(datetime(2026, 3, 23, 0, 30, tzinfo=ZONE))

    back = hours_between(autumn, Instant.of(datetime(2026, 10, 26, 0, 0, tzinfo=ZONE)), ZONE)
    forward = hours_between(spring, Instant.of(datetime(2026, 3, 30, 0, 0, tzinfo=ZONE)), ZONE)

    assert (back[6, 2], back[6, 3], sum(back.values())) == (2, 1, 169)
    assert (forward[6, 2], forward[0, 0], sum(forward.values())) == (0, 0.5, 166.5)


def test_arrivals_are_by_the_hours_there_were() -> None:
    weeks = hours_between(AT, Instant.of(AT + timedelta(days=14)), ZONE)

    assert arrivals([AT, AT, AT], weeks, ZONE)[0, 10] == 1.5
