"""The emergency card: at once and alone, by words or by button, and again until it is answered."""

import pytest

from bot.catalogue import words
from bot.sandbox.client import Played
from scheduling.urgency import Urgency
from storage.models import State
from tests.journeys.acting import ask, buttons, claimed, phrase, settled, shown
from tests.journeys.watching import is_deleted, keys_of, labels, notes_of, sent, stored
from tests.scene import MONDAY_AT_TEN, Scene

KNIFE = (
    "En af de unge fra området har lige vist mig en kniv og siger at han tager ind til en skole i morgen "
    'tidlig og "gør det". Han kører i en bil med nummerpladen {plate}.'
)
DANGER = "Han har en kniv og går derhen i aften."


async def test_a_first_writer_in_danger_sees_the_card_alone(scene: Scene) -> None:
    lone, mira, worker = await scene.staff("Lone"), await scene.staff("Mira"), await scene.person("Karen")

    knife = await worker.says(KNIFE.format(plate="AB 12 345"))
    await worker.sees(phrase("emergency.card"))
    await settled(scene)
    alone = await shown(worker)
    card = await labels(worker)
    await worker.says("Jeg ringer nu")
    await worker.sees(phrase("emergency.card_again"))
    await worker.taps("urgent:called")
    await worker.sees(phrase("emergency.called"))
    await settled(scene)

    enquiry = await scene.enquiry()
    assert len(alone) == 1
    assert alone[0].startswith("RING 112 NU")
    assert "§ 141" in alone[0]
    assert "nummerplade" in alone[0]
    assert card == [
        words(f"button.{b}", "da").format(emergency_number="112") for b in ("called", "urgent")
    ] + [words("button.not_urgent", "da")]
    assert (enquiry.state, enquiry.number, enquiry.urgency) == (State.HELD, None, Urgency.EMERGENCY)
    assert (enquiry.emergency_answer, enquiry.residence) == ("called", None)
    assert await stored(scene, enquiry) == [KNIFE.format(plate="[NUMMERPLADE]"), "Jeg ringer nu"]
    assert set(await keys_of(scene, enquiry)) == {enquiry.held_key_id}
    assert enquiry.held_key_id != enquiry.key_id
    assert not await is_deleted(worker, knife)
    assert not [t for t in await sent(scene) if "AB 12" in t or "gør det" in t]
    assert await notes_of(scene, lone, "alarm.emergency") == 1
    assert await notes_of(scene, mira, "offer.made") == 0
    await worker.does_not_see("Velkommen", within=0)


async def test_the_card_from_a_draft_ends_the_intake(scene: Scene) -> None:
    karen = await scene.person("Karen")
    await karen.says("Jeg er bekymret for en elev.")
    await karen.taps("answer:role:professional")
    await karen.sees(phrase("intake.ask.profession"))
    [(at, old)] = [
        (m["message_id"], b["callback_data"])
        for m in await karen.messages()
        for row in m["keyboard"]
        for b in row
        if b.get("callback_data", "").startswith("skip:profession")
    ]

    await karen.taps("emergency")
    await karen.sees(phrase("emergency.card"))
    await settled(scene)
    standing = await shown(karen)
    await karen.taps_stale(at, old)
    await settled(scene)
    await scene.skip(minutes=11)

    enquiry = await scene.enquiry()
    assert not [t for t in standing if phrase("intake.ask.profession") in t]
    assert standing[-1].startswith("RING 112 NU")
    assert (enquiry.state, enquiry.profession) == (State.HELD, None)
    assert (await shown(karen))[-1].startswith("RING 112 NU")


async def test_every_other_button_shows_the_card_again_while_it_is_open(scene: Scene) -> None:
    idris = await scene.person("Idris")
    await ask(scene, idris, "My brother worries me.")
    await idris.taps("emergency")
    await settled(scene)

    for action in (
        idris.taps("tonight"),
        idris.taps("continue:new"),
        idris.says("/new"),
        idris.says("/start"),
    ):
        await action
    await idris.says("/language")
    await idris.sees(words("language.choose", "en"))
    await idris.taps("language:da")
    await idris.says("/close")
    await settled(scene)

    assert len(await scene.enquiries()) == 1
    again = await sent(scene, idris)
    after = again[[t.startswith("CALL 112 NOW") for t in again].index(True) :]
    cards = [text for text in after if text.startswith(("CALL 112 NOW", "RING 112 NU"))]
    assert len(cards) == 7
    assert [text for text in after if text not in cards] == [words("language.choose", "en")]
    assert after[-1].startswith("RING 112 NU")


