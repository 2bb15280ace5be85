"""What was written is edited: mirrored, kept in versions, and said where it comes too late."""

from __future__ import annotations

from sqlalchemy import func, select

from storage.models import Message, MessageVersion
from tests.journeys.acting import ask, claimed, phrase, settled, shown
from tests.scene import Scene


async def versions(scene: Scene) -> int:
    async with scene.store.reading() as session:
        return int((await session.execute(select(func.count()).select_from(MessageVersion))).scalar_one())


async def test_an_edit_is_mirrored_and_the_old_words_are_kept_as_a_version(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    written = await karen.says("Han er femten.")
    copy = await mira.sees("Han er femten.")

    await karen.edits(written, "Han er seksten.")

    edited = await mira.sees("Han er seksten.")
    assert edited["message_id"] == copy["message_id"]
    assert [t for t in await shown(mira) if "femten" in t] == []
    assert await versions(scene) == 1


async def test_an_advisers_edit_reaches_the_enquirer_with_her_alias(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    written = await mira.says("Ring i dag.")
    await karen.sees("Ring i dag.")

    await mira.edits(written, "Vent til i morgen.")

    edited = await karen.sees("Vent til i morgen.")
    assert "Mira" in edited["text"]
    assert [t for t in await shown(karen) if "Ring i dag." in t] == []


async def test_names_that_an_edit_brings_in_are_masked_echoed_and_the_original_deleted(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    written = await karen.says("Han bor alene.")
    await mira.sees("Han bor alene.")

    await karen.edits(written, "Hans CPR er 120352-6004.")
    await mira.sees(phrase("mask.cpr"))
    await karen.sees(phrase("echo"))
    await settled(scene)

    original = next(m for m in await karen.messages() if m["message_id"] == written)
    assert original["deleted"]
    for person in (mira, karen):
        assert [t for t in await shown(person) if "120203" in t] == []


async def test_an_edit_in_a_draft_is_what_is_sent(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    written = await karen.says("Det første.")
    await settled(scene)

    await karen.edits(written, "Det rettede.")
    await settled(scene)
    await karen.taps("send")
    await mira.taps("claim")

    await mira.sees("Det rettede.")
    assert [t for t in await shown(mira) if "Det første." in t] == []


async def test_an_edit_while_the_bot_asks_which_case_is_taken_in(scene: Scene) -> None:
    mira, lone, karen = await scene.staff("Mira"), await scene.staff("Lone"), await scene.person("Karen")
    await ask(scene, karen, "Det første.")
    await ask(scene, karen, "Det andet.")
    written = await karen.says("Hvorhen?")
    await karen.sees(phrase("relay.which"))

    await karen.edits(written, "Nu rettet.")
    await settled(scene)
    await karen.taps("Sag K-2026-00002")
    await settled(scene)
    await lone.says("/assign K-2026-00002 Mira")

    await mira.sees("Nu rettet.")
    assert [t for t in await shown(mira) if "Hvorhen?" in t] == []


async def test_an_edit_after_47_hours_changes_the_record_only_and_says_so(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    written = await mira.says("Det gamle råd.")
    await karen.sees("Det gamle råd.")

    await scene.skip(hours=47, minutes=1)
    await mira.edits(written, "Det nye råd.")
    await mira.sees(phrase("edit.record_only"))
    await settled(scene)

    assert [t for t in await shown(karen) if "Det nye råd." in t] == []
    assert await versions(scene) == 1


async def test_an_edit_of_a_closed_case_is_not_taken_in(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    written = await karen.says("Han bor alene.")
    await settled(scene)
    await karen.says("/close")
    await karen.sees(phrase("closed.withdrawn", number="K-2026-00001"))

    await karen.edits(written, "Han bor hos sin far.")

    await karen.sees(phrase("edit.too_late"))
    assert await versions(scene) == 0


async def test_an_edit_of_what_is_no_message_of_a_case_is_explained(scene: Scene) -> None:
    karen = await scene.person("Karen")
    written = await karen.says("/status")
    await settled(scene)

    await karen.edits(written, "/statuss")

    await karen.sees(phrase("edit.unknown"))


async def test_an_edit_that_speaks_of_danger_shows_the_card(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    written = await karen.says("Han bor alene.")
    await mira.sees("Han bor alene.")

    await karen.edits(written, "Han er på vej derhen med en kniv.")
    await karen.sees(phrase("emergency.card"))
    await karen.edits(written, "Han er på vej derhen med en økse.")
    await settled(scene)

    assert [t for t in await shown(mira) if "kniv" in t or "økse" in t] == []
    original = next(m for m in await karen.messages() if m["message_id"] == written)
    assert not original["deleted"]


async def test_what_an_adviser_writes_while_the_card_is_open_is_not_passed_on(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    await karen.says("/emergency")
    await mira.sees(phrase("panel.held", number="K-2026-00001"))

    await mira.says("Hvad sker der?")

    await mira.sees(phrase("relay.held", number="K-2026-00001"))
    await karen.does_not_see("Hvad sker der?")


async def test_the_record_keeps_no_unmasked_version(scene: Scene) -> None:
    karen = await scene.person("Karen")
    await karen.says("Han hedder Ali Hansen.")
    await settled(scene)

    async with scene.store.reading() as session:
        [message] = (await session.execute(select(Message))).scalars()
        body = await scene.store.keys.open(
            message.key_id, message.body_sealed, place=f"message.body:{message.id}"
        )
    assert b"Hansen" not in body
