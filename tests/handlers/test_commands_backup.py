"""A backup is whole or refused, opens only with its own keys, and sends nothing until a person says so."""

import asyncio
import base64
import zipfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import aiohttp
import pytest
from sqlalchemy import func, select

from bot.sandbox import SandboxClock, StandIn
from storage import audit, outbox
from storage.archive import plain
from storage.backup import hotline_tables
from storage.instance import hold_instance
from storage.keys import MasterKeyError
from storage.models import Enquiry, Message, Offer, Outcome, State
from tests.databases import FreshDatabases, PostgresServer, Urls
from tests.operator import MASTER_KEY, OTHER_KEY, Operator
from tests.process import ROOT, BotProcess, environment, free_port
from tests.scene import MONDAY_AT_TEN, TOKEN, Scene, until

SECRET = "Han er bange."
_NOBODY = UUID(int=0)


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(
    request: pytest.FixtureRequest,
    fresh_databases: FreshDatabases,
    postgres_server: PostgresServer | None,
    tmp_path: Path,
) -> Iterator[Urls]:
    """Fresh databases of both kinds to restore into, whatever kind the backup is of."""
    if request.param == "sqlite":
        (tmp_path / "elsewhere").mkdir()
        yield fresh_databases.sqlite(tmp_path / "elsewhere")
        return
    if postgres_server is None:
        pytest.skip("PostgreSQL is not installed")
    made = fresh_databases.postgres()
    yield made
    fresh_databases.give_back(made)


