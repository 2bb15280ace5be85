"""Answered at the door: another municipality, the press, abuse and a flood, and a booking."""

from bot.catalogue import words
from scheduling.urgency import Urgency
from storage.models import Kind, Outcome, State
from tests.journeys.acting import phrase, settled
from tests.journeys.watching import count_stored, is_deleted, labels, notes_of, sent, stored
from tests.scene import Scene


async def test_a_father_from_another_municipality_is_shown_the_way(scene: Scene) -> None:
    mira, father = await scene.staff("Mira"), await scene.person("Karen")
    text = (
        "Hej VINK, vi bor i 2650 Hvidovre. Min datter på 17 er kommet med i en gruppe, der træner i at slås "
        "med politiet, og hun blev sigtet d. 20.11.2025. Hvem kan jeg tale med? Min mail er "
    )
    mail = await father.says(text + "far.opdigtesen@example.org")
    for tap in ("answer:role:relative", "answer:relation:parent", "skip:topic", "answer:age:15-17"):
        await father.taps(tap)
    await father.taps("skip:writer")
    await father.taps("answer:alarm:none")
    await settled(scene)
    masked = await stored(scene, await scene.enquiry())

    await father.taps(words("answer.postcode.elsewhere", "da").format(postcode="2650"))
    await father.sees("41 74 90 90")
    await father.says("Ja tak, bare hvordan jeg taler med hende")
    await father.sees(phrase("gate.general_advice"))
    await scene.skip(seconds=1)

    assert masked == [text + "[E-MAIL]"]
    assert await is_deleted(father, mail)
    enquiry = await scene.enquiry()
    assert (enquiry.state, enquiry.outcome, enquiry.number) == (State.CLOSED, Outcome.REDIRECTED, None)
    assert (await stored(scene, enquiry), enquiry.postcode_seen) == ([], None)
    assert await count_stored(scene) == 1
    assert not [t for t in await sent(scene, mira) if "Hvidovre" in t or phrase("offer.made") in t]


async def test_a_redirected_writer_in_danger_is_shown_the_card(scene: Scene) -> None:
    father = await scene.person("Karen")
    await father.says("/new")
    await father.taps("answer:role:relative")
    for question in ("relation", "topic", "age", "writer", "alarm"):
        await father.taps(f"skip:{question}")
    await father.taps("answer:residence:elsewhere")
    await father.sees(phrase("gate.elsewhere"))

    await father.says("Han har en kniv og tager derhen i morgen")

    await father.sees(phrase("emergency.card"))


async def test_a_journalist_gets_the_same_answer_for_a_day(scene: Scene) -> None:
    lone, reporter = await scene.staff("Lone"), await scene.person("Idris")
    await reporter.says("/start")
    await reporter.taps("language:en")
    text = (
        "Hello, I am a reporter at the Example Times. How many people has VINK reported to the police this "
        "year, and can you confirm that you had a case about the man arrested on 2025-11-18? "
    )
    await reporter.says(text + "Phone +44 7700 900123, deadline 5 pm.")
    await settled(scene)
    masked = await stored(scene, await scene.enquiry())
    await reporter.taps("answer:role:press")
    await reporter.sees("presse@vink.example")

    await reporter.says("Off the record then? Who is on the panel?")
    await reporter.says("/language")
    await reporter.taps("language:en")
    await reporter.says("Come on.")
    await settled(scene)
    answers = await notes_of(scene, reporter, "gate.press", "en")
    await scene.skip(hours=24, minutes=1)
    await reporter.says("I worry about my own son now.")
    await reporter.sees(phrase("intake.ask.role", "en"))

    assert masked == [text + "Phone [TELEFON], deadline 5 pm."]
    assert answers == 3
    press, concern = await scene.enquiries()
    assert (press.state, press.outcome, press.number) == (State.CLOSED, Outcome.PRESS, None)
    assert (concern.state, await count_stored(scene)) == (State.DRAFT, 2)
    await lone.does_not_see("K-2026", within=0)


async def test_abuse_is_judged_by_a_person_and_a_flood_pauses_the_chat(scene: Scene) -> None:
    lone, rude = await scene.staff("Lone"), await scene.person("Idris")
    await rude.says("/start")
    await rude.taps("language:en")
    await rude.says(
        "you stasi rats. I know where your boss lives, Opdigtetgade 4, 2200 København N, and her mobile is "
        "67 00 00 04. enjoy"
    )
    await settled(scene)
    await scene.skip(minutes=10)
    assert await notes_of(scene, rude, "closed.misuse", "en") == 0
    await lone.says("/queue")
    await lone.taps("triage:read")
    await lone.taps("triage:misuse")
    await rude.sees(phrase("closed.misuse", "en"))
    for _ in range(41):
        await rude.says("spam spam spam")
    await settled(scene)
    card_before = await notes_of(scene, rude, "emergency.card", "en")
    await rude.says("/emergency")
    await settled(scene)

    first = (await scene.enquiries())[0]
    assert (first.outcome, first.number) == (Outcome.MISUSE, "K-2026-00001")
    assert await stored(scene, first) == [
        (
            "you stasi rats. I know where your boss lives, [ADRESSE], 2200 København N, and her mobile is "
            "[TELEFON]. enjoy"
        )
    ]
    assert not [t for t in await sent(scene) if "Opdigtetgade" in t or "67 00 00 04" in t]
    assert await notes_of(scene, rude, "closed.misuse", "en") == 1
    assert await notes_of(scene, rude, "gate.paused", "en") == 1
    assert await notes_of(scene, rude, "closed.same_or_new", "en") == 0
    assert await notes_of(scene, lone, "alarm.paused") == 1
    assert (card_before, await notes_of(scene, rude, "emergency.card", "en")) == (0, 1)


async def test_a_booking_goes_to_the_secretariat_who_answers_in_the_chat(scene: Scene) -> None:
    lone, mira, head = await scene.staff("Lone"), await scene.staff("Mira"), await scene.person("Karen")
    await head.says("/new")
    await head.taps("answer:role:booking")
    await head.sees(phrase("intake.write_booking"))
    first = (
        "Hi! Vi vil gerne booke et opmærksomhedsoplæg for 40 medarbejdere, half of them speak English. "
        "Jf. sag 2010-171721 – I tilbød os det i 2010-2011."
    )
    second = (
        "Forslag: 2026-02-03 eller 10.02.2026 kl. 14.30-16.00, 2 hours. Budget max 18.000 kr. "
        "Kontakt: {mail}, mobil {phone}."
    )
    await head.says(first)
    await head.says(second.format(mail="skole@example.org", phone="67 00 00 05"))
    await head.taps("send")
    await head.sees(phrase("sent.booking", number="A-2026-00001"))
    waiting = await scene.enquiry()
    await lone.taps("triage:take")
    await lone.sees("40 medarbejdere")
    await lone.says("Tirsdag den 10. passer os.")
    await head.sees("Tirsdag den 10. passer os.")
    await settled(scene)

    enquiry = await scene.enquiry()
    assert await stored(scene, enquiry) == [
        first,
        second.format(mail="[E-MAIL]", phone="[TELEFON]"),
        "Tirsdag den 10. passer os.",
    ]
    assert (waiting.state, waiting.urgency) == (State.TRIAGE, Urgency.LOW)
    assert (enquiry.kind, enquiry.number, enquiry.state) == (Kind.ACTIVITY, "A-2026-00001", State.ASSIGNED)
    assert await notes_of(scene, mira, "offer.made") == 0
    assert await labels(head) == []
