from __future__ import annotations

import asyncio
import re
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.sandbox import Client, Played, PortTaken, SandboxClock, StandIn
from tests.sandbox.bot_side import MONDAY_AT_TEN, TOKEN, BotSide, a_stand_in

ROOT = Path(__file__).parents[2]


async def test_journal_brings_chats_people_and_updates_back(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    before = a_stand_in(journal=journal)
    await before.start(port=0)
    async with Client(before.url) as telegram, aiohttp.ClientSession() as session:
        karen = await telegram.user("Karen")
        bot = BotSide(before.url, session)
        await karen.says("confirmed")
        [update] = await bot.result("getUpdates")
        await bot.result("getUpdates", offset=update["update_id"] + 1)
        await karen.says("waiting")
        await bot.result("sendMessage", chat_id=karen.id, text="Svar")
        await telegram.skip(hours=5)
        await karen.blocks()
    await before.stop()
    with journal.open("ab") as torn:
        torn.write(b'["message",5001,{"id"')

    after = a_stand_in(journal=journal)
    await after.start(port=0)
    async with Client(after.url) as telegram, aiohttp.ClientSession() as session:
        karen = await telegram.user("Karen")
        texts = [m["text"] for m in await karen.messages()]
        is_blocked = (await karen.chat())["is_blocked"]
        updates = await BotSide(after.url, session).result("getUpdates")
        await karen.unblocks()
        newest = await karen.says("efter")
    await after.stop()

    assert texts == ["confirmed", "waiting", "Svar"]
    assert is_blocked
    assert [u.get("message", {}).get("text") for u in updates] == ["waiting", None]
    assert updates[0]["update_id"] == update["update_id"] + 1
    assert newest == 4
    assert after.clock.now() >= MONDAY_AT_TEN + timedelta(hours=5)


async def test_port_taken_is_said_in_a_sentence(stand_in: StandIn) -> None:
    with pytest.raises(
        PortTaken, match=f"^Port {stand_in.port} is already in use. Stop the program that uses it"
    ):
        await a_stand_in().start(port=stand_in.port)


async def test_clock_runs_on_from_where_it_was_set() -> None:
    clock = SandboxClock(MONDAY_AT_TEN)
    clock.skip(timedelta(hours=1))
    skipped = clock.now()
    clock.set(datetime(2027, 1, 1, tzinfo=UTC))

    assert timedelta(hours=1) <= skipped - MONDAY_AT_TEN < timedelta(hours=1, seconds=1)
    assert clock.now().year == 2027
    with pytest.raises(ValueError, match="time zone"):
        clock.set(datetime(2027, 1, 1))  # noqa: DTZ001


async def test_next_morning_is_local(telegram: Client) -> None:
    moved = await telegram.post("clock", next="08:00")

    assert moved["local"].startswith("2026-11-24T08:00:00")


class Watcher:
    def __init__(self) -> None:
        self.heard: list[str] = []

    async def clock_moved(self) -> None:
        self.heard.append("clock")

    async def reset(self) -> None:
        self.heard.append("reset")

    async def insight(self) -> list[dict[str, str]]:
        return [{"title": "Ingen er på vagt", "text": "Næste vagt er kl. 16.", "tone": "warn"}]


async def test_host_hears_of_clock_and_reset() -> None:
    watcher = Watcher()
    stand_in = a_stand_in(host=watcher)
    await stand_in.start(port=0)
    async with Client(stand_in.url) as telegram:
        karen = await telegram.user("Karen")
        await karen.says("Hej")
        await telegram.skip(minutes=10)
        lines = await telegram.get("insight")
        await telegram.reset()
        left = await karen.messages()
        people = await telegram.get("users")
    await stand_in.stop()

    assert watcher.heard == ["clock", "reset"]
    assert lines[0]["tone"] == "warn"
    assert left == []
    assert len(people) == 6
    assert stand_in.clock.now() - MONDAY_AT_TEN < timedelta(seconds=5)


async def test_reset_leaves_a_journal_that_can_be_read(tmp_path: Path) -> None:
    stand_in = a_stand_in(journal=tmp_path / "journal")
    await stand_in.start(port=0)
    async with Client(stand_in.url) as telegram:
        await (await telegram.user("Karen")).says("Væk")
        await telegram.reset()
        await (await telegram.user("Karen")).says("Ny")
    await stand_in.stop()

    again = a_stand_in(journal=tmp_path / "journal")
    assert [m.body["text"] for m in again.world.chats[5001].messages.values()] == ["Ny"]
    again.world.journal.close()


async def test_control_is_for_this_machine_and_json_only(stand_in: StandIn) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{stand_in.url}/_control/reset", data=b"{}") as form:
            assert form.status == 415
        other_name = {"Host": "sandbox.example"}
        async with session.get(f"{stand_in.url}/_control/users", headers=other_name) as rebound:
            assert rebound.status == 403
        async with session.get(f"{stand_in.url}/_control/nothing") as unknown:
            assert unknown.status == 404
        async with session.get(f"{stand_in.url}/bot{TOKEN}/getMe", headers=other_name) as bot:
            assert bot.status == 200


async def test_sees_fails_with_the_chat_printed(karen: Played) -> None:
    await karen.says("Hej")

    with pytest.raises(AssertionError, match=r"Karen does not see 'Svar'.*\n.*Karen: Hej"):
        await karen.sees("Svar", timeout=0.05)


async def test_what_was_said_survives_a_killed_process(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bot.sandbox", "--port", "0", "--journal", str(tmp_path / "journal")]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().split()[-1]
    async with Client(url) as telegram:
        await (await telegram.user("Karen")).says("Hej")
        process.kill()
        await process.wait()

    again = a_stand_in(journal=tmp_path / "journal")
    again.world.journal.close()
    assert [update.body["text"] for update in again.world.updates.waiting()] == ["Hej"]


async def test_standalone_ends_gracefully(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bot.sandbox", "--port", "0", "--journal", str(tmp_path / "journal")]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    said = (await asyncio.wait_for(process.stdout.readline(), 10)).decode()
    found = re.search(r"http://\S+", said)
    assert found
    async with Client(found.group()) as telegram:
        await (await telegram.user("Karen")).says("Hej")
        poll = asyncio.create_task(telegram.get("chat/5001", revision=10**9, timeout=30))
        await asyncio.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(asyncio.gather(poll, return_exceptions=True), 5)

    assert await asyncio.wait_for(process.wait(), 5) == 0
    assert b'"Hej"' in (tmp_path / "journal").read_bytes()


def test_package_imports_nothing_of_the_hotline() -> None:
    sources = [path.read_text() for path in (ROOT / "bot" / "sandbox").rglob("*.py")]
    imported = {
        m for source in sources for m in re.findall(r"^(?:from|import) (\w+(?:\.\w+)?)", source, re.MULTILINE)
    }

    ours = {name for name in imported if name.split(".")[0] in {"bot", "handlers", "scheduling", "storage"}}
    assert ours == {"bot.sandbox"}
