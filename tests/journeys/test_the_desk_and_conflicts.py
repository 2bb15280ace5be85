"""What the desk may see and decide: conflicts of interest, cases of sick colleagues, aliases."""

from __future__ import annotations

import pytest

from scheduling.ids import short
from storage.models import State
from tests.journeys.acting import ask, buttons, claimed, phrase, settled, shown
from tests.scene import CAST, Scene

SECRET = "Rosinante er begyndt at gå alene."
NUMBER = "K-2026-00001"


async def test_a_flagged_case_the_desk_gives_up_goes_back_to_triage(scene: Scene) -> None:
    mira, lone, karen = await scene.staff("Mira"), await scene.staff("Lone"), await scene.person("Karen")
    await ask(scene, karen, SECRET, alarm="travel")
    await lone.taps("triage:take")
    await lone.sees(SECRET)

    await lone.taps("handover:conflict")
    await lone.sees(phrase("handover.conflict_noted", number=NUMBER))
    await settled(scene)

    enquiry = await scene.enquiry()
    assert (enquiry.state, enquiry.triage_reason) == (State.TRIAGE, "alarm")
    assert await buttons(mira, "claim") == []


async def test_a_flagged_case_of_a_revoked_member_of_the_desk_goes_back_to_triage(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    mira, lone, karen = await scene.staff("Mira"), await scene.staff("Lone"), await scene.person("Karen")
    monkeypatch.setitem(CAST, "Bente", CAST["Lone"])
    bente = await scene.staff("Bente")
    await ask(scene, karen, SECRET, alarm="travel")
    await lone.taps("triage:take")
    await lone.sees(SECRET)

    await bente.says("/revoke Lone")
    await bente.sees(phrase("desk.revoked", alias="Lone"))
    await settled(scene)

    assert (await scene.enquiry()).state is State.TRIAGE
    assert await buttons(mira, "claim") == []
    assert await buttons(bente, "triage:take") != []


async def test_the_desk_reads_nothing_it_has_a_conflict_of_interest_in(scene: Scene) -> None:
    lone, karen = await scene.staff("Lone"), await scene.person("Karen")
    enquiry = await ask(scene, karen, SECRET, alarm="travel")
    await lone.taps("triage:take")
    await lone.sees(SECRET)
    await lone.taps("handover:conflict")
    await lone.sees(phrase("handover.conflict_noted", number=NUMBER))
    await settled(scene)

    listed = await lone.says("/queue")
    await lone.sees(phrase("queue.empty"), after=listed)
    for action in ("triage:read:", "triage:panel:", "triage:misuse:"):
        answered = len(await lone.messages())
        await lone.taps_stale(1, action + short(enquiry.id))
        await settled(scene)
        assert phrase("rule.conflict", alias="Lone") in (await lone.messages())[answered]["text"]
    await karen.says("/emergency")
    await settled(scene)
    answered = len(await lone.messages())
    await lone.taps_stale(1, "alarm:open:" + short(enquiry.id))
    await settled(scene)

    assert phrase("rule.conflict", alias="Lone") in (await lone.messages())[answered]["text"]
    assert [text for text in await shown(lone) if "Rosinante" in text] == []


async def test_a_case_of_a_sick_colleague_is_read_and_given_to_another(scene: Scene) -> None:
    mira, lone, karen = await scene.staff("Mira"), await scene.staff("Lone"), await scene.person("Karen")
    await claimed(scene, mira, karen, SECRET)
    tom = await scene.staff("Tom")

    await lone.says("/queue")
    await lone.taps("triage:read")
    await lone.sees(SECRET)
    await lone.says(f"/assign {NUMBER} Tom")
    await tom.sees(SECRET)
    await mira.sees(phrase("desk.taken_from_you", number=NUMBER, alias="Lone"))
    await karen.sees(phrase("assigned.to", alias="Tom", number=NUMBER))
    await settled(scene)

    assert [text for text in await shown(mira) if "Rosinante" in text] == []
    await karen.says("Hej Tom.")
    await tom.sees("Hej Tom.")
    assert [text for text in await shown(mira) if "Hej Tom." in text] == []


async def test_a_case_of_a_colleague_is_not_given_to_whom_a_hard_rule_forbids(scene: Scene) -> None:
    lone, karen, tom = await scene.staff("Lone"), await scene.person("Karen"), await scene.staff("Tom")
    await ask(scene, karen, SECRET, role="self", age="15-17")
    await lone.taps("triage:take")
    await lone.sees(SECRET)

    await lone.says(f"/assign {NUMBER} Tom")

    await lone.sees(phrase("rule.minor_rule", alias="Tom"))
    await settled(scene)
    assert [text for text in await shown(tom) if "Rosinante" in text] == []
    await lone.says("Jeg er her endnu.")
    await karen.sees("Jeg er her endnu.")


async def test_an_alias_with_danish_letters_is_found_however_it_is_capitalised(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CAST, "Åse", CAST["Mira"])
    await scene.staff("Åse")
    lone = await scene.staff("Lone")

    await lone.says("/revoke åSE")

    await lone.sees(phrase("desk.revoked", alias="Åse"))


async def test_an_alias_that_is_too_long_is_refused(scene: Scene) -> None:
    lone = await scene.staff("Lone")

    await lone.says(f"/invite {'A' * 61} school da")

    await lone.sees(phrase("invite.no_alias", count=40))
