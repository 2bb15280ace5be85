"""What falls due is done once: ten thousand at a time, by four processes, killed, by any clock."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from sqlalchemy import func, insert, select

from bot.configuration import Configuration
from bot.sandbox.client import Played
from handlers.telegram.worker import Worker
from scheduling.clock import SystemClock
from scheduling.ids import new_id
from scheduling.instant import Instant
from scheduling.urgency import Urgency
from storage import timers
from storage.models import AuditEntry, Chat, Enquiry, Kind, Offer, State, Timer
from storage.queries import enquiries
from storage.store import Store
from tests.databases import Urls
from tests.journeys.acting import ask, settled, shown
from tests.journeys.test_whom_is_asked import asked, panel
from tests.process import MASTER_KEY, ROOT
from tests.scene import Scene, until

# Ten thousand take a minute on each database: they belong to the long runs.
many = pytest.mark.parametrize("count", [500, pytest.param(10_000, marks=pytest.mark.soak)])
FEW = 800
LAPSE = "draft_lapse"
PAST = Instant.of(datetime(2026, 11, 1, tzinfo=UTC))
on_sqlite = pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("urls", ["postgresql"], indirect=True)


def opened(urls: Urls) -> Store:
    return Store(database_url=urls.database, keys_url=urls.keys, master_key=MASTER_KEY, clock=SystemClock())


async def set_due(store: Store, count: int) -> None:
    """Drafts that lapse, each in its own chat: each timer that is handled leaves one entry in the log."""
    ids = [new_id() for _ in range(count)]
    chats = [
        {
            "id": one,
            "address_hash": one.bytes * 2,
            "address_sealed": bytes(40),
            "key_id": one,
            "flood_count": 0,
        }
        for one in ids
    ]
    drafts = [
        {
            "id": one,
            "kind": Kind.CONCERN,
            "chat_id": one,
            "key_id": one,
            "state": State.DRAFT,
            "urgency": Urgency.NORMAL,
            "message_count": 0,
            "dispatch_round": 0,
            "dispatch_is_short": False,
            "cards_shown": 0,
            "suggests_referral": False,
            "drafted_at": PAST,
        }
        for one in ids
    ]
    due = [
        {
            "kind": LAPSE,
            "subject_id": one,
            "due_at": PAST + timedelta(seconds=number),
            "version": 0,
            "attempts": 0,
        }
        for number, one in enumerate(ids)
    ]
    async with store.writing() as connection:
        for start in range(0, count, 1_000):
            for model, rows in ((Chat, chats), (Enquiry, drafts), (Timer, due)):
                await connection.execute(insert(model), rows[start : start + 1_000])


async def handled(store: Store) -> Counter[int]:
    """How many subjects were handled how many times."""
    async with store.reading() as session:
        query = select(func.count()).where(AuditEntry.action == "moved").group_by(AuditEntry.subject_id)
        return Counter((await session.execute(query)).scalars())


async def left(store: Store) -> int:
    async with store.reading() as session:
        query = select(func.count()).select_from(Timer).where(Timer.kind == LAPSE)
        return (await session.execute(query)).scalar_one()


class Sweepers:
    """Processes that each handle what is due until nothing is left."""

    def __init__(self, urls: Urls) -> None:
        self.urls = urls
        self.started: list[asyncio.subprocess.Process] = []

    async def start(self, count: int) -> None:
        for _ in range(count):
            command = ("-m", "tests.faults.sweeper", self.urls.database, self.urls.keys)
            environment = {"PATH": os.environ["PATH"]}
            process = await asyncio.create_subprocess_exec(
                sys.executable, *command, cwd=ROOT, env=environment
            )
            self.started.append(process)

    async def finish(self) -> None:
        async with asyncio.timeout(300):
            assert [await process.wait() for process in self.started] == [0] * len(self.started)


@many
@on_sqlite
async def test_thousands_due_at_once_are_handled_once_each(urls: Urls, count: int) -> None:
    store, sweepers = opened(urls), Sweepers(urls)
    await set_due(store, count)
    begun = time.monotonic()

    await sweepers.start(1)
    await sweepers.finish()

    assert await handled(store) == {1: count}
    assert await left(store) == 0
    print(f"\n{count} timers, one process, SQLite: {time.monotonic() - begun:.1f} s")
    await store.close()


@many
@on_postgresql
async def test_four_processes_share_thousands_and_handle_each_once(urls: Urls, count: int) -> None:
    store, sweepers = opened(urls), Sweepers(urls)
    await set_due(store, count)
    begun = time.monotonic()

    await sweepers.start(4)
    await sweepers.finish()

    assert await handled(store) == {1: count}
    assert await left(store) == 0
    print(f"\n{count} timers, four processes, PostgreSQL: {time.monotonic() - begun:.1f} s")
    await store.close()


async def test_a_process_killed_in_the_middle_leaves_the_rest_and_nothing_twice(urls: Urls) -> None:
    store, sweepers = opened(urls), Sweepers(urls)
    await set_due(store, FEW)
    await sweepers.start(1)

    async def is_under_way() -> bool:
        return (await handled(store))[1] >= 100

    await until(is_under_way, 30)
    [killed] = sweepers.started
    killed.kill()
    await killed.wait()
    done = (await handled(store))[1]
    assert 100 <= done < FEW
    assert await left(store) == FEW - done

    sweepers.started.clear()
    await sweepers.start(1)
    await sweepers.finish()

    assert await handled(store) == {1: FEW}
    assert await left(store) == 0
    await store.close()


@on_postgresql
async def test_a_deadline_and_a_use_case_about_one_enquiry_come_one_after_the_other(
    urls: Urls, rules: Configuration
) -> None:
    store = opened(urls)
    await set_due(store, 1)
    async with store.reading() as session:
        subject = (await session.execute(select(Timer.subject_id))).scalar_one()

    with structlog.testing.capture_logs() as logged:
        async with store.unit() as unit:
            assert await enquiries.locked(unit, subject) is not None
            sweeping = asyncio.create_task(Worker(store=store, rules=rules).sweep())
            await asyncio.sleep(0.3)  # the sweep has come to the enquiry, and waits for it
            await timers.set_timer(unit, LAPSE, subject, unit.now + timedelta(days=1))
            await unit.commit()
        await sweeping

    assert logged == []
    assert await handled(store) == {}
    assert await left(store) == 1
    await store.close()


async def _rings(scene: Scene) -> list[int]:
    async with scene.store.reading() as session:
        return list((await session.execute(select(Offer.rings).order_by(Offer.step))).scalars())


async def _high(scene: Scene) -> list[Played]:
    people, lone = await panel(scene), await scene.staff("Lone")
    await ask(scene, await scene.person("Karen"), "Han vil rejse.", alarm="travel")
    await lone.taps("triage:panel")
    await settled(scene)
    assert await asked(people) == 3
    return people


async def test_an_hour_forward_is_one_step_and_an_hour_back_is_none(scene: Scene) -> None:
    people = await panel(scene)
    await ask(scene, await scene.person("Karen"), "Hvad gør jeg?")
    assert await asked(people) == 2

    await scene.skip(hours=1)
    assert await asked(people) == 3
    await scene.skip(hours=-1)
    await scene.skip()
    assert await asked(people) == 3
    await scene.skip(hours=1, minutes=10)

    assert await asked(people) == 4
    assert await _rings(scene) == [1, 1, 1, 1]


async def test_a_weekend_down_is_one_look_and_one_reminder_of_what_is_high(scene: Scene) -> None:
    people = await _high(scene)
    lone = await scene.person("Lone")
    await scene.hotline.stop()
    scene.clock.skip(timedelta(days=3))

    await scene.start_hotline()
    for _ in range(3):
        await scene.skip()

    # One step, and nobody is asked twice within it; the alarm is raised once, not once for each hour.
    rings = await _rings(scene)
    assert sum(rings) == 4
    assert await asked(people) == 4
    alarms = [text for text in await shown(lone) if "ingen har taget" in text.lower()]
    assert len(alarms) <= 1
