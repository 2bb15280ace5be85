"""Somebody blocks the bot or closes the account: the other side hears of it, and the case goes on."""

from __future__ import annotations

from storage.models import State
from tests.journeys.acting import ask, buttons, claimed, phrase, settled, shown
from tests.scene import Scene


async def test_an_adviser_who_blocks_the_bot_loses_the_case_to_somebody_else(scene: Scene) -> None:
    mira, lone, karen = await scene.staff("Mira"), await scene.staff("Lone"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Rosinante er alene.")
    tom = await scene.staff("Tom")

    await mira.blocks()
    await karen.sees(phrase("handover.enquirer", number="K-2026-00001"))
    await lone.sees(phrase("alarm.adviser_unreachable", alias="Mira", count=1))
    await tom.taps("claim")
    await tom.sees("Rosinante")
    await settled(scene)
    await mira.unblocks()
    await settled(scene)

    assert [t for t in await shown(mira) if "Rosinante" in t] == []


async def test_an_adviser_whose_account_is_gone_is_noticed_at_the_next_message(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    tom = await scene.staff("Tom")
    await scene.telegram.post("deactivate", user=mira.id)

    await karen.says("Er du der?")
    await karen.sees(phrase("handover.enquirer", number="K-2026-00001"))
    await tom.taps("claim")

    await tom.sees("Er du der?")
    assert [t for t in await shown(karen) if phrase("not_delivered", number="K-2026-00001") in t] == []


async def test_an_enquirer_who_blocks_the_bot_is_reported_to_the_adviser(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")

    await karen.blocks()
    await mira.sees(phrase("relay.enquirer_unreachable", number="K-2026-00001"))
    await mira.says("Er du der?")
    await mira.sees(phrase("not_delivered", number="K-2026-00001"))
    await karen.unblocks()

    await mira.sees(phrase("relay.enquirer_reachable", number="K-2026-00001"))
    assert (await scene.enquiry()).state is State.ASSIGNED


async def test_an_enquirer_whose_account_is_gone_is_reported_with_the_message(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    await scene.telegram.post("deactivate", user=karen.id)

    written = await mira.says("Er du der?")

    await mira.sees(phrase("not_delivered", number="K-2026-00001"), after=written)
    await mira.sees(phrase("relay.enquirer_unreachable", number="K-2026-00001"))


async def test_who_takes_a_case_hears_that_its_enquirer_cannot_be_reached(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira", on_duty=False), await scene.person("Karen")
    await ask(scene, karen, "Hej.")
    await karen.blocks()
    await settled(scene)

    await mira.says("/duty on")
    await mira.taps("claim")

    await mira.sees(phrase("relay.enquirer_unreachable", number="K-2026-00001"))


async def test_nobody_out_of_reach_is_asked_and_whoever_is_back_is(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await mira.blocks()
    await settled(scene)
    await ask(scene, karen, "Hej.")
    assert await buttons(mira, "claim") == []

    await mira.unblocks()
    await settled(scene)

    assert len(await buttons(mira, "claim")) == 1


async def test_a_coordinator_out_of_reach_is_not_counted_on(scene: Scene) -> None:
    lone, karen = await scene.staff("Lone"), await scene.person("Karen")
    await lone.blocks()
    await settled(scene)

    await ask(scene, karen, "Han har fået et våben.", alarm="weapon")

    await karen.sees(phrase("sent.no_coordinator"))
