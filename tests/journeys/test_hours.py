"""Minutes: each person's own, added and corrected; and the month that the secretariat approves, once."""

from __future__ import annotations

import asyncio

from sqlalchemy import select

from bot import people
from bot.sandbox.client import Played
from bot.turn import Turn, on
from storage.models import Assignment, AuditEntry, HoursStatement, Role
from tests.journeys.acting import ask, buttons, claimed, phrase, settled, shown
from tests.journeys.watching import notes_of
from tests.scene import Scene


async def done(scene: Scene, adviser: Played, minutes: int) -> None:
    """Have the adviser end her case with so many minutes."""
    await adviser.says("/done")
    number = (await scene.enquiries())[-1].number
    await adviser.sees(phrase("done.ask_outcome", number=number))
    await adviser.taps("done:outcome:")
    await adviser.sees(phrase("done.ask_minutes", number=number))
    await adviser.taps(f"done:minutes:{minutes}")
    await adviser.sees(phrase("done.ask_referral", number=number))
    await adviser.taps("done:referral:no")
    await adviser.sees(phrase("done.closed", number=number))
    await settled(scene)


async def advised(scene: Scene, adviser: Played, minutes: int, text: str = "Hvad gør jeg?") -> None:
    """Have Karen's new question be claimed and ended."""
    await claimed(scene, adviser, await scene.person("Karen"), text)
    await done(scene, adviser, minutes)


async def closed_without_minutes(scene: Scene, adviser: Played, text: str) -> None:
    """Have Karen close what the adviser has, and the adviser say nothing of minutes."""
    karen = await scene.person("Karen")
    await claimed(scene, adviser, karen, text)
    await karen.says("/close")
    await adviser.sees(phrase("done.closed_by_enquirer"))
    await settled(scene)


async def approvals(scene: Scene) -> list[HoursStatement]:
    async with scene.store.reading() as session:
        return list((await session.execute(select(HoursStatement))).scalars())


async def logged(scene: Scene, action: str) -> list[str | None]:
    async with scene.store.reading() as session:
        query = select(AuditEntry.detail).where(AuditEntry.action == action).order_by(AuditEntry.at)
        return list((await session.execute(query)).scalars())


async def test_one_sees_this_month_last_month_and_this_year(scene: Scene) -> None:
    mira = await scene.staff("Mira")
    await advised(scene, mira, 45)
    await scene.skip(days=21)
    await advised(scene, mira, 30, "Og nu?")

    await mira.says("/hours")

    answer = (await mira.sees(phrase("hours.noted")))["text"]
    assert answer.splitlines()[1:] == ["Denne måned: 30", "Sidste måned: 45", "I år: 75"]


async def test_minutes_belong_to_the_local_month_in_which_the_part_ended(scene: Scene) -> None:
    """Half past midnight on the first of December is still November in UTC."""
    mira = await scene.staff("Mira")
    await claimed(scene, mira, await scene.person("Karen"), "Hvad gør jeg?")
    await scene.skip(days=14, hours=14, minutes=30)
    await done(scene, mira, 15)
    await scene.skip(hours=2)

    await mira.says("/hours")

    answer = (await mira.sees(phrase("hours.noted")))["text"]
    assert answer.splitlines()[1:3] == ["Denne måned: 15", "Sidste måned: 0"]


async def test_a_case_without_minutes_is_listed_with_a_button_that_adds_them(scene: Scene) -> None:
    mira = await scene.staff("Mira")
    await closed_without_minutes(scene, mira, "Hvad gør jeg?")

    await mira.says("/hours")
    await mira.sees(phrase("hours.without_minutes", cases="K-2026-00001"))
    await mira.taps("Minutter, K-2026-00001")
    await settled(scene)
    await mira.says("25")
    await mira.sees("Noteret: 25 minutter på sag K-2026-00001.")
    await mira.says("/hours")
    await settled(scene)

    assert "Denne måned: 25" in "".join(await shown(mira))
    assert len([text for text in await shown(mira) if phrase("hours.without_minutes") in text]) == 1


