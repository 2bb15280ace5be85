"""On and off duty: what waits is offered, and a duty with an end ends by itself."""

from __future__ import annotations

from bot.sandbox.client import Played
from tests.journeys.acting import ask, phrase, settled, shown
from tests.scene import Scene


async def offers(person: Played) -> int:
    return len([text for text in await shown(person) if phrase("offer.made") in text])


async def test_what_waits_is_offered_to_whoever_comes_on_duty(scene: Scene) -> None:
    mira = await scene.staff("Mira", on_duty=False)
    karen, idris = await scene.person("Karen"), await scene.person("Idris")
    await ask(scene, karen, "Første spørgsmål.")
    await ask(scene, idris, "The second question.")
    assert await offers(mira) == 0

    await mira.says("/duty on")
    await settled(scene)

    assert await offers(mira) == 2


async def test_the_most_urgent_is_offered_before_the_oldest(scene: Scene) -> None:
    mira, lone = await scene.staff("Mira", on_duty=False), await scene.staff("Lone")
    await ask(scene, await scene.person("Karen"), "Ældst.")
    urgent = await ask(scene, await scene.person("Idris"), "Urgent.", alarm="weapon")
    await lone.taps("triage:panel")
    await settled(scene)

    await mira.says("/duty on")
    await settled(scene)

    made = [text for text in await shown(mira) if phrase("offer.made") in text]
    assert urgent.urgency.value == "high"
    assert [phrase("urgency.high") in text for text in made] == [True, False]


async def test_nobody_off_duty_is_asked(scene: Scene) -> None:
    mira, yasmin = await scene.staff("Mira"), await scene.staff("Yasmin")
    await mira.says("/duty off")
    await mira.sees(phrase("duty.off"))

    await ask(scene, await scene.person("Karen"), "Hvad gør jeg?")

    assert (await offers(mira), await offers(yasmin)) == (0, 1)


async def test_duty_until_a_time_ends_by_itself(scene: Scene) -> None:
    mira = await scene.staff("Mira", on_duty=False)

    await mira.says("/duty 12:00")
    await mira.sees("12.00")
    await scene.skip(hours=2)
    await settled(scene)
    await ask(scene, await scene.person("Karen"), "Hvad gør jeg?")

    await mira.sees(phrase("duty.off"))
    assert await offers(mira) == 0


async def test_a_time_that_has_passed_means_tomorrow(scene: Scene) -> None:
    mira = await scene.staff("Mira", on_duty=False)

    await mira.says("/duty til 09.30")
    await mira.sees("09.30")
    await scene.skip(hours=12)
    await mira.says("/rota")

    await mira.sees("Mira")


async def test_a_duty_that_makes_no_sense_is_explained(scene: Scene) -> None:
    mira = await scene.staff("Mira", on_duty=False)

    await mira.says("/duty 25:00")

    await mira.sees(phrase("command.usage.duty"))


async def test_duty_is_shown_and_turned_by_buttons(scene: Scene) -> None:
    mira = await scene.staff("Mira", on_duty=False)

    await mira.says("/duty")
    await mira.sees(phrase("duty.is_off"))
    await mira.taps("duty:on")
    await mira.sees(phrase("duty.on"))
    await mira.taps("duty:off")

    await mira.sees(phrase("duty.off"))
