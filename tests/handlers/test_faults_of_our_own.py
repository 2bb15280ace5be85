"""A row that only ever fails is given up, and said; what stands behind it goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from handlers.telegram import delivery, door
from storage import inbox, outbox
from storage.models import OutboxRow, Person
from tests.journeys.acting import phrase, settled
from tests.journeys.watching import notes_of
from tests.scene import Scene


async def test_a_poisoned_outbox_row_is_given_up_and_the_chat_goes_on(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "_MOST_BACKOFF", timedelta(0))
    lone = await scene.staff("Lone")
    await settled(scene)
    async with scene.store.unit() as unit:
        chat_id = (await unit.session.execute(select(Person.chat_id))).scalar_one()
        outbox.queue(unit, chat_id, "no.such_word")
        outbox.queue(unit, chat_id, "strange.unreadable")
        await unit.commit()

    await lone.sees(phrase("strange.unreadable"))
    await lone.sees(phrase("alarm.outbox_failed"))
    async with scene.store.reading() as session:
        query = select(OutboxRow.failure).where(OutboxRow.key == "no.such_word")
        assert (await session.execute(query)).scalar_one() == "fault"


async def test_what_is_set_aside_is_said_to_its_writer_and_alarmed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    lone, karen = await scene.staff("Lone"), await scene.person("Karen")
    await karen.says("/help")
    await settled(scene)
    monkeypatch.setattr(inbox, "MOST_ATTEMPTS", 1)
    enter = door.enter

    async def fails(*_given: object) -> None:
        raise KeyError

    monkeypatch.setattr(door, "enter", fails)
    await karen.says("Jeg er bekymret.")
    await karen.sees(phrase("strange.unreadable"))
    monkeypatch.setattr(door, "enter", enter)
    await lone.sees(phrase("alarm.inbox_aside"))
    await settled(scene)

    assert await notes_of(scene, lone, "alarm.inbox_aside") == 1
