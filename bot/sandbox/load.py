"""Many messages at once, for measuring a bot."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.sandbox import play
from bot.sandbox.persons import Person

if TYPE_CHECKING:
    from bot.sandbox.parameters import Json
    from bot.sandbox.world import World

TURN = 200
"""Messages injected before others get a turn, when no rate is asked for."""


async def inject(world: World, wish: Json) -> None:
    """Let people write `count` messages, in turn, at `rate` a second; whoever is unknown is made up."""
    people = [_person(world, int(number)) for number in wish.get("users", [])]
    count, rate, text = (
        int(wish.get("count", 0)),
        float(wish.get("rate") or 0),
        str(wish.get("text") or "Hej {n}"),
    )
    begun = asyncio.get_running_loop().time()
    for number in range(count if people else 0):
        play.write(world, people[number % len(people)], {"text": text.replace("{n}", str(number))})
        due = begun + (number + 1) / rate if rate else 0.0
        ahead = due - asyncio.get_running_loop().time()
        if ahead > 0:
            await asyncio.sleep(ahead)
        elif number % TURN == TURN - 1:
            await asyncio.sleep(0)


def _person(world: World, number: int) -> Person:
    known = world.people.get(number)
    return known or world.add_person(Person(number, f"Person {number}", label=f"Person {number}"))
