"""How many are asked, when, and who never is."""

from __future__ import annotations

from datetime import timedelta

from bot.sandbox.client import Played
from storage.models import Role, State
from tests.journeys.acting import ask, phrase, settled, shown
from tests.scene import CAST, Scene

PANEL = ("Mira", "Tom", "Yasmin", "Amal", "Bent", "Ditte")


async def panel(scene: Scene) -> list[Played]:
    """Six resource persons on duty who all write Danish and know school."""
    for name in PANEL:
        CAST.setdefault(name, (Role.RESOURCE_PERSON, ("school",), ("da",)))
    return [await scene.staff(name) for name in PANEL]


async def asked(people: list[Played]) -> int:
    return sum([any(phrase("offer.made") in text for text in await shown(p)) for p in people])


async def test_normal_asks_two_and_one_more_every_ten_minutes(scene: Scene) -> None:
    people = await panel(scene)
    await ask(scene, await scene.person("Karen"), "Hvad gør jeg?")
    assert await asked(people) == 2

    await scene.skip(minutes=9)
    assert await asked(people) == 2
    await scene.skip(minutes=1)
    assert await asked(people) == 3
    await scene.skip(minutes=10)
    assert await asked(people) == 4


async def test_high_asks_three_and_one_more_every_two_minutes_also_at_night(scene: Scene) -> None:
    people, lone = await panel(scene), await scene.staff("Lone")
    await scene.skip(hours=15)
    await ask(scene, await scene.person("Karen"), "Han vil rejse.", alarm="travel")
    await lone.taps("triage:panel")
    await settled(scene)
    assert await asked(people) == 3

    await scene.skip(minutes=2)
    assert await asked(people) == 4


async def test_normal_asks_nobody_at_night_and_goes_on_in_the_morning(scene: Scene) -> None:
    people, karen = await panel(scene), await scene.person("Karen")
    await scene.skip(hours=11)
    await ask(scene, karen, "Hvad gør jeg?")
    await karen.sees(phrase("sent.out_of_hours", number="K-2026-00001"))
    await scene.skip(hours=3)
    assert await asked(people) == 0

    await scene.skip(hours=8)

    assert await asked(people) == 2


async def test_what_is_low_is_offered_when_the_panel_next_opens(scene: Scene) -> None:
    people, lone = await panel(scene), await scene.staff("Lone")
    await ask(scene, await scene.person("Karen"), "Et oplæg i marts.", role="booking")
    await lone.taps("triage:panel")
    await settled(scene)
    await scene.skip(hours=9)
    assert await asked(people) == 0

    await scene.skip(hours=13)

    assert await asked(people) == 1


async def test_a_weekend_down_or_a_jump_of_the_clock_makes_no_cascade(scene: Scene) -> None:
    people = await panel(scene)
    await ask(scene, await scene.person("Karen"), "Hvad gør jeg?")
    await scene.hotline.stop()
    scene.clock.skip(timedelta(days=3, hours=1))

    await scene.start_hotline()
    await scene.skip()
    await scene.skip()
    assert await asked(people) == 3
    await scene.skip(days=1)

    assert await asked(people) == 4


async def test_the_coordinator_is_alarmed_at_half_the_promise(scene: Scene) -> None:
    lone, _mira = await scene.staff("Lone"), await scene.staff("Mira")
    await ask(scene, await scene.person("Karen"), "Hvad gør jeg?")

    await scene.skip(hours=21, minutes=59)
    assert not any(phrase("alarm.unclaimed", number="K-2026-00001") in text for text in await shown(lone))
    await scene.skip(minutes=1)

    await lone.sees(phrase("alarm.unclaimed", number="K-2026-00001"))


async def test_language_passes_over_who_cannot_write_it(scene: Scene) -> None:
    mira, tom, yasmin = [await scene.staff(name) for name in ("Mira", "Tom", "Yasmin")]
    await ask(scene, await scene.person("Karen"), "Hvad gør jeg?", spoken="ar")

    assert [await asked([p]) for p in (mira, tom, yasmin)] == [0, 0, 1]


async def test_a_required_field_passes_over_who_lacks_it(scene: Scene) -> None:
    mira, tom, lone = [await scene.staff(name) for name in ("Mira", "Tom", "Lone")]
    await ask(scene, await scene.person("Karen"), "Han vil ud.", topic="former_extremist")
    await lone.taps("triage:panel")
    await settled(scene)

    assert [await asked([p]) for p in (mira, tom)] == [0, 1]


async def test_a_former_extremist_is_never_alone_with_a_minor(scene: Scene) -> None:
    tom, yasmin, lone = [await scene.staff(name) for name in ("Tom", "Yasmin", "Lone")]
    idris = await scene.person("Idris")
    await ask(scene, idris, "I am fifteen and afraid.", role="self", age="15-17", spoken="en")

    await lone.says("/assign K-2026-00001 Tom")
    await lone.sees(phrase("rule.minor_rule", alias="Tom"))
    await lone.taps("triage:panel")
    await yasmin.taps("claim")
    await yasmin.sees("I am fifteen")
    await yasmin.says("/handover")
    await yasmin.taps("Tom")

    await yasmin.sees(phrase("rule.minor_rule", alias="Tom"))
    assert await asked([tom]) == 0
    assert (await scene.enquiry()).state is State.ASSIGNED


async def test_who_has_no_panel_role_is_not_given_a_case(scene: Scene) -> None:
    _dorte, lone = await scene.staff("Dorte"), await scene.staff("Lone")
    await ask(scene, await scene.person("Karen"), "Hvad gør jeg?")

    await lone.says("/assign K-2026-00001 Dorte")

    await lone.sees(phrase("desk.person_not_found"))
    assert (await scene.enquiry()).state is State.WAITING


async def test_staff_who_ask_are_neither_offered_nor_shown_their_own(scene: Scene) -> None:
    mira, lone = await scene.staff("Mira"), await scene.staff("Lone")
    yasmin = await scene.staff("Yasmin", on_duty=False)
    await mira.says("/ask")
    await mira.says("Jeg er selv bange for min bror.")
    await mira.taps("send")
    await settled(scene)

    assert await asked([mira]) == 0
    await lone.says("/assign K-2026-00001 Mira")
    await lone.sees(phrase("rule.own_enquiry", alias="Mira"))
    await yasmin.says("/duty on")
    await yasmin.taps("claim")
    await yasmin.says("Hvad sker der?")
    await mira.sees("Hvad sker der?")
    await lone.says("/ask")
    await lone.says("Mit eget spørgsmål.")
    await lone.taps("send")
    await settled(scene)
    written = await lone.says("/queue")
    listed = await lone.sees("K-2026-00001", after=written)
    assert "K-2026-00002" not in listed["text"]
