"""A text that comes before the tap that claims a case: it goes nowhere until its writer has said where."""

from __future__ import annotations

from sqlalchemy import func, select

from storage.models import Parked
from tests.journeys.acting import ask, phrase, settled, shown
from tests.scene import Scene


async def parked(scene: Scene) -> int:
    async with scene.store.reading() as session:
        return (await session.execute(select(func.count()).select_from(Parked))).scalar_one()


async def test_what_overtook_the_claim_is_passed_on_once_its_writer_says_so(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await ask(scene, karen, "Hvad gør jeg?")
    await mira.sees(phrase("offer.made"))

    await mira.says("Fortæl mig mere om det.")
    await mira.sees(phrase("staff.text_waits"))
    await mira.taps("claim")
    await mira.sees(phrase("relay.which"))
    await settled(scene)
    before = "".join(await shown(karen))
    await mira.taps("switch")
    await karen.sees("Fortæl mig mere om det.")

    assert "Fortæl mig mere" not in before
    assert await parked(scene) == 0


async def test_what_nobody_claims_a_case_for_is_deleted_and_that_is_said(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await ask(scene, karen, "Hvad gør jeg?")
    await mira.sees(phrase("offer.made"))
    await mira.says("Kan en anden tage den?")
    await mira.sees(phrase("staff.text_waits"))
    kept = await parked(scene)

    await scene.skip(minutes=11)
    await mira.sees(phrase("staff.no_case"))
    await mira.taps("claim")
    await mira.sees("Hvad gør jeg?")
    await settled(scene)

    assert (kept, await parked(scene)) == (1, 0)
    assert phrase("relay.which") not in "".join(await shown(mira))
    assert "Kan en anden" not in "".join(await shown(karen))


async def test_who_is_offered_nothing_is_told_at_once(scene: Scene) -> None:
    mira = await scene.staff("Mira")

    await mira.says("Er her nogen?")
    await mira.sees(phrase("staff.no_case"))
    assert await parked(scene) == 0
