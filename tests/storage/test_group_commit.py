"""Group commit: each caller returns once its own is durable, and hears of a failure that was its own."""

from __future__ import annotations

import asyncio

import pytest

from storage.group_commit import GroupCommit


async def test_what_gathers_while_a_group_is_written_is_the_next_group() -> None:
    groups: list[list[int]] = []
    gate = asyncio.Event()

    async def write(group: list[int]) -> None:
        groups.append(group)
        await gate.wait()

    commit = GroupCommit(write)
    waiting = [asyncio.create_task(commit.submit(number)) for number in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    later = [asyncio.create_task(commit.submit(number)) for number in range(3, 6)]
    await asyncio.sleep(0)
    assert not any(task.done() for task in (*waiting, *later)), "nobody returns before the write has"
    gate.set()
    await asyncio.gather(*waiting, *later)

    assert [number for group in groups for number in group] == [0, 1, 2, 3, 4, 5]
    assert len(groups) == 2


async def test_a_failure_reaches_its_own_group_and_no_other() -> None:
    async def write(group: list[int]) -> None:
        await asyncio.sleep(0)
        if 0 in group:
            raise BrokenPipeError

    commit = GroupCommit(write)
    with pytest.raises(BrokenPipeError):
        await commit.submit(0)
    await commit.submit(1)


async def test_a_caller_who_gives_up_does_not_stop_the_others() -> None:
    gate, written = asyncio.Event(), []

    async def write(group: list[int]) -> None:
        await gate.wait()
        written.extend(group)

    commit = GroupCommit(write)
    impatient, patient = (asyncio.create_task(commit.submit(number)) for number in (1, 2))
    await asyncio.sleep(0)
    impatient.cancel()
    gate.set()
    await patient

    assert written == [1, 2]
