"""The bot as an operator runs it, against a Bot API written by other hands: by polling and by webhook."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import people
from bot.configuration import read_configuration
from bot.turn import Turn
from scheduling.clock import SystemClock
from storage.models import Role
from storage.store import Store
from tests.databases import Urls
from tests.process import MASTER_KEY, TOKEN, BotProcess, environment, free_port, write_rules
from tests.second_stand_in import SecondStandIn

ALWAYS_OPEN = {
    'panel = "mon-fri 08:00-20:00"': 'panel = "always"',
    "per_chat_per_second = 1": "per_chat_per_second = 0",
}


@pytest.mark.parametrize("way", ["polling", "webhook"])
async def test_a_question_is_asked_claimed_and_answered(urls: Urls, tmp_path: Path, way: str) -> None:
    rules, port = write_rules(tmp_path, ALWAYS_OPEN), free_port()
    async with SecondStandIn(token=TOKEN) as telegram:
        variables = environment(urls, api_url=telegram.url, port=port, rules=rules)
        if way == "webhook":
            variables |= {
                "WEBHOOK_URL": f"http://127.0.0.1:{port}",
                "WEBHOOK_SECRET": "a-secret-of-the-tests",
            }
        async with BotProcess(variables, tmp_path / "bot.log") as bot:
            mira = telegram.person(200, "Mira", language_code="da")
            karen = telegram.person(100, "Karen", language_code="da")
            mira.writes(f"/start {await _invite(urls, rules)}")
            await mira.reads("Mira")
            mira.writes("/duty on")
            await mira.reads("vagt")

            karen.writes("Jeg er bekymret for en elev i 9. klasse.")
            await _pressable(telegram, karen.id, "send:")
            karen.presses("send:")
            await karen.reads("K-")
            await _pressable(telegram, mira.id, "claim:")
            mira.presses("claim:")
            await mira.reads("Jeg er bekymret for en elev i 9. klasse.")
            mira.writes("Hvad har du set?")
            await karen.reads("Hvad har du set?")
            karen.writes("Han taler om det hver dag.")
            await mira.reads("Han taler om det hver dag.")

            assert all(answer is not None for answer in telegram.answers.values())
            assert await bot.stop() == 0
        assert bool(telegram.webhook) is (way == "webhook")
    assert "Traceback" not in bot.told()


async def _pressable(telegram: SecondStandIn, user: int, data: str) -> None:
    """Return once the person has a button whose data begins so."""

    def stands() -> bool:
        keyboards = [m.get("reply_markup", {}) for m in telegram.messages[user].values()]
        rows = [row for keyboard in keyboards for row in keyboard.get("inline_keyboard", [])]
        return any(b.get("callback_data", "").startswith(data) for row in rows for b in row)

    assert await telegram.until(stands, 5), telegram.people[user].transcript()


async def _invite(urls: Urls, rules: Path) -> str:
    store = Store(database_url=urls.database, keys_url=urls.keys, master_key=MASTER_KEY, clock=SystemClock())
    async with store.unit() as unit:
        token = await people.invite(
            Turn(unit, read_configuration(rules)),
            role=Role.RESOURCE_PERSON,
            alias="Mira",
            competences=("school",),
            languages=("da",),
        )
        await unit.commit()
    await store.close()
    return token
