"""What the enquirer does with her own questions: status, closing, going on, and a second one beside."""

from bot.catalogue import words
from storage.models import Outcome, State
from tests.journeys.acting import ask, claimed, phrase, settled, shown
from tests.journeys.watching import labels, notes_of, sent, stored
from tests.scene import Scene


async def test_status_says_where_each_question_stands(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await karen.says("/status")
    await karen.sees(phrase("status.nothing"))
    await claimed(scene, mira, karen, "Min første sag.")
    await ask(scene, karen, "Min anden sag.", role="self")
    await karen.says("/new")
    await karen.says("/status")

    standing = (await karen.sees(phrase("status.list")))["text"]

    lines = [words(f"status.{s}", "da") for s in ("assigned", "triage")]
    assert lines[0].format(number="K-2026-00001") in standing
    assert lines[1].format(number="K-2026-00002") in standing
    assert words("status.draft", "da").format(number="").strip() in standing


async def test_closing_a_draft_takes_its_card_away(scene: Scene) -> None:
    karen = await scene.person("Karen")
    await karen.says("Jeg er bekymret.")
    await karen.sees(phrase("intake.ask.role"))

    await karen.says("/close")
    await karen.sees(phrase("closed.draft"))
    await settled(scene)
    await scene.skip(minutes=20)

    enquiry = await scene.enquiry()
    assert (enquiry.state, enquiry.outcome, enquiry.number) == (State.CLOSED, Outcome.WITHDRAWN, None)
    assert not [text for text in await shown(karen) if phrase("intake.ask.role") in text]


async def test_whether_it_helped_is_asked_and_counted_once(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Jeg er bekymret.")
    await mira.says("Tal med ham.")
    await karen.sees("Tal med ham.")
    await karen.says("/close")
    await karen.sees(phrase("closed.enquirer", number="K-2026-00001", days=14))
    await karen.taps("helped:partly")
    await karen.taps("helped:yes")
    await karen.sees(phrase("closed.thanks"))
    await karen.taps("continue:same")
    await karen.sees(phrase("closed.on_again"))
    await settled(scene)
    await karen.says("/close")
    await settled(scene)

    enquiry = await scene.enquiry()
    assert (enquiry.helped, enquiry.outcome) == ("partly", Outcome.ADVICE_ONLY)
    assert await notes_of(scene, karen, "closed.thanks") == 1
    assert words("button.helped_yes", "da") not in await labels(karen)


async def test_within_a_fortnight_a_text_goes_on_with_the_case_or_begins_a_new_one(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Den første tekst.")
    await karen.says("/close")
    await karen.sees(phrase("closed.withdrawn"))
    await scene.skip(days=11)  # a Friday

    await karen.says("Den anden tekst.")
    await karen.sees(phrase("closed.same_or_new"))
    await karen.taps("continue:same")
    await karen.taps("continue:same")
    await karen.sees(phrase("closed.on_again"))
    await settled(scene)
    again = await scene.enquiry()
    await mira.taps("claim")
    await mira.sees("Den anden tekst.")
    await karen.says("/close")
    await karen.sees(phrase("closed.withdrawn"))
    await karen.says("Noget andet.")
    await settled(scene)
    await karen.taps("continue:new")
    await karen.sees(phrase("intake.ask.role"))
    await settled(scene)

    case, draft = await scene.enquiries()
    assert (again.state, again.outcome) == (State.WAITING, None)
    assert again.promised_by is not None
    assert again.promised_by > scene.clock.now()
    assert await notes_of(scene, karen, "closed.too_late") == 0
    assert await stored(scene, case) == ["Den første tekst.", "Den anden tekst."]
    assert (draft.state, await stored(scene, draft)) == (State.DRAFT, ["Noget andet."])


async def test_a_case_that_goes_on_waits_from_then_under_a_promise_of_its_own(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Jeg er bekymret.")
    await mira.says("Tal med ham.")
    await karen.sees("Tal med ham.")
    await karen.says("/close")
    await karen.sees(phrase("closed.enquirer", number="K-2026-00001", days=14))
    await settled(scene)
    await scene.skip(days=3)  # a Thursday

    await karen.taps("continue:same")
    told = (await karen.sees(phrase("closed.on_again")))["text"]
    await settled(scene)
    offer = (await mira.sees(phrase("offer.made")))["text"]

    by = "fredag 20. november kl. 20.00"
    again = await scene.enquiry()
    assert f"senest {by}" in told
    assert by in offer
    assert again.owes_answer
    assert again.waits_since == again.reopened_at
    assert again.waits_since > (again.sent_at or again.waits_since)


async def test_after_a_fortnight_a_text_begins_a_new_draft(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Den første tekst.")
    await karen.says("/close")
    await karen.sees(phrase("closed.withdrawn"))
    await scene.skip(days=14, minutes=1)

    await karen.taps("continue:same")
    await karen.sees(phrase("closed.too_late"))
    await karen.says("Noget nyt.")
    await settled(scene)

    assert [e.state for e in await scene.enquiries()] == [State.CLOSED, State.DRAFT]


async def test_a_case_of_a_minor_goes_back_to_the_coordinator_when_it_goes_on(scene: Scene) -> None:
    lone, yasmin = await scene.staff("Lone"), await scene.staff("Yasmin")
    karen = await scene.person("Karen")
    await ask(scene, karen, "Jeg er 16.", role="self", writer="minor")
    await karen.says("/close")
    await karen.taps("continue:same")
    await settled(scene)

    assert (await scene.enquiry()).state is State.TRIAGE
    assert await notes_of(scene, yasmin, "offer.made") == 0
    assert await notes_of(scene, lone, "triage.waiting") == 2


async def test_a_reply_to_a_notice_about_a_case_belongs_to_the_case(scene: Scene) -> None:
    karen = await scene.person("Karen")
    await ask(scene, karen, "Min første sag.")
    notice = await karen.sees(phrase("sent.nobody_free_now"))
    await ask(scene, karen, "Min anden sag.")

    await karen.says("Han er 15.", reply_to=notice["message_id"])
    await karen.sees(phrase("relay.kept", number="K-2026-00001"))
    await settled(scene)

    first, second = await scene.enquiries()
    assert await stored(scene, first) == ["Min første sag.", "Han er 15."]
    assert await stored(scene, second) == ["Min anden sag."]


async def test_two_questions_are_told_apart_by_reply_switch_and_asking(scene: Scene) -> None:
    mira, yasmin = await scene.staff("Mira"), await scene.staff("Yasmin", on_duty=False)
    karen = await scene.person("Karen")
    await claimed(scene, mira, karen, "Min søn.")
    await mira.says("/duty off")
    await mira.sees(phrase("shift.ask_no_next"))
    await yasmin.says("/duty on")
    await karen.taps("continue:new")
    await karen.sees(phrase("intake.ask.role"))
    await karen.says("Min elev.")
    await karen.taps("send")
    await yasmin.taps("claim")
    await yasmin.sees("Min elev.")
    await mira.says("Hvad gør din søn?")
    question = await karen.sees("Hvad gør din søn?")
    await scene.skip(minutes=2)

    await karen.says("Han sover dårligt.", reply_to=question["message_id"])
    await mira.sees("Han sover dårligt.")
    await karen.says("Hun er 14.")
    await karen.sees(phrase("relay.which"))
    held_back = "".join(await sent(scene, mira) + await sent(scene, yasmin))
    await karen.taps("Sag K-2026-00002")
    await yasmin.sees("Hun er 14.")
    await karen.says("Og stille.")
    await yasmin.sees("Og stille.")
    await settled(scene)

    assert "Hun er 14." not in held_back
    to_mira, to_yasmin = "".join(await sent(scene, mira)), "".join(await sent(scene, yasmin))
    assert not [text for text in ("Hun er 14.", "Og stille.", "Min elev.") if text in to_mira]
    assert not [text for text in ("Han sover dårligt.", "Min søn.") if text in to_yasmin]
