"""The yardstick: an echo bot as python-telegram-bot's documentation writes one; it stores nothing."""

from __future__ import annotations

import os
import sys

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters


async def echo(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    if update.message is not None and update.message.text:
        await update.message.reply_text(update.message.text)


def main() -> None:
    base = os.environ["TELEGRAM_API_URL"]
    concurrent = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    builder = Application.builder().token(os.environ["BOT_TOKEN"]).base_url(f"{base}/bot")
    if concurrent:
        builder = builder.concurrent_updates(concurrent)
    application = builder.build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.run_polling(allowed_updates=["message"], drop_pending_updates=False)


if __name__ == "__main__":
    main()
