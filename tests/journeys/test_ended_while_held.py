"""A case that is held, or was closed as an emergency: what its adviser may do, and how it goes on."""

from __future__ import annotations

from scheduling.ids import short
from scheduling.urgency import Urgency
from storage.models import Outcome, State
from tests.journeys.acting import ask, buttons, claimed, phrase, settled, shown
from tests.scene import Scene

SECRET = "Rosinante er begyndt at gå alene."
NUMBER = "K-2026-00001"


async def test_a_draft_closed_as_an_emergency_goes_on_as_an_urgent_case(scene: Scene) -> None:
    mira, lone, karen = await scene.staff("Mira"), await scene.staff("Lone"), await scene.person("Karen")
    await karen.says("/emergency")
    await karen.sees(phrase("emergency.card"))
    await karen.taps("urgent:yes")
    await karen.says("Noget er galt.")
    await settled(scene)
    await lone.taps("alarm:open")
    await lone.taps("alarm:close")
    await karen.sees(phrase("emergency.closed"))
    await karen.says("Hej igen.")
    await karen.taps("continue:same")
    await mira.sees(phrase("offer.made"))
    await settled(scene)

    enquiry = await scene.enquiry()
    assert (enquiry.state, enquiry.urgency, enquiry.spoken) == (State.WAITING, Urgency.HIGH, "da")
    assert enquiry.sent_at is not None
    assert enquiry.promised_by is not None
    await mira.taps("claim")
    await mira.sees("Hej igen.")
    await settled(scene)
    assert [text for text in await shown(mira) if "Noget er galt." in text] == []


async def test_a_held_case_is_not_closed_by_its_adviser(scene: Scene) -> None:
    mira, lone, karen = await scene.staff("Mira"), await scene.staff("Lone"), await scene.person("Karen")
    enquiry = await claimed(scene, mira, karen, SECRET)
    await mira.says("/done")
    await mira.taps("done:outcome:advice_only")
    await mira.taps("done:minutes:15")
    await mira.sees(phrase("done.ask_referral", number=NUMBER))
    await karen.says("/emergency")
    await mira.sees(phrase("panel.held", number=NUMBER))
    await settled(scene)

    for data in ("done:start:", "done:outcome:advice_only:", "done:referral:no:"):
        answered = len(await mira.messages())
        await mira.taps_stale(1, data + short(enquiry.id))
        await settled(scene)
        assert phrase("relay.held", number=NUMBER) in (await mira.messages())[answered]["text"]

    assert (await scene.enquiry()).state is State.HELD
    assert await buttons(lone, "alarm:open") != []


async def test_a_held_case_that_is_closed_leaves_no_key_and_no_alarm(scene: Scene) -> None:
    from sqlalchemy import select

    from bot import enquiries
    from bot.turn import Turn
    from storage.models import Timer
    from storage.queries import enquiries as find

    lone, karen = await scene.staff("Lone"), await scene.person("Karen")
    await ask(scene, karen, SECRET)
    await karen.says("/emergency")
    await karen.says("Han har en kniv.")
    await settled(scene)
    await lone.taps("alarm:open")
    await settled(scene)
    held = await scene.enquiry()
    assert held.held_key_id is not None

    async with scene.store.unit() as unit:
        locked = await find.locked(unit, held.id)
        assert locked is not None
        await enquiries.close(Turn(unit, scene.rules), locked, Outcome.WITHDRAWN)
        await unit.commit()

    async with scene.store.reading() as session:
        kinds = set((await session.execute(select(Timer.kind).where(Timer.subject_id == held.id))).scalars())
    assert (await scene.enquiry()).held_key_id is None
    assert await scene.store.keys.missing([held.held_key_id]) != []
    assert kinds == {"retention"}


async def test_a_released_draft_says_that_it_was_looked_at(scene: Scene) -> None:
    lone, karen = await scene.staff("Lone"), await scene.person("Karen")
    await karen.says(SECRET)
    await karen.says("/emergency")
    await settled(scene)
    await lone.taps("alarm:open")
    await lone.taps("alarm:release")

    await karen.sees(phrase("sent.released"))


async def test_the_panel_cannot_choose_an_outcome_of_the_desk(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    enquiry = await claimed(scene, mira, karen, SECRET)

    await mira.taps_stale(1, f"done:outcome:referred:{short(enquiry.id)}")

    await mira.sees(phrase("done.not_yours", number=NUMBER))


async def test_what_waits_is_offered_when_the_enquirer_closes_a_case(scene: Scene) -> None:
    limits = scene.rules.limits.model_copy(update={"cap": 1, "flood_messages": 0})
    scene.rules = scene.rules.model_copy(update={"limits": limits})
    await scene.hotline.stop()
    await scene.start_hotline()
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, SECRET)
    await ask(scene, await scene.person("Idris"), "The second.")
    assert await buttons(mira, "claim") == []

    await karen.says("/close")
    await settled(scene)

    await mira.taps("claim")
    await mira.sees("The second.")


async def test_a_secretary_is_not_told_of_a_referral_of_her_own_question(scene: Scene) -> None:
    mira, lone = await scene.staff("Mira"), await scene.staff("Lone")
    await lone.says("/ask")
    await lone.says(SECRET)
    await lone.taps("send")
    await settled(scene)
    await mira.taps("claim")
    await mira.sees(SECRET)
    await mira.says("/done")
    await mira.taps("done:outcome:advice_only")
    await mira.taps("done:minutes:45")
    await mira.taps("done:referral:yes")
    await mira.sees(phrase("done.closed", number=NUMBER))
    await settled(scene)

    told = phrase("desk.referral_suggested", alias="Mira", number=NUMBER)
    assert [text for text in await shown(lone) if told in text] == []
