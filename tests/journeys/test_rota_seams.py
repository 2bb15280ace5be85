"""Where duty, cases and the rota meet: nothing falls between a shift that ends and who comes next."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from bot import dispatching, duty, rota_changes, shift_end, swaps
from bot import people as people_bot
from bot.incoming import Did, Incoming
from bot.turn import Turn
from handlers.telegram import door
from scheduling.ids import short
from scheduling.instant import Instant
from scheduling.shifts import DayKind
from storage.models import AuditEntry, Chat, DaySetting, Offer, Person, RotaOverride, RotaRule, ShiftSwap
from storage.queries import chats, people
from storage.queries import enquiries as find
from storage.unit_of_work import Unit
from tests.journeys.acting import ask, buttons, claimed, phrase, settled, shown
from tests.journeys.test_rota_in_chat import calendar_path, on_duty, read_calendar, shift
from tests.scene import Scene

# On SQLite one writes at a time: there is nothing between another's reading and writing.
on_postgresql = pytest.mark.parametrize("urls", ["postgresql"], indirect=True)


async def known(unit: Unit, alias: str) -> tuple[Person, Chat]:
    person = await people.by_alias(unit, alias)
    assert person is not None
    assert person.chat_id is not None
    return person, await chats.by_id(unit, person.chat_id)


async def leaves(scene: Scene, alias: str, last: date) -> None:
    async with scene.store.unit() as unit:
        person, _ = await known(unit, alias)
        async with rota_changes.changing(Turn(unit, scene.rules), by=None, about=None, what="planned"):
            person.leaves_on = last
        await unit.commit()


async def test_off_said_outside_a_shift_does_not_cancel_one_taken_later(scene: Scene) -> None:
    mira = await scene.staff("Mira", on_duty=False)
    await shift(scene, "Mira", "08:00", "09:00", weekdays=[2])
    await mira.says("/duty off")
    await mira.says("/rota cover")
    await settled(scene)
    await mira.taps([data for _, data in await buttons(mira, "cover:take")][1])
    await mira.sees(phrase("cover.yours"))

    await scene.skip(hours=24)

    assert await on_duty(scene) == {"Mira"}


async def test_a_word_said_before_there_was_a_rota_gives_way_to_it(scene: Scene) -> None:
    await scene.staff("Mira")
    tom = await scene.staff("Tom")
    await tom.says("/duty off")
    await settled(scene)
    await shift(scene, "Mira", "08:00", "16:00")
    await shift(scene, "Tom", "08:00", "16:00")

    await scene.skip(hours=16)
    assert await on_duty(scene) == set()
    await scene.skip(hours=8)
    assert await on_duty(scene) == {"Mira", "Tom"}


async def test_off_with_a_time_puts_nobody_on(scene: Scene) -> None:
    mira = await scene.staff("Mira", on_duty=False)

    await mira.says("/duty fra 16:00")

    await mira.sees(phrase("command.usage.duty"))
    assert await on_duty(scene) == set()


async def test_until_a_time_within_a_shift_ends_there(scene: Scene) -> None:
    mira = await scene.staff("Mira", on_duty=False)
    await shift(scene, "Mira", "08:00", "16:00")
    await mira.says("/duty 12:00")
    await mira.sees("12.00")

    await scene.skip(hours=2.5)
    assert await on_duty(scene) == set()
    await scene.skip(hours=22)
    assert await on_duty(scene) == {"Mira"}


async def test_on_said_at_night_does_not_last_for_days(scene: Scene) -> None:
    mira = await scene.staff("Mira", on_duty=False)
    await shift(scene, "Mira", "08:00", "16:00")
    await scene.skip(days=4, hours=11)
    await mira.says("/duty on")
    await mira.sees("lørdag")

    await scene.skip(hours=30)

    assert await on_duty(scene) == set()


async def test_a_time_in_the_hour_shown_twice_lies_ahead(scene: Scene) -> None:
    zone = ZoneInfo("Europe/Copenhagen")
    scene.clock.set(datetime(2027, 10, 31, 2, 30, fold=1, tzinfo=zone))
    async with scene.store.unit() as unit:
        until = duty.until_time(Turn(unit, scene.rules), "02:45")
        assert until == Instant.of(datetime(2027, 10, 31, 2, 45, fold=1, tzinfo=zone))


async def test_the_desk_cannot_take_a_shift_of_the_panel(scene: Scene) -> None:
    await scene.staff("Mira", on_duty=False)
    lone = await scene.staff("Lone", on_duty=False)
    await lone.says("/rota cover")
    await lone.sees(phrase("cover.none"))

    span = f"{int(scene.clock.now().timestamp()) // 60}:{int(scene.clock.now().timestamp()) // 60 + 60}"
    async with scene.store.unit() as unit:
        _, chat = await known(unit, "Lone")
        tap = Incoming(Did.TAP, 0, unit.now, data=f"cover:take:panel:{span}")
        await door.enter(Turn(unit, scene.rules), tap, chat.address_hash)
        await unit.commit()

    async with scene.store.reading() as session:
        assert (await session.execute(select(func.count()).select_from(RotaOverride))).scalar_one() == 0


@pytest.mark.parametrize(
    "words", ["/rota week 9999-12-31", "/rota absent 9999-12-31", "/rota week 29/99999999999"]
)
async def test_days_out_of_all_reason_are_answered(scene: Scene, words: str) -> None:
    mira = await scene.staff("Mira", on_duty=False)

    await mira.says(words)
    await scene.quiet(3)


async def test_a_revoked_account_reads_no_calendar_and_its_shifts_are_others(scene: Scene) -> None:
    mira, tom = await scene.staff("Mira", on_duty=False), await scene.staff("Tom", on_duty=False)
    lone = await scene.staff("Lone")
    await shift(scene, "Mira", "12:00", "16:00")
    await mira.says("/rota")
    await mira.taps("rota:swap")
    await mira.taps("swap:pick:20261117")
    await mira.taps("swap:all")
    await tom.taps("swap:yes")
    await tom.says("/rota calendar")
    await settled(scene)
    path = await calendar_path(tom)
    assert "BEGIN:VEVENT" in await read_calendar(scene, path)

    await lone.says("/revoke Tom")
    await mira.sees(phrase("rota.given"))

    assert await read_calendar(scene, path) == ""
    await scene.skip(days=1, hours=3)
    assert await on_duty(scene) - {"Lone"} == {"Mira"}


async def test_revoking_the_only_one_on_a_shift_warns_of_the_gap(scene: Scene) -> None:
    await scene.staff("Mira", on_duty=False)
    lone = await scene.staff("Lone")
    await shift(scene, "Mira", "08:00", "20:00")

    await lone.says("/revoke Mira")

    await lone.sees(phrase("rota.gaps_opened"))


async def test_who_was_too_late_leaves_nothing_in_the_log(scene: Scene) -> None:
    mira, tom, _ = [await scene.staff(name, on_duty=False) for name in ("Mira", "Tom", "Yasmin")]
    await shift(scene, "Mira", "12:00", "16:00")
    await mira.says("/rota")
    await mira.taps("rota:swap")
    await mira.taps("swap:pick:20261116")
    await mira.taps("swap:all")
    await tom.taps("swap:yes")
    await settled(scene)
    async with scene.store.unit() as unit:
        made = (await unit.session.execute(select(ShiftSwap))).scalars().one()
        await swaps.accept(Turn(unit, scene.rules), *await known(unit, "Yasmin"), made.id)
        await unit.commit()

    async with scene.store.reading() as session:
        query = select(func.count()).where(AuditEntry.action == "swap_accepted")
        assert (await session.execute(query)).scalar_one() == 1


async def test_what_was_written_while_the_case_was_being_kept_is_read(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira", on_duty=False), await scene.person("Karen")
    await shift(scene, "Mira", "08:00", "12:00")
    enquiry = await claimed(scene, mira, karen, "Han er holdt op.")
    await scene.skip(hours=2)
    async with scene.store.unit() as hers:  # begun a moment before, and handled a moment after
        await asyncio.sleep(0.05)
        async with scene.store.unit() as unit:
            kept = await find.locked(unit, enquiry.id)
            assert kept is not None
            await shift_end.keep(Turn(unit, scene.rules), *await known(unit, "Mira"), kept)
            await unit.commit()
        chat = await chats.by_id(hers, enquiry.chat_id)
        text = Incoming(Did.TEXT, 0, hers.now, text="HUSK DETTE")
        await door.enter(Turn(hers, scene.rules), text, chat.address_hash)
        await hers.commit()
    await karen.sees(phrase("relay.waits_for_her"))

    await scene.skip(hours=20.2)

    await mira.sees("HUSK DETTE")


async def test_a_clock_put_right_hides_nothing_that_was_written(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira", on_duty=False), await scene.person("Karen")
    await shift(scene, "Mira", "08:00", "12:00")
    await claimed(scene, mira, karen, "Han er holdt op.")
    await scene.skip(hours=2)
    await mira.taps("shift:keep")
    await karen.sees(phrase("shift.enquirer_kept"))
    scene.clock.skip(timedelta(seconds=-30))
    await karen.says("HUSK DETTE")
    await karen.sees(phrase("relay.waits_for_her"))

    await scene.skip(hours=20.2)

    await mira.sees("HUSK DETTE")


async def test_a_case_is_not_kept_beyond_what_was_promised(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira", on_duty=False), await scene.person("Karen")
    await shift(scene, "Mira", "08:00", "12:00", weekdays=[0, 3])
    await claimed(scene, mira, karen, "Han er holdt op.")

    await scene.skip(hours=2)

    await mira.sees("Du er først på vagt igen torsdag 19. november kl. 08.00")
    assert await buttons(mira, "shift:keep") == []


async def test_an_older_button_to_keep_a_case_says_what_speaks_against_it(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira", on_duty=False), await scene.person("Karen")
    await shift(scene, "Mira", "08:00", "12:00", weekdays=[0, 1, 3])
    await claimed(scene, mira, karen, "Han er holdt op.")
    await scene.skip(hours=2)
    [(standing, keep)] = await buttons(mira, "shift:keep")
    await mira.says("/rota fravær 17/11")
    await mira.sees(phrase("absence.noted"))

    await mira.taps_stale(standing, keep)

    await mira.sees(phrase("shift.too_late", back="torsdag 19. november kl. 08.00", number="K-2026-00001"))
    assert (await scene.enquiry()).kept_until is None


async def test_who_keeps_a_case_is_not_reminded_on_her_days_off(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira", on_duty=False), await scene.person("Karen")
    await shift(scene, "Mira", "08:00", "12:00", weekdays=[0, 1])
    await claimed(scene, mira, karen, "Han er holdt op.")
    await scene.skip(hours=2)
    await mira.taps("shift:keep")
    await karen.sees(phrase("shift.enquirer_kept"))

    for _ in range(19):
        await scene.skip(hours=1)
        assert not any(phrase("panel.unanswered") in text for text in await shown(mira))

    assert (await scene.enquiry()).kept_until is not None


async def test_keeping_is_for_who_is_off_duty(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira", on_duty=False), await scene.person("Karen")
    await shift(scene, "Mira", "08:00", "16:00")
    enquiry = await claimed(scene, mira, karen, "Han er holdt op.")
    async with scene.store.unit() as unit:
        _, chat = await known(unit, "Mira")
        tap = Incoming(Did.TAP, 0, unit.now, data=f"shift:keep:{short(enquiry.id)}")
        await door.enter(Turn(unit, scene.rules), tap, chat.address_hash)
        await unit.commit()

    await karen.says("Er du der?")

    await mira.sees("Er du der?")


async def test_who_has_left_is_on_duty_no_more_whatever_she_said(scene: Scene) -> None:
    await scene.staff("Mira")
    await leaves(scene, "Mira", date(2026, 11, 17))

    await scene.skip(days=3)

    assert await on_duty(scene) == set()


async def test_the_cases_of_who_has_left_are_offered_to_others(scene: Scene) -> None:
    mira, tom, karen = (
        await scene.staff("Mira", on_duty=False),
        await scene.staff("Tom"),
        await scene.person("Karen"),
    )
    await shift(scene, "Mira", "08:00", "12:00")
    await claimed(scene, mira, karen, "Han er holdt op.")
    await scene.skip(hours=2)
    await mira.taps("shift:keep")
    await mira.says("Jeg svarer lige hjemmefra.")
    await settled(scene)
    await leaves(scene, "Mira", date(2026, 11, 16))

    await scene.skip(days=1)

    assert (await scene.enquiry()).state.value == "waiting"
    await tom.sees(phrase("offer.made"))


async def test_whoever_waits_for_somebody_who_is_not_coming_back_goes_to_another(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira", on_duty=False), await scene.person("Karen")
    await scene.staff("Tom")
    await shift(scene, "Mira", "08:00", "12:00", weekdays=[0])
    await claimed(scene, mira, karen, "Han er holdt op.")
    await mira.says("Hej.")
    await karen.sees("Hej.")
    await scene.skip(hours=2)
    await mira.taps("shift:keep")
    await karen.sees(phrase("shift.enquirer_kept"))

    await leaves(scene, "Mira", date(2026, 11, 17))
    await scene.skip(minutes=1)

    assert (await scene.enquiry()).state.value == "waiting"


async def test_an_offer_to_who_has_gone_off_duty_does_not_hide_that_nobody_is_there(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira", on_duty=False), await scene.person("Karen")
    await shift(scene, "Mira", "08:00", "12:00")
    await scene.skip(hours=1.8)
    await ask(scene, karen, "Hvad gør jeg?")
    await mira.sees(phrase("offer.made"))

    await scene.skip(hours=1)

    await karen.sees(phrase("sent.out_of_hours", opening="tirsdag 17. november kl. 08.00"))


async def test_what_is_claimed_off_duty_is_hers_and_asked_about_as_when_a_shift_ends(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira", on_duty=False), await scene.person("Karen")
    await shift(scene, "Mira", "08:00", "12:00")
    await scene.skip(hours=1.8)
    await ask(scene, karen, "Hvad gør jeg?")
    await mira.sees(phrase("offer.made"))
    await scene.skip(hours=1)

    await mira.taps("claim")
    await mira.sees(phrase("shift.ask", number="K-2026-00001"))
    await scene.skip(minutes=31)

    assert (await scene.enquiry()).state.value == "assigned"
    await karen.sees(phrase("shift.enquirer_kept"))


async def test_a_day_the_operator_closes_closes_the_panel(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    async with scene.store.unit() as unit:
        unit.session.add(DaySetting(day=date(2026, 11, 16), kind=DayKind.CLOSED, name="Flytning"))
        await unit.commit()
    await scene.hotline.stop()
    await scene.start_hotline()

    await ask(scene, karen, "Hvad gør jeg?")

    await karen.sees(phrase("sent.out_of_hours", opening="tirsdag 17. november kl. 08.00"))
    assert await buttons(mira, "claim") == []


async def test_a_restart_neither_swallows_a_reminder_nor_the_end_of_a_shift(scene: Scene) -> None:
    mira, tom = await scene.staff("Mira", on_duty=False), await scene.staff("Tom", on_duty=False)
    await shift(scene, "Mira", "12:00", "16:00")
    await shift(scene, "Tom", "08:00", "11:00")
    await scene.hotline.stop()
    scene.clock.skip(timedelta(minutes=65))

    await scene.start_hotline()

    await mira.sees(phrase("shift.reminder"))
    await tom.sees(phrase("duty.off"))


async def test_a_shift_that_is_far_ahead_is_reminded_of(scene: Scene) -> None:
    mira = await scene.staff("Mira", on_duty=False)
    await shift(scene, "Mira", "12:00", "16:00", weekdays=[1])
    async with scene.store.unit() as unit:
        rule = (await unit.session.execute(select(RotaRule))).scalars().one()
        rule.every_weeks, rule.valid_from = 8, date(2026, 11, 9)
        await duty.settle_all(Turn(unit, scene.rules))
        await unit.commit()

    await scene.skip(days=50, hours=1.2)

    await mira.sees(phrase("shift.reminder"))


async def test_whoever_was_enrolled_before_hears_of_gaps_after_a_restart(scene: Scene) -> None:
    lone = await scene.staff("Lone", on_duty=False)
    async with scene.store.unit() as unit:
        person, _ = await known(unit, "Lone")
        await Turn(unit, scene.rules).cancel_timer("rota_preview", person.id)
        await unit.commit()
    await scene.hotline.stop()
    await scene.start_hotline()

    await scene.skip(days=4, hours=3)

    await lone.sees(phrase("rota.forecast"))


async def test_who_is_paused_is_told_and_can_claim_nothing(scene: Scene) -> None:
    mira, lone, karen = await scene.staff("Mira"), await scene.staff("Lone"), await scene.person("Karen")
    await ask(scene, karen, "Hvad gør jeg?")
    await mira.taps("decline:later")
    await lone.says("/rota pause Mira")
    await mira.sees(phrase("person.you_are_paused"))
    async with scene.store.unit() as unit:
        person, chat = await known(unit, "Mira")
        offer = (await unit.session.execute(select(Offer))).scalars().one()
        await dispatching.claim(Turn(unit, scene.rules), person, chat, offer)
        await unit.commit()

    assert (await scene.enquiry()).state.value == "waiting"


@on_postgresql
async def test_a_pause_and_a_claim_at_once_lock_in_one_order(scene: Scene) -> None:
    await scene.staff("Mira")
    await scene.staff("Lone")
    await ask(scene, await scene.person("Karen"), "Hvad gør jeg?")
    enquiry, locked = await scene.enquiry(), asyncio.Event()

    async def claim() -> None:
        async with scene.store.unit() as unit:
            await find.locked(unit, enquiry.id)
            locked.set()
            await asyncio.sleep(0.5)
            offer = (await unit.session.execute(select(Offer))).scalars().one()
            await dispatching.claim(Turn(unit, scene.rules), *await known(unit, "Mira"), offer)
            await unit.commit()

    async def pause() -> None:
        await locked.wait()
        async with scene.store.unit() as unit:
            (mira, _), (lone, chat) = await known(unit, "Mira"), await known(unit, "Lone")
            await people_bot.pause(Turn(unit, scene.rules), mira, chat, None, by=lone)
            await unit.commit()

    await asyncio.gather(claim(), pause())
    assert (await scene.enquiry()).state.value == "waiting"


@on_postgresql
async def test_a_pause_that_was_faster_is_seen_by_who_goes_on_duty(scene: Scene) -> None:
    await scene.staff("Mira", on_duty=False)
    await scene.staff("Lone")
    async with scene.store.unit() as unit:
        mira, chat = await known(unit, "Mira")
        async with scene.store.unit() as other:
            (same, _), (lone, desk) = await known(other, "Mira"), await known(other, "Lone")
            await people_bot.pause(Turn(other, scene.rules), same, desk, None, by=lone)
            await other.commit()
        await duty.go_on(Turn(unit, scene.rules), mira, chat)
        await unit.commit()

    assert "Mira" not in await on_duty(scene)


async def test_notices_about_shifts_make_no_sound_at_night_and_are_not_sent_again(scene: Scene) -> None:
    mira, tom = await scene.staff("Mira", on_duty=False), await scene.staff("Tom", on_duty=False)
    lone = await scene.staff("Lone")
    await shift(scene, "Mira", "08:00", "20:00")
    await scene.skip(hours=16)
    await mira.says("/rota fravær 10/12")
    await lone.sees(phrase("rota.gap_opened"))
    for _ in range(3):
        await lone.taps("cover:ask")
        await settled(scene)

    assert len([text for text in await shown(tom) if phrase("cover.wanted") in text]) == 1
    asked = [request["payload"] for request in scene.stand_in.world.record.after(0)]
    wanted = [one for one in asked if phrase("cover.wanted") in str(one.get("text", ""))]
    assert [one.get("disable_notification") for one in wanted] == [True]
