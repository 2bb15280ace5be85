"""The secretariat's desk: the queue, triage, giving cases out, pauses; and who is told out of band."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from bot import staff_file
from bot.turn import Turn
from storage.models import Outcome, State
from storage.queries import people
from tests.journeys.acting import ask, claimed, phrase, settled, shown
from tests.scene import Scene, until


async def test_the_queue_shows_ages_unsent_drafts_and_held_ones(scene: Scene) -> None:
    mira, lone = await scene.staff("Mira"), await scene.staff("Lone")
    karen, idris, sara = [await scene.person(name) for name in ("Karen", "Idris", "Sara")]
    await claimed(scene, mira, karen, "Rosinante er alene.")
    await ask(scene, idris, "Waiting for somebody.")
    await scene.skip(hours=3)
    await sara.says("Et udkast.")
    await karen.says("/new")
    await karen.says("Han har en kniv og er på vej derhen.")
    await karen.sees(phrase("emergency.card"))
    await scene.skip(minutes=5)

    await lone.says("/queue")
    listed = (await lone.sees("K-2026-00001"))["text"]

    held, waiting, assigned, draft = [line for line in listed.split("\n") if line][-4:]
    assert phrase("queue.line.held").split("{")[0][:10] in held
    assert ("K-2026-00002" in waiting, "3 t" in waiting) == (True, True)
    assert ("K-2026-00001" in assigned, "Mira" in assigned) == (True, True)
    assert "5 min" in draft
    for word in ("Rosinante", "kniv", "udkast", "Waiting for"):
        assert word not in listed


async def test_the_queue_says_until_when_an_answer_is_promised_and_what_is_overdue(scene: Scene) -> None:
    mira, lone = await scene.staff("Mira"), await scene.staff("Lone")
    await ask(scene, await scene.person("Karen"), "Rosinante er alene.")
    await lone.says("/queue")
    await lone.sees(phrase("queue.due.promised"))

    await scene.skip(days=2)
    await lone.says("/queue")
    await lone.sees("er overskredet")

    await mira.taps("claim")
    await mira.sees("Rosinante")
    await mira.says("Fortæl mere.")
    await settled(scene)
    await lone.says("/queue")
    await lone.sees(phrase("queue.due.answered"))


async def test_triage_is_read_and_taken_and_reading_is_logged(scene: Scene) -> None:
    lone, karen = await scene.staff("Lone"), await scene.person("Karen")
    await ask(scene, karen, "Han taler om at rejse.", alarm="travel")
    await lone.sees(phrase("triage.waiting", number="K-2026-00001"))
    assert [t for t in await shown(lone) if "rejse" in t.split("\n")] == []

    await lone.taps("triage:read")
    await lone.sees("Han taler om at rejse.")
    await lone.taps("triage:take")
    await karen.sees(phrase("assigned.to", alias="Lone", number="K-2026-00001"))

    from sqlalchemy import select

    from storage.models import AuditEntry

    async with scene.store.reading() as session:
        query = select(AuditEntry.action).where(AuditEntry.actor == "person", AuditEntry.action == "read")
        assert list((await session.execute(query)).scalars()) == ["read"]


async def test_misuse_is_judged_by_a_person_and_a_pause_follows_only_then(scene: Scene) -> None:
    lone, karen = await scene.staff("Lone"), await scene.person("Karen")
    await ask(scene, karen, "I er nogle idioter.", alarm="unknown")
    await lone.taps("triage:misuse")
    await karen.sees(phrase("closed.misuse"))
    await lone.taps("pause")
    await karen.sees(phrase("gate.paused"))

    heard = len(await karen.messages())
    await karen.says("Hallo?")
    await settled(scene)
    assert len(await karen.messages()) == heard + 1
    await karen.says("/emergency")
    await karen.sees(phrase("emergency.card"))
    await lone.says("/unpause K-2026-00001")
    await karen.sees(phrase("gate.unpaused"))
    assert (await scene.enquiries())[0].outcome is Outcome.MISUSE


async def test_the_secretariat_gives_a_case_to_a_person(scene: Scene) -> None:
    lone, mira = await scene.staff("Lone"), await scene.staff("Mira", on_duty=False)
    await ask(scene, await scene.person("Karen"), "Hvad gør jeg?")

    await lone.says("/assign k-2026-00001 mira")

    await mira.sees(phrase("desk.assigned_to_you", number="K-2026-00001", alias="Lone"))
    await mira.sees("Hvad gør jeg?")
    await lone.sees(phrase("desk.assigned", number="K-2026-00001", alias="Mira"))
    await lone.says("/assign K-2026-00001 Mira")
    await lone.sees(phrase("desk.not_waiting", number="K-2026-00001"))


async def notes_places(scene: Scene, alias: str) -> None:
    """Have the file of the person name a school she must not have cases from."""
    async with scene.store.unit() as unit:
        person = await people.by_alias(unit, alias)
        assert person is not None
        turn = Turn(unit, scene.rules)
        facts = replace(await staff_file.read(turn, person), own_places="Kildebjerg Skole")
        await staff_file.change(turn, person, facts, by=None, seen=person.version)
        await unit.commit()


async def test_own_places_are_said_before_a_case_is_given_by_chat(scene: Scene) -> None:
    lone, mira = await scene.staff("Lone"), await scene.staff("Mira", on_duty=False)
    await ask(scene, await scene.person("Karen"), "Hvad gør jeg?")
    await notes_places(scene, "Mira")

    await lone.says("/assign K-2026-00001 Mira")
    await lone.sees(phrase("desk.own_places", number="K-2026-00001", alias="Mira"))
    before = await scene.enquiry()
    await lone.taps("assign:")
    await mira.sees("Hvad gør jeg?")
    await lone.sees(phrase("desk.assigned", number="K-2026-00001", alias="Mira"))

    assert before.state is State.WAITING
    assert "Kildebjerg" not in "".join(await shown(lone))


async def test_an_old_yes_to_own_places_gives_nothing_away(scene: Scene) -> None:
    lone, tom = await scene.staff("Lone"), await scene.staff("Tom", on_duty=False)
    mira = await scene.staff("Mira", on_duty=False)
    await ask(scene, await scene.person("Karen"), "Hvad gør jeg?")
    await notes_places(scene, "Mira")
    await lone.says("/assign K-2026-00001 Mira")
    await lone.sees(phrase("desk.own_places", number="K-2026-00001", alias="Mira"))
    await lone.says("/assign K-2026-00001 Tom")
    await tom.sees("Hvad gør jeg?")

    await lone.taps("assign:")
    await lone.sees(phrase("desk.not_waiting", number="K-2026-00001"))
    await settled(scene)
    assert "Hvad gør jeg?" not in "".join(await shown(mira))


async def test_an_assignment_that_cannot_be_is_explained(scene: Scene) -> None:
    lone = await scene.staff("Lone")
    await ask(scene, await scene.person("Karen"), "Hvad gør jeg?")

    for written, key in (
        ("/assign", "command.usage.assign"),
        ("/assign K-2026-00009 Mira", "case.not_found"),
        ("/assign K-2026-00001 Ingen", "desk.person_not_found"),
        ("/assign K-2026-00001", "desk.person_not_found"),
    ):
        said = await lone.says(written)
        await lone.sees(phrase(key), after=said)


async def test_alerts_go_out_of_band_without_content(scene: Scene) -> None:
    received: list[dict[str, str]] = []

    async def take(request: web.Request) -> web.Response:
        received.append(await request.json())
        return web.Response()

    app = web.Application()
    app.router.add_post("/alert", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    await scene.hotline.stop()
    await scene.start_hotline(alert_url=f"http://127.0.0.1:{port}/alert")
    try:
        lone, karen = await scene.staff("Lone", on_duty=False), await scene.person("Karen")
        await ask(scene, karen, "Rosinante har fået et våben.", alarm="weapon")
        await until_received(received, 1)
        await lone.says("/duty on")
        await karen.says("/new")
        await karen.says("Han har en kniv og er på vej derhen.")
        await karen.sees(phrase("emergency.card"))
        await until_received(received, 2)
    finally:
        await runner.cleanup()

    name = scene.rules.hotline.name["da"]
    assert received == [
        {"alarm": "triage.waiting", "hotline": name},
        {"alarm": "alarm.emergency", "hotline": name},
    ]


async def until_received(received: list[dict[str, str]], count: int) -> None:
    async def has_come() -> bool:
        return len(received) >= count

    await until(has_come)


async def test_the_only_coordinator_is_not_counted_on_for_what_she_asks_herself(scene: Scene) -> None:
    lone = await scene.staff("Lone")

    await lone.says("/ask")
    for question in ("role", "topic", "age", "writer"):
        await lone.taps(f"skip:{question}")
    await lone.taps("answer:alarm:weapon")
    await lone.says("Det gælder min egen nevø.")
    await lone.taps("send")

    await lone.sees(phrase("sent.no_coordinator"))
    assert (await scene.enquiry()).state is State.TRIAGE
