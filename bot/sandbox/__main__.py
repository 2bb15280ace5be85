"""Run the stand-in by itself: `python -m bot.sandbox --port 8081 --token 1:TEST`."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from datetime import datetime
from pathlib import Path

from bot.sandbox.clock import SandboxClock
from bot.sandbox.failures import PortTaken
from bot.sandbox.persons import STANDING_CAST
from bot.sandbox.stand_in import StandIn


def arguments() -> argparse.ArgumentParser:
    """Return the command line's promise."""
    parser = argparse.ArgumentParser(
        prog="python -m bot.sandbox", description="A stand-in for Telegram's Bot API with a page to play on."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8081, help="port, 0 picks one (default: %(default)s)")
    parser.add_argument("--token", default="1:TEST", help="the bot's token (default: %(default)s)")
    parser.add_argument("--username", default="hotline_bot", help="the bot's username (default: %(default)s)")
    parser.add_argument("--name", default="Hotline", help="the bot's name (default: %(default)s)")
    parser.add_argument("--journal", type=Path, help="file from which chats come back after a restart")
    parser.add_argument("--seed", type=int, default=0, help="seed of ids and faults (default: %(default)s)")
    parser.add_argument(
        "--start", type=datetime.fromisoformat, help="ISO time the clock starts at, with a zone"
    )
    parser.add_argument("--language", choices=["da", "en"], default="da", help="language of the page")
    parser.add_argument("--empty", action="store_true", help="begin without the standing cast")
    return parser


async def serve(given: argparse.Namespace) -> None:
    """Serve until the process is asked to end. Raises PortTaken."""
    stand_in = StandIn(
        token=given.token,
        bot_username=given.username,
        bot_name=given.name,
        clock=SandboxClock(given.start),
        journal=given.journal,
        seed=given.seed,
        page_language=given.language,
        people=() if given.empty else STANDING_CAST,
    )
    ended = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    await stand_in.start(given.host, given.port)
    sys.stdout.write(f"The sandbox listens on http://{given.host}:{stand_in.port}\n")
    sys.stdout.flush()
    try:
        await ended.wait()
    finally:
        await stand_in.stop()


def main() -> int:
    """Return 0 after a graceful end, 2 when the sandbox could not begin."""
    try:
        asyncio.run(serve(arguments().parse_args()))
    except (PortTaken, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
