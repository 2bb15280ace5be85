"""Offers: content-free, declined, taken, stale; one person gets the case."""

from __future__ import annotations

import asyncio

from scheduling.ids import short
from storage.models import State
from tests.journeys.acting import ask, buttons, claimed, phrase, settled, shown
from tests.scene import Scene

SECRET = "Rosinante taler om kalifatet hver dag"


async def test_no_offer_reminder_or_alarm_carries_what_was_written(scene: Scene) -> None:
    mira, tom, lone = await scene.staff("Mira"), await scene.staff("Tom"), await scene.staff("Lone")

    await ask(scene, await scene.person("Karen"), SECRET)
    await scene.skip(minutes=20)
    await scene.skip(days=1)

    for person in (mira, tom, lone):
        assert await shown(person) != []
        assert [text for text in await shown(person) if "Rosinante" in text] == []
    assert [text for text in await shown(lone) if phrase("alarm.unclaimed", number="K-2026-00001") in text]


async def test_decline_later_or_field_asks_somebody_else_at_once(scene: Scene) -> None:
    people = [await scene.staff(name) for name in ("Mira", "Tom", "Yasmin")]
    await ask(scene, await scene.person("Karen"), SECRET)
    [last] = [p for p in people if not await buttons(p, "claim")]
    first, second = (p for p in people if p is not last)

    await first.taps("decline:later")
    await first.sees(phrase("offer.declined.later"))

    await last.sees(phrase("offer.made"))
    await second.taps("decline:field")
    await second.sees(phrase("offer.declined.field"))


async def test_a_conflict_of_interest_is_replaced_and_never_undone(scene: Scene) -> None:
    mira, lone = await scene.staff("Mira"), await scene.staff("Lone")
    await ask(scene, await scene.person("Karen"), SECRET)
    [(at, claim)] = await buttons(mira, "claim")

    await mira.taps("decline:conflict")
    await mira.sees(phrase("offer.declined.conflict"))
    await mira.taps_stale(at, claim)
    await mira.sees(phrase("offer.gone"))
    await lone.says("/assign K-2026-00001 Mira")

    await lone.sees(phrase("rule.conflict", alias="Mira"))
    assert (await scene.enquiry()).state is State.WAITING


async def test_a_conflict_after_claiming_withdraws_the_transcript_and_asks_somebody_else(
    scene: Scene,
) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await ask(scene, karen, SECRET)
    [(at, claim)] = await buttons(mira, "claim")
    await mira.taps("claim")
    await mira.sees(SECRET)
    await mira.says("Hvad har du set?")
    await karen.sees("Hvad har du set?")
    tom = await scene.staff("Tom")

    await mira.taps("handover:conflict")
    await mira.sees(phrase("handover.conflict_noted", number="K-2026-00001"))
    await settled(scene)

    assert [text for text in await shown(mira) if "Rosinante" in text] == []
    await mira.taps_stale(at, claim)
    await mira.sees(phrase("offer.gone"))
    await tom.taps("claim")
    await tom.sees("Rosinante")


async def test_the_first_to_tap_has_it_and_the_loser_hears_who(scene: Scene) -> None:
    mira, tom = await scene.staff("Mira"), await scene.staff("Tom")
    await ask(scene, await scene.person("Karen"), SECRET)
    (mira_at, mira_data), (tom_at, tom_data) = (
        (await buttons(mira, "claim"))[0],
        (await buttons(tom, "claim"))[0],
    )

    await asyncio.gather(mira.taps_stale(mira_at, mira_data), tom.taps_stale(tom_at, tom_data))
    await settled(scene)

    has = [p for p in (mira, tom) if any("Rosinante" in text for text in await shown(p))]
    assert len(has) == 1
    [loser] = [p for p in (mira, tom) if p not in has]
    await loser.sees(phrase("offer.taken", alias=has[0].name))


async def test_stale_buttons_always_answer(scene: Scene) -> None:
    mira, tom, lone = await scene.staff("Mira"), await scene.staff("Tom"), await scene.staff("Lone")
    await ask(scene, await scene.person("Karen"), SECRET)
    pressed = [*await buttons(tom, "claim"), *await buttons(tom, "decline:later")]
    assert len(pressed) == 2
    await mira.taps("claim")
    await mira.sees("Rosinante")
    await settled(scene)

    before = len(await tom.messages())
    for at, data in pressed:
        await tom.taps_stale(at, data)
        await settled(scene)
    answers = (await tom.messages())[before:]
    assert [phrase("offer.taken", alias="Mira") in one["text"] for one in answers] == [True, True]

    for data in ("triage:panel:", "triage:take:", "triage:misuse:"):
        sent = len(await lone.messages())
        await lone.taps_stale(1, data + short((await scene.enquiry()).id))
        await settled(scene)
        assert len(await lone.messages()) > sent


async def test_every_tap_is_answered_at_once(scene: Scene) -> None:
    mira = await scene.staff("Mira")
    await ask(scene, await scene.person("Karen"), SECRET)

    tap = await mira.taps("claim")
    await settled(scene)

    answered = await scene.telegram.requests(method="answerCallbackQuery")
    assert [r["payload"]["callback_query_id"] for r in answered][-1] == tap


async def test_nobody_is_offered_more_than_her_cap(scene: Scene) -> None:
    scene.rules = scene.rules.model_copy(
        update={"limits": scene.rules.limits.model_copy(update={"cap": 1, "flood_messages": 0})}
    )
    await scene.hotline.stop()
    await scene.start_hotline()
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Den første.")
    await ask(scene, await scene.person("Idris"), "The second.")
    assert await buttons(mira, "claim") == []

    await mira.says("/done")
    await mira.taps("done:outcome:advice_only")
    await mira.taps("done:minutes:15")
    await mira.taps("done:referral:no")
    await settled(scene)

    await mira.taps("claim")
    await mira.sees("The second.")
