"""The link of an invite is there to be copied, and is kept nowhere once it was sent."""

from __future__ import annotations

import orjson
from sqlalchemy import select

from storage.models import OutboxRow
from tests.journeys.acting import phrase, settled
from tests.scene import Scene


async def test_invite_made_in_chat_can_be_copied_and_is_not_kept(scene: Scene) -> None:
    lone = await scene.staff("Lone")
    await lone.says("/invite Mira school da")
    made = await lone.sees("?start=")
    await settled(scene)

    token = made["text"].partition("?start=")[2].split()[0]
    async with scene.store.reading() as session:
        kept = orjson.dumps(list((await session.execute(select(OutboxRow.params))).scalars())).decode()
    assert not made["protect_content"]
    assert (await lone.sees(phrase("duty.on")))["protect_content"]
    assert token
    assert token not in kept
