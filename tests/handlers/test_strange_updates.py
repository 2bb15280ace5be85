"""An update of a shape nobody has seen yet holds up neither the others nor the bot itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scene import Scene

STRANGE: list[Any] = [
    {"date": "not a number", "text": "Hej"},
    {"from": "a word", "text": "Hej"},
    {"from": None, "text": "Hej"},
    {"reply_to_message": {"message_id": "a word"}, "text": "Hej"},
    {"reply_to_message": {}, "text": "Hej"},
    {"photo": [{}]},
    {"photo": ["a word"]},
    {"document": "a word"},
    {"date": 2**62, "text": "Hej"},
    {"message_id": None, "text": "Hej"},
]


@pytest.mark.parametrize("part", STRANGE, ids=str)
async def test_a_strange_update_holds_up_nobody(scene: Scene, part: dict[str, Any]) -> None:
    karen, idris = await scene.person("Karen"), await scene.person("Idris")
    await karen.says("Hej")
    await karen.sees("VINK")
    world = scene.stand_in.world
    before = world._last_message_id
    whole = {
        "message_id": 9_000,
        "date": int(scene.clock.timestamp()),
        "chat": {"id": karen.id, "type": "private"},
    }
    whole["from"] = {"id": karen.id, "is_bot": False, "first_name": "Karen"}

    world.updates.add("message", whole | part, lane=karen.id, waits=600)
    await idris.says("Hello")

    await idris.sees("VINK")
    await scene.telegram.all_confirmed()
    await scene.quiet()
    answered = [m for m in await karen.messages() if m["from_bot"] and m["message_id"] > before]
    assert answered, "the writer is not told that it could not be read"
