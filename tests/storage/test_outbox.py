"""The outbox: in order within a chat, leased with a version, marked once Telegram has it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from scheduling.clock import SetClock
from scheduling.ids import new_id
from scheduling.instant import Instant
from storage import outbox
from storage.models import OutboxRow, Posting, Progress
from storage.outbox import Claimed, Mark
from storage.store import Store

KAREN, MIRA = new_id(), new_id()


async def queued(store: Store, *wishes: tuple[UUID | None, str, int]) -> None:
    async with store.unit() as unit:
        for chat, key, priority in wishes:
            outbox.queue(unit, chat, key, priority=priority, purpose="notice", subject_id=chat)
        await unit.commit()


async def next_rows(store: Store, *marks: Mark, at_most: int = 10) -> list[Claimed]:
    return await outbox.mark_and_claim(store, marks, at_most=at_most)


def keys(rows: list[Claimed]) -> list[str | None]:
    return [row.key for row in rows]


async def stored(store: Store) -> dict[str | None, OutboxRow]:
    async with store.reading() as session:
        return {row.key: row for row in (await session.execute(select(OutboxRow))).scalars()}


async def test_a_chats_next_row_waits_for_the_mark_of_the_last(store: Store) -> None:
    await queued(store, (KAREN, "a", 1), (KAREN, "b", 1), (MIRA, "c", 1))

    first = await next_rows(store)
    assert keys(first) == ["a", "c"]
    assert await next_rows(store) == []
    assert keys(await next_rows(store, Mark(first[0]))) == ["b"]


async def test_priority_goes_first_across_chats_and_never_within_one(store: Store) -> None:
    await queued(store, (KAREN, "digest", 2), (KAREN, "reply", 0), (MIRA, "answer", 0))

    assert keys(await next_rows(store, at_most=1)) == ["answer"]
    assert keys(await next_rows(store)) == ["digest"]


async def test_a_row_that_is_to_be_tried_again_holds_up_its_own_chat_alone(
    store: Store, clock: SetClock
) -> None:
    await queued(store, (KAREN, "a", 1), (KAREN, "b", 1), (MIRA, "c", 1))
    a, c = await next_rows(store)
    later = Instant.of(clock.now() + timedelta(seconds=30))

    assert await next_rows(store, Mark(a, retry_at=later), Mark(c)) == []
    await queued(store, (MIRA, "d", 1))
    assert keys(await next_rows(store)) == ["d"]
    clock.at += timedelta(seconds=31)
    assert keys(await next_rows(store)) == ["a"]


async def test_waiting_as_telegram_asks_does_not_count_as_an_attempt(store: Store, clock: SetClock) -> None:
    await queued(store, (KAREN, "a", 1))
    for counts, attempts in ((True, 1), (False, 1), (True, 2)):
        [row] = await next_rows(store)
        await next_rows(store, Mark(row, retry_at=clock.now(), counts_as_attempt=counts), at_most=0)
        assert (await stored(store))["a"].attempts == attempts


async def test_a_row_that_failed_for_good_lets_the_next_one_pass(store: Store) -> None:
    await queued(store, (KAREN, "a", 1), (KAREN, "b", 1))
    [a] = await next_rows(store)

    assert keys(await next_rows(store, Mark(a, failure="refused"))) == ["b"]
    assert await outbox.count_waiting(store) == {"waiting": 1, "failed": 1}


async def test_the_mark_of_a_lost_lease_does_not_change_the_row(store: Store, clock: SetClock) -> None:
    await queued(store, (KAREN, "a", 1))
    [lost] = await next_rows(store)
    clock.at += outbox.LEASE + timedelta(seconds=1)
    [mine] = await next_rows(store)

    await next_rows(store, Mark(lost, failure="refused"), at_most=0)

    row = (await stored(store))["a"]
    assert (row.progress, row.failure, row.lease) == (Progress.WAITING, None, mine.lease)


async def test_the_parts_of_a_long_text_go_one_after_the_other(store: Store) -> None:
    await queued(store, (KAREN, "long", 1), (KAREN, "b", 1))
    [first] = await next_rows(store)

    [second] = await next_rows(store, Mark(first, telegram_id=1, is_last_part=False))

    assert (second.key, second.part) == ("long", 1)
    assert keys(await next_rows(store, Mark(second, telegram_id=2))) == ["b"]
    async with store.reading() as session:
        assert sorted((await session.execute(select(Posting.telegram_id))).scalars()) == [1, 2]


async def test_marks_committed_a_second_time_note_once_where_it_stands(store: Store) -> None:
    """As where the first commit's answer was lost: a copy that stood twice would be deleted as surplus."""
    await queued(store, (KAREN, "a", 1), (KAREN, "b", 1), (MIRA, "c", 1))
    a, c = await next_rows(store)
    plain, with_part = Mark(a, telegram_id=1), Mark(c, telegram_id=2, is_last_part=False)

    assert keys(await next_rows(store, plain)) == ["b"]
    await next_rows(store, plain)
    for _ in range(2):
        await next_rows(store, plain, with_part, at_most=0)

    async with store.reading() as session:
        assert sorted((await session.execute(select(Posting.telegram_id))).scalars()) == [1, 2]


async def test_nothing_is_queued_by_a_unit_that_does_not_commit(store: Store) -> None:
    async with store.unit() as unit:
        outbox.queue(unit, KAREN, "a")

    assert await next_rows(store) == []


async def test_nothing_leaves_while_delivery_is_held(store: Store) -> None:
    await queued(store, (KAREN, "a", 1))
    await _hold(store)
    assert await next_rows(store) == []

    await outbox.release(store)

    assert keys(await next_rows(store)) == ["a"]


async def test_alerts_without_a_chat_are_in_order_too(store: Store) -> None:
    await queued(store, (None, "first", 1), (None, "second", 1), (KAREN, "a", 1))

    rows = await next_rows(store)

    assert sorted(str(key) for key in keys(rows)) == ["a", "first"]


@pytest.mark.parametrize("at_most", [0, -3])
async def test_marks_are_committed_where_nothing_may_be_leased(store: Store, at_most: int) -> None:
    await queued(store, (KAREN, "a", 1), (MIRA, "b", 1))
    [a] = await next_rows(store, at_most=1)

    assert await next_rows(store, Mark(a), at_most=at_most) == []
    assert (await stored(store))["a"].progress == Progress.DONE


async def _hold(store: Store) -> None:
    await outbox.hold(store)


@pytest.mark.parametrize("failure", [None, "refused"])
async def test_what_a_row_says_is_wiped_once_nothing_is_left_to_do(store: Store, failure: str | None) -> None:
    async with store.unit() as unit:
        link = {"link": {"invite": "way-in"}}
        outbox.queue(unit, KAREN, "a", params=link, buttons=[[["key", "data", {}]]])
        await unit.commit()
    [row] = await next_rows(store)
    assert row.params == link

    await next_rows(store, Mark(row, failure=failure), at_most=0)

    kept = (await stored(store))["a"]
    assert (kept.params, kept.buttons) == ({}, None)
