"""Texts that are passed on in one transaction: all or none of them, and a fault stays with its own row."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from bot import straight_on
from bot.configuration import Configuration
from bot.incoming import Did, Incoming
from bot.turn import Turn
from handlers.telegram.worker import Worker
from storage import inbox
from storage.models import Enquiry, InboxRow, Message, OutboxRow, Progress
from storage.store import Store
from storage.unit_of_work import Unit
from tests.stage import Pair, set_pairs

PAIRS = 4


@pytest.fixture
async def pairs(store: Store, rules: Configuration) -> list[Pair]:
    """Pairs in each of which the enquirer has written a text that waits in the inbox."""
    made = await set_pairs(store, rules, PAIRS)
    texts = [Incoming(Did.TEXT, pair.enquirer, store.clock.now(), text="Tak.") for pair in made]
    arrivals = [
        inbox.Arrival(number, text.address, number, number, text.to_bytes())
        for number, text in enumerate(texts, start=1)
    ]
    await inbox.take_in(store, arrivals)
    return made


async def work(store: Store, rules: Configuration) -> None:
    """Have a worker handle what waits, each row once."""
    worker = asyncio.create_task(Worker(store=store, rules=rules).run())
    async with asyncio.timeout(10):
        while await _under_way(store):  # noqa: ASYNC110 - what is waited for is a row
            await asyncio.sleep(0.01)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)


async def _under_way(store: Store) -> bool:
    ready = InboxRow.progress == Progress.WAITING, InboxRow.not_before.is_(None)
    async with store.reading() as session:
        return (await session.execute(select(InboxRow.id).where(*ready).limit(1))).first() is not None


async def done(store: Store) -> list[int]:
    async with store.reading() as session:
        query = select(InboxRow.update_id).where(InboxRow.progress == Progress.DONE)
        return sorted((await session.execute(query)).scalars())


async def copies(store: Store) -> int:
    async with store.reading() as session:
        kept = len((await session.execute(select(Message.id))).all())
        queued = len((await session.execute(select(OutboxRow.seq).where(OutboxRow.purpose == "copy"))).all())
    assert kept == queued
    return queued


class Commits:
    """Counts the commits of units, and makes the first one fail, before or after it is made."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, fails: Callable[..., Awaitable[None]]) -> None:
        self.count = 0
        commit = Unit.commit

        async def counted(unit: Unit) -> None:
            self.count += 1
            await (fails(unit, commit) if self.count == 1 else commit(unit))

        monkeypatch.setattr(Unit, "commit", counted)


async def as_it_is(unit: Unit, commit: Callable[[Unit], Awaitable[None]]) -> None:
    await commit(unit)


async def before_it_is_made(_unit: Unit, _commit: Callable[[Unit], Awaitable[None]]) -> None:
    raise OperationalError("COMMIT", None, OSError("disk"))


async def after_it_was_made(unit: Unit, commit: Callable[[Unit], Awaitable[None]]) -> None:
    await commit(unit)
    raise OperationalError("COMMIT", None, OSError("connection"))


async def test_texts_that_wait_in_many_chats_share_a_commit(
    store: Store, rules: Configuration, pairs: list[Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = Commits(monkeypatch, fails=as_it_is)

    await work(store, rules)

    assert (commits.count, await done(store), await copies(store)) == (1, [1, 2, 3, 4], len(pairs))


@pytest.mark.usefixtures("pairs")
async def test_a_commit_that_fails_loses_nothing_and_says_nothing_twice(
    store: Store, rules: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = Commits(monkeypatch, fails=before_it_is_made)

    await work(store, rules)

    assert (commits.count, await done(store), await copies(store)) == (1 + PAIRS, [1, 2, 3, 4], PAIRS)


@pytest.mark.usefixtures("pairs")
async def test_a_commit_whose_answer_is_lost_passes_nothing_on_twice(
    store: Store, rules: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    Commits(monkeypatch, fails=after_it_was_made)

    await work(store, rules)

    assert (await done(store), await copies(store)) == ([1, 2, 3, 4], PAIRS)


async def test_a_text_that_cannot_be_kept_harms_no_other(
    store: Store, rules: Configuration, pairs: list[Pair]
) -> None:
    async with store.writing() as connection:
        query = update(Enquiry).where(Enquiry.number == pairs[1].number).returning(Enquiry.key_id)
        key_id = (await connection.execute(query.values(message_count=0))).scalar_one()
    await store.keys.destroy({key_id})

    await work(store, rules)

    assert (await done(store), await copies(store)) == ([1, 3, 4], PAIRS - 1)


async def test_what_was_tried_before_is_handled_by_itself(
    store: Store, rules: Configuration, pairs: list[Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = await store.chat_hash(pairs[0].enquirer)
    async with store.writing() as connection:
        await connection.execute(update(InboxRow).where(InboxRow.chat_hash == tried).values(lease=1))
    together: list[set[bytes]] = []
    pass_on = straight_on.pass_straight_on

    async def noted(turn: Turn, came: Mapping[bytes, Incoming]) -> set[bytes]:
        together.append(set(came))
        return await pass_on(turn, came)

    monkeypatch.setattr(straight_on, "pass_straight_on", noted)

    await work(store, rules)

    others = {await store.chat_hash(pair.enquirer) for pair in pairs[1:]}
    assert (together[0], await done(store), await copies(store)) == (others, [1, 2, 3, 4], PAIRS)


async def test_nothing_is_to_be_sent_before_the_commit(
    store: Store, rules: Configuration, pairs: list[Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, list[int]]] = []

    async def looked_at(unit: Unit, commit: Callable[[Unit], Awaitable[None]]) -> None:
        seen.append((await copies(store), await done(store)))
        await commit(unit)

    Commits(monkeypatch, fails=looked_at)

    await work(store, rules)

    assert (seen, await copies(store)) == ([(0, [])], len(pairs))
