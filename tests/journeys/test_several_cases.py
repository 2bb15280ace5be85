"""Several enquiries at once: labelled, addressed by reply or switch, and never sent to the wrong person."""

from __future__ import annotations

from datetime import timedelta

from bot.sandbox.client import Played
from tests.journeys.acting import ask, messages_in, phrase, settled, shown
from tests.scene import Scene


async def two_cases(scene: Scene) -> tuple[Played, Played, Played]:
    """Mira has a case of Karen's (00001) and one of Idris's (00002)."""
    mira, karen, idris = await scene.staff("Mira"), await scene.person("Karen"), await scene.person("Idris")
    for person, text in ((karen, "Karens elev."), (idris, "The son of Idris.")):
        await ask(scene, person, text)
        await mira.taps("claim")
        await mira.sees(text)
        await settled(scene)
    return mira, karen, idris


async def test_each_case_carries_its_number(scene: Scene) -> None:
    mira, karen, idris = await two_cases(scene)

    await karen.says("Mere om eleven.")
    await mira.sees(phrase("relay.from_enquirer", number="K-2026-00001", text="Mere om eleven."))
    await idris.says("More about the son.")

    await mira.sees(phrase("relay.from_enquirer", number="K-2026-00002", text="More about the son."))


async def test_a_reply_decides_whose_message_it_is(scene: Scene) -> None:
    mira, karen, idris = await two_cases(scene)
    theirs = await mira.sees("Karens elev.")

    await mira.says("Til Karen alene.", reply_to=theirs["message_id"])
    await karen.sees("Til Karen alene.")
    await settled(scene)

    assert [text for text in await shown(idris) if "Til Karen alene." in text] == []


async def test_without_a_hint_the_bot_asks_and_the_text_goes_where_it_was_sent(scene: Scene) -> None:
    mira, karen, idris = await two_cases(scene)

    await mira.says("Hvem er det her til?")
    await mira.sees(phrase("relay.which"))
    await settled(scene)
    assert [t for p in (karen, idris) for t in await shown(p) if "Hvem er det her til?" in t] == []
    await mira.taps("Sag K-2026-00002")

    await idris.sees("Hvem er det her til?")
    await mira.says("Og det her?")
    await idris.sees("Og det her?")
    await settled(scene)
    assert [text for text in await shown(karen) if "det her" in text] == []


async def test_a_switch_holds_for_an_hour_and_then_the_bot_asks_again(scene: Scene) -> None:
    mira, karen, idris = await two_cases(scene)
    await mira.says("Til Karen.")
    await mira.taps("Sag K-2026-00001")
    await karen.sees("Til Karen.")

    await scene.skip(minutes=61)
    await mira.says("En time senere.")
    await settled(scene)

    assert [t for p in (karen, idris) for t in await shown(p) if "En time senere." in t] == []


async def test_a_text_whose_place_nobody_says_is_asked_about_again_and_alarms(scene: Scene) -> None:
    lone = await scene.staff("Lone")
    mira, karen, idris = await two_cases(scene)
    await mira.says("Uden adresse.")
    await settled(scene)

    asked = await mira.sees(phrase("relay.which"))
    await scene.skip(minutes=10)

    await mira.sees(phrase("relay.which"), after=asked["message_id"])
    await lone.sees(phrase("alarm.parked"))
    await scene.skip(minutes=60)
    assert len([t for t in await shown(lone) if phrase("alarm.parked") in t]) == 2
    assert [t for p in (karen, idris, lone) for t in await shown(p) if "Uden adresse." in t] == []


async def test_a_reply_to_a_case_one_has_not_any_more_goes_to_nobody(scene: Scene) -> None:
    mira, karen, idris = await two_cases(scene)
    receipt = await mira.sees(phrase("offer.claimed", number="K-2026-00001"))
    heard = await mira.sees("Karens elev.")
    await karen.says("/close")
    await mira.sees(phrase("done.closed_by_enquirer", number="K-2026-00001"))
    await settled(scene)

    await mira.says("For sent.", reply_to=heard["message_id"])
    await mira.sees(phrase("relay.not_yours", number="K-2026-00001"))
    await settled(scene)

    assert receipt["message_id"] < heard["message_id"]
    assert [t for p in (karen, idris) for t in await shown(p) if "For sent." in t] == []


async def test_an_emergency_is_shown_although_the_bot_would_ask_which_case(scene: Scene) -> None:
    karen = await scene.person("Karen")
    await ask(scene, karen, "Det første.")
    await ask(scene, karen, "Det andet.")

    await karen.says("Han er på vej derhen med en kniv.")

    await karen.sees(phrase("emergency.card"))


async def test_text_held_for_one_case_survives_its_end(scene: Scene) -> None:
    karen, lone = await scene.person("Karen"), await scene.staff("Lone")
    await ask(scene, karen, "Det første.")
    await ask(scene, karen, "Det andet.")
    await karen.says("Hører til det andet.")
    await karen.sees(phrase("relay.which"))
    await karen.taps("Sag K-2026-00002")
    await settled(scene)

    await lone.says("/queue")
    await lone.taps("Læs K-2026-00002")

    await lone.sees("Hører til det andet.")


async def test_a_text_that_send_has_overtaken_joins_what_was_sent(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await ask(scene, karen, "En ældre sag.")
    await scene.skip(minutes=1)
    await karen.says("/new")
    await karen.says("Begyndelsen.")
    await settled(scene)
    written_at = scene.clock.now().isoformat()
    scene.clock.skip(timedelta(seconds=2))
    await karen.taps("send")
    await settled(scene)

    await karen.says("Slutningen.", at=written_at)
    await settled(scene)

    await karen.does_not_see(phrase("relay.which"))
    assert await messages_in(scene) == [1, 2]
    await mira.taps("claim")
    await mira.sees("Slutningen.")


async def test_a_tap_that_changes_places_with_its_text_loses_nothing(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await karen.says("Begyndelsen.")
    await settled(scene)

    await karen.says("Slutningen.", hold=True)
    await karen.taps("send", overtake=True)
    await settled(scene)

    await mira.taps("claim")
    await mira.sees("Slutningen.")