async def everything(operator: Operator) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, as the database keeps it."""
    async with operator.store() as store, store.snapshot() as connection:
        return {
            table.name: sorted(map(tuple, (await connection.execute(select(plain(table)))).all()), key=repr)
            for table in hotline_tables()
        }


async def texts(operator: Operator) -> list[str]:
    async with operator.store() as store, store.reading() as session:
        found = (await session.execute(select(Message))).scalars()
        return [
            (await store.keys.open(one.key_id, one.body_sealed, place=f"message.body:{one.id}")).decode()
            for one in found
        ]


async def test_a_backup_is_restored_into_a_database_of_either_kind(
    operator: Operator, elsewhere: Urls, tmp_path: Path
) -> None:
    await operator.given_cases(3, text=SECRET)
    before = await everything(operator)

    made = await operator.does("backup", tmp_path / "hotline.zip")
    operator.on(Urls(elsewhere.database, operator.urls.keys))
    restored = await operator.does("restore", tmp_path / "hotline.zip")
    after = await everything(operator)
    more = await operator.given_cases(0)

    assert (made.exit_code, restored.exit_code) == (0, 0)
    assert "The keys are not in it" in made.stdout
    settled = {"audit", "audit_pending", "switch"}
    assert {k: v for k, v in after.items() if k not in settled} == {
        k: v for k, v in before.items() if k not in settled
    }
    assert set(before["audit"]) < set(after["audit"])
    assert all(SECRET in text for text in await texts(operator))
    assert more == []


async def test_a_restored_hotline_counts_on_where_it_was(
    operator: Operator, elsewhere: Urls, tmp_path: Path
) -> None:
    async with operator.store() as store, store.unit() as unit:
        outbox.queue(unit, None, "alarm.parked", action="alert")
        await unit.commit()
    await operator.does("backup", tmp_path / "hotline.zip")
    operator.on(Urls(elsewhere.database, operator.urls.keys))
    await operator.does("restore", tmp_path / "hotline.zip")

    async with operator.store() as store, store.unit() as unit:
        outbox.queue(unit, None, "alarm.parked", action="alert")
        await unit.commit()

    assert len((await everything(operator))["outbox"]) == 2


async def test_a_backup_made_while_others_write_is_of_one_moment(operator: Operator, tmp_path: Path) -> None:
    await operator.given_cases(5)
    is_done = asyncio.Event()

    async def write_on() -> int:
        count = 0
        async with operator.store() as store:
            while not is_done.is_set():
                async with store.unit() as unit:
                    outbox.queue(unit, None, "alarm.parked", action="alert")
                    unit.record("probed", actor="test", subject="hotline", subject_id=_NOBODY)
                    await unit.commit()
                await audit.seal(store)
                count += 1
        return count

    writing = asyncio.create_task(write_on())
    await asyncio.sleep(0.2)
    made = await operator.does("backup", tmp_path / "hotline.zip")
    is_done.set()
    written = await writing
    restored = await operator.does("restore", tmp_path / "hotline.zip", "--replace")
    verified = await operator.does("verify-audit")

    rows = await everything(operator)
    probes = [row for row in rows["audit"] if "probed" in row]
    assert (made.exit_code, restored.exit_code, verified.exit_code) == (0, 0, 0)
    assert 0 < len(probes) == len(rows["outbox"]) <= written


async def test_a_restore_into_a_database_with_data_needs_replace(operator: Operator, tmp_path: Path) -> None:
    await operator.given_cases(1)
    await operator.does("backup", tmp_path / "hotline.zip")
    before = await everything(operator)

    refused = await operator.does("restore", tmp_path / "hotline.zip")

    assert (refused.exit_code, refused.stderr) == (
        1,
        "The database is not empty; --replace deletes what it holds. Nothing was changed.\n",
    )
    assert await everything(operator) == before


@pytest.mark.parametrize("damage", ["cut off", "flipped", "empty", "altered", "missing"])
async def test_a_damaged_backup_leaves_the_database_as_it_was(
    operator: Operator, tmp_path: Path, damage: str
) -> None:
    await operator.given_cases(2, text=SECRET)
    whole, broken = tmp_path / "hotline.zip", tmp_path / "broken.zip"
    await operator.does("backup", whole)
    before = await everything(operator)
    damaged(whole, broken, damage)

    refused = await operator.does("restore", broken, "--replace")

    assert refused.exit_code == (2 if damage == "missing" else 1)
    assert len(refused.stderr.splitlines()) == 1
    assert refused.stdout == ""
    assert await everything(operator) == before


def damaged(whole: Path, broken: Path, how: str) -> None:
    data = whole.read_bytes()
    if how == "cut off":
        broken.write_bytes(data[: len(data) // 2])
    elif how == "flipped":
        with zipfile.ZipFile(whole) as archive:
            part = archive.getinfo("message.jsonl")
        at = part.header_offset + 60 + part.compress_size // 2
        broken.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
    elif how == "empty":
        broken.write_bytes(b"")
    elif how == "altered":  # a whole file whose rows and checksums agree, but not with the seal
        with zipfile.ZipFile(whole) as old, zipfile.ZipFile(broken, "w") as new:
            for name in old.namelist():
                content = old.read(name)
                new.writestr(name, content.replace(b'"made_at": 1', b'"made_at": 2'))


async def test_a_backup_does_not_open_with_another_key_store(
    operator: Operator, elsewhere: Urls, tmp_path: Path
) -> None:
    await operator.given_cases(1)
    await operator.does("backup", tmp_path / "hotline.zip")
    operator.on(elsewhere)

    empty = await operator.does("restore", tmp_path / "hotline.zip")
    await operator.given_cases(0)
    async with operator.store() as store:
        await store.check_keys()
    foreign = await operator.does("restore", tmp_path / "hotline.zip")

    said = "The backup belongs to another key store: put that one back first (`keys-restore`).\n"
    assert (empty.exit_code, empty.stderr) == (1, said)
    assert (foreign.exit_code, foreign.stderr) == (1, said)
    assert not any((await everything(operator)).values())


async def test_a_restore_is_refused_while_the_hotline_runs(operator: Operator, tmp_path: Path) -> None:
    await operator.given_cases(1)
    await operator.does("backup", tmp_path / "hotline.zip")

    async with operator.store() as store, hold_instance(store.url):
        refused = await operator.does("restore", tmp_path / "hotline.zip", "--replace")

    assert (refused.exit_code, refused.stderr) == (
        2,
        "This hotline is running, in another process on the same data.\n",
    )


async def test_what_lost_its_key_since_the_backup_stays_erased(operator: Operator, tmp_path: Path) -> None:
    kept, erased = await operator.given_cases(2, text=SECRET)
    await operator.does("backup", tmp_path / "hotline.zip")
    await operator.given_closed(erased, Outcome.MISUSE)
    await operator.does("erase", erased, "--reason", "request")

    restored = await operator.does("restore", tmp_path / "hotline.zip", "--replace")

    assert "1 enquiries were erased since; they are closed and cannot be read." in restored.stdout
    async with operator.store() as store, store.reading() as session:
        query = select(Enquiry.number, Enquiry.state, Enquiry.destroyed_at.is_(None)).order_by(Enquiry.number)
        assert [tuple(row) for row in await session.execute(query)] == [
            (kept, State.ASSIGNED, True),
            (erased, State.CLOSED, False),
        ]


async def test_a_backup_is_private_and_never_overwrites(operator: Operator, tmp_path: Path) -> None:
    path = tmp_path / "hotline.zip"
    await operator.does("backup", path)
    first = path.read_bytes()

    again = await operator.does("backup", path)
    into_folder = await operator.does("backup", tmp_path)

    assert path.stat().st_mode & 0o777 == 0o600
    assert (again.exit_code, again.stderr) == (1, f"{path} exists already.\n")
    assert path.read_bytes() == first
    assert (tmp_path / "hotline-20261116T090000Z.zip").exists()
    assert into_folder.exit_code == 0


async def test_keys_are_backed_up_apart_and_put_back(
    operator: Operator, elsewhere: Urls, tmp_path: Path
) -> None:
    await operator.given_cases(2, text=SECRET)
    await operator.does("backup", tmp_path / "hotline.zip")
    made = await operator.does("keys-backup", tmp_path / "keys.zip")
    operator.on(elsewhere)

    keys = await operator.does("keys-restore", tmp_path / "keys.zip")
    hotline = await operator.does("restore", tmp_path / "hotline.zip")
    refused = await operator.does("keys-restore", tmp_path / "keys.zip")

    assert "Delete it by 2026-11-23 10:00: it expires then." in made.stdout
    assert (keys.exit_code, hotline.exit_code) == (0, 0)
    assert all(SECRET in text for text in await texts(operator))
    assert (refused.exit_code, refused.stderr) == (
        1,
        "The key store is not empty; --replace deletes its keys. Nothing was changed.\n",
    )


async def test_an_expired_key_backup_is_refused_unless_forced(operator: Operator, tmp_path: Path) -> None:
    [number] = await operator.given_cases(1, text=SECRET)
    await operator.does("keys-backup", tmp_path / "keys.zip")
    await operator.given_closed(number)
    await operator.does("erase", number, "--reason", "request")
    operator.later(days=7, seconds=1)

    refused = await operator.does("keys-restore", tmp_path / "keys.zip", "--replace")
    forced = await operator.does("keys-restore", tmp_path / "keys.zip", "--replace", "--force")

    assert (refused.exit_code, refused.stderr) == (
        1,
        "It expired 2026-11-23 10:00: it would open what was erased since. --force uses it.\n",
    )
    assert forced.exit_code == 0


async def test_a_key_backup_wrapped_by_another_key_changes_nothing(
    operator: Operator, tmp_path: Path
) -> None:
    await operator.given_cases(1, text=SECRET)
    await operator.does("keys-backup", tmp_path / "keys.zip")
    other = base64.b64encode(OTHER_KEY).decode()

    refused = await operator.does("keys-restore", tmp_path / "keys.zip", "--replace", DATA_KEY=other)

    assert (refused.exit_code, refused.stderr) == (
        2,
        "DATA_KEY: does not fit the key store; it was made with another key.\n",
    )
    assert all(SECRET in text for text in await texts(operator))


async def test_one_kind_of_backup_is_not_taken_for_the_other(operator: Operator, tmp_path: Path) -> None:
    await operator.given_cases(1)
    await operator.does("keys-backup", tmp_path / "keys.zip")

    refused = await operator.does("restore", tmp_path / "keys.zip", "--replace")

    said = f"{tmp_path}/keys.zip: is no whole hotline backup; nothing was changed.\n"
    assert (refused.exit_code, refused.stderr) == (1, said)


async def test_after_rotating_the_keys_only_the_new_key_opens(operator: Operator) -> None:
    await operator.given_cases(2, text=SECRET)
    new = base64.b64encode(OTHER_KEY).decode()

    done = await operator.does("rotate-keys", NEW_DATA_KEY=new)

    assert done.exit_code == 0
    assert "keys are wrapped anew" in done.stdout
    async with operator.store(MASTER_KEY) as store:
        with pytest.raises(MasterKeyError):
            await store.check_keys()
    async with operator.store(OTHER_KEY) as store, store.reading() as session:
        for one in (await session.execute(select(Message))).scalars():
            opened = await store.keys.open(one.key_id, one.body_sealed, place=f"message.body:{one.id}")
            assert SECRET in opened.decode()


async def test_the_keys_are_not_rotated_under_a_running_hotline(operator: Operator) -> None:
    await operator.given_cases(1)
    new = base64.b64encode(OTHER_KEY).decode()

    async with operator.store() as store, hold_instance(store.url):
        refused = await operator.does("rotate-keys", NEW_DATA_KEY=new)

    assert (refused.exit_code, refused.stderr) == (
        2,
        "This hotline is running, in another process on the same data.\n",
    )
    async with operator.store(MASTER_KEY) as store:
        await store.check_keys()


async def test_run_says_that_delivery_is_held(operator: Operator, tmp_path: Path) -> None:
    async with operator.store() as store:
        await outbox.hold(store)
    stand_in = StandIn(token=TOKEN, bot_username="test_bot", clock=SandboxClock(MONDAY_AT_TEN))
    await stand_in.start("127.0.0.1", 0)
    variables = environment(
        operator.urls, api_url=stand_in.url, port=free_port(), rules=ROOT / "hotline.toml"
    )

    async with BotProcess(variables, tmp_path / "log") as bot:
        await until(lambda: _tells(bot, "Delivery is HELD"))

    await stand_in.stop()


async def _tells(bot: BotProcess, line: str) -> bool:
    return line in bot.told()


async def test_rotating_to_no_key_or_the_same_key_is_refused(operator: Operator) -> None:
    none = await operator.does("rotate-keys")
    same = await operator.does("rotate-keys", NEW_DATA_KEY=base64.b64encode(MASTER_KEY).decode())

    assert (none.exit_code, none.stderr) == (
        2,
        "NEW_DATA_KEY: is required: 32 random bytes in base64, or their file in NEW_DATA_KEY_FILE\n",
    )
    assert (same.exit_code, same.stderr) == (2, "NEW_DATA_KEY: is the key in use already.\n")


async def test_nothing_is_sent_after_a_restore_until_it_is_released_and_then_once(
    scene: Scene, operator: Operator, elsewhere: Urls, tmp_path: Path
) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await karen.says("Jeg er bekymret for en elev i 9. klasse.")
    await karen.taps("send")
    await mira.taps("claim")
    await karen.sees("Mira")
    await scene.quiet()
    await outbox.hold(scene.store)
    await karen.says("Han taler om det hver dag.")
    await scene.telegram.all_confirmed()
    await asyncio.sleep(0.3)
    operator.clock.at = scene.store.clock.now()
    await operator.does("backup", tmp_path / "hotline.zip")
    await scene.hotline.stop()

    scene.urls = Urls(elsewhere.database, operator.urls.keys)
    operator.on(scene.urls)
    restored = await operator.does("restore", tmp_path / "hotline.zip")
    sent_before = await sent(scene)
    await scene.start_hotline()
    await mira.does_not_see("Han taler om det hver dag.", within=1.5)
    assert await sent(scene) == sent_before
    assert await asked(scene, "readyz") == (200, '{"ready": true}')
    assert "hotline_delivery_held 1.0" in (await asked(scene, "metrics"))[1]

    released = await operator.does("release")
    await mira.sees("Han taler om det hver dag.")
    await scene.quiet()
    assert "hotline_delivery_held 0.0" in (await asked(scene, "metrics"))[1]

    assert (restored.exit_code, released.exit_code) == (0, 0)
    seen = [one for one in await mira.messages() if "Han taler om det hver dag." in str(one.get("text"))]
    assert len(seen) == 1
    assert (await operator.does("release")).stdout == "Delivery is not held.\n"


async def test_an_open_offer_is_withdrawn_by_a_restore_and_made_anew(
    scene: Scene, operator: Operator, tmp_path: Path
) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await karen.says("Jeg er bekymret for en elev i 9. klasse.")
    await karen.taps("send")
    await mira.sees("En henvendelse venter på en rådgiver.")
    await scene.quiet()
    operator.clock.at = scene.store.clock.now()
    await operator.does("backup", tmp_path / "hotline.zip")
    await scene.hotline.stop()
    await operator.does("restore", tmp_path / "hotline.zip", "--replace")
    await scene.start_hotline()
    await operator.does("release")
    await scene.skip(seconds=1)

    await mira.taps("claim")
    await karen.sees("Mira")

    async with scene.store.reading() as session:
        states = await session.execute(select(Offer.state, func.count()).group_by(Offer.state))
        assert {state.value: count for state, count in states} == {"withdrawn": 1, "claimed": 1}


async def sent(scene: Scene) -> int:
    return len(await scene.telegram.requests(method="sendMessage"))


async def asked(scene: Scene, what: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{scene.hotline.port}/{what}") as response,
    ):
        return response.status, await response.text()
