"""The rota in chat: shifts begin and end by themselves, are swapped, covered and missed."""

from __future__ import annotations

from datetime import date, time

import aiohttp
from sqlalchemy import select

from bot import duty
from bot.sandbox.client import Played
from bot.turn import Turn
from scheduling.ids import new_id
from scheduling.shifts import DayKind, Station
from storage.models import DutySpell, RotaRule
from storage.queries import people
from tests.journeys.acting import ask, claimed, phrase, settled, shown
from tests.scene import Scene

WEEKDAYS = [0, 1, 2, 3, 4]


async def shift(
    scene: Scene,
    alias: str,
    starts: str,
    ends: str,
    *,
    weekdays: list[int] = WEEKDAYS,
    station: Station = Station.PANEL,
) -> None:
    """Have the person stand on the rota at these hours."""
    async with scene.store.unit() as unit:
        person = await people.by_alias(unit, alias)
        assert person is not None
        unit.session.add(
            RotaRule(
                id=new_id(),
                person_id=person.id,
                station=station,
                weekdays=weekdays,
                starts=time.fromisoformat(starts),
                ends=time.fromisoformat(ends),
                zone="Europe/Copenhagen",
                valid_from=date(2026, 11, 2),
                valid_until=None,
                every_weeks=1,
                day_kinds=[DayKind.NORMAL.value],
            )
        )
        await duty.settle_all(Turn(unit, scene.rules))
        await unit.commit()


async def on_duty(scene: Scene) -> set[str]:
    async with scene.store.unit() as unit:
        query = select(DutySpell.person_id).where(DutySpell.ended_at.is_(None))
        ids = (await unit.session.execute(query)).scalars().all()
        return {(await people.by_id(unit, one)).alias for one in ids}


async def test_a_shift_begins_and_ends_by_itself(scene: Scene) -> None:
    mira = await scene.staff("Mira", on_duty=False)
    await shift(scene, "Mira", "12:00", "16:00")
    await ask(scene, await scene.person("Karen"), "Hvad gør jeg?")
    assert await on_duty(scene) == set()

    await scene.skip(hours=2)
    await settled(scene)

    await mira.sees(phrase("shift.began"))
    await mira.sees(phrase("offer.made"))
    assert await on_duty(scene) == {"Mira"}

    await scene.skip(hours=4)
    await settled(scene)
    await mira.sees(phrase("duty.off"))
    assert await on_duty(scene) == set()


async def test_her_own_word_goes_before_the_rota_until_the_next_shift(scene: Scene) -> None:
    mira = await scene.staff("Mira", on_duty=False)
    await shift(scene, "Mira", "08:00", "16:00")
    assert await on_duty(scene) == {"Mira"}

    await mira.says("/duty fra")
    await mira.sees("08.00")
    await settled(scene)
    assert await on_duty(scene) == set()

    await scene.skip(hours=7)
    assert await on_duty(scene) == set()
    await scene.skip(hours=15.5)
    assert await on_duty(scene) == {"Mira"}


async def test_a_reminder_comes_before_a_shift(scene: Scene) -> None:
    mira = await scene.staff("Mira", on_duty=False)
    await shift(scene, "Mira", "12:00", "16:00")

    await scene.skip(hours=1.1)

    await mira.sees(phrase("shift.reminder"))


async def test_a_reminder_of_an_early_shift_comes_the_evening_before(scene: Scene) -> None:
    mira = await scene.staff("Mira", on_duty=False)
    await shift(scene, "Mira", "06:00", "10:00")

    await scene.skip(hours=9.9)
    assert not any(phrase("shift.reminder") in text for text in await shown(mira))
    await scene.skip(hours=0.2)
    await mira.sees(phrase("shift.reminder"))


async def test_who_keeps_a_case_reads_what_waited_when_she_is_back(scene: Scene) -> None:
    mira = await scene.staff("Mira", on_duty=False)
    await shift(scene, "Mira", "08:00", "12:00")
    karen = await scene.person("Karen")
    await claimed(scene, mira, karen, "Han er holdt op med at komme.")

    await scene.skip(hours=2)
    await mira.sees(phrase("shift.ask"))
    await mira.taps("shift:keep")
    await karen.sees(phrase("shift.enquirer_kept"))
    await karen.says("Han kom alligevel i dag.")
    await karen.sees(phrase("relay.waits_for_her"))
    await settled(scene)
    assert not any("Han kom alligevel" in text for text in await shown(mira))

    await scene.skip(hours=20.2)
    await settled(scene)

    await mira.sees("Han kom alligevel i dag.")
    await karen.says("Og i morgen?")
    await mira.sees("Og i morgen?")


