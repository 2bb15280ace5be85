"""The inbox: each update once, in order within a chat, leased, and done in the use case's own transaction."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError

from scheduling.clock import SetClock
from storage import inbox
from storage.inbox import Arrival, LeaseLostError
from storage.keys import KeyDestroyedError
from storage.models import InboxRow, Progress
from storage.store import Store

KAREN, IDRIS = 100, 200


def update(number: int, chat: int = KAREN, *, at: int = 1, place: int | None = None) -> Arrival:
    return Arrival(number, chat, at, number if place is None else place, f"body {number}".encode())


async def bodies(store: Store) -> list[str]:
    claimed = await inbox.claim(store, at_most=10)
    return sorted([(await inbox.open_body(store, row)).decode() for row in claimed])


async def do(store: Store, claimed: inbox.Claimed) -> None:
    async with store.unit() as unit:
        inbox.finish(unit, [claimed])
        await unit.commit()


async def rows(store: Store) -> list[InboxRow]:
    async with store.reading() as session:
        return list((await session.execute(select(InboxRow).order_by(InboxRow.update_id))).scalars())


async def test_an_update_that_comes_twice_is_taken_in_once(store: Store) -> None:
    await inbox.take_in(store, [update(1)])
    await inbox.take_in(store, [update(1), update(2)])

    assert [row.update_id for row in await rows(store)] == [1, 2]


async def test_an_update_that_comes_again_after_it_was_done_is_not_taken_in(store: Store) -> None:
    await inbox.take_in(store, [update(1)])
    [claimed] = await inbox.claim(store, at_most=1)
    await do(store, claimed)

    await inbox.take_in(store, [update(1)])

    assert await inbox.claim(store, at_most=1) == []


async def test_only_the_first_row_of_each_chat_is_handed_out(store: Store) -> None:
    await inbox.take_in(store, [update(1), update(2), update(3, IDRIS), update(4, IDRIS)])

    assert await bodies(store) == ["body 1", "body 3"]
    assert await bodies(store) == []


async def test_a_chat_is_in_order_of_time_and_message_whatever_came_first(store: Store) -> None:
    late, early = update(1, at=2, place=7), update(2, at=1, place=6)
    await inbox.take_in(store, [late, early])

    assert await bodies(store) == ["body 2"]


async def test_what_shares_time_and_place_is_handled_one_by_one_in_the_order_it_came(store: Store) -> None:
    await inbox.take_in(store, [update(5, place=9), update(6, place=9), update(7, place=9)])

    handled = []
    while claimed := await inbox.claim(store, at_most=10):
        assert len(claimed) == 1
        handled.append((await inbox.open_body(store, claimed[0])).decode())
        await do(store, claimed[0])
    assert handled == ["body 5", "body 6", "body 7"]


async def test_what_comes_late_is_not_handled_beside_what_is_being_handled(store: Store) -> None:
    await inbox.take_in(store, [update(1, at=5)])
    [claimed] = await inbox.claim(store, at_most=10)
    await inbox.take_in(store, [update(2, at=4)])

    assert await inbox.claim(store, at_most=10) == []
    await do(store, claimed)
    assert await bodies(store) == ["body 2"]


async def test_a_lost_lease_has_no_effect(store: Store, clock: SetClock) -> None:
    await inbox.take_in(store, [update(1)])
    [first] = await inbox.claim(store, at_most=1)
    clock.at += inbox.LEASE + timedelta(seconds=1)
    [second] = await inbox.claim(store, at_most=1)

    with pytest.raises(LeaseLostError):
        await do(store, first)
    assert await inbox.put_off(store, first) is False
    assert (await rows(store))[0].leased_until is not None
    await do(store, second)
    assert (await rows(store))[0].progress == Progress.DONE


async def test_a_done_row_has_lost_its_body(store: Store) -> None:
    await inbox.take_in(store, [update(1)])
    [claimed] = await inbox.claim(store, at_most=1)

    await do(store, claimed)

    assert [(row.progress, row.body_sealed) for row in await rows(store)] == [(Progress.DONE, None)]


async def test_a_use_case_that_does_not_commit_leaves_its_row_waiting(store: Store) -> None:
    await inbox.take_in(store, [update(1)])
    [claimed] = await inbox.claim(store, at_most=1)

    async with store.unit() as unit:
        inbox.finish(unit, [claimed])

    assert [row.progress for row in await rows(store)] == [Progress.WAITING]


async def test_a_row_that_fails_waits_longer_each_time_and_is_set_aside(
    store: Store, clock: SetClock
) -> None:
    await inbox.take_in(store, [update(1)])
    for attempt in range(1, inbox.MOST_ATTEMPTS + 1):
        [claimed] = await inbox.claim(store, at_most=1)
        assert await inbox.put_off(store, claimed) is (attempt == inbox.MOST_ATTEMPTS)
        assert await inbox.claim(store, at_most=1) == []
        clock.at += timedelta(seconds=61)

    assert await inbox.count_waiting(store) == {"waiting": 0, "aside": 1}
    assert await inbox.claim(store, at_most=1) == []


async def test_done_rows_are_forgotten_after_the_dedupe_window_and_not_before(
    store: Store, clock: SetClock
) -> None:
    await inbox.take_in(store, [update(1), update(2, IDRIS)])
    [claimed, _] = sorted(await inbox.claim(store, at_most=2), key=lambda row: row.chat_hash)
    await do(store, claimed)

    clock.at += inbox.KEPT - timedelta(seconds=1)
    await inbox.prune(store)
    assert len(await rows(store)) == 2
    clock.at += timedelta(seconds=2)
    await inbox.prune(store)
    assert [row.progress for row in await rows(store)] == [Progress.WAITING]


async def test_a_daily_key_outlives_the_last_row_that_is_not_done(store: Store, clock: SetClock) -> None:
    await inbox.take_in(store, [update(1)])
    [row] = await rows(store)
    assert row.body_sealed is not None
    clock.at += inbox.KEYS_KEPT + timedelta(days=1)

    await inbox.destroy_old_keys(store)
    [claimed] = await inbox.claim(store, at_most=1)
    assert await inbox.open_body(store, claimed) == b"body 1"
    await do(store, claimed)
    await inbox.destroy_old_keys(store)

    with pytest.raises(KeyDestroyedError):
        await store.keys.open(row.key_id, row.body_sealed, place=f"inbox.body:{row.id}")


async def test_the_key_of_today_is_kept(store: Store) -> None:
    key_id = await store.daily_key()

    await inbox.destroy_old_keys(store)

    assert await store.keys.seal(key_id, b"x", place="p")


async def test_an_attempt_while_a_database_is_away_does_not_count(store: Store, clock: SetClock) -> None:
    await inbox.take_in(store, [update(1)])
    for _ in range(inbox.MOST_ATTEMPTS + 2):
        [claimed] = await inbox.claim(store, at_most=1)
        assert await inbox.put_off(store, claimed, counts=False) is False
        clock.at += timedelta(seconds=3)

    assert [(row.progress, row.attempts) for row in await rows(store)] == [(Progress.WAITING, 0)]


async def test_putting_off_a_row_that_is_done_does_not_wake_it(store: Store) -> None:
    await inbox.take_in(store, [update(1)])
    [claimed] = await inbox.claim(store, at_most=1)
    await do(store, claimed)

    assert await inbox.put_off(store, claimed) is False

    assert [row.progress for row in await rows(store)] == [Progress.DONE]


@pytest.mark.parametrize(
    ("error", "is_outage"),
    [
        (ConnectionRefusedError(), True),
        (TimeoutError(), True),
        (OperationalError("s", {}, Exception()), True),
        (IntegrityError("s", {}, Exception()), False),
        (KeyError(), False),
    ],
)
def test_only_a_database_that_is_away_is_an_outage(error: Exception, *, is_outage: bool) -> None:
    assert inbox.is_outage(error) is is_outage


async def test_what_was_set_aside_a_week_ago_is_unreadable_and_its_key_goes(
    store: Store, clock: SetClock
) -> None:
    await inbox.take_in(store, [update(1)])
    for _ in range(inbox.MOST_ATTEMPTS):
        [claimed] = await inbox.claim(store, at_most=1)
        await inbox.put_off(store, claimed)
        clock.at += timedelta(seconds=61)
    await inbox.prune(store)
    [row] = await rows(store)
    assert row.body_sealed is not None

    clock.at += inbox.KEYS_KEPT + timedelta(days=1)
    await inbox.prune(store)
    await inbox.destroy_old_keys(store)

    assert [(one.progress, one.body_sealed) for one in await rows(store)] == [(Progress.ASIDE, None)]
    with pytest.raises(KeyDestroyedError):
        await store.keys.open(row.key_id, row.body_sealed, place=f"inbox.body:{row.id}")
    assert await inbox.retry_aside(store) == 0


async def test_a_unit_whose_key_store_is_away_after_the_commit_has_happened(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await inbox.take_in(store, [update(1)])
    [claimed] = await inbox.claim(store, at_most=1)

    async def away(_keys: object) -> None:
        raise OperationalError("s", {}, Exception())

    monkeypatch.setattr(store.keys, "destroy", away)
    async with store.unit() as unit:
        inbox.finish(unit, [claimed])
        unit.doom_key(claimed.key_id)
        await unit.commit()

    assert [row.progress for row in await rows(store)] == [Progress.DONE]
