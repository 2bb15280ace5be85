"""`make bench`: the hotline and a bare echo bot, side by side, on SQLite and PostgreSQL."""

from __future__ import annotations

import argparse
import asyncio
import base64
import platform
import socket
import statistics
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from bot.configuration import read_configuration
from bot.sandbox import SandboxClock, StandIn
from scheduling.clock import SystemClock
from storage.store import Store
from tests.bench.contestants import ROOT, TOKEN, running
from tests.bench.databases_of_a_run import databases
from tests.bench.log_of_the_past import write_past_enquiries
from tests.bench.relays import Course
from tests.databases import Urls
from tests.stage import set_pairs

_KEY = bytes(range(32))
_PAIRS = 25
_out = Console()


@asynccontextmanager
async def stand_in() -> AsyncIterator[StandIn]:
    made = StandIn(token=TOKEN, bot_username="bench_bot", clock=SandboxClock())
    made.world.record.keep(100_000)
    made.world.faults.change({"taps_overtake": 0})
    await made.start("127.0.0.1", 0)
    yield made
    await made.stop()


async def measure_bare(count: int, concurrent: int, *, seconds: float) -> dict[str, float]:
    async with stand_in() as telegram:
        users = [100_000 + index for index in range(2 * _PAIRS)]
        environment = {"BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram.url}
        program = ("-m", "tests.bench.bare_bot", str(concurrent))
        async with running(*program, environment=environment, ready_url=None) as bot:
            course = Course(telegram, users)
            await course.sustained(50)  # warm
            rates = [await course.sustained(count) for _ in range(3)]
            found = {"rate": statistics.median(rates), "memory": bot.memory_mb()}
            for rate in (30, 200):
                took = await course.latency(rate=rate, seconds=seconds)
                found |= {f"median{rate}": took.median, f"p99{rate}": took.p99}
            return found


async def measure_hotline(
    urls: Urls, folder: Path, count: int, past: int, *, seconds: float
) -> dict[str, float]:
    rules_file = folder / "hotline.toml"
    shipped = (ROOT / "hotline.toml").read_text()
    for limit in ("per_second = 30", "per_chat_per_second = 1", "flood_messages = 20"):
        shipped = shipped.replace(limit, f"{limit.split(' = ')[0]} = 0")
    rules_file.write_text(shipped)
    rules = read_configuration(rules_file)
    store = Store(database_url=urls.database, keys_url=urls.keys, master_key=_KEY, clock=SystemClock())
    pairs = await set_pairs(store, rules, _PAIRS)
    await write_past_enquiries(store, past)
    await store.close()
    port = _free_port()
    async with stand_in() as telegram:
        environment = {
            "BOT_TOKEN": TOKEN,
            "TELEGRAM_API_URL": telegram.url,
            "DATABASE_URL": urls.database,
            "KEYS_URL": urls.keys,
            "DATA_KEY": base64.b64encode(_KEY).decode(),
            "HOTLINE_CONFIG": str(rules_file),
            "HTTP_PORT": str(port),
            "LOG_LEVEL": "error",
        }
        ready = f"http://127.0.0.1:{port}/readyz"
        async with running("-m", "bot", "run", environment=environment, ready_url=ready) as bot:
            course = Course(telegram, [a for pair in pairs for a in (pair.enquirer, pair.adviser)])
            await course.sustained(50)  # warm
            cpu = bot.cpu_seconds()
            rates = [await course.sustained(count) for _ in range(3)]
            found = {
                "rate": statistics.median(rates),
                "cpu_ms": (bot.cpu_seconds() - cpu) * 1000 / (3 * count),
                "ready": bot.seconds_to_ready,
            }
            for rate in (30, 200):
                took = await course.latency(rate=rate, seconds=seconds)
                found |= {f"median{rate}": took.median, f"p99{rate}": took.p99}
            return found | {"memory": bot.memory_mb()}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _row(table: Table, name: str, found: dict[str, float], base: float) -> None:
    def cell(key: str, form: str) -> str:
        return format(found[key], form) if key in found else "–"

    table.add_row(
        name,
        cell("rate", ".0f"),
        f"{found['rate'] / base:.2f}",
        *(cell(key, ".1f") for key in ("median30", "p9930", "median200", "p99200")),
        cell("memory", ".0f"),
        cell("ready", ".2f"),
        cell("cpu_ms", ".2f"),
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--count", type=int, default=3000, help="messages in each of three runs")
    parser.add_argument("--past", type=int, default=10_000, help="enquiries in the log")
    parser.add_argument("--seconds", type=float, default=8, help="at each steady rate")
    parser.add_argument("--only", choices=["sqlite", "postgresql", "bare"])
    wish = parser.parse_args()
    table = Table(
        title=f"{platform.machine()}, Python {platform.python_version()}, {wish.count} messages × 3"
    )
    for heading in (
        "",
        "relays/s",
        "× bare",
        "med 30/s",
        "p99 30/s",
        "med 200/s",
        "p99 200/s",
        "MB",
        "ready s",
        "cpu ms",
    ):
        table.add_column(heading, justify="left" if not heading else "right")
    steps = [wish.only] if wish.only else ["bare", "sqlite", "postgresql"]
    base = 1.0
    for step in track(steps, description="Measuring", console=_out):
        if step == "bare":
            bare = asyncio.run(measure_bare(wish.count, 0, seconds=wish.seconds))
            base = bare["rate"]
            _row(table, "bare bot, library defaults", bare, base)
            _row(
                table,
                "bare bot, 64 at once",
                asyncio.run(measure_bare(wish.count, 64, seconds=wish.seconds)),
                base,
            )
        else:
            _row(table, f"hotline, {step}", _hotline(step, wish), base)
    _out.print(table)


def _hotline(kind: str, wish: argparse.Namespace) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name, databases(kind, Path(name)) as urls:
        measuring = measure_hotline(urls, Path(name), wish.count, wish.past, seconds=wish.seconds)
        return asyncio.run(measuring)


if __name__ == "__main__":
    main()