async def test_silence_shows_the_card_and_alarms_again_until_it_is_opened(scene: Scene) -> None:
    lone, karen = await scene.staff("Lone"), await scene.person("Karen")
    await karen.says(DANGER)
    await karen.sees(phrase("emergency.card"))

    await scene.skip(minutes=10, seconds=2)
    cards, alarms = await _counted(scene, karen), await notes_of(scene, lone, "alarm.emergency")
    await scene.skip(minutes=10, seconds=2)
    await scene.skip(minutes=10, seconds=2)
    later = await notes_of(scene, lone, "alarm.emergency")
    await lone.taps("alarm:open")
    await lone.sees(DANGER)
    await scene.skip(hours=5)

    assert (cards, alarms, later) == (2, 2, 4)
    assert await notes_of(scene, lone, "alarm.emergency") == later
    assert await _counted(scene, karen) == 3


@pytest.mark.parametrize(("tapped", "left"), [("called", ["no"]), ("yes", ["called", "no"])])
async def test_buttons_that_are_spent_leave_every_card(scene: Scene, tapped: str, left: list[str]) -> None:
    karen = await scene.person("Karen")
    await karen.says(DANGER)
    await karen.says("Han er gået nu")
    await karen.sees(phrase("emergency.card_again_untold"))
    await karen.taps(f"urgent:{tapped}")
    await karen.sees(phrase(f"emergency.{tapped}_untold"))
    await settled(scene)
    answered = await _on_cards(karen)
    await karen.says("Hvad gør jeg?")
    await settled(scene)

    assert answered == [left]
    assert await _on_cards(karen) == [left, left]


async def _on_cards(karen: Played) -> list[list[str]]:
    """Return which answers each card that stands can still be given."""
    return [
        [b["callback_data"].split(":")[1] for row in m["keyboard"] for b in row]
        for m in await karen.messages()
        if m["from_bot"] and not m["deleted"] and m["text"].startswith("RING 112 NU")
    ]


async def test_an_older_card_does_not_undo_that_she_has_called(scene: Scene) -> None:
    await scene.staff("Lone")
    karen = await scene.person("Karen")
    await karen.says("/emergency")
    await settled(scene)
    [(card, urgent)] = await buttons(karen, "urgent:yes")
    await karen.taps("urgent:called")
    await karen.sees(phrase("emergency.called"))
    await karen.taps_stale(card, urgent)
    await settled(scene)

    assert (await scene.enquiry()).emergency_answer == "called"
    assert phrase("emergency.yes") not in "".join(await shown(karen))


async def test_told_is_only_said_when_a_coordinator_is_on_duty(scene: Scene) -> None:
    lone, karen = await scene.staff("Lone", on_duty=False), await scene.person("Karen")

    await karen.says(DANGER)
    await karen.says("Hvad gør jeg?")
    await karen.taps("urgent:yes")
    await karen.taps("urgent:yes")
    await karen.sees(phrase("emergency.yes_untold"))
    await settled(scene)

    said = "".join(await sent(scene, karen))
    assert "koordinator har fået besked" not in said
    assert await notes_of(scene, karen, "emergency.yes_untold") == 1
    assert await notes_of(scene, lone, "alarm.emergency") == 1
    await lone.says("/duty on")
    await lone.sees("på vagt, til")
    await karen.says("Hallo?")
    await karen.sees("koordinator har fået besked")


async def test_a_flood_in_an_emergency_is_heard(scene: Scene) -> None:
    karen = await scene.person("Karen")
    await karen.says(DANGER)
    for _ in range(22):
        await karen.says("hjælp")
    await settled(scene)

    assert await notes_of(scene, karen, "gate.paused") == 0
    assert len(await stored(scene, await scene.enquiry())) == 23


