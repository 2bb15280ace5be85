"""The log is append-only: whoever changes, removes or reorders an entry is found out."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from scheduling.clock import SetClock
from scheduling.ids import new_id
from storage import audit
from storage.models import AuditSeal
from storage.store import Store


async def logged(store: Store, count: int, *, action: str = "read") -> None:
    for _ in range(count):
        async with store.unit() as unit:
            unit.record(action, actor="person", actor_id=new_id(), subject="enquiry", subject_id=new_id())
            await unit.commit()


async def tamper(store: Store, statement: str) -> None:
    async with store.writer.begin() as connection:
        await connection.execute(text(statement))


async def test_a_chain_nobody_touched_verifies(store: Store) -> None:
    await logged(store, 5)

    assert await audit.seal(store) == 5
    assert await audit.verify(store) == audit.Verified(links=5, unsealed=0, broken_at=None)


async def test_an_empty_log_verifies(store: Store) -> None:
    assert await audit.seal(store) == 0
    assert await audit.verify(store) == audit.Verified(links=0, unsealed=0, broken_at=None)


async def test_entries_that_no_seal_covers_yet_are_counted(store: Store) -> None:
    await logged(store, 2)
    await audit.seal(store)
    await logged(store, 3)

    assert await audit.verify(store) == audit.Verified(links=2, unsealed=3, broken_at=None)


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE audit SET action = 'nothing' WHERE id = {third}", 3),
        ("UPDATE audit SET actor_id = NULL WHERE id = {third}", 3),
        ("UPDATE audit SET detail = 'x' WHERE id = {third}", 3),
        ("UPDATE audit SET at = at + 1 WHERE id = {third}", 3),
        ("DELETE FROM audit WHERE id = {third}", 3),
        ("DELETE FROM audit_seal WHERE seq = 3", 3),
        ("DELETE FROM audit_seal WHERE seq = 5", 5),
        ("UPDATE audit_seal SET seq = 6 WHERE seq = 5", 5),
        ("UPDATE audit_seal SET hmac = (SELECT hmac FROM audit_seal WHERE seq = 2) WHERE seq = 3", 3),
    ],
)
async def test_a_change_is_found_where_it_was_made(store: Store, statement: str, broken_at: int) -> None:
    await logged(store, 5)
    await audit.seal(store)
    third = "(SELECT entry_id FROM audit_seal WHERE seq = 3)"

    await tamper(store, statement.format(third=third))

    found = await audit.verify(store)
    assert found.broken_at == broken_at
    assert found.links == broken_at - 1


async def test_two_entries_that_changed_places_are_found(store: Store) -> None:
    await logged(store, 5)
    await audit.seal(store)
    seals = AuditSeal.__table__
    async with store.writer.begin() as connection:
        query = select(seals.c.seq, seals.c.entry_id).where(seals.c.seq.in_((2, 4)))
        entries = dict((await connection.execute(query)).all())
        for seq, entry in ((2, new_id()), (4, entries[2]), (2, entries[4])):
            await connection.execute(update(seals).where(seals.c.seq == seq).values(entry_id=entry))

    assert (await audit.verify(store)).broken_at == 2


async def test_sealing_while_others_write_loses_and_doubles_nothing(store: Store) -> None:
    async def seal_often() -> int:
        sealed = 0
        for _ in range(10):
            sealed += await audit.seal(store)
            await asyncio.sleep(0.01)
        return sealed

    sealed = await asyncio.gather(seal_often(), seal_often(), *(logged(store, 10) for _ in range(6)))
    rest = await audit.seal(store)

    assert sum(count for count in sealed[:2] if count) + rest == 60
    assert await audit.verify(store) == audit.Verified(links=60, unsealed=0, broken_at=None)


async def test_pruning_leaves_a_checkpoint_the_rest_verifies_from(store: Store, clock: SetClock) -> None:
    await logged(store, 3)
    clock.at += timedelta(days=10)
    middle = clock.now()
    await logged(store, 2)
    await audit.seal(store)

    assert await audit.prune(store, before=middle) == 3

    assert await audit.verify(store) == audit.Verified(links=2, unsealed=0, broken_at=None)
    await logged(store, 1)
    await audit.seal(store)
    assert await audit.verify(store) == audit.Verified(links=3, unsealed=0, broken_at=None)
    await tamper(store, "UPDATE audit SET action = 'nothing'")
    assert (await audit.verify(store)).broken_at == 4


async def test_an_entry_that_no_seal_covers_is_not_pruned(store: Store, clock: SetClock) -> None:
    await logged(store, 3)
    clock.at += timedelta(days=10)

    assert await audit.prune(store, before=clock.now()) == 0
    assert (await audit.verify(store)).unsealed == 3


async def test_an_entry_is_written_with_what_it_tells_of_or_not_at_all(store: Store) -> None:
    async with store.unit() as unit:
        unit.record("read", actor="person", subject="enquiry", subject_id=new_id())

    assert (await audit.verify(store)).unsealed == 0
