"""A message is taken back: by its writer, on either side, as far as Telegram allows."""

from __future__ import annotations

from storage.models import State
from tests.journeys.acting import ask, claimed, messages_in, phrase, settled, shown
from tests.scene import Scene


async def test_a_message_replied_to_leaves_both_chats_and_the_record(scene: Scene) -> None:
    mira, lone, karen = await scene.staff("Mira"), await scene.staff("Lone"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    written = await karen.says("Det skulle jeg ikke have skrevet.")
    await mira.sees("Det skulle jeg ikke have skrevet.")

    await karen.says("/withdraw", reply_to=written)
    await karen.sees(phrase("withdraw.done"))
    await mira.sees(phrase("relay.withdrawn"))
    await mira.says("/handover")
    await mira.taps("handover:secretariat")
    await lone.taps("triage:read")
    await lone.sees("Hej.")
    await settled(scene)

    for person in (mira, lone):
        assert [t for t in await shown(person) if "skulle jeg ikke" in t] == []
    assert next(m for m in await karen.messages() if m["message_id"] == written)["deleted"]


async def test_the_echo_is_a_handle_as_well(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    await karen.says("Ring til 67 00 00 01.")
    echo = await karen.sees(phrase("echo"))
    await mira.sees(phrase("mask.phone"))

    await karen.says("/withdraw", reply_to=echo["message_id"])
    await mira.sees(phrase("relay.withdrawn"))
    await settled(scene)

    assert [t for t in await shown(mira) if phrase("mask.phone") in t] == []
    assert [t for t in await shown(karen) if phrase("echo") in t] == []


async def test_an_adviser_takes_her_message_back(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    written = await mira.says("Forkert chat.")
    await karen.sees("Forkert chat.")

    await mira.says("/withdraw", reply_to=written)
    await karen.sees(phrase("relay.withdrawn"))
    await settled(scene)

    assert [t for t in await shown(karen) if "Forkert chat." in t] == []


async def test_a_long_message_goes_with_all_its_parts_also_where_it_was_read_twice(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    written = await karen.says("Begyndelse " + "midte " * 675 + "slutning")
    await mira.sees("slutning")
    await mira.says("/open")
    await settled(scene)

    await karen.says("/withdraw", reply_to=written)
    await mira.sees(phrase("relay.withdrawn"))
    await settled(scene)

    assert [t for t in await shown(mira) if "midte" in t] == []


async def test_a_withdrawal_after_47_hours_is_of_the_record_only_and_said(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    written = await mira.says("Et gammelt råd.")
    await karen.sees("Et gammelt råd.")

    await scene.skip(hours=47, minutes=1)
    await mira.says("/withdraw", reply_to=written)

    await mira.sees(phrase("withdraw.record_only"))


async def test_withdraw_without_a_reply_is_explained_and_nobody_takes_back_what_others_wrote(
    scene: Scene,
) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    copy = await mira.sees("Hej.")

    await karen.says("/withdraw")
    await karen.sees(phrase("withdraw.reply_to_it"))
    await mira.says("/withdraw", reply_to=copy["message_id"])
    await mira.sees(phrase("withdraw.reply_to_it"))

    assert [t for t in await shown(mira) if "Hej." in t] != []


async def test_a_draft_whose_only_message_was_withdrawn_is_not_sent_by_itself(scene: Scene) -> None:
    karen = await scene.person("Karen")
    written = await karen.says("Måske alligevel ikke.")
    await settled(scene)

    await karen.says("/withdraw", reply_to=written)
    await karen.sees(phrase("withdraw.done"))
    await scene.skip(minutes=11)

    assert (await scene.enquiry()).state is State.DRAFT


async def test_commands_in_the_middle_of_a_draft_do_not_become_part_of_it(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await karen.says("Det første.")
    for command in ("/help", "/privacy", "/status", "/nosuchthing", "/language"):
        await karen.says(command)
    await karen.says("Det sidste.")
    await settled(scene)
    await karen.taps("send")
    await settled(scene)

    await karen.sees(phrase("command.unknown"))
    assert await messages_in(scene) == [2]
    await mira.taps("claim")
    await mira.sees("Det sidste.")


async def test_text_that_waits_for_its_place_can_be_taken_back(scene: Scene) -> None:
    karen = await scene.person("Karen")
    await ask(scene, karen, "Det første.")
    await ask(scene, karen, "Det andet.")
    written = await karen.says("Til hvem?")
    await karen.sees(phrase("relay.which"))

    await karen.says("/withdraw", reply_to=written)
    await karen.sees(phrase("withdraw.done"))
    await karen.taps("Sag K-2026-00001")
    await settled(scene)

    assert await messages_in(scene) == [1, 1]
