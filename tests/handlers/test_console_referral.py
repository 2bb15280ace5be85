"""The formal referral at the desk: nothing is copied that was not picked, nobody approves her own."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from bot import emergencies
from bot.configuration import Configuration
from bot.turn import Turn
from storage.models import Chat, Enquiry, Outcome, ReferralState, Role
from storage.store import Store
from tests.referring import SAID, WRITTEN, Referring, Writer
from tests.screen import Screen, told


@pytest.fixture
async def desk(store: Store, rules: Configuration) -> Referring:
    made = Referring(store, rules)
    await made.enrol("Lone")
    await made.enrol("Bodil", Role.COORDINATOR)
    return made


@pytest.fixture
async def case(desk: Referring) -> Enquiry:
    return await desk.asks(role="professional", profession="teacher", alarm="travel")


@pytest.fixture
async def lone(desk: Referring, case: Enquiry) -> AsyncIterator[Writer]:
    async with Screen(desk.store, desk.rules) as screen:
        await screen.signs_in(desk.people["Lone"])
        writer = Writer(screen, case)
        await writer.makes()
        yield writer


@pytest.fixture
async def bodil(desk: Referring, case: Enquiry) -> AsyncIterator[Writer]:
    async with Screen(desk.store, desk.rules) as screen:
        screen.client.session.headers["X-Forwarded-For"] = "203.0.113.9"
        await screen.signs_in(desk.people["Bodil"])
        yield Writer(screen, case)


async def test_a_new_referral_says_nothing_until_somebody_picks(lone: Writer) -> None:
    assert set(lone.fields().values()) == {""}
    assert "Take: Professional" in lone.page
    assert "Take: Yes" in lone.page


async def test_a_ticked_proposal_stands_with_its_source_and_no_other(lone: Writer) -> None:
    page = await lone.saves(take="role travel")

    assert {name: text for name, text in lone.fields().items() if text} == {
        "role": "professional",
        "travel": "yes",
    }
    assert page.count("Answered in the chat · Lone") == 2


async def test_after_the_emergency_card_none_of_these_is_proposed_no_more_and_the_case_says_so(
    desk: Referring, lone: Writer, case: Enquiry
) -> None:
    await taps_alarm(desk, case, "none")
    before = await lone.looks()
    async with desk.store.unit() as unit:
        turn = Turn(unit, desk.rules)
        mine = await unit.session.get_one(Enquiry, case.id)
        chat = await unit.session.get_one(Chat, case.chat_id)
        await emergencies.raise_emergency(turn, chat, mine)
        await emergencies.note_answer(turn, chat, mine, "no")
        await emergencies.drop(turn, mine, by=chat)
        await unit.commit()
    after = await lone.looks()
    _, page = await lone.screen.get(f"/console/enquiry/{case.number}")
    said = re.findall(r"<li>(.*?)</li>", page.partition('class="answers')[2].partition("</ul>")[0])

    assert alarms_offered(before) == {"violence", "weapon", "travel"}
    assert alarms_offered(after) == set()
    assert said[-2] == "None of these danger signs"
    assert said[-1].startswith("The emergency card was shown ")
    assert said[-1].endswith(": it is not urgent")


async def test_signs_of_danger_in_what_was_written_belie_none_of_these(desk: Referring, lone: Writer) -> None:
    other = await desk.asks("Han har en kniv og går derhen i aften.", alarm="unknown")
    writer = Writer(lone.screen, other)
    await writer.makes()

    assert alarms_offered(writer.page) == set()


async def taps_alarm(desk: Referring, case: Enquiry, answer: str) -> None:
    async with desk.store.unit() as unit:
        (await unit.session.get_one(Enquiry, case.id)).alarm = answer
        await unit.commit()


def alarms_offered(page: str) -> set[str]:
    return {"violence", "weapon", "travel"} & set(re.findall(r'name="take" value="(\w+)"', page))


async def test_a_sentence_is_put_into_a_field_and_named_as_rewritten_after(lone: Writer) -> None:
    sentences = [text for _, text in lone.pieces()]
    first = lone.pieces()[0][0]
    put = await lone.saves("put", pick=(first,), into="behaviour", relations="Nye venner.")
    behaviour, relations = lone.fields()["behaviour"], lone.fields()["relations"]
    after = await lone.saves(behaviour="Eleven har talt om en rejse.")

    assert " ".join(sentences) == SAID
    assert len(sentences) == 3
    assert (behaviour, relations) == ("En elev taler om at rejse.", "Nye venner.")
    assert 'From the conversation: <a href="#said-1">message 1</a>' in " ".join(put.split())
    assert "Rewritten from the conversation:" in after


async def test_a_whole_message_is_put_with_one_tick_in_place_of_its_sentences(lone: Writer) -> None:
    [message] = lone.messages()
    await lone.saves("put", pick=(message, lone.pieces()[1][0]), into="behaviour")

    assert lone.fields()["behaviour"] == SAID


async def test_what_is_typed_is_masked_but_who_is_meant_is_not(lone: Writer) -> None:
    page = await lone.saves(
        behaviour="CPR 120352-6004 og han hedder Nord Opdigtesen", name="Nord Opdigtesen", cpr="120352-6004"
    )

    assert lone.fields()["behaviour"] == "CPR [CPR] og han hedder [NAME]"
    assert (lone.fields()["name"], lone.fields()["cpr"]) == ("Nord Opdigtesen", "120352-6004")
    assert "Names or numbers in the text are hidden." in page


@pytest.mark.parametrize(
    ("cpr", "doubt"),
    [("610190-0000", "looks like a replacement"), ("311390-0000", "does not exist"), ("12", "ten digits")],
)
async def test_a_doubtful_cpr_number_is_kept_and_the_doubt_is_shown(
    lone: Writer, cpr: str, doubt: str
) -> None:
    page = await lone.saves(cpr=cpr)
    again = await lone.looks()

    assert lone.fields()["cpr"] == cpr
    assert "Please look at the CPR number:" in page
    assert (page.count(doubt), again.count(doubt)) == (2, 1)


@pytest.mark.parametrize(("cpr", "doubt"), [("311390-0000", "does not exist"), ("010190-0000", ""), ("", "")])
async def test_a_doubt_is_said_as_the_number_is_typed_and_nothing_is_kept(
    lone: Writer, cpr: str, doubt: str
) -> None:
    before = lone.page
    answer, said = await lone.screen.post("/console/cpr-doubt", **{"field.cpr": cpr})

    assert 'hx-post="/console/cpr-doubt"' in before
    assert answer.status == 200
    assert (doubt in said, cpr in said) == (True, not cpr)
    assert bool(said.strip()) is bool(doubt)
    await lone.looks()
    assert lone.fields()["cpr"] == ""


async def test_a_referral_is_reviewed_by_somebody_else_numbered_and_closed_as_referred(
    lone: Writer, bodil: Writer, desk: Referring, case: Enquiry
) -> None:
    await lone.saves("review", reviewer="Bodil", **WRITTEN)
    await bodil.looks()
    page = await bodil.does("approve")
    await bodil.screen.post(f"/console/enquiry/{case.number}/close", outcome="advice_only", seen="waiting:")
    referral, closed = await desk.referral(), await desk.enquiry(case)

    assert "The referral is submitted under number R-2026-00001." in page
    assert (referral.number, referral.state) == ("R-2026-00001", ReferralState.SUBMITTED)
    assert closed.outcome is Outcome.REFERRED
    assert "referral.review_waits" in await told(desk.store, desk.people["Bodil"])
    assert "referral.reviewed" in await told(desk.store, desk.people["Lone"])
    assert await desk.log() == {"made": 1, "saved": 1, "moved": 2, "submitted": 1}


async def test_what_is_not_whole_is_saved_and_not_handed_in(lone: Writer, desk: Referring) -> None:
    page = await lone.saves("review", reviewer="Bodil", **{**WRITTEN, "protective": ""})

    assert "Something is still missing." in page
    assert lone.fields()["wish"] == WRITTEN["wish"]
    assert (await desk.referral()).state is ReferralState.DRAFT


async def test_nobody_approves_her_own(lone: Writer, bodil: Writer, desk: Referring) -> None:
    await lone.saves("review", reviewer="Bodil", **WRITTEN)
    page = await lone.does("approve")

    assert "Somebody else must approve it." in page
    assert (await desk.referral()).state is ReferralState.REVIEW


async def test_an_approval_of_what_has_changed_since_does_nothing_and_says_so(
    lone: Writer, bodil: Writer, desk: Referring
) -> None:
    await lone.saves("review", reviewer="Bodil", **WRITTEN)
    await bodil.looks()
    await lone.does("take_back")
    await lone.saves("review", reviewer="Bodil", wish="Noget helt andet.")
    page = await bodil.does("approve")

    assert "The referral has changed since the page was shown." in page
    assert (await desk.referral()).state is ReferralState.REVIEW


async def test_a_double_click_submits_once(lone: Writer, bodil: Writer, desk: Referring) -> None:
    await lone.saves("review", reviewer="Bodil", **WRITTEN)
    before = await bodil.looks()
    await bodil.does("approve")
    bodil.page = before
    await bodil.does("approve")

    assert (await desk.log())["submitted"] == 1
    assert (await desk.referral()).number == "R-2026-00001"


def ticked_in(page: str) -> list[str]:
    return re.findall(r'name="party" value="(\w+)" checked', page)


async def test_the_parties_it_is_meant_for_are_none_until_ticked_and_approved_with_it(
    lone: Writer, bodil: Writer, desk: Referring
) -> None:
    await desk.enrol("Asta")
    untouched = ticked_in(await lone.looks())
    await bodil.looks()
    await lone.saves(parties="ssp police")
    await bodil.saves(parties="social")
    of_both = ticked_in(await lone.looks())
    await lone.saves("review", reviewer="Asta", parties="ssp police", **WRITTEN)
    reviewed = await bodil.looks()
    refused = await bodil.does("approve")

    assert (untouched, of_both) == ([], ["ssp", "social", "police"])
    assert re.findall(r"<li>([^<]*Copenhagen[^<]*|Social Services[^<]*)</li>", reviewed) == [
        "SSP Copenhagen",
        "Crime Prevention Section, Copenhagen Police",
    ]
    assert "Somebody else must approve it." in refused
    assert (await desk.log())["party_chosen"] == 3
    assert (await desk.log())["party_dropped"] == 1


async def test_sent_back_remarks_stand_above_the_form(lone: Writer, bodil: Writer) -> None:
    await lone.saves("review", reviewer="Bodil", **WRITTEN)
    await bodil.looks()
    await bodil.does("send_back", remarks="Skriv, hvem der har set det.")
    page = await lone.looks()

    assert "Bodil sent the referral back" in page
    assert "Skriv, hvem der har set det." in page
    assert lone.fields()["wish"] == WRITTEN["wish"]


async def test_of_two_who_write_the_later_sees_both_texts_and_picks(lone: Writer, bodil: Writer) -> None:
    await bodil.looks()
    await lone.saves(wish="Lones ønske", event="Kun Lone")
    clash = await bodil.saves(wish="Bodils ønske", online="Kun Bodil")
    both = "Lones ønske" in clash and "Bodils ønske" in clash
    await bodil.picks(wish="Bodils ønske")
    await bodil.looks()

    assert both
    assert "Keep what Lone wrote" in clash
    said = {name: text for name, text in bodil.fields().items() if text}
    assert said == {"wish": "Bodils ønske", "event": "Kun Lone", "online": "Kun Bodil"}


async def test_what_is_typed_into_a_draft_that_was_handed_in_is_shown_and_not_kept(
    lone: Writer, bodil: Writer
) -> None:
    await bodil.looks()
    await lone.saves("review", reviewer="Bodil", **WRITTEN)
    page = await bodil.saves(online="Set på nettet")
    standing = await lone.looks()

    assert "what you wrote is not saved" in page
    assert "Set på nettet" in page
    assert "Set på nettet" not in standing


async def test_a_correction_is_a_new_version_and_the_submitted_one_stays(
    lone: Writer, bodil: Writer, desk: Referring
) -> None:
    await lone.saves("review", reviewer="Bodil", **WRITTEN)
    await bodil.looks()
    await bodil.does("approve")
    first = [one.body_sealed for one in await desk.versions()]
    await bodil.does("correct")
    await bodil.saves("review", reviewer="Lone", wish="Rettet ønske")
    await lone.looks()
    page = await lone.does("approve")
    versions = await desk.versions()

    assert [(one.version, one.state) for one in versions] == [
        (1, ReferralState.SUBMITTED),
        (2, ReferralState.SUBMITTED),
    ]
    assert [versions[0].body_sealed] == first
    assert "Rettet ønske" in page
    assert (await desk.referral()).number == "R-2026-00001"


async def test_a_correction_that_is_dropped_leaves_the_submitted_one_in_force(
    lone: Writer, bodil: Writer, desk: Referring
) -> None:
    await lone.saves("review", reviewer="Bodil", **WRITTEN)
    await bodil.looks()
    await bodil.does("approve")
    await bodil.does("correct")
    await bodil.saves(wish="Rettet ønske")
    dropped = await bodil.does("drop")
    await bodil.does("correct")

    assert WRITTEN["wish"] in dropped
    assert bodil.fields()["wish"] == WRITTEN["wish"]
    assert [(one.version, one.state.value) for one in await desk.versions()] == [
        (1, "submitted"),
        (2, "withdrawn"),
        (3, "draft"),
    ]


async def test_withdrawing_takes_a_reason_and_lets_a_new_one_be_made(lone: Writer, desk: Referring) -> None:
    without = await lone.does("withdraw", because="")
    page = await lone.does("withdraw", because="unfounded")

    assert "Choose why the referral is withdrawn." in without
    assert "The concern proved unfounded" in page
    assert (await desk.referral()).state is ReferralState.WITHDRAWN


async def test_a_withdrawn_referral_is_listed_beside_the_new_one_and_can_only_be_read(
    lone: Writer, case: Enquiry
) -> None:
    await lone.saves(**WRITTEN)
    await lone.does("withdraw", because="mistake")
    await lone.makes()
    await lone.saves(wish="Et nyt ønske")
    _, shown = await lone.screen.get(f"/console/enquiry/{case.number}")
    _, withdrawn = await lone.screen.get(f"{lone.address}?of=1")
    beyond, _ = await lone.screen.get(f"{lone.address}?of=3")

    listed = re.findall(r'href="([^"]*/referral[^"]*)">([^<]*)</a> <span class="badge[^>]*>(\w+)', shown)
    assert listed == [
        (lone.address, "Referral without a number", "Draft"),
        (f"{lone.address}?of=1", "Referral without a number", "Withdrawn"),
    ]
    assert (WRITTEN["wish"] in withdrawn, "Et nyt ønske" in withdrawn) == (True, False)
    assert "<textarea" not in withdrawn
    assert 'name="do"' not in withdrawn
    assert beyond.status == 404


async def test_whoever_has_a_conflict_of_interest_finds_nothing(
    lone: Writer, bodil: Writer, desk: Referring, case: Enquiry
) -> None:
    await lone.saves("review", reviewer="Bodil", **WRITTEN)
    _, before = await bodil.screen.get("/console")
    await desk.conflict(case, "Bodil")
    answer, _ = await bodil.screen.get(bodil.address)
    _, after = await bodil.screen.get("/console")

    assert answer.status == 404
    assert ("Waits for you" in before, "Waits for you" in after) == (True, False)
