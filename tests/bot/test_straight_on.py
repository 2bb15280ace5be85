"""The straight road does to a plain text what the long way does, and takes no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import select, update

from bot import enquiries, straight_on
from bot.configuration import Configuration
from bot.incoming import Did, Incoming
from bot.turn import Turn
from handlers.telegram import door
from storage.models import Assignment, Chat, Enquiry, Message, OutboxRow, Posting, State
from storage.store import Store
from tests.stage import Pair, set_pairs


@dataclass
class Written:
    """What a text has left, without ids and the order of coming."""

    messages: list[Any]
    postings: list[Any]
    outbox: list[Any]
    flood_count: int


@pytest.fixture
async def pair(store: Store, rules: Configuration) -> Pair:
    """A pair whose adviser has answered once."""
    [made] = await set_pairs(store, rules, 1)
    await enter(store, rules, saying(store, made.adviser, "Goddag."))
    return made


def saying(store: Store, address: int, text: str, **more: Any) -> Incoming:
    return Incoming(Did.TEXT, address, store.clock.now(), telegram_id=7, text=text, **more)


async def enter(store: Store, rules: Configuration, incoming: Incoming) -> None:
    async with store.unit() as unit:
        await door.enter(Turn(unit, rules), incoming, await store.chat_hash(incoming.address))
        await unit.commit()


async def goes_straight_on(store: Store, rules: Configuration, incoming: Incoming) -> bool:
    async with store.unit() as unit:
        return await straight_on.pass_straight_on(
            Turn(unit, rules), incoming, await store.chat_hash(incoming.address)
        )


async def everything(store: Store, address: int) -> Written:
    chat_hash = await store.chat_hash(address)
    async with store.reading() as session:
        messages = select(
            Message.enquiry_id, Message.author, Message.person_id, Message.key_id, Message.version
        )
        postings = select(Posting.chat_id, Posting.telegram_id, Posting.purpose, Posting.enquiry_id)
        outbox = select(
            OutboxRow.chat_id, OutboxRow.action, OutboxRow.key, OutboxRow.params, OutboxRow.buttons,
            OutboxRow.purpose, OutboxRow.priority, OutboxRow.part, OutboxRow.progress,
        )  # fmt: skip
        return Written(
            [tuple(row) for row in await session.execute(messages.order_by(Message.position))],
            [tuple(row) for row in await session.execute(postings.order_by(Posting.posted_at))],
            [tuple(row) for row in await session.execute(outbox.order_by(OutboxRow.seq))],
            (
                await session.execute(select(Chat.flood_count).where(Chat.address_hash == chat_hash))
            ).scalar_one(),
        )


def added(before: Written, after: Written) -> Written:
    return Written(
        after.messages[len(before.messages) :],
        after.postings[len(before.postings) :],
        after.outbox[len(before.outbox) :],
        after.flood_count - before.flood_count,
    )


@pytest.mark.parametrize("has_masks", [False, True])
@pytest.mark.parametrize("side", ["enquirer", "adviser"])
async def test_it_leaves_what_the_long_way_leaves(
    store: Store,
    rules: Configuration,
    pair: Pair,
    monkeypatch: pytest.MonkeyPatch,
    side: str,
    *,
    has_masks: bool,
) -> None:
    text = saying(store, getattr(pair, side), "Tak.", has_masks=has_masks)
    assert await goes_straight_on(store, rules, text)
    before = await everything(store, text.address)
    await enter(store, rules, text)
    between = await everything(store, text.address)

    async def never(*_given: object) -> bool:
        return False

    monkeypatch.setattr(straight_on, "pass_straight_on", never)
    await enter(store, rules, text)

    assert len(added(before, between).messages) == 1
    assert added(before, between) == added(between, await everything(store, text.address))


CHANGES: dict[str, Callable[[Any], Any]] = {
    "an emergency": lambda text: replace(text, shows_emergency=True),
    "a reply": lambda text: replace(text, reply_to=3),
    "an edit": lambda text: replace(text, did=Did.EDIT),
    "a stranger": lambda text: replace(text, address=999),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_what_is_not_plain_goes_the_long_way(
    store: Store, rules: Configuration, pair: Pair, change: Callable[[Incoming], Incoming]
) -> None:
    assert not await goes_straight_on(store, rules, change(saying(store, pair.enquirer, "Tak.")))


@pytest.mark.parametrize("state", [State.HELD, State.WAITING, State.TRIAGE, State.CLOSED])
async def test_only_an_assigned_case_is_written_to(
    store: Store, rules: Configuration, pair: Pair, state: State
) -> None:
    async with store.writing() as connection:
        await connection.execute(update(Enquiry).values(state=state))

    for address in (pair.enquirer, pair.adviser):
        assert not await goes_straight_on(store, rules, saying(store, address, "Tak."))


async def test_a_case_that_nobody_has_any_more_is_not_written_to(
    store: Store, rules: Configuration, pair: Pair
) -> None:
    async with store.writing() as connection:
        await connection.execute(update(Assignment).values(ended_at=store.clock.now()))

    for address in (pair.enquirer, pair.adviser):
        assert not await goes_straight_on(store, rules, saying(store, address, "Tak."))


async def test_a_case_that_is_taken_away_while_its_lock_is_waited_for_is_not_written_to(
    store: Store, rules: Configuration, pair: Pair
) -> None:
    async with store.writing() as connection:
        await connection.execute(select(Enquiry.id).with_for_update())
        await connection.execute(update(Assignment).values(ended_at=store.clock.now()))
        waits = asyncio.create_task(goes_straight_on(store, rules, saying(store, pair.enquirer, "Tak.")))
        await asyncio.sleep(0.2)

    assert not await waits


async def test_the_first_answer_goes_the_long_way(store: Store, rules: Configuration) -> None:
    [pair] = await set_pairs(store, rules, 1)

    assert not await goes_straight_on(store, rules, saying(store, pair.adviser, "Goddag."))


async def test_among_several_cases_none_is_picked(store: Store, rules: Configuration, pair: Pair) -> None:
    async with store.unit() as unit:
        mine = (
            await unit.session.execute(select(Chat).join(Enquiry, Enquiry.chat_id == Chat.id))
        ).scalar_one()
        await enquiries.open_draft(Turn(unit, rules), mine)
        await unit.commit()

    assert not await goes_straight_on(store, rules, saying(store, pair.enquirer, "Tak."))
    assert await goes_straight_on(store, rules, saying(store, pair.adviser, "Tak."))


async def test_a_flood_goes_the_long_way(store: Store, rules: Configuration, pair: Pair) -> None:
    for number in range(rules.limits.flood_messages):
        assert await goes_straight_on(store, rules, saying(store, pair.enquirer, "Tak.")), number
        await enter(store, rules, saying(store, pair.enquirer, "Tak."))

    assert not await goes_straight_on(store, rules, saying(store, pair.enquirer, "Tak."))


async def test_a_case_kept_over_the_end_of_a_shift_goes_the_long_way(
    store: Store, rules: Configuration, pair: Pair
) -> None:
    async with store.writing() as connection:
        await connection.execute(update(Enquiry).values(kept_until=store.clock.now()))

    for address in (pair.enquirer, pair.adviser):
        assert not await goes_straight_on(store, rules, saying(store, address, "Tak."))
