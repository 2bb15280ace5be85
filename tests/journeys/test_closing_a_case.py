"""Three taps end a case; notes, minutes, and the suggestion of a referral."""

from __future__ import annotations

from storage.models import Outcome, State
from tests.journeys.acting import claimed, phrase, settled, shown
from tests.scene import Scene


async def test_minutes_may_be_typed_and_count_as_hours(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hvad gør jeg?")

    await mira.says("/done")
    await mira.taps("done:outcome:advice_only")
    await mira.sees(phrase("done.ask_minutes", number="K-2026-00001"))
    await mira.says("25 min")
    await mira.taps("done:referral:no")
    await mira.sees(phrase("done.closed", number="K-2026-00001"))
    await mira.says("/hours")

    await mira.sees("25")
    await settled(scene)
    assert [text for text in await shown(karen) if "25 min" in text] == []
    assert [text for text in await shown(mira) if "Hvad gør jeg?" in text] == []


async def test_a_suggested_referral_reaches_the_secretariat_without_content(scene: Scene) -> None:
    mira, lone, karen = await scene.staff("Mira"), await scene.staff("Lone"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Rosinante rejser i morgen tidlig.")

    await mira.says("/done")
    await mira.taps("done:outcome:advice_only")
    await mira.taps("done:minutes:45")
    await mira.taps("done:referral:yes")

    await lone.sees(phrase("desk.referral_suggested", alias="Mira", number="K-2026-00001"))
    assert [text for text in await shown(lone) if "Rosinante" in text] == []
    enquiry = await scene.enquiry()
    assert (enquiry.state, enquiry.outcome) == (State.CLOSED, Outcome.ADVICE_ONLY)
    assert enquiry.suggests_referral


async def test_minutes_out_of_range_are_asked_for_again(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hvad gør jeg?")
    await mira.says("/done")
    await mira.taps("done:outcome:advice_only")
    await mira.sees(phrase("done.ask_minutes", number="K-2026-00001"))

    await mira.says("2000")
    await mira.sees(phrase("done.minutes_out_of_range"))
    await mira.says("20")

    await mira.sees(phrase("done.ask_referral", number="K-2026-00001"))


async def test_a_note_is_for_those_who_have_the_case_and_not_for_the_enquirer(scene: Scene) -> None:
    mira, lone, karen = await scene.staff("Mira"), await scene.staff("Lone"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hvad gør jeg?")

    await mira.says("/note Talt om skolen.")
    await mira.sees(phrase("note.kept", number="K-2026-00001"))
    await mira.says("/note k-2026-00001 Ringer i morgen.")
    await settled(scene)
    await mira.says("/handover")
    await mira.taps("handover:secretariat")
    await lone.taps("triage:take")

    await lone.sees("Talt om skolen.")
    await lone.sees("Ringer i morgen.")
    assert [t for t in await shown(karen) if "skolen" in t or "Ringer" in t] == []


async def test_a_note_can_follow_after_closing_and_be_corrected(scene: Scene) -> None:
    mira, lone, karen = await scene.staff("Mira"), await scene.staff("Lone"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hvad gør jeg?")
    await mira.says("/done")
    await mira.taps("done:outcome:advice_only")
    await mira.taps("done:minutes:15")
    await mira.taps("done:referral:no")
    await settled(scene)

    written = await mira.says("/note K-2026-00001 Rådet til at vente.")
    await mira.sees(phrase("note.kept", number="K-2026-00001"))
    await mira.edits(written, "/note K-2026-00001 Rådet til at handle.")
    await settled(scene)
    await karen.taps("continue:same")
    await settled(scene)
    await lone.says("/queue")
    await lone.taps("triage:read")

    note = await lone.sees("Rådet til at handle.")
    assert "/note" not in note["text"]
    assert [t for t in await shown(lone) if "at vente" in t] == []


async def test_a_note_without_a_case_or_on_a_case_of_others_is_refused(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hvad gør jeg?")
    tom = await scene.staff("Tom")

    await tom.says("/note Hvor skal det hen?")
    await tom.sees(phrase("case.not_found"))
    written = await tom.says("/note K-2026-00001 Ikke min.")
    await tom.sees(phrase("case.not_found"), after=written)
    await mira.says("/note")

    await mira.sees(phrase("command.usage.note"))


async def test_open_shows_the_case_again_once(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hvad gør jeg?")
    await mira.says("/open K-2026-00001")
    await mira.says("/open")
    await settled(scene)

    assert len([t for t in await shown(mira) if "Hvad gør jeg?" in t]) == 1
    await mira.says("/open K-2026-00009")
    await mira.sees(phrase("case.not_found"))
