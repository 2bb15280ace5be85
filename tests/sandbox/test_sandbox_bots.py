"""Two bots of other people's making, so that the stand-in is not only true to our own reading of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from telegram import InlineKeyboardButton as Button
from telegram import InlineKeyboardMarkup as Markup
from telegram import Update
from telegram.error import BadRequest, Forbidden, RetryAfter
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bot.sandbox import Client, Played, StandIn
from tests.sandbox.bot_side import TOKEN

Context = ContextTypes.DEFAULT_TYPE


async def welcome(update: Update, context: Context) -> None:
    await update.effective_message.reply_html(
        "<b>Velkommen</b>", reply_markup=Markup([[Button("Videre", callback_data="go")]])
    )


async def echo(update: Update, context: Context) -> None:
    await update.effective_message.reply_text(f"Du skrev: {update.effective_message.text}", do_quote=True)


async def go(update: Update, context: Context) -> None:
    await update.callback_query.answer("Noteret")
    await update.callback_query.edit_message_text("Tak")


def application(stand_in: StandIn) -> Application:
    app = Application.builder().token(TOKEN).base_url(f"{stand_in.url}/bot").build()
    app.add_handler(CommandHandler("start", welcome))
    app.add_handler(CallbackQueryHandler(go))
    app.add_handler(MessageHandler(filters.TEXT, echo))
    return app


async def converse(karen: Played) -> None:
    await karen.start("code")
    welcome = await karen.sees("Velkommen")
    await karen.taps("Videre")
    thanks = await karen.sees("Tak")
    said = await karen.says("Hej")
    answer = await karen.sees("Du skrev: Hej")

    assert welcome["entities"][0]["type"] == "bold"
    assert (thanks["message_id"], thanks["edited"]) == (welcome["message_id"], True)
    assert answer["reply_to"] == said
    assert [notice["text"] for notice in await karen.notices()] == ["Noteret"]


async def test_python_telegram_bot_polls(stand_in: StandIn, karen: Played, telegram: Client) -> None:
    app = application(stand_in)
    async with app:
        await app.start()
        await app.updater.start_polling(timeout=5)
        await converse(karen)
        await app.updater.stop()
        await app.stop()

    await telegram.all_confirmed()


async def test_python_telegram_bot_reads_the_errors(
    stand_in: StandIn, karen: Played, telegram: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    await karen.start()
    async with application(stand_in) as app:
        with pytest.raises(BadRequest, match="Chat not found"):
            await app.bot.send_message(1234, "Hej")
        await telegram.faults(next=[{"kind": "429", "retry_after": 7}])
        with pytest.raises(RetryAfter) as wait:
            await app.bot.send_message(karen.id, "Hej")
        await karen.blocks()
        with pytest.raises(Forbidden, match="blocked by the user"):
            await app.bot.send_message(karen.id, "Hej")
        chat = await app.bot.get_chat(karen.id)

    assert wait.value.retry_after == timedelta(seconds=7)
    assert chat.first_name == "Karen"


async def test_aiogram_polls(stand_in: StandIn, karen: Played) -> None:
    aiogram = pytest.importorskip("aiogram")
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.filters import CommandStart
    from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

    keys = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Videre", callback_data="go")]])
    dispatcher = aiogram.Dispatcher()

    @dispatcher.message(CommandStart())
    async def welcome(message: Message) -> None:
        await message.answer("<b>Velkommen</b>", parse_mode="HTML", reply_markup=keys)

    @dispatcher.callback_query()
    async def go(tap: CallbackQuery) -> None:
        await tap.answer("Noteret")
        await tap.message.edit_text("Tak")

    @dispatcher.message()
    async def echo(message: Message) -> None:
        await message.reply(f"Du skrev: {message.text}")

    bot = aiogram.Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(stand_in.url)))
    polling = asyncio.create_task(dispatcher.start_polling(bot, polling_timeout=1, handle_signals=False))
    try:
        await converse(karen)
    finally:
        await dispatcher.stop_polling()
        await polling
        await bot.session.close()
