"""What is held is for the coordinator alone: opened, let go on or closed, and destroyed after 72 hours."""

from uuid import UUID

import pytest

from bot import writing
from bot.catalogue import words
from bot.turn import Turn
from scheduling.urgency import Urgency
from storage.keys import KeyDestroyedError
from storage.models import Outcome, State
from storage.queries import messages
from tests.journeys.acting import buttons, claimed, phrase, settled, shown
from tests.journeys.watching import notes_of, sent, stored
from tests.scene import Scene

DANGER = "Han har en kniv og går derhen i aften."


async def test_only_who_opens_the_alarm_reads_what_is_held(scene: Scene) -> None:
    lone, mira = await scene.staff("Lone"), await scene.staff("Mira")
    karen = await scene.person("Karen")
    await karen.says(DANGER)
    await lone.sees(phrase("alarm.emergency"))
    await lone.says("/queue")
    await settled(scene)
    before = "".join(await sent(scene, lone))

    await lone.taps("alarm:open")
    await lone.sees(DANGER)
    await karen.says("Nu er han gået.")
    await lone.sees(phrase("alarm.more"))
    await settled(scene)
    unopened = "".join(await sent(scene, lone))
    await lone.taps("alarm:open")
    await lone.sees("Nu er han gået.")

    assert DANGER not in before
    assert "Nu er han gået." not in unopened
    assert "kniv" not in "".join(await sent(scene, mira))


async def test_a_draft_the_coordinator_lets_go_on_is_sent_as_it_stands(scene: Scene) -> None:
    lone, mira = await scene.staff("Lone"), await scene.staff("Mira")
    karen = await scene.person("Karen")
    await karen.says(DANGER)
    await karen.taps("urgent:yes")
    await lone.taps("alarm:open")

    await lone.taps("alarm:release")
    await karen.sees(phrase("emergency.released"))
    await karen.sees("K-2026-00001")
    await mira.taps("claim")
    await mira.sees(DANGER)
    await settled(scene)

    enquiry = await scene.enquiry()
    assert (enquiry.state, enquiry.urgency) == (State.ASSIGNED, Urgency.HIGH)
    assert await stored(scene, enquiry) == [DANGER]


async def test_an_assigned_case_closed_as_emergency_leaves_the_adviser(scene: Scene) -> None:
    lone, mira = await scene.staff("Lone"), await scene.staff("Mira")
    karen = await scene.person("Karen")
    await claimed(scene, mira, karen, "Jeg er bekymret.")
    await mira.says("Hvad har du set?")
    await karen.sees("Hvad har du set?")
    await karen.says(DANGER)
    await lone.taps("alarm:open")
    await lone.sees(words("case.from_panel", "da").format(number="K-2026-00001", text="Hvad har du set?"))

    await lone.taps("alarm:close")
    await karen.sees(phrase("emergency.closed"))
    await mira.sees(phrase("panel.held_closed", number="K-2026-00001"))
    over = words("alarm.over_case", "da")
    await lone.sees(over.format(number="K-2026-00001", why=words("alarm.closed", "da")))
    await mira.taps("done:minutes:15")
    await settled(scene)
    await mira.says("Hvordan går det?")
    await mira.sees(phrase("staff.no_case"))

    enquiry = await scene.enquiry()
    assert (enquiry.state, enquiry.outcome) == (State.CLOSED, Outcome.EMERGENCY)
    assert await stored(scene, enquiry) == ["Jeg er bekymret.", "Hvad har du set?"]
    await mira.does_not_see("Jeg er bekymret.", within=0)
    await lone.does_not_see(DANGER, within=0)


async def test_that_it_is_over_reaches_the_adviser_and_does_not_hold_the_case_again(scene: Scene) -> None:
    lone, mira = await scene.staff("Lone"), await scene.staff("Mira")
    karen = await scene.person("Karen")
    await claimed(scene, mira, karen, "Jeg er bekymret.")
    await karen.says(DANGER)
    await karen.taps("urgent:called")
    await lone.taps("alarm:open")
    await lone.taps("alarm:release")
    await karen.sees(phrase("emergency.released"))

    written = await karen.says("Politiet har taget kniven. Hvad gør jeg i aften?")
    await mira.sees("Politiet har taget kniven. Hvad gør jeg i aften?")
    await karen.sees(phrase("emergency.words_again"))
    await lone.sees(phrase("alarm.words_again", number="K-2026-00001"))
    await mira.says("Godt. Er I i sikkerhed?")
    await karen.sees("Godt. Er I i sikkerhed?")
    assert (await scene.enquiry()).state is State.ASSIGNED
    told = await notes_of(scene, lone, "alarm.words_again")
    await karen.edits(written, "Kniven er væk. Hvad gør jeg i aften?")
    await mira.sees("Kniven er væk. Hvad gør jeg i aften?")
    await settled(scene)
    assert await notes_of(scene, lone, "alarm.words_again") == told + 1
    assert (await scene.enquiry()).state is State.ASSIGNED

    await scene.skip(hours=2)
    await karen.says(DANGER)
    await settled(scene)
    assert (await scene.enquiry()).state is State.HELD


