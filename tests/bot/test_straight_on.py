"""The straight road does to a plain text what the long way does, and takes no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot import enquiries, straight_on
from bot.configuration import Configuration
from bot.incoming import Did, Incoming
from bot.turn import Turn
from handlers.telegram import door
from scheduling.instant import Instant
from storage.models import Assignment, Chat, Enquiry, Message, OutboxRow, Posting, State
from storage.store import Store
from tests.stage import Pair, set_pairs

BASES = (100_000, 200_000)  # where the addresses of enquirers and of advisers begin


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


async def pass_on(store: Store, rules: Configuration, *texts: Incoming) -> list[bool]:
    came = {await store.chat_hash(text.address): text for text in texts}
    async with store.unit() as unit:
        passed = await straight_on.pass_straight_on(Turn(unit, rules), came)
        await unit.commit()
    return [chat in passed for chat in came]


async def goes_straight_on(store: Store, rules: Configuration, incoming: Incoming) -> bool:
    chat = await store.chat_hash(incoming.address)
    async with store.unit() as unit:
        return chat in await straight_on.pass_straight_on(Turn(unit, rules), {chat: incoming})


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


async def copies(store: Store) -> list[tuple[int, str]]:
    """To which address a copy of which case is to be sent, in the order of queueing."""
    async with store.reading() as session:
        hashes = dict((await session.execute(select(Chat.id, Chat.address_hash))).all())
        rows = select(OutboxRow.chat_id, OutboxRow.params).where(OutboxRow.purpose == "copy")
        queued = (await session.execute(rows.order_by(OutboxRow.seq))).all()
    addresses = {await store.chat_hash(base + index): base + index for base in BASES for index in range(3)}
    return [(addresses[hashes[chat]], params["number"]) for chat, params in queued]


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
    side: str,
    *,
    has_masks: bool,
) -> None:
    text = saying(store, getattr(pair, side), "Tak.", has_masks=has_masks)
    before = await everything(store, text.address)
    assert await pass_on(store, rules, text) == [True]
    between = await everything(store, text.address)

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


@pytest.mark.parametrize("urls", ["postgresql"], indirect=True)  # elsewhere one writes at a time
async def test_a_case_that_somebody_is_changing_is_neither_written_to_nor_waited_for(
    store: Store, rules: Configuration, pair: Pair
) -> None:
    async with asyncio.timeout(2), store.writing() as connection:
        await connection.execute(select(Enquiry.id).with_for_update())

        assert not await goes_straight_on(store, rules, saying(store, pair.enquirer, "Tak."))


async def test_many_go_straight_on_at_once_each_in_its_own_case(store: Store, rules: Configuration) -> None:
    pairs = await set_pairs(store, rules, 3)
    for pair in pairs:
        await enter(store, rules, saying(store, pair.adviser, "Goddag."))
    writers = [pair.enquirer for pair in pairs] + [pairs[0].adviser]
    texts = [saying(store, address, "Tak.") for address in writers]
    later = [
        replace(text, at=Instant.of(text.at + timedelta(seconds=place))) for place, text in enumerate(texts)
    ]
    before = await copies(store)

    assert await pass_on(store, rules, *reversed(later)) == [True] * 4

    theirs = [(pair.adviser, pair.number) for pair in pairs] + [(pairs[0].enquirer, pairs[0].number)]
    assert (await copies(store))[len(before) :] == theirs


async def test_what_does_not_go_straight_on_holds_up_no_other(store: Store, rules: Configuration) -> None:
    pairs = await set_pairs(store, rules, 3)
    for pair in pairs[1:]:
        await enter(store, rules, saying(store, pair.adviser, "Goddag."))
    before = await copies(store)

    passed = await pass_on(
        store,
        rules,
        saying(store, pairs[0].adviser, "Goddag."),
        saying(store, pairs[1].enquirer, "Tak.", shows_emergency=True),
        saying(store, pairs[2].enquirer, "Tak."),
        saying(store, 999, "Hej."),
    )

    assert passed == [False, False, True, False]
    assert (await copies(store))[len(before) :] == [(pairs[2].adviser, pairs[2].number)]


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