@pytest.mark.parametrize(("hour", "minute", "is_open"), [(21, 30, True), (23, 30, False)])
async def test_only_numbers_open_at_this_hour_are_shown(
    scene: Scene, hour: int, minute: int, is_open: bool
) -> None:
    at = MONDAY_AT_TEN.replace(hour=hour, minute=minute)
    await scene.skip(seconds=(at - MONDAY_AT_TEN).total_seconds())
    karen = await scene.person("Karen")

    await karen.says("/emergency")
    card = (await karen.sees(phrase("emergency.card")))["text"]

    assert ("41 74 90 90" in card) is is_open
    assert "116 111" in card


async def test_an_adviser_cannot_write_while_the_card_is_open(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Jeg er bekymret.")
    mine = await karen.says("Han går i 9. klasse.")
    await karen.taps("emergency")
    await karen.sees(phrase("emergency.card"))

    await mira.says("Lad os tage en snak.")
    await karen.edits(mine, "Han er på vej derhen.")
    await settled(scene)
    await mira.says("/open K-2026-00001")
    await settled(scene)

    assert "Lad os tage en snak." not in "".join(await sent(scene, karen))
    assert "Han er på vej derhen." not in "".join(await sent(scene, mira))


async def test_an_old_card_is_answered_when_it_becomes_urgent_after_all(scene: Scene) -> None:
    karen = await scene.person("Karen")
    await karen.says(DANGER)
    await karen.taps("urgent:no")
    await karen.sees(phrase("emergency.kept"))
    await karen.taps("send")
    await karen.sees("K-2026-00001")

    await karen.taps("urgent:yes")
    await settled(scene)

    assert (await scene.enquiry()).state is State.HELD
    assert (await shown(karen))[-1].startswith("RING 112 NU")


async def test_the_button_among_several_cases_holds_a_draft_of_its_own(scene: Scene) -> None:
    karen = await scene.person("Karen")
    await ask(scene, karen, "Min første sag.")
    await ask(scene, karen, "Min anden sag.")

    await karen.taps("emergency")
    await karen.sees(phrase("emergency.card"))
    await settled(scene)

    states = [enquiry.state for enquiry in await scene.enquiries()]
    assert states == [State.WAITING, State.WAITING, State.HELD]


async def test_words_of_danger_among_several_cases_are_not_asked_about(scene: Scene) -> None:
    karen = await scene.person("Karen")
    await ask(scene, karen, "Min første sag.")
    await ask(scene, karen, "Min anden sag.")
    await scene.skip(minutes=1)

    await karen.says(DANGER)
    await karen.sees(phrase("emergency.card"))
    await settled(scene)

    assert await notes_of(scene, karen, "relay.which") == 0
    assert await stored(scene, (await scene.enquiries())[-1]) == [DANGER]


async def _counted(scene: Scene, person: object) -> int:
    return len([t for t in await sent(scene, person) if t.startswith("RING 112 NU")])  # type: ignore[arg-type]


async def test_the_card_names_few_numbers_and_none_that_is_for_what_can_wait(scene: Scene) -> None:
    karen = await scene.person("Karen")
    await karen.says("/emergency")
    card = (await karen.sees(phrase("emergency.card")))["text"]

    assert "RING 112 NU" in card
    assert "114" not in card
    assert "Livslinien" in card
    assert len(card) < 450


async def test_the_first_card_says_that_a_coordinator_was_told_and_that_the_case_waits(scene: Scene) -> None:
    await scene.staff("Lone")
    karen = await scene.person("Karen")
    await ask(scene, karen, "Jeg er bekymret.")

    await karen.says("/emergency")
    card = (await karen.sees(phrase("emergency.card")))["text"]

    assert words("emergency.waits", "da") in card


async def test_the_first_card_says_where_no_coordinator_is_on_duty(scene: Scene) -> None:
    karen = await scene.person("Karen")

    await karen.says("/emergency")
    card = (await karen.sees(phrase("emergency.card")))["text"]

    assert words("emergency.waits_untold", "da") in card
    assert words("emergency.waits", "da") not in card