async def test_danger_edited_in_too_late_to_be_passed_on_is_not_said_to_have_been(scene: Scene) -> None:
    lone, mira = await scene.staff("Lone"), await scene.staff("Mira")
    karen = await scene.person("Karen")
    await claimed(scene, mira, karen, "Jeg er bekymret.")
    written = await karen.says("Han bor alene.")
    await settled(scene)
    await scene.skip(hours=48)
    await karen.says(DANGER)
    await lone.taps("alarm:open")
    await lone.taps("alarm:release")
    await karen.sees(phrase("emergency.released"))

    await karen.edits(written, "Han er på vej derhen med en kniv.")

    await karen.sees(phrase("edit.record_only"))
    await karen.sees(phrase("emergency.words_edited"))
    await lone.sees(phrase("alarm.words_edited", number="K-2026-00001"))
    await settled(scene)
    await karen.does_not_see(phrase("emergency.words_again"), within=0)
    await lone.does_not_see(phrase("alarm.words_again", number="K-2026-00001"), within=0)


async def test_what_is_held_is_destroyed_72_hours_after_it_was_opened(scene: Scene) -> None:
    lone, karen = await scene.staff("Lone"), await scene.person("Karen")
    await karen.says(DANGER)
    await karen.sees(phrase("emergency.card"))
    await settled(scene)
    held = await scene.enquiry()

    await scene.skip(hours=80)
    unopened = await scene.enquiry()
    alarms = await notes_of(scene, lone, "alarm.emergency")
    await lone.taps("alarm:open")
    await lone.sees(DANGER)
    await settled(scene)
    await scene.skip(hours=71)
    assert (await scene.enquiry()).state is State.HELD
    await scene.skip(hours=1, minutes=1)

    closed = await scene.enquiry()
    assert (unopened.state, alarms) == (State.HELD, 2)
    assert (closed.state, closed.outcome, closed.held_key_id) == (State.CLOSED, Outcome.EMERGENCY, None)
    await karen.sees(phrase("emergency.closed"))
    with pytest.raises(KeyDestroyedError):
        await _read(scene, held.id)


async def _read(scene: Scene, enquiry_id: UUID) -> None:
    async with scene.store.unit() as unit:
        for message in await messages.of_enquiry(unit, enquiry_id):
            await writing.read(Turn(unit, scene.rules), message)


async def test_coordinators_hear_what_was_answered_on_the_card_without_content(scene: Scene) -> None:
    lone, karen = await scene.staff("Lone"), await scene.person("Karen")
    await karen.says(DANGER)
    await lone.sees(phrase("alarm.emergency"))

    await karen.taps("urgent:called")
    answered = await lone.sees(phrase("alarm.answered"))

    assert words("emergency.answered.called", "da") in answered["text"]
    assert DANGER not in answered["text"]


async def test_a_repeated_alarm_stands_once_in_the_coordinators_chat(scene: Scene) -> None:
    lone, karen = await scene.staff("Lone"), await scene.person("Karen")
    await karen.says(DANGER)
    await lone.sees(phrase("alarm.emergency"))
    for _ in range(2):
        await scene.skip(minutes=11)
        await settled(scene)

    standing = [text for text in await shown(lone) if phrase("alarm.emergency") in text]
    assert await notes_of(scene, lone, "alarm.emergency") > 1
    assert len(standing) == 1


async def test_an_alarm_the_enquirer_takes_back_says_so_and_has_no_buttons(scene: Scene) -> None:
    lone, karen = await scene.staff("Lone"), await scene.person("Karen")
    await karen.says(DANGER)
    await lone.sees(phrase("alarm.emergency"))

    await karen.taps("urgent:no")
    await lone.sees(words("alarm.over", "da").format(why=words("alarm.taken_back", "da")))
    await settled(scene)

    assert [text for text in await shown(lone) if phrase("alarm.emergency") in text] == []
    assert await buttons(lone, "alarm:") == []


async def test_an_alarm_about_a_numbered_case_names_it_once_it_is_over(scene: Scene) -> None:
    lone, ane = await scene.staff("Lone"), await scene.staff("Ane")
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Han er holdt op.")
    await karen.says(DANGER)
    await ane.sees(phrase("alarm.emergency"))
    await lone.taps("alarm:open")
    await lone.taps("alarm:release")

    over = words("alarm.over_case", "da").format(number="K-2026-00001", why=words("alarm.let_go_on", "da"))
    await ane.sees(over)
    await settled(scene)
    assert await buttons(ane, "alarm:") == []
    assert await buttons(lone, "alarm:") == []
