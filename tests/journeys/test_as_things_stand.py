"""What is queued, edited or withdrawn reaches only whom it may reach by the time it is sent."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import select

from storage.models import OutboxRow, Progress
from tests.journeys.acting import ask, claimed, phrase, settled, shown
from tests.scene import Scene, until


async def _waiting_copies(scene: Scene) -> int:
    async with scene.store.reading() as session:
        query = select(OutboxRow.seq).where(
            OutboxRow.progress == Progress.WAITING, OutboxRow.purpose == "copy"
        )
        return len((await session.execute(query)).all())


async def test_copies_still_queued_when_the_account_is_revoked_are_not_sent(scene: Scene) -> None:
    mira, lone, karen = await scene.staff("Mira"), await scene.staff("Lone"), await scene.person("Karen")
    await karen.says("/new")
    for number in range(8):
        await karen.says(f"linje {number}")
    await karen.taps("send")
    await settled(scene)
    await scene.telegram.faults(latency=0.4, methods=["sendmessage"])

    await mira.taps("claim")

    async def has_begun() -> bool:
        return 0 < await _waiting_copies(scene) < 8

    await until(has_begun)
    await lone.says("/revoke Mira")
    await scene.telegram.all_confirmed()
    await settled(scene)

    seen = [m for m in await mira.messages() if m["from_bot"] and "linje" in m["text"]]
    assert 0 < len(seen) < 8
    assert [m for m in seen if not m["deleted"]] == []
    assert [m for m in seen if not m["protect_content"]] == []


async def test_a_withdrawal_while_the_copy_is_under_way_takes_it_back(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    await scene.telegram.faults(latency=1.0, methods=["sendmessage"])
    written = await karen.says("Det skulle jeg ikke have skrevet.")
    await asyncio.sleep(0.4)

    await karen.says("/withdraw", reply_to=written)
    await scene.telegram.all_confirmed()
    await settled(scene)

    assert [t for t in await shown(mira) if "skulle jeg ikke" in t] == []


async def test_an_edit_while_the_copy_is_under_way_reaches_the_reader(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    await scene.telegram.faults(latency=1.0, methods=["sendmessage"])
    written = await karen.says("På tirsdag.")
    await asyncio.sleep(0.4)

    await karen.edits(written, "På onsdag.")
    await scene.telegram.all_confirmed()
    await settled(scene)

    assert [t for t in await shown(mira) if "tirsdag" in t] == []
    assert [t for t in await shown(mira) if "onsdag" in t] != []


async def test_an_adviser_who_has_the_case_no_more_cannot_change_what_she_wrote(scene: Scene) -> None:
    mira, lone, karen = await scene.staff("Mira"), await scene.staff("Lone"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    written = await mira.says("Mit råd er godt.")
    await karen.sees("Mit råd er godt.")
    await scene.telegram.faults(latency=2.0, methods=["deletemessages", "deletemessage"])
    await mira.says("/handover")
    await mira.taps("handover:secretariat")
    await lone.taps("triage:take")
    await scene.telegram.all_confirmed()

    await mira.edits(written, "Mød mig på hjørnet.")
    await mira.sees(phrase("edit.not_yours", number="K-2026-00001"))
    await settled(scene)

    assert [t for t in await shown(karen) if "hjørnet" in t] == []
    assert [t for t in await shown(karen) if "Mit råd er godt." in t] != []


async def test_a_revoked_chat_that_was_blocked_is_cleared_once_it_is_open(scene: Scene) -> None:
    mira, lone, karen = await scene.staff("Mira"), await scene.staff("Lone"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Rosinante er alene.")
    written = await mira.says("Mit råd er godt.")
    await karen.sees("Mit råd er godt.")
    await mira.blocks()
    await settled(scene)
    await lone.says("/revoke Mira")
    await settled(scene)

    await mira.unblocks()
    await settled(scene)

    assert [t for t in await shown(mira) if "Rosinante" in t] == []
    assert next(m for m in await mira.messages() if m["message_id"] == written)["deleted"]


async def test_one_message_too_old_to_delete_does_not_keep_the_others(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    await mira.says("Det gamle svar.")
    await karen.sees("Det gamle svar.")
    await scene.skip(hours=50)
    await mira.says("Det nye svar.")
    await karen.sees("Det nye svar.")

    await karen.says("/delete")
    await karen.taps("hide")
    await karen.taps("hide:yes")
    await settled(scene)

    assert [t for t in await shown(karen) if "Det nye svar." in t] == []
    assert [t for t in await shown(karen) if "Det gamle svar." in t] != []


async def test_messages_written_slowly_while_the_hotline_was_down_are_no_flood(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    await scene.hotline.stop()
    for number in range(25):
        await karen.says(f"besked {number}")
        scene.clock.skip(timedelta(minutes=2))
    await scene.start_hotline()
    await settled(scene)

    await mira.sees("besked 24")
    assert [t for t in await shown(karen) if phrase("gate.paused") in t] == []


async def test_parked_text_that_was_withdrawn_makes_no_case(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    await karen.says("/close")
    await settled(scene)
    written = await karen.says("Noget nyt, jeg fortryder.")
    await settled(scene)

    await karen.says("/withdraw", reply_to=written)
    await settled(scene)
    await scene.skip(minutes=11)

    assert len(await scene.enquiries()) == 1


async def test_parked_text_is_asked_about_three_times_and_then_is_a_new_question(scene: Scene) -> None:
    lone, karen = await scene.staff("Lone"), await scene.person("Karen")
    await ask(scene, karen, "Det første.")
    await ask(scene, karen, "Det andet.")
    await karen.says("Til hvem?")
    await settled(scene)

    for _ in range(6):
        await scene.skip(minutes=61)

    assert len([t for t in await shown(lone) if phrase("alarm.parked") in t]) == 3
    assert len([t for t in await shown(karen) if phrase("relay.which") in t]) == 4
    assert [e.number for e in await scene.enquiries()] == ["K-2026-00001", "K-2026-00002", "K-2026-00003"]


async def test_nobody_is_asked_about_parked_text_at_night(scene: Scene) -> None:
    lone, karen = await scene.staff("Lone"), await scene.person("Karen")
    await ask(scene, karen, "Det første.")
    await ask(scene, karen, "Det andet.")
    await scene.skip(hours=12)
    await karen.says("Til hvem?")
    await settled(scene)

    await scene.skip(minutes=61)

    assert [t for t in await shown(lone) if phrase("alarm.parked") in t] == []


async def test_who_cannot_be_reached_is_not_asked_and_the_text_is_a_new_question(scene: Scene) -> None:
    karen = await scene.person("Karen")
    await ask(scene, karen, "Det første.")
    await ask(scene, karen, "Det andet.")
    await karen.says("Til hvem?")
    await settled(scene)
    await karen.blocks()
    await settled(scene)

    await scene.skip(minutes=11)

    assert len(await scene.enquiries()) == 3
