"""A case that was taken and is not answered is brought to mind, without content, three times at most."""

from __future__ import annotations

from bot.sandbox.client import Played
from storage.models import Enquiry, State
from tests.journeys.acting import ask, claimed, phrase, settled, shown
from tests.scene import Scene

TEXT = "Jeg er bekymret for min elev."


async def test_unanswered_case_reminds_the_adviser_and_alarms_three_times_at_most(scene: Scene) -> None:
    lone, mira = await scene.staff("Lone"), await scene.staff("Mira")
    enquiry = await claimed(scene, mira, await scene.person("Karen"), TEXT)
    await scene.skip(minutes=14)
    assert phrase("panel.unanswered") not in "".join(await shown(mira))

    for _ in range(6):
        await scene.skip(hours=24)
        await settled(scene)

    reminder = phrase("panel.unanswered", number=enquiry.number)
    alarm = phrase("alarm.unanswered", number=enquiry.number, alias="Mira")
    reminders = [m["text"] for m in await mira.messages() if m["from_bot"] and reminder in m["text"]]
    alarms = [text for text in await shown(lone) if alarm in text]
    assert (len(reminders), len(alarms)) == (3, 3)
    assert TEXT not in "".join(reminders + alarms)


async def test_unanswered_case_is_not_brought_to_mind_once_its_adviser_wrote(scene: Scene) -> None:
    lone, mira = await scene.staff("Lone"), await scene.staff("Mira")
    karen = await scene.person("Karen")
    await claimed(scene, mira, karen, TEXT)
    await mira.says("Fortæl mig mere.")
    await karen.sees("Fortæl mig mere.")

    await scene.skip(hours=48)
    await settled(scene)

    beginnings = [phrase("panel.unanswered"), phrase("alarm.unanswered")]
    said = "".join(await shown(mira) + await shown(lone))
    assert not any(beginning in said for beginning in beginnings)


async def _high_claimed(scene: Scene, mira: Played, lone: Played) -> Enquiry:
    await ask(scene, await scene.person("Karen"), TEXT, alarm="travel")
    await lone.taps("triage:panel")
    await settled(scene)
    await mira.taps("claim")
    await mira.sees(TEXT)
    await settled(scene)
    return await scene.enquiry()


async def test_what_is_high_and_not_answered_is_offered_on_and_leaves_the_silent_chat(scene: Scene) -> None:
    lone, mira = await scene.staff("Lone"), await scene.staff("Mira")
    enquiry = await _high_claimed(scene, mira, lone)
    yasmin = await scene.staff("Yasmin")
    await scene.skip(minutes=15)
    assert any(phrase("panel.unanswered", number=enquiry.number) in text for text in await shown(mira))
    assert (await scene.enquiry()).state is State.ASSIGNED

    await scene.skip(minutes=15)
    await settled(scene)

    await mira.sees(phrase("panel.offered_on", number=enquiry.number))
    assert [text for text in await shown(mira) if TEXT in text] == []
    assert (await scene.enquiry()).state is State.WAITING
    await yasmin.taps("claim")
    await yasmin.sees(TEXT)


async def test_what_is_high_and_answered_stays_with_who_answered(scene: Scene) -> None:
    lone, mira = await scene.staff("Lone"), await scene.staff("Mira")
    await _high_claimed(scene, mira, lone)
    await scene.skip(minutes=20)
    await mira.says("Fortæl mig mere.")
    await (await scene.person("Karen")).sees("Fortæl mig mere.")

    await scene.skip(minutes=30)
    await scene.skip(hours=5)

    assert (await scene.enquiry()).state is State.ASSIGNED
    assert not any(phrase("panel.offered_on") in text for text in await shown(mira))
