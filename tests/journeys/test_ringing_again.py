"""Ringing again, who is asked first, the digest, the alarm nobody reacts to, and why it is so."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from bot.sandbox.client import Played
from scheduling.ids import new_id
from scheduling.instant import Instant
from scheduling.shifts import Station
from storage.models import (
    Assignment,
    DispatchStep,
    DutySpell,
    Enquiry,
    Offer,
    OutboxRow,
    Person,
    Role,
    State,
)
from tests.bench.log_of_the_past import write_past_enquiries
from tests.journeys.acting import ask, buttons, phrase, settled, shown
from tests.scene import CAST, Scene

TEXT = "Rosinante vil rejse."


async def high(scene: Scene, lone: Played) -> Enquiry:
    await ask(scene, await scene.person("Karen"), TEXT, alarm="travel")
    await lone.taps("triage:panel")
    await settled(scene)
    return await scene.enquiry()


async def low(scene: Scene, name: str, lone: Played) -> None:
    await ask(scene, await scene.person(name), "Et oplæg i marts.", role="booking")
    await lone.taps("triage:panel")
    await settled(scene)


async def offers(scene: Scene) -> list[Offer]:
    async with scene.store.reading() as session:
        return list((await session.execute(select(Offer).order_by(Offer.step))).scalars())


async def test_who_is_silent_is_rung_again_and_one_offer_stands(scene: Scene) -> None:
    lone, mira = await scene.staff("Lone"), await scene.staff("Mira")
    await high(scene, lone)
    [(first, data)] = await buttons(mira, "claim")

    await scene.skip(minutes=14)
    assert await buttons(mira, "claim") == [(first, data)]
    await scene.skip(minutes=1)

    [(again, same)] = await buttons(mira, "claim")
    assert (again > first, same) == (True, data)
    assert [offer.rings for offer in await offers(scene)] == [2]
    await mira.taps("claim")
    await mira.sees("Rosinante")


async def test_who_said_not_now_is_rung_again_and_who_has_a_conflict_never(scene: Scene) -> None:
    lone, mira, tom = [await scene.staff(name) for name in ("Lone", "Mira", "Tom")]
    await high(scene, lone)
    await mira.taps("decline:later")
    await tom.taps("decline:conflict")
    await settled(scene)
    assert await buttons(mira, "claim") + await buttons(tom, "claim") == []

    await scene.skip(minutes=15)
    await scene.skip(minutes=15)

    assert len(await buttons(mira, "claim")) == 1
    assert await buttons(tom, "claim") == []


async def test_who_has_carried_more_per_hour_on_duty_is_asked_after_the_others(scene: Scene) -> None:
    CAST.setdefault("Amal", (Role.RESOURCE_PERSON, ("school",), ("da",)))
    for name in ("Mira", "Tom", "Amal"):
        await scene.staff(name)
    await write_past_enquiries(scene.store, 12)
    async with scene.store.unit() as unit:
        people = {p.alias: p.id for p in (await unit.session.execute(select(Person))).scalars()}
        past = (await unit.session.execute(select(Enquiry.id))).scalars().all()
        for index, enquiry in enumerate(past):
            who = "Amal" if index < 10 else ("Mira", "Tom")[index % 2]
            ended = Instant.of(unit.now - timedelta(days=1))
            unit.session.add(
                Assignment(
                    id=new_id(),
                    enquiry_id=enquiry,
                    person_id=people[who],
                    started_at=Instant.of(unit.now - timedelta(days=2)),
                    ended_at=ended,
                )
            )
        for who in ("Mira", "Tom", "Amal"):
            begun = Instant.of(unit.now - timedelta(days=3))
            spell = DutySpell(
                id=new_id(),
                person_id=people[who],
                station=Station.PANEL,
                started_at=begun,
                ended_at=begun + timedelta(hours=20),
            )
            unit.session.add(spell)
        await unit.commit()

    await ask(scene, await scene.person("Karen"), "Hvad gør jeg?")

    assert {offer.person_id for offer in await offers(scene)} == {people["Mira"], people["Tom"]}


async def test_who_comes_on_duty_gets_what_is_low_in_one_message(scene: Scene) -> None:
    lone, mira = await scene.staff("Lone"), await scene.staff("Mira", on_duty=False)
    tom = await scene.staff("Tom", on_duty=False)
    await low(scene, "Karen", lone)
    await low(scene, "Idris", lone)
    await tom.says("/duty on")
    await tom.sees("2026-00001")

    await mira.says("/duty on")
    await settled(scene)

    [digest] = [text for text in await shown(mira) if phrase("offer.digest", count=2) in text]
    assert "oplæg" not in digest
    assert len(await buttons(mira, "claim")) == 2
    await mira.taps("claim")
    await mira.sees("Et oplæg i marts.")
    await settled(scene)
    assert [text for text in await shown(tom) if phrase("offer.taken", alias="Mira") in text] == []


async def test_what_is_normal_is_in_nobodys_digest(scene: Scene) -> None:
    mira = await scene.staff("Mira", on_duty=False)
    await scene.skip(hours=11)
    await ask(scene, await scene.person("Karen"), "Hvad gør jeg?")

    await mira.says("/duty on")
    await settled(scene)

    assert await buttons(mira, "claim") == []


async def _alerts(scene: Scene) -> int:
    async with scene.store.reading() as session:
        query = select(func.count()).where(OutboxRow.action == "alert", OutboxRow.key == "alarm.unclaimed")
        return (await session.execute(query)).scalar_one()


async def test_an_alarm_nobody_reacts_to_goes_out_of_band_though_a_coordinator_is_on_duty(
    scene: Scene,
) -> None:
    lone, mira = await scene.staff("Lone"), await scene.staff("Mira")
    enquiry = await high(scene, lone)
    minutes = scene.rules.limits.unclaimed_high_minutes

    await scene.skip(minutes=minutes)
    await lone.sees(phrase("alarm.unclaimed", number=enquiry.number))
    assert await _alerts(scene) == 0
    await scene.skip(minutes=scene.rules.limits.alarm_repeat_minutes)

    assert await _alerts(scene) == 1
    assert not any("Rosinante" in text for text in await shown(mira))


async def test_what_is_high_is_alarmed_about_sooner_than_what_is_normal(scene: Scene) -> None:
    lone, _mira = await scene.staff("Lone"), await scene.staff("Mira")
    enquiry = await high(scene, lone)

    await scene.skip(minutes=scene.rules.limits.unclaimed_high_minutes - 1)
    before = [text for text in await shown(lone) if phrase("alarm.unclaimed", number=enquiry.number) in text]
    await scene.skip(minutes=1)
    await lone.sees(phrase("alarm.unclaimed", number=enquiry.number))

    assert before == []
    assert scene.rules.limits.unclaimed_high_minutes <= 15


async def test_what_is_high_near_closing_time_is_alarmed_about_before_the_promise(scene: Scene) -> None:
    lone, _mira = await scene.staff("Lone"), await scene.staff("Mira")
    await scene.skip(hours=9, minutes=50)
    enquiry = await high(scene, lone)

    await scene.skip(minutes=6)

    await lone.sees(phrase("alarm.unclaimed", number=enquiry.number))


async def test_a_claim_in_time_leaves_the_alert_unsent(scene: Scene) -> None:
    lone, mira = await scene.staff("Lone"), await scene.staff("Mira")
    await high(scene, lone)
    await scene.skip(minutes=scene.rules.limits.unclaimed_high_minutes)
    await mira.taps("claim")
    await mira.sees("Rosinante")
    await mira.says("Jeg er her.")
    await settled(scene)

    await scene.skip(hours=2)

    assert await _alerts(scene) == 0


async def test_the_desk_reads_in_words_who_was_asked_and_who_was_not(scene: Scene) -> None:
    lone, mira = await scene.staff("Lone"), await scene.staff("Mira")
    await scene.staff("Tom", on_duty=False)
    enquiry = await high(scene, lone)
    await mira.taps("decline:later")
    await settled(scene)

    await lone.says("/queue")
    await lone.taps("triage:read")
    await lone.taps("why")
    said = await lone.sees(phrase("why.list", number=enquiry.number))

    assert "Mira: spurgt" in said["text"]
    assert phrase("why.said.later") in said["text"]
    assert phrase("why.verdict.off_duty", alias="Tom") in said["text"]
    assert "Rosinante" not in said["text"]


async def test_a_reader_with_a_conflict_of_interest_is_not_told_who_was_asked(scene: Scene) -> None:
    lone, mira = await scene.staff("Lone"), await scene.staff("Mira")
    enquiry = await high(scene, lone)
    await lone.says("/queue")
    await lone.taps("triage:read")
    await settled(scene)
    [(at, data)] = await buttons(lone, "why")
    async with scene.store.unit() as unit:
        from storage.models import Conflict
        from storage.queries import people

        known = await people.by_alias(unit, "Lone")
        assert known is not None
        unit.session.add(Conflict(enquiry_id=enquiry.id, person_id=known.id, said_at=unit.now))
        await unit.commit()

    await lone.taps_stale(at, data)

    await lone.sees(phrase("rule.conflict", alias="Lone"))
    assert await buttons(mira, "why") == []


async def test_reasons_are_kept_once_for_each_change(scene: Scene) -> None:
    lone, _mira = await scene.staff("Lone"), await scene.staff("Mira")
    await high(scene, lone)
    for _ in range(6):
        await scene.skip(minutes=2)

    async with scene.store.reading() as session:
        kept = (await session.execute(select(DispatchStep).order_by(DispatchStep.step))).scalars().all()
    assert [list(step.verdicts.values()) for step in kept] == [["rung"], ["already_asked"]]
    assert (await scene.enquiry()).state is State.WAITING