async def test_whoever_waits_hears_at_once_that_she_is_back_later(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira", on_duty=False), await scene.person("Karen")
    await shift(scene, "Mira", "08:00", "12:00")
    await claimed(scene, mira, karen, "Han er holdt op med at komme.")
    await scene.skip(hours=2)
    await mira.taps("shift:keep")
    await karen.sees(phrase("shift.enquirer_kept"))

    await mira.says("/rota fravær 17/11")

    await karen.sees("onsdag 18. november")


async def test_the_enquirer_need_not_wait(scene: Scene) -> None:
    mira, tom = await scene.staff("Mira", on_duty=False), await scene.staff("Tom")
    await shift(scene, "Mira", "08:00", "12:00")
    karen = await scene.person("Karen")
    await claimed(scene, mira, karen, "Han er holdt op med at komme.")
    await mira.says("Hvornår begyndte det?")
    await karen.sees("Hvornår begyndte det?")
    await scene.skip(hours=2)
    await mira.taps("shift:keep")
    await karen.sees(phrase("shift.enquirer_kept"))

    await karen.taps("kept:other")
    await settled(scene)

    await mira.sees(phrase("shift.enquirer_moved_on"))
    await mira.sees(phrase("done.ask_minutes"))
    await tom.taps("claim")
    await tom.sees("Han er holdt op med at komme.")


async def test_a_question_nobody_answers_is_decided(scene: Scene) -> None:
    mira, tom = await scene.staff("Mira", on_duty=False), await scene.staff("Tom", on_duty=False)
    await shift(scene, "Mira", "08:00", "12:00", weekdays=[0])
    await shift(scene, "Tom", "08:00", "20:00", weekdays=[0, 1])
    karen = await scene.person("Karen")
    await claimed(scene, mira, karen, "Han er holdt op med at komme.")

    await scene.skip(hours=2)
    await mira.sees(phrase("shift.ask_too_late"))
    await scene.skip(minutes=31)
    await settled(scene)

    await mira.sees(phrase("shift.offered_on"))
    await tom.sees(phrase("offer.made"))
    enquiry = (await scene.enquiries())[0]
    assert enquiry.state.value == "waiting"

    await tom.taps("claim")
    await tom.sees("Han er holdt op med at komme.")
    await scene.skip(hours=8)
    await tom.sees(phrase("shift.ask"))
    await scene.skip(minutes=31)
    await tom.sees(phrase("shift.kept_unasked"))


async def test_a_shift_is_swapped_and_the_swap_undone(scene: Scene) -> None:
    mira, tom = await scene.staff("Mira", on_duty=False), await scene.staff("Tom", on_duty=False)
    await shift(scene, "Mira", "12:00", "16:00")
    await mira.says("/rota")
    await mira.taps("rota:swap")
    await mira.taps("swap:pick:20261116")
    await mira.taps("swap:all")

    await tom.sees(phrase("swap.offered"))
    await tom.taps("swap:yes")
    await mira.sees(phrase("swap.accepted"))
    await scene.skip(hours=2.5)
    assert await on_duty(scene) - {"Lone"} == {"Tom"}
    await mira.taps("swap:undo")
    await mira.sees(phrase("swap.too_late"))
    assert await on_duty(scene) - {"Lone"} == {"Tom"}


async def test_a_swap_is_undone_before_it_starts(scene: Scene) -> None:
    mira, tom = await scene.staff("Mira", on_duty=False), await scene.staff("Tom", on_duty=False)
    await shift(scene, "Mira", "12:00", "16:00")
    await mira.says("/rota")
    await mira.taps("rota:swap")
    await mira.taps("swap:pick:20261116")
    await mira.taps("swap:to")
    await tom.taps("swap:yes")
    await tom.sees(phrase("swap.taken_by_you"))

    await mira.taps("swap:undo")

    await mira.sees(phrase("swap.undone"))
    await tom.sees(phrase("rota.taken"))
    await scene.skip(hours=2.5)
    assert await on_duty(scene) == {"Mira"}


async def test_of_two_who_say_yes_one_has_the_shift(scene: Scene) -> None:
    mira, tom, yasmin = [await scene.staff(name, on_duty=False) for name in ("Mira", "Tom", "Yasmin")]
    await shift(scene, "Mira", "12:00", "16:00")
    await mira.says("/rota")
    await mira.taps("rota:swap")
    await mira.taps("swap:pick:20261116")
    await mira.taps("swap:all")
    await tom.sees(phrase("swap.offered"))
    await yasmin.sees(phrase("swap.offered"))

    await tom.taps("swap:yes")
    await yasmin.taps("swap:yes")
    await settled(scene)
    await scene.skip(hours=2.5)

    assert len(await on_duty(scene)) == 1


async def test_an_absence_opens_a_gap_and_a_colleague_covers_it(scene: Scene) -> None:
    mira, tom = await scene.staff("Mira", on_duty=False), await scene.staff("Tom", on_duty=False)
    lone = await scene.staff("Lone")
    await shift(scene, "Mira", "08:00", "20:00")

    await mira.says("/rota fravær 18/11")
    await mira.sees(phrase("absence.noted"))
    await lone.sees(phrase("rota.gap_opened"))
    await lone.taps("cover:ask")
    await tom.sees(phrase("cover.wanted"))
    await tom.taps("cover:take")
    await tom.sees(phrase("cover.yours"))
    await lone.sees(phrase("cover.taken"))

    await scene.skip(days=1, hours=23)
    assert await on_duty(scene) - {"Lone"} == {"Tom"}


async def test_the_secretariat_moves_a_shift_and_both_are_told(scene: Scene) -> None:
    mira, tom = await scene.staff("Mira", on_duty=False), await scene.staff("Tom", on_duty=False)
    lone = await scene.staff("Lone")
    await shift(scene, "Mira", "12:00", "16:00")

    await lone.says("/rota bytte Mira Tom 17/11")

    await lone.sees(phrase("swap.made"))
    await mira.sees(phrase("rota.taken"))
    await tom.sees(phrase("rota.given"))


async def test_who_is_paused_has_no_shift_and_her_case_goes_on(scene: Scene) -> None:
    mira, tom = await scene.staff("Mira", on_duty=False), await scene.staff("Tom")
    lone, karen = await scene.staff("Lone"), await scene.person("Karen")
    await shift(scene, "Mira", "08:00", "16:00")
    await claimed(scene, mira, karen, "Han er holdt op med at komme.")

    await lone.says("/rota pause Mira")
    await lone.sees(phrase("person.paused"))
    await settled(scene)

    assert await on_duty(scene) == {"Tom", "Lone"}
    await tom.taps("claim")
    await tom.sees("Han er holdt op")
    await mira.says("/duty til")
    await mira.sees(phrase("duty.paused"))


async def test_the_week_before_the_secretariat_hears_of_thin_hours(scene: Scene) -> None:
    await scene.staff("Mira", on_duty=False)
    lone = await scene.staff("Lone")
    await shift(scene, "Mira", "08:00", "20:00")

    await scene.skip(days=4, hours=3)
    await settled(scene)

    await lone.sees(phrase("rota.forecast"))
    await lone.says("/rota uge")
    await lone.sees("1 af 2")


async def test_a_calendar_can_be_followed_and_closed(scene: Scene) -> None:
    mira, tom = await scene.staff("Mira", on_duty=False), await scene.staff("Tom", on_duty=False)
    await shift(scene, "Mira", "12:00", "16:00")
    await mira.says("/rota")
    await mira.taps("rota:calendar")
    path = await calendar_path(mira)

    first = await read_calendar(scene, path)
    assert first.count("BEGIN:VEVENT") > 20
    assert "STATUS:CANCELLED" not in first

    await mira.taps("rota:swap")
    await mira.taps("swap:pick:20261117")
    await mira.taps("swap:all")
    await tom.taps("swap:yes")
    await settled(scene)
    after = await read_calendar(scene, path)
    assert after.count("STATUS:CANCELLED") == 1
    assert uids(after) == uids(first)

    await mira.says("/rota kalender fra")
    await mira.sees(phrase("calendar.closed"))
    assert await read_calendar(scene, path) == ""


def uids(calendar: str) -> list[str]:
    return sorted(line for line in calendar.splitlines() if line.startswith("UID"))


async def calendar_path(person: Played) -> str:
    text = (await person.sees("/calendar/"))["text"]
    return next(word for word in text.split() if "/calendar/" in word).partition("8080")[2]


async def read_calendar(scene: Scene, path: str) -> str:
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"http://127.0.0.1:{scene.hotline.port}{path}") as answer,
    ):
        return (await answer.text()).replace("\r\n ", "") if answer.status == 200 else ""
