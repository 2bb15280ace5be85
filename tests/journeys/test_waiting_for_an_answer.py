"""A case that was taken and is not answered is brought to mind, without content, three times at most."""

from __future__ import annotations

from tests.journeys.acting import claimed, phrase, settled, shown
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
    reminders = [text for text in await shown(mira) if reminder in text]
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
