"""What may be expected: the receipt, one notice where nobody answers now, and what helps tonight."""

from storage.models import State
from tests.journeys.acting import ask, claimed, phrase, settled, shown
from tests.journeys.watching import notes_of, sent
from tests.scene import MONDAY_AT_TEN, Scene


async def test_out_of_hours_one_notice_says_when_it_goes_on_and_who_is_open(scene: Scene) -> None:
    mira = await scene.staff("Mira")
    late = MONDAY_AT_TEN.replace(day=20, hour=21, minute=30)  # a Friday
    await scene.skip(seconds=(late - MONDAY_AT_TEN).total_seconds())
    karen = await scene.person("Karen")

    await ask(scene, karen, "Jeg er bekymret.")
    notice = (await karen.sees(phrase("sent.out_of_hours")))["text"]
    await karen.says("Er der nogen?")
    await scene.skip(hours=12)
    await scene.skip(hours=12)

    assert "mandag 23. november kl. 08.00" in notice
    assert "41 74 90 90" in notice
    assert "senest mandag 23. november kl. 20.00" in "".join(await sent(scene, karen))
    assert await notes_of(scene, karen, "sent.out_of_hours") == 1
    assert await notes_of(scene, mira, "offer.made") == 0
    await scene.skip(hours=36)
    assert await notes_of(scene, mira, "offer.made") == 1


async def test_where_nobody_is_on_duty_that_is_said_once_and_the_next_is_asked(scene: Scene) -> None:
    lone, mira = await scene.staff("Lone"), await scene.staff("Mira", on_duty=False)
    karen = await scene.person("Karen")

    await ask(scene, karen, "Jeg er bekymret.")
    await scene.skip(minutes=45)
    before = await notes_of(scene, mira, "offer.made")
    await mira.says("/duty on")
    await mira.taps("claim")
    await mira.sees("Jeg er bekymret.")

    assert before == 0
    assert await notes_of(scene, karen, "sent.nobody_free_now") == 1
    assert await notes_of(scene, lone, "alarm.nobody_free") == 1
    assert (await scene.enquiry()).state is State.ASSIGNED


async def test_where_no_coordinator_is_on_duty_the_open_numbers_are_shown(scene: Scene) -> None:
    karen = await scene.person("Karen")
    await ask(scene, karen, "Jeg vil ud.", role="self")

    notice = (await karen.sees(phrase("sent.no_coordinator")))["text"]

    assert "116 111" in notice


async def test_what_is_urgent_at_night_is_looked_at_first_thing_next_morning(scene: Scene) -> None:
    await scene.skip(hours=11)
    karen = await scene.person("Karen")
    await ask(scene, karen, "Han taler om at rejse.", role="other", alarm="travel")

    notice = (await karen.sees(phrase("sent.no_coordinator_closed")))["text"]

    assert "tirsdag 17. november kl. 08.00" in notice
    assert "41 74 90 90" in notice


async def test_who_books_a_talk_is_not_shown_helplines(scene: Scene) -> None:
    karen = await scene.person("Karen")
    await karen.says("/new")
    await karen.taps("answer:role:booking")
    await karen.says("Et oplæg for 40, tak.")
    await karen.taps("send")
    await karen.sees("A-2026-00001")
    await settled(scene)

    assert "70 201 201" not in "".join(await sent(scene, karen))


async def test_what_helps_tonight_is_a_tap_away_from_the_receipt(scene: Scene) -> None:
    karen = await scene.person("Karen")
    await ask(scene, karen, "Jeg er bekymret.")

    await karen.taps("tonight")
    await karen.sees(phrase("tonight"))
    await settled(scene)

    assert (await scene.enquiry()).state is State.WAITING


async def test_a_promise_that_is_broken_is_said_once_to_both_sides(scene: Scene) -> None:
    lone, karen = await scene.staff("Lone"), await scene.person("Karen")
    enquiry = await ask(scene, karen, "Hvad gør jeg?")
    assert enquiry.promised_by is not None

    await scene.skip(hours=33.9)
    assert not any(phrase("promise.broken", number="K-2026-00001") in text for text in await shown(karen))
    await scene.skip(hours=0.2)
    await karen.sees(phrase("promise.broken", number="K-2026-00001"))
    await lone.sees(phrase("alarm.promise_broken", number="K-2026-00001"))

    await scene.skip(days=3)
    said = [t for t in await shown(karen) if phrase("promise.broken", number="K-2026-00001") in t]
    assert len(said) == 1


async def test_who_was_answered_in_time_hears_nothing_of_it(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hvad gør jeg?")
    await mira.says("Fortæl mere.")
    await karen.sees("Fortæl mere.")

    await scene.skip(days=3)

    assert not any(phrase("promise.broken", number="K-2026-00001") in text for text in await shown(karen))
