"""The second stand-in answers python-telegram-bot as the Bot API would."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

import aiohttp
import pytest
from aiohttp import web
from telegram import InlineKeyboardButton as Button
from telegram import InlineKeyboardMarkup, InputMediaDocument, Update
from telegram.error import BadRequest, Conflict, Forbidden
from telegram.ext import (
    Application,
    ApplicationBuilder,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from tests.second_stand_in import SecondStandIn

Echo = Application[Any, Any, Any, Any, Any, Any]


@pytest.fixture
async def telegram() -> AsyncIterator[SecondStandIn]:
    async with SecondStandIn(token="1:TEST") as running:
        yield running


async def _start(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.message
    await update.message.reply_text("welcome")


async def _echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.message
    keyboard = InlineKeyboardMarkup([[Button("Claim it", callback_data="claim:1")]])
    await update.message.reply_html(f"echo <b>{update.message.text}</b>", reply_markup=keyboard)


async def _claim(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.callback_query
    await update.callback_query.answer("done")
    await update.callback_query.edit_message_text("claimed")


@asynccontextmanager
async def echo_bot(telegram: SecondStandIn, polls: bool = False) -> AsyncIterator[Echo]:
    application = ApplicationBuilder().token(telegram.token).base_url(f"{telegram.url}/bot").build()
    application.add_handler(CommandHandler("start", _start))
    application.add_handler(CallbackQueryHandler(_claim))
    application.add_handler(MessageHandler(filters.TEXT, _echo))
    async with application:
        await application.start()
        try:
            if polls:
                assert application.updater
                await application.updater.start_polling(timeout=5)
            yield application
        finally:
            if polls and application.updater:
                await application.updater.stop()
            await application.stop()


class Hook:
    """A webhook that hands updates to an application, after as many refusals as asked for."""

    def __init__(self, refusals: int = 0) -> None:
        self.refusals = refusals
        self.seen: list[int] = []
        self.secrets: set[str | None] = set()
        self.application: Echo | None = None
        self.url = ""

    async def _take(self, request: web.Request) -> web.Response:
        update = await request.json()
        self.seen.append(update["update_id"])
        self.secrets.add(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        if self.refusals:
            self.refusals -= 1
            return web.Response(status=500)
        if self.application:
            await self.application.update_queue.put(Update.de_json(update, self.application.bot))
        return web.Response()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/hook", self._take)
        self.runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self.runner.addresses[0][1]}/hook"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.runner.cleanup()


async def test_an_application_that_polls_answers(telegram: SecondStandIn) -> None:
    karen = telegram.person(42, first_name="Karen", language_code="da")
    early = karen.writes("before it ran")
    async with echo_bot(telegram, polls=True):
        assert (await karen.reads("echo before it ran"))["message_id"] > early
        karen.writes("/start")
        await karen.reads("welcome")
        query_id = karen.presses("Claim")
        assert "reply_markup" not in await karen.reads("claimed")
        assert (telegram.answers[query_id] or {})["text"] == "done"
        with pytest.raises(AssertionError, match=r"never(?s:.*)Karen: 'before it ran'(?s:.*)claimed"):
            await karen.reads("never", timeout=0.1)
        with pytest.raises(AssertionError, match="no button"):
            karen.presses("Claim")
    assert len(telegram.confirmed) == 3
    assert telegram.confirmed == sorted(telegram.confirmed)


async def test_a_webhook_is_called_in_order_until_it_takes_the_update(telegram: SecondStandIn) -> None:
    karen = telegram.person(42, first_name="Karen")
    async with Hook(refusals=2) as hook, echo_bot(telegram) as application:
        hook.application = application
        await application.bot.set_webhook(hook.url, secret_token="s3cret")
        for text in ("one", "two", "three"):
            karen.writes(text)
        await karen.reads("echo three")
        await telegram.until(lambda: len(telegram.confirmed) == 3, 5)
        first, second, third = telegram.confirmed
        assert hook.seen == [first, first, first, second, third]
        assert hook.secrets == {"s3cret"}
        info = await application.bot.get_webhook_info()
        assert (info.url, info.pending_update_count) == (hook.url, 0)
        assert "500" in info.last_error_message
        with pytest.raises(Conflict, match="webhook is active"):
            await application.bot.get_updates()
        await application.bot.delete_webhook()
        assert await application.bot.get_updates() == ()


async def test_updates_come_again_until_an_offset_confirms_them(telegram: SecondStandIn) -> None:
    karen = telegram.person(42)
    for text in ("one", "two", "three"):
        karen.writes(text)
    async with echo_bot(telegram) as application:
        bot = application.bot
        first = await bot.get_updates(limit=2)
        assert [u.message.text for u in first] == ["one", "two"]
        assert await bot.get_updates(limit=2) == first
        assert telegram.confirmed == []
        rest = await bot.get_updates(offset=first[-1].update_id + 1, allowed_updates=["callback_query"])
        assert telegram.confirmed == [u.update_id for u in first]
        karen.writes("left out")
        assert await bot.get_updates(offset=rest[-1].update_id) == rest
        await bot.get_updates(offset=rest[-1].update_id + 1, allowed_updates=[])
        for text in ("four", "five"):
            karen.writes(text)
        assert [u.message.text for u in await bot.get_updates(offset=-1)] == ["five"]
        assert len(telegram.confirmed) == 3


async def test_of_two_pollers_the_older_is_turned_away(telegram: SecondStandIn) -> None:
    async with echo_bot(telegram) as application, echo_bot(telegram) as second:
        older = asyncio.create_task(application.bot.get_updates(timeout=5))
        await asyncio.sleep(0.1)
        newer = asyncio.create_task(second.bot.get_updates(timeout=5))
        with pytest.raises(Conflict, match="terminated by other getUpdates"):
            await older
        await asyncio.sleep(0.05)
        await application.bot.set_webhook("http://127.0.0.1:9/")
        with pytest.raises(Conflict, match="terminated by setWebhook"):
            await newer


async def test_refusals_are_worded_as_the_bot_api_words_them(telegram: SecondStandIn) -> None:
    karen = telegram.person(42)
    async with echo_bot(telegram) as application:
        bot = application.bot

        async def refused(words: str, call: Any) -> None:
            with pytest.raises(BadRequest, match=words):
                await call

        def keyboard(size: int) -> InlineKeyboardMarkup:
            return InlineKeyboardMarkup([[Button("x", callback_data="x" * size)]])

        await refused("too long", bot.send_message(42, "x" * 4097))
        await refused("text is empty", bot.send_message(42, " "))
        await refused("(?i)chat not found", bot.send_message(43, "x"))
        await refused("(?i)button_data_invalid", bot.send_message(42, "x", reply_markup=keyboard(65)))
        await refused("parse entities", bot.send_message(42, "<b>x", parse_mode="HTML"))
        await refused("(?i)query is too old", bot.answer_callback_query("0"))
        sent = await bot.send_message(42, "<b>x</b>" * 4096, parse_mode="HTML", reply_markup=keyboard(64))
        await refused("not modified", bot.edit_message_reply_markup(42, sent.id, reply_markup=keyboard(64)))
        await refused("to edit not found", bot.edit_message_text("x", 42, sent.id + 100))
        await refused("can't be edited", bot.edit_message_text("x", 42, karen.writes("mine")))
        assert await sent.delete()
        await refused("to delete not found", sent.delete())
        await refused("to copy not found", bot.copy_message(42, 42, sent.id))
        karen.blocked = True
        with pytest.raises(Forbidden, match="blocked by the user"):
            await bot.send_message(42, "x")


async def test_files_copies_and_configuration(telegram: SecondStandIn) -> None:
    karen, group = telegram.person(42, first_name="Karen"), telegram.group(-100)
    async with echo_bot(telegram) as application:
        bot = application.bot
        photo = await bot.send_photo(42, b"pixels", caption="a picture")
        assert telegram.files[photo.photo[-1].file_id][2] == b"pixels"
        again = await bot.send_photo(42, photo.photo[-1].file_id)
        assert again.photo == photo.photo
        document = await bot.send_document(42, b"text", filename="notes.txt")
        assert document.document.file_name == "notes.txt"
        album = await bot.send_media_group(
            42, [InputMediaDocument(b"a"), InputMediaDocument(b"b")], caption="album"
        )
        assert len({m.media_group_id for m in album}) == 1
        assert telegram.files[album[1].document.file_id][2] == b"b"
        copied = await bot.copy_message(-100, 42, photo.id, caption="a copy")
        assert telegram.messages[-100][copied.message_id]["caption"] == "a copy"
        assert (await bot.send_message(42, "re", reply_to_message_id=photo.id)).reply_to_message == photo
        assert await bot.delete_messages(42, [photo.id, again.id, 999])
        assert await bot.set_my_commands([("start", "begin")])
        assert await bot.set_my_description("text")
        assert telegram.calls[-1] == ("setMyDescription", {"description": "text"})
        assert (await bot.get_chat(42)).first_name == "Karen"
        assert await bot.leave_chat(group["id"])
        assert await karen.reads("album")


async def test_every_kind_of_body_is_read_and_what_is_unknown_is_refused(telegram: SecondStandIn) -> None:
    telegram.person(42)
    keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]}
    async with aiohttp.ClientSession() as session:

        async def call(method: str, token: str = "1:TEST", **how: Any) -> tuple[int, Any]:
            verb = "GET" if "params" in how else "POST"
            async with session.request(verb, f"{telegram.url}/bot{token}/{method}", **how) as answer:
                return answer.status, await answer.json()

        flat = {"chat_id": "42", "text": "hi", "reply_markup": json.dumps(keyboard)}
        multipart = aiohttp.FormData(flat, default_to_multipart=True)
        body = {"chat_id": 42, "text": "hi", "reply_markup": keyboard}
        for how in ({"json": body}, {"data": flat}, {"data": multipart}, {"params": flat}):
            status, answer = await call("sendMessage", **how)
            assert status == 200
            assert answer["result"]["reply_markup"] == keyboard
        not_found = {"ok": False, "error_code": 404, "description": "Not Found"}
        assert await call("sendMesage") == (404, not_found)
        unauthorized = {"ok": False, "error_code": 401, "description": "Unauthorized"}
        assert await call("getMe", token="1:NO") == (401, unauthorized)
        status, answer = await call("sendMessage", data=flat | {"reply_markup": "{"})
        assert status == 400
        assert answer["description"] == "Bad Request: can't parse reply_markup JSON object"
        async with session.get(telegram.url) as answer:
            assert (answer.status, await answer.json()) == (404, not_found)
