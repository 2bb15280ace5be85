"""A lease that runs out in the middle of a send, as when the clock jumps, does not send a second time."""

import asyncio
from datetime import timedelta

from bot.catalogue import words
from tests.scene import Scene


async def test_a_clock_that_jumps_during_a_send_sends_once(scene: Scene) -> None:
    karen = await scene.person("Karen")
    await scene.telegram.faults(latency=2.5, methods=["sendMessage"])

    await karen.says("/status")
    await asyncio.sleep(0.3)
    scene.clock.skip(timedelta(minutes=10))
    await asyncio.sleep(4)
    await scene.quiet()

    asked = await scene.telegram.requests(method="sendMessage")
    said = [one for one in asked if one["payload"]["text"] == words("status.nothing", "da")]
    assert len(said) == 1
