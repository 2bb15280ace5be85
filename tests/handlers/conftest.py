"""A desk with Lone at it, and Mira and Tom on the panel."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.configuration import Configuration
from storage.models import Role
from storage.store import Store
from tests.room import Room
from tests.screen import Screen


@pytest.fixture
async def room(store: Store, rules: Configuration) -> Room:
    made = Room(store, rules)
    await made.enrol("Lone", Role.SECRETARIAT)
    await made.enrol("Mira", Role.RESOURCE_PERSON)
    await made.enrol("Tom", Role.RESOURCE_PERSON)
    return made


@pytest.fixture
async def lone(room: Room) -> AsyncIterator[Screen]:
    """Lone's screen, signed in."""
    async with Screen(room.store, room.rules) as screen:
        await screen.signs_in(room.people["Lone"])
        yield screen
