from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.sandbox import Client, Played
from tests.sandbox.bot_side import BotSide


class Receiver:
    """A webhook that answers what it is told to, in turn, and keeps what it got."""

    def __init__(self) -> None:
        self.answers: list[web.Response] = []
        self.updates: list[dict] = []
        self.secrets: list[str | None] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.updates.append(await request.json())
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        return self.answers.pop(0) if self.answers else web.Response()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await runner.cleanup()


async def test_updates_are_posted_with_the_secret(
    bot: BotSide, karen: Played, telegram: Client, receiver: Receiver
) -> None:
    await karen.says("før")
    await bot.result("setWebhook", url=receiver.url, secret_token="hemmelig_1")
    await karen.says("efter")

    await telegram.all_confirmed()

    assert [u["message"]["text"] for u in receiver.updates] == ["før", "efter"]
    assert receiver.secrets == ["hemmelig_1"] * 2


async def test_update_not_taken_comes_again_in_order(
    bot: BotSide, karen: Played, telegram: Client, receiver: Receiver
) -> None:
    receiver.answers = [web.Response(status=500), web.Response(status=503), web.Response()]
    await bot.result("setWebhook", url=receiver.url)
    await karen.says("en")
    await karen.says("to")

    await telegram.all_confirmed()

    assert [u["message"]["text"] for u in receiver.updates] == ["en", "en", "en", "to"]
    info = await bot.result("getWebhookInfo")
    assert info["pending_update_count"] == 0
    assert info["last_error_message"] == "Wrong response from the webhook: 503 Service Unavailable"


async def test_webhook_that_is_down_is_tried_until_it_is_back(
    bot: BotSide, karen: Played, telegram: Client
) -> None:
    await bot.result("setWebhook", url="http://127.0.0.1:9/hook")
    await karen.says("Hej")
    await asyncio.sleep(0.05)

    info = await bot.result("getWebhookInfo")

    assert (info["pending_update_count"], info["last_error_message"]) == (1, "Connection refused")
    assert len((await telegram.acknowledged())["waiting"]) == 1


async def test_polling_is_refused_while_a_webhook_is_set(bot: BotSide, receiver: Receiver) -> None:
    poll = asyncio.create_task(bot.refusal("getUpdates", timeout=10))
    await asyncio.sleep(0.05)
    await bot.result("setWebhook", url=receiver.url)

    assert await poll == "Conflict: terminated by setWebhook request"
    assert await bot.refusal("getUpdates") == (
        "Conflict: can't use getUpdates method while webhook is active; "
        "use deleteWebhook to delete the webhook first"
    )
    assert (await bot.ask("deleteWebhook"))["description"] == "Webhook was deleted"
    assert (await bot.ask("getUpdates"))["ok"]


async def test_pending_updates_can_be_dropped(bot: BotSide, karen: Played, telegram: Client) -> None:
    await karen.says("Hej")

    await bot.result("deleteWebhook", drop_pending_updates=True)

    assert await bot.result("getUpdates") == []
    assert len((await telegram.acknowledged())["lost"]) == 1


async def test_webhook_may_answer_with_a_method(bot: BotSide, karen: Played, receiver: Receiver) -> None:
    receiver.answers = [web.json_response({"method": "sendMessage", "chat_id": karen.id, "text": "Svar"})]
    await bot.result("setWebhook", url=receiver.url)

    await karen.says("Hej")

    await karen.sees("Svar")


async def test_tap_passes_a_text_that_is_stuck(bot: BotSide, karen: Played, receiver: Receiver) -> None:
    receiver.answers = [web.Response(status=500), web.Response(status=500)]
    await bot.result("setWebhook", url=receiver.url)
    await karen.says("en")
    await asyncio.sleep(0.01)
    await karen.taps_stale(1, "send")
    await asyncio.sleep(0.2)

    kinds = ["callback_query" if "callback_query" in u else "message" for u in receiver.updates]
    assert kinds.index("callback_query") < len(kinds) - 1


async def test_chats_beyond_the_connections_get_their_turn(
    bot: BotSide, telegram: Client, receiver: Receiver
) -> None:
    await telegram.post("load", users=list(range(8001, 8021)), count=60)
    await bot.result("setWebhook", url=receiver.url, max_connections=2)

    await telegram.all_confirmed()

    by_chat: dict[int, list[int]] = {}
    for update in receiver.updates:
        by_chat.setdefault(update["message"]["chat"]["id"], []).append(update["update_id"])
    assert [len(ids) for ids in by_chat.values()] == [3] * 20
    assert all(ids == sorted(ids) for ids in by_chat.values())


async def test_secret_with_other_signs_is_refused(bot: BotSide, receiver: Receiver) -> None:
    refusal = await bot.refusal("setWebhook", url=receiver.url, secret_token="æ")

    assert refusal == "Bad Request: secret token contains unallowed characters"
