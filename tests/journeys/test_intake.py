"""The welcome and the few taps: each skippable, each once, and a text at any time."""

from bot.catalogue import words
from scheduling.urgency import Urgency
from storage.models import State
from tests.journeys.acting import ask, buttons, phrase, settled, shown
from tests.journeys.watching import is_deleted, labels, notes_of, sent, stored
from tests.scene import Scene

RELATIVE = ("relation", "topic", "age", "writer", "alarm", "residence", "spoken")


async def test_the_first_screen_is_in_both_languages_with_the_card_a_tap_away(scene: Scene) -> None:
    idris = await scene.person("Idris")

    await idris.says("/start")
    first = (await idris.sees("Welcome"))["text"]

    assert "Velkommen" in first
    assert await labels(idris) == ["Dansk", "English", words("button.emergency", "en")]
    await idris.taps("language:da")
    await idris.taps("language:da")
    await idris.sees(phrase("intake.ask.role"))
    await settled(scene)
    assert len([text for text in await shown(idris) if phrase("intake.ask.role") in text]) == 1


async def test_every_question_is_asked_in_turn_and_edited_in_place(scene: Scene) -> None:
    karen = await scene.person("Karen")
    await karen.says("/new")
    await karen.taps("answer:role:relative")

    for question in RELATIVE:
        card = await karen.sees(phrase(f"intake.ask.{question}"))
        assert words("button.skip", "da") in await labels(karen)
        await karen.taps(f"skip:{question}")
    last = await karen.sees(phrase("intake.write"))
    await settled(scene)

    enquiry = await scene.enquiry()
    assert card["message_id"] == last["message_id"]
    assert len(await shown(karen)) == 2  # the welcome, and one card
    assert {getattr(enquiry, question) for question in RELATIVE} == {"skipped"}
    assert (enquiry.role, enquiry.profession, enquiry.state) == ("relative", None, State.DRAFT)


async def test_the_card_moves_to_the_end_when_somebody_types(scene: Scene) -> None:
    karen = await scene.person("Karen")
    await karen.says("Jeg er bekymret for min bror.")
    first = await karen.sees(phrase("intake.ask.role"))
    await karen.says("Han er 17.")
    await settled(scene)
    second = await karen.sees(phrase("intake.ask.role"))
    await settled(scene)

    assert second["message_id"] > first["message_id"]
    assert await is_deleted(karen, first["message_id"])
    assert [text for text in await shown(karen) if phrase("intake.ask.role") in text] == [second["text"]]
    assert words("button.send", "da") in await labels(karen)


async def test_a_second_tap_and_a_stale_one_change_nothing(scene: Scene) -> None:
    karen = await scene.person("Karen")
    await karen.says("Den første sag.")
    await karen.sees(phrase("intake.ask.role"))
    [(at, answer)] = await buttons(karen, "answer:role:relative")
    [(_, send)] = await buttons(karen, "send")
    await karen.taps_stale(at, answer)
    await karen.taps_stale(at, answer)
    await karen.taps_stale(at, send)
    await karen.taps_stale(at, send)
    await karen.sees("K-2026-00001")
    await settled(scene)
    receipts, stale = await notes_of(scene, karen, "sent.receipt"), await notes_of(scene, karen, "tap.stale")
    await scene.skip(minutes=1)

    await karen.says("/new")
    await karen.sees(phrase("intake.ask.role"))
    await karen.taps_stale(at, answer)
    await karen.taps_stale(at, send)
    await settled(scene)

    old, draft = await scene.enquiries()
    assert (receipts, stale) == (1, 0)
    assert (old.number, old.role) == ("K-2026-00001", "relative")
    assert (draft.state, draft.role, draft.number) == (State.DRAFT, None, None)
    assert await notes_of(scene, karen, "tap.stale") == 2


