"""A teacher in Danish and a sister in English: masked, routed, and said what must be said."""

from bot.catalogue import words
from scheduling.urgency import Urgency
from storage.models import State
from tests.journeys.acting import phrase, settled, shown
from tests.journeys.watching import is_deleted, notes_of, sent, stored
from tests.scene import Scene


async def test_a_teacher_writes_a_cpr_number_and_a_name(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await karen.says("/start")
    await karen.taps("language:da")
    for tap in ("role:professional", "profession:teacher", "topic:school", "age:15-17", "alarm:none"):
        await karen.taps(f"answer:{tap}")
    await karen.taps("answer:residence:copenhagen")

    first = await karen.says(
        "Hej. Jeg er lærer i udskolingen på en skole i Nordvest. Jeg er bekymret for en elev i 9. klasse."
    )
    second = await karen.says(
        "Han hedder Nord Opdigtesen, cpr 120352-6004, og bor på Opdigtet Allé 7B, st. th, 2400 København NV. "
        'Siden efterårsferien er han begyndt at vise voldelige videoer og sige, at det er okay at slå "de '
        'vantro" ihjel.'
    )
    await karen.taps("send")
    await karen.sees("K-2026-00001")
    await mira.taps("claim")
    await mira.sees("[CPR]")
    third = await karen.says(
        "Han spiller stadig fodbold og har en storebror, han lytter til. Min leder ved det. "
        "Jeg kan fanges på 67 00 00 01 efter kl. 14.30."
    )
    await mira.sees("[TELEFON]")
    await settled(scene)

    enquiry = await scene.enquiry()
    assert (enquiry.role, enquiry.profession, enquiry.age) == ("professional", "teacher", "15-17")
    assert (enquiry.residence, enquiry.competence) == ("copenhagen", "school")
    assert (enquiry.urgency, enquiry.triage_reason, enquiry.state) == (Urgency.NORMAL, None, State.ASSIGNED)
    assert await stored(scene, enquiry) == [
        "Hej. Jeg er lærer i udskolingen på en skole i Nordvest. Jeg er bekymret for en elev i 9. klasse.",
        (
            "Han hedder [NAVN], cpr [CPR], og bor på [ADRESSE], 2400 København NV. Siden efterårsferien er "
            'han begyndt at vise voldelige videoer og sige, at det er okay at slå "de vantro" ihjel.'
        ),
        (
            "Han spiller stadig fodbold og har en storebror, han lytter til. Min leder ved det. "
            "Jeg kan fanges på [TELEFON] efter kl. 14.30."
        ),
    ]
    assert [await is_deleted(karen, one) for one in (first, second, third)] == [False, True, True]
    said = await sent(scene)
    assert not [t for t in said if any(w in t for w in ("Opdigtesen", "120352", "7B", "67 00 00 01"))]
    await karen.sees(phrase("sent.duty_to_notify_minor"))
    await karen.sees("borger.dk/underretning")
    await karen.sees("tirsdag 17. november")  # the next working day
    assert phrase("echo") in "".join(await shown(karen))


async def test_a_sister_asks_in_english_about_a_shared_postcode(scene: Scene) -> None:
    lone, mira, tom = await scene.staff("Lone"), await scene.staff("Mira"), await scene.staff("Tom")
    sister = await scene.person("Idris")
    await sister.says("/start")
    await sister.taps("language:en")
    for tap in ("role:relative", "relation:sibling", "topic:former_extremist", "age:25plus"):
        await sister.taps(f"answer:{tap}")
    await sister.says(
        "Hi, can I write in English? My brother works in IT and lives in 2300 København S. Since his divorce "
        "he spends every night in a closed group where they cheer for mass shooters."
    )
    await sister.says(
        "He posts as @example_iron_wolf and he sent me this: https://t.me/example_closed_group. "
        "His name is Sander Fictionsen."
    )
    await sister.taps("answer:writer:adult")
    await sister.taps("answer:alarm:none")

    await sister.taps("answer:residence:unknown")
    await sister.sees(words("intake.ask.shared_postcode", "en").split("{city}")[0].format(postcode="2300"))
    await sister.taps("answer:residence:copenhagen")
    await sister.taps("answer:spoken:en")
    await sister.taps("send")
    await sister.sees("K-2026-00001")
    await settled(scene)
    triaged = await scene.enquiry()
    await lone.taps("triage:panel")
    await settled(scene)

    assert (triaged.state, triaged.triage_reason) == (State.TRIAGE, "competence")
    assert (triaged.residence, triaged.competence) == ("copenhagen", "former_extremist")
    assert triaged.urgency is Urgency.NORMAL
    assert (await stored(scene, triaged))[1] == (
        "He posts as [BRUGERNAVN] and he sent me this: [LINK]. His name is [NAVN]."
    )
    leaked = ("iron_wolf", "example_closed_group", "Fictionsen")
    assert not [t for t in await sent(scene) if any(word in t for word in leaked)]
    for person in (mira, tom):  # Tom alone knows the field, and he does not write English
        assert await notes_of(scene, person, "offer.made") == 0
    await lone.says("/assign K-2026-00001 Mira")
    await mira.sees("[BRUGERNAVN]")
    assert (await scene.enquiry()).state is State.ASSIGNED
