"""A case is handed on: to the secretariat, to a colleague who confirms or refuses, or to a field."""

from __future__ import annotations

from scheduling.ids import short
from storage.models import State
from tests.journeys.acting import buttons, claimed, phrase, settled, shown
from tests.scene import Scene

SECRET = "Rosinante er begyndt at gå alene."


async def test_the_secretariat_takes_over_and_the_copies_leave(scene: Scene) -> None:
    mira, lone, karen = await scene.staff("Mira"), await scene.staff("Lone"), await scene.person("Karen")
    await claimed(scene, mira, karen, SECRET)

    await mira.says("/handover")
    await mira.taps("handover:secretariat")
    await lone.sees(phrase("triage.waiting", number="K-2026-00001"))
    await lone.taps("triage:take")
    await lone.sees(SECRET)
    await settled(scene)

    assert [text for text in await shown(mira) if "Rosinante" in text] == []
    await lone.says("Nu er det mig.")
    await karen.sees("Nu er det mig.")


async def test_a_colleague_confirms_before_she_sees_anything(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, SECRET)
    tom = await scene.staff("Tom")

    await mira.says("/handover K-2026-00001")
    await mira.taps("Tom")
    await mira.sees(phrase("handover.waits", alias="Tom"))
    await tom.sees(phrase("handover.offered", alias="Mira", number="K-2026-00001"))
    assert [text for text in await shown(tom) if "Rosinante" in text] == []
    await tom.taps("handover:accept")
    await tom.sees(SECRET)
    await settled(scene)

    assert [text for text in await shown(mira) if "Rosinante" in text] == []
    await karen.says("Hej Tom.")
    await tom.sees("Hej Tom.")


async def test_a_refusal_leaves_the_case_where_it_is(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, SECRET)
    tom = await scene.staff("Tom")

    await mira.says("/handover")
    await mira.taps("Tom")
    await tom.taps("handover:refuse")
    await mira.sees(phrase("handover.refused", alias="Tom", number="K-2026-00001"))
    await karen.says("Er du der?")

    await mira.sees("Er du der?")


async def test_a_field_is_asked_and_the_giver_is_not(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, SECRET)
    yasmin = await scene.staff("Yasmin")

    await mira.says("/handover")
    await mira.taps("handover:competence:psychology")
    await yasmin.taps("claim")
    await yasmin.sees(SECRET)
    await settled(scene)

    assert await buttons(mira, "claim") == []


async def test_a_field_that_goes_to_triage_is_looked_at_by_the_coordinator_first(scene: Scene) -> None:
    mira, lone = await scene.staff("Mira"), await scene.staff("Lone")
    await claimed(scene, mira, await scene.person("Karen"), SECRET)

    await mira.says("/handover")
    await mira.taps("handover:competence:former_extremist")

    await lone.sees(phrase("triage.waiting", number="K-2026-00001"))
    assert (await scene.enquiry()).state is State.TRIAGE


async def test_a_stale_button_opens_nothing_to_who_gave_the_case_away(scene: Scene) -> None:
    mira, lone, karen = await scene.staff("Mira"), await scene.staff("Lone"), await scene.person("Karen")
    enquiry = await claimed(scene, mira, karen, SECRET)
    await mira.says("/handover")
    await mira.taps("handover:secretariat")
    await lone.taps("triage:take")
    await lone.sees(SECRET)

    for data in ("open:", "done:start:", "done:outcome:advice_only:", "handover:start:", "done:referral:no:"):
        answered = len(await mira.messages())
        await mira.taps_stale(1, data + short(enquiry.id))
        await settled(scene)
        [answer] = (await mira.messages())[answered:]
        assert phrase("done.not_yours", number="K-2026-00001") in answer["text"]
    assert (await scene.enquiry()).state is State.ASSIGNED


async def test_two_colleagues_asked_one_has_it(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, SECRET)
    tom, yasmin = await scene.staff("Tom"), await scene.staff("Yasmin")
    for colleague in (tom, yasmin):
        await mira.says("/handover")
        await mira.taps(colleague.name)
        await colleague.sees(phrase("handover.offered"))
    await tom.taps("handover:accept")
    await tom.sees(SECRET)

    await yasmin.taps("handover:accept")

    await yasmin.sees(phrase("offer.gone"))
    await settled(scene)
    assert [text for text in await shown(yasmin) if "Rosinante" in text] == []
