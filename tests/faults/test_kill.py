"""SIGKILL, refusals and broken lines: nothing that was acknowledged is lost, and no chat is out of order."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.configuration import read_configuration
from bot.sandbox import StandIn
from tests.databases import Urls
from tests.numbered import Course
from tests.nursery import Nursery
from tests.process import TOKEN, BotProcess, environment, free_port, write_rules

PAIRS = 25


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    made = StandIn(token=TOKEN, bot_username="test_bot", seed=1)
    made.world.faults.change({"taps_overtake": 0})
    await made.start("127.0.0.1", 0)
    yield made
    await made.stop()


@pytest.fixture
async def course(stand_in: StandIn, urls: Urls, tmp_path: Path) -> Course:
    return await Course.begin(stand_in, urls, read_configuration(write_rules(tmp_path)), PAIRS)


@pytest.fixture
async def bot(stand_in: StandIn, urls: Urls, tmp_path: Path) -> AsyncIterator[BotProcess]:
    rules = tmp_path / "hotline.toml"
    variables = environment(urls, api_url=stand_in.url, port=free_port(), rules=rules, LOG_LEVEL="error")
    async with Nursery() as nursery:
        yield BotProcess(variables, tmp_path / "bot.log", nursery=nursery)


async def test_fifty_kills_lose_nothing(bot: BotProcess, course: Course) -> None:
    await _killed(bot, course, messages=3_000, kills=50)


async def test_refusals_and_broken_lines_lose_nothing(bot: BotProcess, course: Course) -> None:
    await _refused(bot, course, messages=1_000)


@pytest.mark.soak
async def test_five_hundred_kills_lose_nothing(bot: BotProcess, course: Course) -> None:
    await _killed(bot, course, messages=50_000, kills=500)


@pytest.mark.soak
async def test_many_refusals_and_broken_lines_lose_nothing(bot: BotProcess, course: Course) -> None:
    await _refused(bot, course, messages=20_000)


async def _killed(bot: BotProcess, course: Course, *, messages: int, kills: int) -> None:
    begun, chance = time.monotonic(), random.Random(7)
    course.stand_in.world.record.keep(0)
    each = -(-messages // (kills + 1))
    for _ in range(kills):
        await bot.start()
        await bot.ready()
        writing = asyncio.create_task(_write_slowly(course, min(each, messages - len(course.written))))
        await asyncio.sleep(chance.uniform(0.0, 0.4))
        await bot.kill()
        course.note_kill()
        await writing
    killed = time.monotonic()
    course.write(messages - len(course.written))
    async with bot:
        await course.has_arrived(seconds=60 + messages / 50)
    course.check()
    repeats = course.check_repeats_after_kills()
    print(
        f"\n{len(course.written)} messages, {len(course.kills)} kills in {killed - begun:.1f} s, "
        f"all arrived after {time.monotonic() - begun:.1f} s, {repeats} repeats"
    )


async def _write_slowly(course: Course, count: int) -> None:
    """A few at a time, so that a kill falls between any two steps of a message's way."""
    for _ in range(0, count, 4):
        course.write(min(4, count))
        await asyncio.sleep(0.01)


async def _refused(bot: BotProcess, course: Course, *, messages: int) -> None:
    begun = time.monotonic()
    course.stand_in.world.record.keep(messages * 10)
    faults = {"p429": 0.10, "p5xx": 0.05, "pdrop_before": 0.01, "pdrop_after": 0.01, "retry_after": 1}
    async with bot:
        course.stand_in.world.faults.change(faults)
        for _ in range(0, messages, 50):
            course.write(50)
            await asyncio.sleep(0.05)
        await course.has_arrived(seconds=60 + messages / 20)
        course.stand_in.world.faults.clear()
    course.check()
    repeats = course.check_repeats_after_lost_answers()
    assert repeats, "no answer was lost: the test has shown nothing"
    print(f"\n{len(course.written)} messages, {repeats} repeats, in {time.monotonic() - begun:.1f} s")
