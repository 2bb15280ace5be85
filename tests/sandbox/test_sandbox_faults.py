from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest

from bot.sandbox import Client, Played
from bot.sandbox.client import Refused
from tests.sandbox.bot_side import BotSide


@pytest.fixture
async def chat(karen: Played) -> int:
    await karen.start()
    return karen.id


async def test_limit_of_one_a_second_per_chat(bot: BotSide, chat: int, telegram: Client) -> None:
    await telegram.faults(limits=True)
    await bot.result("sendMessage", chat_id=chat, text="en")

    answer = await bot.ask("sendMessage", chat_id=chat, text="to")

    assert (answer["status"], answer["description"]) == (429, "Too Many Requests: retry after 1")
    assert answer["parameters"] == {"retry_after": 1}


async def test_limit_of_thirty_a_second_in_all(bot: BotSide, telegram: Client) -> None:
    await telegram.post("load", users=list(range(8001, 8041)), count=40)
    await telegram.faults(limits=True)

    answers = await asyncio.gather(*[bot.ask("sendMessage", chat_id=8001 + n, text="hej") for n in range(40)])

    assert sum(answer["ok"] for answer in answers) == 30


async def test_lost_answer_leaves_the_message_sent(
    bot: BotSide, chat: int, telegram: Client, karen: Played
) -> None:
    await telegram.faults(next=[{"method": "sendMessage", "kind": "drop_after"}])

    with pytest.raises(aiohttp.ClientError):
        await bot.ask("sendMessage", chat_id=chat, text="Sendt alligevel")

    await karen.sees("Sendt alligevel")
    assert (await telegram.requests())[-1]["outcome"]["answer"] == "lost"


async def test_dropped_request_leaves_nothing(
    bot: BotSide, chat: int, telegram: Client, karen: Played
) -> None:
    await telegram.faults(pdrop_before=1.0)

    with pytest.raises(aiohttp.ClientError):
        await bot.ask("sendMessage", chat_id=chat, text="Aldrig sendt")

    await karen.does_not_see("Aldrig sendt", within=0.1)


@pytest.mark.parametrize(
    ("settings", "status"), [({"p429": 1.0}, 429), ({"p5xx": 1.0}, 500), ({"deny_all": True}, 502)]
)
async def test_fault_on_demand(
    bot: BotSide, chat: int, telegram: Client, settings: dict, status: int
) -> None:
    await telegram.faults(**settings)
    assert (await bot.ask("sendMessage", chat_id=chat, text="Hej"))["status"] == status

    await telegram.faults(p429=0.0, p5xx=0.0, deny_all=False)
    assert (await bot.ask("sendMessage", chat_id=chat, text="Hej"))["ok"]


async def test_polling_is_spared_unless_named(bot: BotSide, telegram: Client) -> None:
    await telegram.faults(p5xx=1.0)
    assert (await bot.ask("getUpdates"))["ok"]

    await telegram.faults(methods=["getUpdates"])
    assert (await bot.ask("getUpdates"))["status"] == 500


async def test_latency_is_added(bot: BotSide, chat: int, telegram: Client) -> None:
    await telegram.faults(latency=0.1)
    begun = time.monotonic()

    await bot.result("sendMessage", chat_id=chat, text="Hej")

    assert time.monotonic() - begun >= 0.1


async def test_unknown_fault_is_refused_in_a_sentence(telegram: Client) -> None:
    with pytest.raises(Refused, match="Unknown faults: p418"):
        await telegram.faults(p418=1.0)