async def test_the_last_number_counts_and_the_log_says_what_it_was_before(scene: Scene) -> None:
    mira = await scene.staff("Mira")
    await advised(scene, mira, 15)

    await mira.taps("done:minutes:45")
    await mira.sees("Noteret: 45 minutter på sag K-2026-00001.")
    await mira.taps("done:minutes:30")
    await mira.sees("Noteret: 30 minutter på sag K-2026-00001.")
    await settled(scene)

    assert await logged(scene, "minutes_noted") == ["15", "15>45", "45>30"]


async def test_after_sixty_days_minutes_are_not_corrected(scene: Scene) -> None:
    mira = await scene.staff("Mira")
    await advised(scene, mira, 15)
    await scene.skip(days=61)

    await mira.taps("done:minutes:45")
    await mira.sees(phrase("done.minutes_too_late", number="K-2026-00001"))

    assert await logged(scene, "minutes_noted") == ["15"]


async def test_nobody_notes_minutes_on_a_colleagues_case(scene: Scene) -> None:
    mira = await scene.staff("Mira")
    await advised(scene, mira, 15)
    tom = await scene.staff("Tom")
    async with scene.store.reading() as session:
        part = (await session.execute(select(Assignment.id))).scalar_one()

    await tom.taps_stale(1, on("done:minutes:45", (await scene.enquiry()).id, part))
    await tom.sees(phrase("done.not_yours", number="K-2026-00001"))

    assert await logged(scene, "minutes_noted") == ["15"]


async def test_the_month_lists_everybody_and_is_approved_as_shown(scene: Scene) -> None:
    mira, lone = await scene.staff("Mira"), await scene.staff("Lone")
    await advised(scene, mira, 45)
    await closed_without_minutes(scene, mira, "Og hvad nu?")

    await lone.says("/hours 2026-11")
    listed = (await lone.sees("Timer i november 2026"))["text"]
    await lone.taps("hours:approve:2026-11:")
    await lone.sees("Timerne for Mira i november 2026 er godkendt: 45 minutter.")
    await mira.sees("Dine timer i november 2026 er godkendt: 45 minutter.")
    await lone.says("/hours 2026-11")
    await lone.sees("godkendt af Lone")

    assert "Mira: 45 minutter · sager: 2 · uden minutter: 1 · ikke godkendt" in listed
    assert "K-2026" not in listed
    assert [(one.minutes, one.cases) for one in await approvals(scene)] == [(45, 2)]
    assert await logged(scene, "hours_approved") == ["2026-11 minutes=45 cases=2"]


async def test_nobody_approves_twice_by_a_double_tap(scene: Scene) -> None:
    mira, lone = await scene.staff("Mira"), await scene.staff("Lone")
    await advised(scene, mira, 45)
    await lone.says("/hours 2026-11")
    await lone.sees("Timer i november 2026")
    [(at, data)] = await buttons(lone, "hours:approve:")

    await lone.taps_stale(at, data)
    await lone.taps_stale(at, data)
    await lone.sees(phrase("hours.approved_already", alias="Mira"))
    await settled(scene)

    assert await logged(scene, "hours_approved") == ["2026-11 minutes=45 cases=1"]
    assert len([text for text in await shown(mira) if phrase("hours.yours_approved") in text]) == 1


async def test_of_two_who_approve_at_once_one_does(scene: Scene) -> None:
    mira, lone = await scene.staff("Mira"), await scene.staff("Lone")
    bodil = await second_in_the_secretariat(scene)
    await advised(scene, mira, 45)
    taps = []
    for desk in (lone, bodil):
        await desk.says("/hours 2026-11")
        await desk.sees("Timer i november 2026")
        [(at, data)] = await buttons(desk, "hours:approve:")
        taps.append(desk.taps_stale(at, data))

    await asyncio.gather(*taps)
    await settled(scene)

    assert await logged(scene, "hours_approved") == ["2026-11 minutes=45 cases=1"]
    said = [phrase("hours.approved_already", alias="Mira") in "".join(await shown(d)) for d in (lone, bodil)]
    assert sorted(said) == [False, True]


