"""Relays a second, and how long one takes, of whatever bot listens to the stand-in."""

from __future__ import annotations

import asyncio
import gc
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bot.sandbox import StandIn, play
from bot.sandbox.persons import Person


@dataclass(frozen=True)
class Latency:
    """Milliseconds from a message being written to its copy being sent."""

    median: float
    p99: float
    worst: float
    count: int


class Course:
    """Writes numbered messages and watches the requests that carry them on."""

    def __init__(self, stand_in: StandIn, users: Sequence[int]) -> None:
        self._world = stand_in.world
        self._people = [
            self._world.people.get(user) or self._world.add_person(Person(user, f"P{user}")) for user in users
        ]
        self._number = 0

    async def sustained(self, count: int) -> float:
        """Return relays a second with so many messages waiting at once."""
        start = self._number
        self._write_all(count)
        begun = time.perf_counter()
        await self._all_relayed(start, count, seconds=240)
        return count / (time.perf_counter() - begun)

    async def latency(self, *, rate: float, seconds: float) -> Latency:
        """Return how long a relay takes at a steady rate."""
        with _no_garbage_looked_for():
            return await self._latency(rate, int(rate * seconds))

    async def _latency(self, rate: float, count: int) -> Latency:
        start, written = self._number, dict[int, float]()
        watcher = asyncio.create_task(self._watch(start, count))
        begun = time.perf_counter()
        for index in range(count):
            wait = begun + index / rate - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            written[self._number] = time.perf_counter()
            self._write()
        arrived = await asyncio.wait_for(watcher, 60)
        took = sorted((arrived[number] - written[number]) * 1000 for number in written)
        return Latency(statistics.median(took), took[int(len(took) * 0.99)], took[-1], len(took))

    def _write(self) -> None:
        person = self._people[self._number % len(self._people)]
        play.write(self._world, person, {"text": f"Besked nummer {self._number}."})
        self._number += 1

    def _write_all(self, count: int) -> None:
        for _ in range(count):
            self._write()

    async def _all_relayed(self, start: int, count: int, *, seconds: float) -> None:
        await asyncio.wait_for(self._watch(start, count), seconds)

    async def _watch(self, start: int, count: int) -> dict[int, float]:
        """Return when each of the numbered messages was sent on for the first time."""
        wanted, arrived = set(range(start, start + count)), {}
        seen = self._world.record.count
        repeats: Counter[int] = Counter()
        while wanted - arrived.keys():
            now = time.perf_counter()
            for entry in self._new(seen):
                seen = entry["n"]
                number = _number_in(entry["payload"].get("text", ""))
                if str(entry["method"]).lower() == "sendmessage" and number in wanted:
                    repeats[number] += 1
                    arrived.setdefault(number, now)
            await asyncio.sleep(0.0005)
        assert max(repeats.values()) == 1, "a message was relayed twice"
        return arrived

    def _new(self, seen: int) -> list[dict[str, Any]]:
        fresh = self._world.record.count - seen
        if fresh <= 0:
            return []
        kept = self._world.record._kept
        return [kept[index] for index in range(max(len(kept) - fresh, 0), len(kept))]


@contextmanager
def _no_garbage_looked_for() -> Iterator[None]:
    """Looking through all that the stand-in has kept takes a tenth of a second, which is not the bot's."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _number_in(text: object) -> int | None:
    _, found, rest = str(text).rpartition("Besked nummer ")
    return int(rest.rstrip(".")) if found and rest.rstrip(".").isdigit() else None
