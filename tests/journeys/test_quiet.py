"""Ten quiet minutes after a text are a Send; taps alone lapse after a week."""

from storage.models import Outcome, State
from tests.journeys.acting import ask, phrase, settled, shown
from tests.journeys.watching import notes_of, stored
from tests.scene import Scene


async def test_ten_quiet_minutes_after_a_text_send_it(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await karen.says("Jeg er bekymret.")
    await karen.sees(phrase("intake.ask.role"))

    await scene.skip(minutes=9)
    before = (await scene.enquiry()).state
    await scene.skip(minutes=1, seconds=1)

    enquiry = await scene.enquiry()
    assert (before, enquiry.state, enquiry.role) == (State.DRAFT, State.WAITING, None)
    assert phrase("sent.by_quiet") in (await shown(karen))[-1]
    assert await notes_of(scene, mira, "offer.made") == 1
    await karen.does_not_see(phrase("intake.ask.role"), within=0)


async def test_who_taps_is_not_quiet(scene: Scene) -> None:
    karen = await scene.person("Karen")
    await karen.says("Jeg er bekymret.")
    await karen.sees(phrase("intake.ask.role"))
    await scene.skip(minutes=9)
    await karen.taps("answer:role:professional")
    await karen.sees(phrase("intake.ask.profession"))

    await scene.skip(minutes=9)
    still = (await scene.enquiry()).state
    await scene.skip(minutes=1, seconds=1)

    assert (still, (await scene.enquiry()).state) == (State.DRAFT, State.WAITING)


async def test_nothing_is_sent_while_a_card_is_open(scene: Scene) -> None:
    karen = await scene.person("Karen")
    await ask(scene, karen, "Min første sag.")
    await karen.says("/new")
    await karen.says("Min anden sag.")
    await karen.sees(phrase("intake.ask.role"))
    receipt = await karen.sees(phrase("sent.receipt"))
    await karen.says("Han har en kniv og går derhen i aften", reply_to=receipt["message_id"])
    await karen.sees(phrase("emergency.card"))

    await scene.skip(hours=1)
    first, second = await scene.enquiries()
    await karen.taps("urgent:no")
    await karen.sees(phrase("emergency.on_again"))
    await scene.skip(minutes=11)

    assert (first.state, second.state) == (State.HELD, State.DRAFT)
    assert [e.state for e in await scene.enquiries()] == [State.WAITING, State.WAITING]


async def test_taps_alone_lapse_after_a_week(scene: Scene) -> None:
    karen = await scene.person("Karen")
    await karen.says("/new")
    await karen.taps("answer:role:relative")
    await karen.sees(phrase("intake.ask.relation"))

    await scene.skip(days=6, hours=23)
    before = (await scene.enquiry()).state
    await scene.skip(hours=2)

    enquiry = await scene.enquiry()
    assert (before, enquiry.state, enquiry.outcome) == (State.DRAFT, State.CLOSED, Outcome.LAPSED)
    assert enquiry.number is None
    await scene.skip(minutes=1)
    await karen.taps("answer:relation:parent")
    await karen.sees(phrase("tap.stale"))


async def test_text_just_after_send_joins_the_enquiry(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await ask(scene, karen, "Min sag.")

    await karen.says("Han er 15 år.")
    await karen.sees(phrase("relay.kept", number="K-2026-00001"))
    await settled(scene)

    assert await stored(scene, await scene.enquiry()) == ["Min sag.", "Han er 15 år."]
    await mira.taps("claim")
    await mira.sees("Han er 15 år.")
