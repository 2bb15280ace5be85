"""Down for longer than Telegram keeps taps: buttons that are still open are sent again."""

from __future__ import annotations

from datetime import timedelta

from tests.journeys.acting import ask, buttons, claimed, phrase, settled, shown
from tests.scene import Scene


async def down_for(scene: Scene, seconds: int) -> None:
    await scene.hotline.stop()
    scene.clock.skip(timedelta(seconds=seconds))
    await scene.start_hotline()
    await settled(scene)


async def test_offers_drafts_and_emergency_cards_stand_again_once(scene: Scene) -> None:
    mira = await scene.staff("Mira")
    karen, idris, sara = [await scene.person(name) for name in ("Karen", "Idris", "Sara")]
    await ask(scene, karen, "Hvad gør jeg?")
    await idris.says("/new")
    await sara.says("Han er på vej derhen med en kniv.")
    await sara.sees(phrase("emergency.card"))
    await settled(scene)
    before = {
        p: await buttons(p, kind) for p, kind in ((mira, "claim"), (idris, "skip"), (sara, "urgent:yes"))
    }

    await down_for(scene, 151)

    for person, kind in ((mira, "claim"), (idris, "skip")):
        assert len(await buttons(person, kind)) == 1, await person.transcript()
        [(at, data)] = await buttons(person, kind)
        [(at_before, data_before)] = before[person]
        assert data == data_before
        assert at > at_before
    assert (await buttons(sara, "urgent:yes"))[-1][0] > before[sara][-1][0]


async def test_a_tap_lost_meanwhile_can_be_made_again(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await ask(scene, karen, "Hvad gør jeg?")
    await scene.hotline.stop()
    await mira.taps("claim")
    scene.clock.skip(timedelta(seconds=200))
    await scene.start_hotline()
    await settled(scene)
    assert [t for t in await shown(mira) if "Hvad gør jeg?" in t] == []

    await mira.taps("claim")

    await mira.sees("Hvad gør jeg?")


async def test_nothing_is_sent_again_after_a_short_break(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await ask(scene, karen, "Hvad gør jeg?")
    before = await buttons(mira, "claim")

    await down_for(scene, 60)

    assert await buttons(mira, "claim") == before


async def test_an_offer_decided_before_is_not_sent_again(scene: Scene) -> None:
    mira, tom = await scene.staff("Mira"), await scene.staff("Tom")
    await ask(scene, await scene.person("Karen"), "Hvad gør jeg?")
    await mira.taps("claim")
    await mira.sees("Hvad gør jeg?")
    await settled(scene)

    await down_for(scene, 500)

    assert await buttons(mira, "claim") + await buttons(tom, "claim") == []


async def test_triage_and_what_a_colleague_offers_stand_again_once(scene: Scene) -> None:
    lone, mira, karen = [await scene.staff("Lone"), await scene.staff("Mira"), await scene.person("Karen")]
    await claimed(scene, mira, karen, "Hvad gør jeg?")
    tom = await scene.staff("Tom")
    await mira.says("/handover")
    await mira.taps("Tom")
    await ask(scene, await scene.person("Idris"), "Han taler om våben.", alarm="weapon")
    await settled(scene)
    kinds = ((lone, "triage:read"), (tom, "handover:accept"))
    before = [await buttons(person, kind) for person, kind in kinds]

    await down_for(scene, 151)

    after = [await buttons(person, kind) for person, kind in kinds]
    assert [[data for _, data in one] for one in after] == [[data for _, data in one] for one in before]
    assert [len(one) for one in after] == [1, 1]
    assert all(new[0][0] > old[0][0] for new, old in zip(after, before, strict=True))
    await tom.taps("handover:accept")
    await tom.sees("Hvad gør jeg?")