async def test_a_correction_after_approval_is_shown_and_approved_anew(scene: Scene) -> None:
    mira, lone = await scene.staff("Mira"), await scene.staff("Lone")
    await advised(scene, mira, 30)
    await lone.says("/hours 2026-11")
    await lone.taps("hours:approve:2026-11:")
    await lone.sees("er godkendt: 30 minutter")

    await mira.taps("done:minutes:45")
    await lone.sees("Ændret siden godkendelsen: +15 minutter.")
    [before] = await approvals(scene)
    await lone.says("/hours 2026-11")
    await lone.sees("Mira: 45 minutter · sager: 1 · uden minutter: 0 · ændret siden godkendelsen: +15")
    await lone.taps("hours:approve:2026-11:")
    await lone.sees("er godkendt: 45 minutter")

    [after] = await approvals(scene)
    assert (before.minutes, after.minutes) == (30, 45)
    assert after.approved_at >= before.approved_at


async def test_what_changed_since_it_was_shown_is_not_approved_unseen(scene: Scene) -> None:
    mira, lone = await scene.staff("Mira"), await scene.staff("Lone")
    await advised(scene, mira, 30)
    await lone.says("/hours 2026-11")
    await lone.sees("Timer i november 2026")
    [(at, data)] = await buttons(lone, "hours:approve:")
    await mira.taps("done:minutes:60")
    await settled(scene)

    await lone.taps_stale(at, data)
    await lone.sees(phrase("hours.changed_meanwhile", alias="Mira"))
    await lone.sees("Mira: 60 minutter")

    assert await approvals(scene) == []


async def test_ones_own_month_is_approved_by_somebody_else_where_there_is_one(scene: Scene) -> None:
    lone, karen = await scene.staff("Lone"), await scene.person("Karen")
    await claimed_by_desk(scene, lone, karen)
    await done(scene, lone, 30)
    await lone.says("/hours 2026-11")
    await lone.sees("Lone: 30 minutter")
    await settled(scene)
    [(at, data)] = await buttons(lone, "hours:approve:")

    bodil = await second_in_the_secretariat(scene)
    await lone.taps_stale(at, data)
    await lone.sees(phrase("hours.not_ones_own"))
    assert await approvals(scene) == []
    await bodil.says("/hours 2026-11")
    await bodil.taps("hours:approve:2026-11:")
    await bodil.sees(phrase("hours.approved", alias="Lone"))
    await settled(scene)

    assert len(await approvals(scene)) == 1


async def test_who_is_alone_in_the_secretariat_approves_her_own(scene: Scene) -> None:
    lone, karen = await scene.staff("Lone"), await scene.person("Karen")
    await claimed_by_desk(scene, lone, karen)
    await done(scene, lone, 30)

    await lone.says("/hours 2026-11")
    await lone.taps("hours:approve:2026-11:")
    await lone.sees(phrase("hours.approved", alias="Lone"))
    await settled(scene)

    assert await logged(scene, "hours_approved") == ["2026-11 minutes=30 cases=1"]


async def test_a_resource_person_sees_and_approves_nobodys_month(scene: Scene) -> None:
    mira, lone = await scene.staff("Mira"), await scene.staff("Lone")
    await advised(scene, mira, 45)
    await lone.says("/hours 2026-11")
    await lone.sees("Timer i november 2026")
    [(at, data)] = await buttons(lone, "hours:approve:")

    await mira.says("/hours 2026-11")
    await mira.sees(phrase("forbidden"))
    await mira.taps_stale(at, data)
    await settled(scene)

    assert await notes_of(scene, mira, "forbidden") == 2
    assert await approvals(scene) == []


async def test_a_month_that_is_none_or_empty_is_said(scene: Scene) -> None:
    lone = await scene.staff("Lone")

    await lone.says("/hours november")
    await lone.sees(phrase("command.usage.hours"))
    await lone.says("/hours 2026-13")
    await lone.says("/hours 2026-10")

    await lone.sees(phrase("hours.nothing"))
    await settled(scene)
    assert await notes_of(scene, lone, "command.usage.hours") == 2


async def claimed_by_desk(scene: Scene, desk: Played, person: Played) -> None:
    await ask(scene, person, "Han taler om at rejse.", role="other", alarm="travel")
    await desk.taps("triage:take")
    await desk.sees("Han taler om at rejse.")
    await settled(scene)


async def second_in_the_secretariat(scene: Scene) -> Played:
    async with scene.store.unit() as unit:
        token = await people.invite(
            Turn(unit, scene.rules), role=Role.SECRETARIAT, alias="Bodil", competences=(), languages=("da",)
        )
        await unit.commit()
    bodil = await scene.person("Bodil")
    await bodil.start(token)
    await bodil.sees("Bodil")
    return bodil
