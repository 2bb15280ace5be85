"""The bot's side of the line, and a stand-in to test with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import aiohttp
import orjson

from bot.sandbox import STANDING_CAST, SandboxClock, StandIn

TOKEN = "4711:TEST"
MONDAY_AT_TEN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class BotSide:
    """Calls methods as a bot does and returns whole answers."""

    def __init__(self, base: str, session: aiohttp.ClientSession) -> None:
        self.base = base
        self.session = session

    async def ask(self, method: str, **given: Any) -> dict[str, Any]:
        url = f"{self.base}/bot{TOKEN}/{method}"
        body = orjson.dumps(given)
        headers = {"Content-Type": "application/json"}
        async with self.session.post(url, data=body, headers=headers) as answer:
            return {"status": answer.status, **orjson.loads(await answer.read())}

    async def result(self, method: str, **given: Any) -> Any:
        answer = await self.ask(method, **given)
        assert answer["ok"], answer
        return answer["result"]

    async def refusal(self, method: str, **given: Any) -> str:
        answer = await self.ask(method, **given)
        assert not answer["ok"], answer
        return answer["description"]


def a_stand_in(**given: Any) -> StandIn:
    wanted = {"token": TOKEN, "clock": SandboxClock(MONDAY_AT_TEN), "people": STANDING_CAST, **given}
    stand_in = StandIn(**wanted)
    stand_in.world.faults.change({"taps_overtake": 0.0, "webhook_first_pause": 0.02})
    return stand_in
