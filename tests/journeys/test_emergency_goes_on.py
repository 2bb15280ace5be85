"""It is not urgent: the enquiry goes on where it was, and nothing written meanwhile is left unread."""

from storage.models import State
from tests.journeys.acting import ask, buttons, claimed, phrase, settled, shown
from tests.journeys.watching import is_deleted, keys_of, notes_of, sent, stored
from tests.scene import Scene

DANGER = "Han har en kniv og går derhen i aften."


async def test_a_draft_goes_on_as_a_draft_and_is_sent(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    first = await karen.says(DANGER)
    await karen.says("Nej, det var en skuespiller. Ring 67 00 00 01.")
    await karen.sees(phrase("emergency.card"))

    await karen.taps("urgent:no")
    await karen.sees(phrase("emergency.kept"))
    await karen.sees("Velkommen")
    await karen.sees(phrase("intake.ask.role"))
    await settled(scene)
    await scene.skip(minutes=10, seconds=1)
    await karen.sees(phrase("sent.by_quiet"))
    await mira.taps("claim")
    await mira.sees("[TELEFON]")
    await settled(scene)

    enquiry = await scene.enquiry()
    assert (enquiry.state, enquiry.held_key_id) == (State.ASSIGNED, None)
    assert await stored(scene, enquiry) == [DANGER, "Nej, det var en skuespiller. Ring [TELEFON]."]
    assert set(await keys_of(scene, enquiry)) == {enquiry.key_id}
    assert not await is_deleted(karen, first)
    assert len([text for text in await sent(scene, mira) if DANGER in text]) == 1


async def test_a_waiting_case_is_offered_again_once(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await ask(scene, karen, "Jeg er bekymret.")
    [(at, old)] = await buttons(mira, "claim")

    await karen.says(DANGER)
    await karen.sees(phrase("emergency.card"))
    await settled(scene)
    while_held = await buttons(mira, "claim")
    await mira.taps_stale(at, old)
    await mira.sees(phrase("offer.gone"))
    await karen.taps("urgent:no")
    await karen.taps("urgent:no")
    await karen.sees(phrase("emergency.on_again", number="K-2026-00001"))
    await settled(scene)
    waiting, offers = await scene.enquiry(), await buttons(mira, "claim")
    await mira.taps("claim")
    await mira.sees(DANGER)

    assert while_held == []
    assert (waiting.state, len(offers)) == (State.WAITING, 1)
    assert await notes_of(scene, karen, "emergency.on_again") == 1
    assert (await scene.enquiry()).state is State.ASSIGNED


async def test_a_case_in_triage_goes_back_to_the_coordinator(scene: Scene) -> None:
    lone, karen = await scene.staff("Lone"), await scene.person("Karen")
    await ask(scene, karen, "Jeg vil ud.", role="self")
    await karen.says(DANGER)
    await karen.sees(phrase("emergency.card"))

    await karen.taps("urgent:no")
    await karen.sees(phrase("emergency.on_again", number="K-2026-00001"))
    await settled(scene)
    await lone.taps("triage:take")
    await lone.sees(DANGER)

    assert (await scene.enquiry()).state is State.ASSIGNED


async def test_the_adviser_catches_up_with_what_was_held(scene: Scene) -> None:
    lone, mira = await scene.staff("Lone"), await scene.staff("Mira")
    karen = await scene.person("Karen")
    await claimed(scene, mira, karen, "Jeg er bekymret.")
    await karen.says(DANGER)
    await karen.says("Han er 15.")
    await mira.sees(phrase("panel.held", number="K-2026-00001"))
    await settled(scene)
    meanwhile = "".join(await sent(scene, mira))

    await karen.taps("urgent:no")
    await mira.sees(phrase("panel.on_again"))
    await mira.sees("Han er 15.")
    await settled(scene)

    enquiry = await scene.enquiry()
    assert DANGER not in meanwhile
    assert (await shown(mira))[-2:] == [
        f"Fra henvenderen · K-2026-00001\n{t}" for t in (DANGER, "Han er 15.")
    ]
    assert (enquiry.state, set(await keys_of(scene, enquiry))) == (State.ASSIGNED, {enquiry.key_id})
    assert DANGER not in "".join(await sent(scene, lone))


async def test_a_case_whose_adviser_has_gone_is_offered_again(scene: Scene) -> None:
    lone, mira, yasmin = await scene.staff("Lone"), await scene.staff("Mira"), await scene.staff("Yasmin")
    karen = await scene.person("Karen")
    await ask(scene, karen, "Jeg er bekymret.")
    await mira.taps("claim")
    await mira.sees("Jeg er bekymret.")
    await karen.taps("emergency")
    await karen.sees(phrase("emergency.card"))
    await lone.says("/revoke Mira")
    await settled(scene)

    await karen.taps("urgent:no")
    await karen.sees(phrase("emergency.on_again"))
    await yasmin.taps("claim")
    await yasmin.sees("Jeg er bekymret.")
    await settled(scene)

    assert (await scene.enquiry()).state is State.ASSIGNED
