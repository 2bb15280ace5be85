"""Who has no certificate, or lives there herself, is not asked and not given the case, whoever tries."""

from __future__ import annotations

from datetime import date

from storage.models import Person
from storage.queries import people
from tests.journeys.acting import ask, phrase, settled, shown
from tests.scene import Scene


async def note(scene: Scene, alias: str, *, certificate_on: date | None, own_districts: list[str]) -> None:
    async with scene.store.unit() as unit:
        person = await people.by_alias(unit, alias)
        assert isinstance(person, Person)
        person.certificate_on, person.own_districts = certificate_on, own_districts
        await unit.commit()


async def is_asked(scene: Scene, alias: str) -> bool:
    await settled(scene)
    return any(phrase("offer.made") in text for text in await shown(await scene.person(alias)))


async def test_without_a_certificate_nobody_has_a_case_about_a_child(scene: Scene) -> None:
    await scene.staff("Mira")
    yasmin, lone, karen = await scene.staff("Yasmin"), await scene.staff("Lone"), await scene.person("Karen")
    await note(scene, "Mira", certificate_on=None, own_districts=[])

    enquiry = await ask(scene, karen, "Han er kun 12.", role="professional", age="under15")
    assert (await is_asked(scene, "Mira"), await is_asked(scene, "Yasmin")) == (False, True)
    await lone.says(f"/assign {enquiry.number} Mira")
    await lone.sees(phrase("rule.certificate", alias="Mira"))

    await yasmin.taps("claim")
    await yasmin.sees("Han er kun 12.")
    await ask(scene, await scene.person("Idris"), "My son is angry.", role="relative", age="unknown")
    assert await is_asked(scene, "Mira")


async def test_who_lives_there_herself_is_not_asked(scene: Scene) -> None:
    await scene.staff("Mira")
    lone, karen = await scene.staff("Lone"), await scene.person("Karen")
    await note(scene, "Mira", certificate_on=date(2026, 1, 1), own_districts=["2400-2450"])

    enquiry = await ask(scene, karen, "En dreng i 2450 København SV er forandret.")

    assert enquiry.postcode == "2450"
    assert not await is_asked(scene, "Mira")
    await lone.says(f"/assign {enquiry.number} Mira")
    await lone.sees(phrase("rule.own_district", alias="Mira"))


async def test_a_shared_postcode_is_remembered_once_the_city_was_named(scene: Scene) -> None:
    karen = await scene.person("Karen")
    await karen.says("/new")
    for question in ("role", "topic", "age", "writer", "alarm"):
        await karen.taps(f"skip:{question}")
    await karen.says("2300")
    await karen.taps("answer:residence:copenhagen")
    await settled(scene)

    enquiry = await scene.enquiry()
    assert (enquiry.residence, enquiry.postcode) == ("copenhagen", "2300")
