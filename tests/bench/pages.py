"""`python -m tests.bench.pages`: how long the console's pages take beside a log of many years, on SQLite.

A day is played (`tests/house.py`), with one conversation of two hundred messages; then its closed enquiry is
copied in SQL as often as asked, with twenty messages each, its offers, its assignment and its log. Each page
is then asked for over HTTP, one after the other, by a client in the same process.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import aiohttp
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bot.configuration import read_configuration
from tests.databases import FreshDatabases
from tests.house import House, addresses
from tests.process import MASTER_KEY, ROOT

_AT_ONCE = 10_000
_APART = timedelta(minutes=20)
_MESSAGES = 20
_ASKED = 60
_OF_A_CASE = {"enquiry": "id", "message": "enquiry_id", "offer": "enquiry_id", "assignment": "enquiry_id"}
_out = Console()


@dataclass(frozen=True, slots=True)
class Measured:
    """How long one page took, in ms."""

    page: str
    median: float
    p95: float


async def measure(enquiries: int, asked: int = _ASKED) -> list[Measured]:
    """Return how long each page took beside so many past enquiries."""
    shipped = read_configuration(Path(ROOT) / "hotline.toml")
    limits = shipped.limits.model_copy(update={"flood_messages": 0})
    unlimited = shipped.delivery.model_copy(update={"per_second": 0.0, "per_chat_per_second": 0.0})
    rules = shipped.model_copy(update={"limits": limits, "delivery": unlimited})
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "data"
        folder.mkdir()
        urls = await asyncio.to_thread(FreshDatabases(Path(place), None).sqlite, folder)
        async with House(urls, rules, MASTER_KEY) as house:
            await house.fill()
            await house.talk_on(200)
            await house.hotline.stop()
            write_past(folder / "hotline.db", house.numbers["closed"], enquiries)
            await house.open_the_console()
            return [one async for one in _each_page(house, asked)]


async def _each_page(house: House, asked: int) -> AsyncIterator[Measured]:
    for name, visits in addresses(house).items():
        for alias, path in visits:
            cookies = {"language": "da", **({} if alias is None else await house.signs_in(alias))}
            async with aiohttp.ClientSession(cookies=cookies) as browser:
                took = [await _ask(browser, house.console + path) for _ in range(asked + 1)][1:]
            reader = alias or "nobody"
            yield Measured(f"{name} {path} ({reader})", statistics.median(took), _p95(took))


async def _ask(browser: aiohttp.ClientSession, address: str) -> float:
    began = time.perf_counter()
    async with browser.get(address, allow_redirects=False) as answer:
        await answer.read()
        assert answer.status == 200, (address, answer.status)
    return (time.perf_counter() - began) * 1000


def _p95(took: list[float]) -> float:
    return statistics.quantiles(took, n=20)[-1]


def write_past(file: Path, number: str, count: int) -> None:
    """Write the past, each enquiry a copy of the one of this number with ids and times of its own."""
    with closing(sqlite3.connect(file)) as past:
        past.executescript("PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF; PRAGMA cache_size=-400000")
        [(of,)] = past.execute("SELECT id FROM enquiry WHERE number = ?", (number,)).fetchall()
        for table, column in {**_OF_A_CASE, "audit": "subject_id"}.items():
            past.execute(f"CREATE TEMP TABLE of_{table} AS SELECT * FROM {table} WHERE {column} = ?", (of,))
        past.execute(
            f"""CREATE TEMP TABLE times AS WITH RECURSIVE n(m) AS
            (SELECT 0 UNION ALL SELECT m + 1 FROM n WHERE m < {_MESSAGES - 1}) SELECT m FROM n"""
        )
        steps = range(0, count, _AT_ONCE)
        for first in track(steps, description=f"Writing {count:,} enquiries", console=_out):
            for table in (*_OF_A_CASE, "audit"):
                past.execute(
                    _copying(past, table), {"first": first + 1, "last": min(first + _AT_ONCE, count)}
                )
            past.commit()
        past.executescript("ANALYZE; PRAGMA journal_mode=WAL")


def _copying(past: sqlite3.Connection, table: str) -> str:
    names = [row[1] for row in past.execute(f"PRAGMA table_info({table})")]
    own = {
        "id": "printf('%022x%06x%04x', i, one.rowid, m)",
        "enquiry_id": "printf('%032x', i)",
        "subject_id": "printf('%032x', i)",
        "number": "printf('P-2020-%07d', i)",
        "position": "one.position + m",
    }
    if table == "enquiry":
        own["id"] = own["enquiry_id"]
    values = ", ".join(own.get(name) or _moved(name) for name in names)
    often = "times" if table == "message" else "(SELECT 0 AS m)"
    return f"""
        WITH RECURSIVE numbers(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM numbers WHERE i < :last)
        INSERT INTO main.{table} ({", ".join(names)})
        SELECT {values} FROM numbers CROSS JOIN of_{table} AS one CROSS JOIN {often}
    """


def _moved(name: str) -> str:
    apart = _APART // timedelta(microseconds=1)
    return f"one.{name} - i * {apart}" if name == "at" or name.endswith("_at") else f"one.{name}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pages", description=__doc__)
    parser.add_argument("--enquiries", type=int, default=100_000)
    table = Table("page", "median, ms", "95 %, ms")
    enquiries = parser.parse_args().enquiries
    for one in asyncio.run(measure(enquiries)):
        table.add_row(one.page, f"{one.median:.1f}", f"{one.p95:.1f}")
    _out.print(f"{enquiries:,} enquiries, {enquiries * _MESSAGES:,} messages")
    _out.print(table)


if __name__ == "__main__":
    main()