async def test_a_postcode_is_taken_when_typed_as_the_answer_and_offered_when_read(scene: Scene) -> None:
    karen = await scene.person("Karen")
    await karen.says("Vi bor i 2400 København NV.")
    await karen.taps("answer:role:relative")
    for question in RELATIVE[:5]:
        await karen.taps(f"skip:{question}")
    await karen.sees(phrase("intake.ask.residence"))
    offered = await labels(karen)

    await karen.says("2300")
    await karen.sees("2300")
    shared = (await scene.enquiry()).residence
    await karen.says("2100")
    await karen.sees(phrase("intake.ask.spoken"))
    await settled(scene)

    enquiry = await scene.enquiry()
    assert offered[0] == words("answer.postcode.copenhagen", "da").format(postcode="2400", city="København")
    assert (shared, enquiry.residence) == (None, "copenhagen")
    assert await stored(scene, enquiry) == ["Vi bor i 2400 København NV."]
    assert (await shown(karen))[-1].startswith(phrase("intake.ask.spoken"))


async def test_a_shared_postcode_is_asked_about_once_more_only(scene: Scene) -> None:
    karen = await scene.person("Karen")
    await karen.says("Min bror bor i 2300.")
    await karen.taps("answer:role:relative")
    for question in RELATIVE[:5]:
        await karen.taps(f"skip:{question}")
    await karen.taps("answer:residence:unknown")
    await karen.sees("2300")
    asked = (await scene.enquiry()).residence
    await karen.taps("answer:residence:unknown")
    await karen.sees(phrase("intake.ask.spoken"))

    assert (asked, (await scene.enquiry()).residence) == (None, "unknown")


async def test_arabic_is_spoken_with_danish_buttons_and_goes_to_yasmin_alone(scene: Scene) -> None:
    mira, tom, yasmin = await scene.staff("Mira"), await scene.staff("Tom"), await scene.staff("Yasmin")
    karen = await scene.person("Karen")

    await ask(scene, karen, "أنا قلقة على أخي.", role="other", spoken="ar")

    offers = [await notes_of(scene, person, "offer.made") for person in (mira, tom, yasmin)]
    assert offers == [0, 0, 1]
    await karen.sees(phrase("sent.receipt"))
    assert "أنا قلقة" not in "".join(await sent(scene, yasmin))


async def test_a_minor_about_herself_goes_to_the_coordinator_first(scene: Scene) -> None:
    lone, tom, yasmin = await scene.staff("Lone"), await scene.staff("Tom"), await scene.staff("Yasmin")
    karen = await scene.person("Karen")

    enquiry = await ask(scene, karen, "Jeg vil ikke være med mere.", role="self", age="15-17", writer="minor")
    before = [await notes_of(scene, person, "offer.made") for person in (tom, yasmin)]
    await lone.taps("triage:panel")
    await settled(scene)
    await scene.skip(minutes=30)
    await lone.says("/assign K-2026-00001 Tom")
    await lone.sees(phrase("rule.minor_rule", alias="Tom"))

    assert (enquiry.state, enquiry.triage_reason) == (State.TRIAGE, "minor")
    assert (enquiry.urgency, enquiry.competence) == (Urgency.HIGH, "psychology")
    assert before == [0, 0]
    assert [await notes_of(scene, person, "offer.made") for person in (tom, yasmin)] == [0, 2]  # and again
    assert "Jeg vil ikke være med mere." not in "".join(await sent(scene, lone))


async def test_a_friend_under_18_is_never_offered_to_a_former_extremist(scene: Scene) -> None:
    lone, tom, mira = await scene.staff("Lone"), await scene.staff("Tom"), await scene.staff("Mira")
    karen = await scene.person("Karen")

    answers = {"role": "relative", "relation": "friend", "topic": "street_work", "writer": "minor"}
    enquiry = await ask(scene, karen, "Min ven er i en gruppe.", **answers)
    await lone.taps("triage:panel")
    await settled(scene)
    await scene.skip(minutes=30)

    assert (enquiry.state, enquiry.urgency) == (State.TRIAGE, Urgency.NORMAL)
    assert [await notes_of(scene, person, "offer.made") for person in (tom, mira)] == [0, 1]


async def test_any_danger_tapped_is_high_and_goes_to_the_coordinator(scene: Scene) -> None:
    await scene.staff("Lone")
    karen = await scene.person("Karen")

    enquiry = await ask(scene, karen, "Han taler om at rejse.", role="other", alarm="unknown")

    assert (enquiry.state, enquiry.triage_reason, enquiry.urgency) == (State.TRIAGE, "alarm", Urgency.HIGH)
    await karen.sees("mandag 16. november")  # the same day
