"""A running stand-in on a free port, a client to play people, and the bot's side of the line."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.sandbox import Client, Played, StandIn
from tests.sandbox.bot_side import BotSide, a_stand_in


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    stand_in = a_stand_in()
    await stand_in.start(port=0)
    yield stand_in
    await stand_in.stop()


@pytest.fixture
async def telegram(stand_in: StandIn) -> AsyncIterator[Client]:
    async with Client(stand_in.url) as telegram:
        yield telegram


@pytest.fixture
async def bot(stand_in: StandIn) -> AsyncIterator[BotSide]:
    async with aiohttp.ClientSession() as session:
        yield BotSide(stand_in.url, session)


@pytest.fixture
async def karen(telegram: Client) -> Played:
    return await telegram.user("Karen")
