"""A submitted referral leaves the house, the enquirer has her say, and its time runs out."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import jsonschema
import pytest
from sqlalchemy import select

from bot import enquiries, privacy, referral_asking
from bot.configuration import Configuration
from bot.paper import Paper
from bot.referral_schema import schema
from bot.turn import Turn
from handlers.papers import pdf
from handlers.words import Words
from scheduling.clock import SetClock
from storage import orphans
from storage.keys import KeyDestroyedError
from storage.models import (
    Chat,
    DataRequest,
    Enquiry,
    OutboxRow,
    Outcome,
    Person,
    ReferralState,
    Role,
    State,
    Timer,
)
from storage.queries import enquiries as find
from storage.store import Store
from tests.referring import WRITTEN, Referring, Writer
from tests.screen import Screen, enrolled, told


@pytest.fixture
def alone(rules: Configuration) -> Configuration:
    """A hotline with one secretary: nobody reviews."""
    return rules.model_copy(update={"referral": rules.referral.model_copy(update={"review": False})})


@pytest.fixture
async def desk(store: Store, alone: Configuration) -> Referring:
    made = Referring(store, alone)
    await made.enrol("Lone")
    return made


@pytest.fixture
async def case(desk: Referring) -> Enquiry:
    return await desk.asks(*(f"Besked nummer {number}. Skolen er bekymret." for number in range(200)))


@pytest.fixture
async def lone(desk: Referring, case: Enquiry) -> AsyncIterator[Writer]:
    async with Screen(desk.store, desk.rules) as screen:
        await screen.signs_in(desk.people["Lone"])
        writer = Writer(screen, case)
        await writer.makes()
        yield writer


async def answers(desk: Referring, case: Enquiry, given: str) -> None:
    """Have the enquirer tap below the question."""
    async with desk.store.unit() as unit:
        chat = await unit.session.get_one(Chat, case.chat_id)
        enquiry = await unit.session.get_one(Enquiry, case.id)
        await referral_asking.answer(Turn(unit, desk.rules), chat, enquiry, given)
        await unit.commit()


async def said_to_karen(desk: Referring, case: Enquiry) -> list[str]:
    async with desk.store.reading() as session:
        query = select(OutboxRow.key).where(OutboxRow.chat_id == case.chat_id).order_by(OutboxRow.seq)
        return [key for key in (await session.execute(query)).scalars() if key]


async def test_a_long_conversation_becomes_a_referral_in_forty_clicks(lone: Writer, desk: Referring) -> None:
    pieces = lone.pieces()
    await lone.saves("put", pick=(pieces[0][0], pieces[399][0]), into="behaviour")
    behaviour = lone.fields()["behaviour"]
    written = {name: text for name, text in WRITTEN.items() if name != "behaviour"}
    page = await lone.saves("submit", **written)
    entries = 1 + 2 + 1 + 1 + len(written) + 2  # made, ticked, field chosen, put, each field, read, submitted

    assert len(pieces) == 400
    assert behaviour == "Besked nummer 0.\nSkolen er bekymret."
    assert "R-2026-00001" in page
    assert entries <= 40


async def test_whoever_submits_alone_says_that_she_has_read_it_and_is_told_why_nobody_else_does(
    lone: Writer, desk: Referring
) -> None:
    form = lone.page
    refused = await lone.saves("submit", sure="", **WRITTEN)
    before, kept = (await desk.referral()).state, lone.fields()["behaviour"]
    await lone.saves("submit")
    _, settings = await lone.screen.get("/console/settings")

    assert "the hotline is set up for one person at the desk" in form
    assert re.search(r'type="checkbox" id="sure" name="sure" value="yes">', form)
    assert "not submitted. Please read the whole referral" in refused
    assert (before, kept) == (ReferralState.DRAFT, WRITTEN["behaviour"])
    assert (await desk.referral()).state is ReferralState.SUBMITTED
    assert "no, because the hotline is set up for one person" in settings


async def test_a_part_that_says_nothing_and_need_not_is_not_shown(lone: Writer) -> None:
    page = await lone.saves("submit", **WRITTEN)

    shown = ["concern", "protection", "done", "wish", "legal", "asked", "identity"]
    assert re.findall(r'id="part-(\w+)"', page) == shown


async def test_nobody_gets_it_unless_ticked_and_each_paper_that_goes_out_is_logged(
    lone: Writer, desk: Referring
) -> None:
    page = await lone.saves("submit", **WRITTEN)
    ticked = re.findall(r'name="party\.(\w+)"[^>]* checked', page)
    paths = [
        f"{lone.address}/1/social/{sheet}.{kind}"
        for sheet in ("register_sheet", "meeting_annex")
        for kind in ("pdf", "docx")
    ]
    before, _ = await lone.screen.get(paths[0])
    fields = {"party.social": "yes", "basis.social": "consent", "channel.social": "meeting"}
    await lone.does("choose", to="parties", **fields)
    found = [await lone.screen.client.get(path) for path in paths]
    page = await lone.does("sent:social", to="parties")

    assert ticked == []
    assert before.status == 404
    assert [(answer.status, (await answer.read())[:4]) for answer in found] == [
        (200, b"%PDF"),
        (200, b"PK\x03\x04"),
    ] * 2
    assert "Version 1 sent" in page
    log = await desk.log()
    assert (log["party_chosen"], log["exported"], log["sent"]) == (1, 4, 1)


async def test_others_write_while_a_paper_is_being_set(
    lone: Writer, desk: Referring, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lone.saves("submit", **WRITTEN)
    fields = {"party.social": "yes", "basis.social": "consent", "channel.social": "meeting"}
    await lone.does("choose", to="parties", **fields)
    loop = asyncio.get_running_loop()

    def slowly(_paper: Paper) -> bytes:
        written = asyncio.run_coroutine_threadsafe(desk.store.is_writable(), loop)
        return b"%PDF" if written.result(timeout=3) else b""

    monkeypatch.setattr(pdf, "render", slowly)
    answer, _ = await lone.screen.get(f"{lone.address}/1/social/register_sheet.pdf")

    assert answer.status == 200
    assert (await desk.log())["exported"] == 1


async def test_the_json_keeps_to_the_schema_that_is_served(lone: Writer, desk: Referring) -> None:
    await lone.saves("submit", **WRITTEN)
    answer, text = await lone.screen.get(f"{lone.address}/1/referral.json")
    _, served = await lone.screen.get("/console/referral.schema.json")
    said = json.loads(text)

    assert json.loads(served) == schema()
    jsonschema.validate(said, schema(), cls=jsonschema.Draft202012Validator)
    assert said["identity"]["name"]["value"] == "Nord Opdigtesen"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="R-2026-00001-v1.json"'
    assert (await desk.log())["exported"] == 1


async def test_the_enquirer_is_asked_with_one_click_and_her_answer_stands_on_the_form(
    lone: Writer, desk: Referring, case: Enquiry
) -> None:
    await lone.saves("ask", parties="social", wish="At nogen taler med ham.")
    await answers(desk, case, "yes")
    page = await lone.looks()

    assert (await said_to_karen(desk, case))[-2:] == ["referral.ask", "referral.thanks_yes"]
    assert "Answered" in page
    assert "Take: Yes, and agreed" in page
    assert lone.fields()["wish"] == "At nogen taler med ham."
    assert "referral.was_answered" in await told(desk.store, desk.people["Lone"])


async def test_the_enquirer_is_asked_only_where_it_is_said_to_whom_it_would_go(
    lone: Writer, desk: Referring, case: Enquiry
) -> None:
    refused = await lone.saves("ask", wish="At nogen taler med ham.")
    unasked = await said_to_karen(desk, case)
    await lone.saves("ask", parties="social ssp")
    async with desk.store.reading() as session:
        query = select(OutboxRow.params).where(OutboxRow.key == "referral.ask")
        [params] = (await session.execute(query)).scalars()
    said = Words(desk.rules, bot_name="bot").text(
        "referral.ask", params, language="da", now=desk.store.clock.now()
    )

    assert "Please tick at least one recipient first" in refused
    assert lone.fields()["wish"] == "At nogen taler med ham."
    assert "referral.ask" not in unasked
    assert "videre til:\n· SSP København\n· Socialforvaltningen\n" in said


async def test_a_party_that_the_question_did_not_name_is_said_beside_her_answer(
    lone: Writer, desk: Referring, case: Enquiry
) -> None:
    await lone.saves("ask", parties="social")
    await answers(desk, case, "yes")
    as_asked = await lone.saves("save", parties="social")
    with_another = await lone.saves("save", parties="social ssp")
    asked_anew = await lone.saves("ask", parties="social ssp")

    not_asked = "The enquirer was not asked about SSP Copenhagen"
    assert [not_asked in page for page in (as_asked, with_another, asked_anew)] == [False, True, False]


async def test_a_page_older_than_her_answer_asks_nothing_again(
    lone: Writer, desk: Referring, case: Enquiry
) -> None:
    as_shown = lone.page
    await lone.saves("ask", parties="social")
    await answers(desk, case, "yes")
    lone.page = as_shown
    page = await lone.saves("ask", parties="social")

    assert "has changed" in page
    assert (await said_to_karen(desk, case)).count("referral.ask") == 1
    assert (await desk.referral()).answer == "yes"


async def test_the_enquirer_is_told_once(lone: Writer, desk: Referring, case: Enquiry) -> None:
    await lone.saves("submit", **WRITTEN)
    await lone.does("tell", to="word")
    await lone.does("tell", to="word")
    await answers(desk, case, "yes")

    assert (await said_to_karen(desk, case)).count("referral.told") == 1
    assert (await said_to_karen(desk, case))[-1] == "tap.stale"


async def test_an_adviser_sees_that_a_referral_was_made_and_no_more(
    lone: Writer, desk: Referring, case: Enquiry
) -> None:
    await lone.saves(**WRITTEN)
    mira = await enrolled(desk.store, desk.rules, "Mira", Role.RESOURCE_PERSON, address=900, languages=["da"])
    async with Screen(desk.store, desk.rules) as screen:
        screen.client.session.headers["X-Forwarded-For"] = "203.0.113.8"
        await lone.screen.post(f"/console/enquiry/{case.number}/assign", to="Mira", seen="waiting:")
        await screen.signs_in(mira)
        _, page = await screen.get(f"/console/enquiry/{case.number}")
        answer, _ = await screen.get(lone.address)

    assert "A referral was made in this case." in page
    assert lone.address not in page
    assert answer.status == 403


async def test_no_number_of_a_person_is_taken_for_the_case_systems(lone: Writer, desk: Referring) -> None:
    await lone.saves("submit", **WRITTEN)
    page = await lone.does("reference", to="parties", reference="120352-6004")
    wrong = (await desk.referral()).case_reference
    await lone.does("reference", to="parties", reference="Nord Opdigtesen")
    a_name = (await desk.referral()).case_reference
    await lone.does("reference", to="parties", reference="2026-0012345")

    assert "never a CPR number" in page
    assert (wrong, a_name, (await desk.referral()).case_reference) == (None, None, "2026-0012345")
    assert (await desk.log())["reference"] == 1


async def test_of_two_pages_of_one_moment_only_the_first_says_to_whom_it_goes_and_what_it_is_called(
    lone: Writer, desk: Referring
) -> None:
    await lone.saves("submit", **WRITTEN)
    as_shown = lone.page
    social = {"party.social": "yes", "basis.social": "consent", "channel.social": "meeting"}
    await lone.does("choose", to="parties", **social)
    ssp = {name.replace("social", "ssp"): text for name, text in social.items()}
    lone.page = as_shown
    late = await lone.does("choose", to="parties", **ssp)
    chosen = re.findall(r'name="party\.(\w+)"[^>]* checked', late)
    as_shown = late
    await lone.does("reference", to="parties", reference="2026-0012345")
    lone.page = as_shown
    later = await lone.does("reference", to="parties", reference="2026-0054321")
    lone.page = as_shown
    sent = await lone.does("sent:social", to="parties")

    assert "has changed" in late
    assert chosen == ["social"]
    assert "has changed" in later
    assert "has changed" in sent
    assert (await desk.referral()).case_reference == "2026-0012345"
    log = await desk.log()
    assert (log["party_chosen"], log["reference"], log["sent"]) == (1, 1, 0)


async def test_it_is_kept_until_the_case_system_has_confirmed_it_and_then_unreadable(
    lone: Writer, desk: Referring, case: Enquiry, clock: SetClock
) -> None:
    await lone.saves("submit", **WRITTEN)
    await lone.screen.post(f"/console/enquiry/{case.number}/close", outcome="advice_only", seen="waiting:")
    [version] = await desk.versions()
    async with desk.store.reading() as session:
        timers = select(Timer.due_at).where(Timer.subject_id == case.id, Timer.kind == "retention")
        [due] = (await session.execute(timers)).scalars()
    kept = (due - clock.at).days
    clock.at += timedelta(days=800)
    await time_is_up(desk, case)
    waits = (await desk.referral()).destroyed_at
    async with desk.store.unit() as unit:
        referral = await unit.session.get_one(type(await desk.referral()), version.referral_id)
        referral.case_reference = "2026-0012345"
        await unit.commit()
    await time_is_up(desk, case)

    assert ((await desk.enquiry(case)).outcome, kept) == (Outcome.REFERRED, 730)
    assert waits is None
    assert "alarm.reference" in await told(desk.store, desk.people["Lone"])
    assert (await desk.referral()).destroyed_at is not None
    for key in (version.key_id, version.identity_key_id):
        desk.store.keys._cache.clear()
        with pytest.raises(KeyDestroyedError):
            await desk.store.keys.open(key, b"0" * 40, place="x")


async def test_whoever_has_a_conflict_of_interest_hears_of_no_missing_reference(
    lone: Writer, desk: Referring, case: Enquiry, clock: SetClock
) -> None:
    bodil = await desk.enrol("Bodil", Role.COORDINATOR)
    await lone.saves("submit", **WRITTEN)
    await lone.screen.post(f"/console/enquiry/{case.number}/close", outcome="advice_only", seen="waiting:")
    await desk.conflict(case, "Lone")
    clock.at += timedelta(days=800)
    await time_is_up(desk, case)

    assert "alarm.reference" not in await told(desk.store, desk.people["Lone"])
    assert "alarm.reference" in await told(desk.store, bodil)


async def test_a_wish_for_deletion_waits_for_the_case_systems_number(
    lone: Writer, desk: Referring, case: Enquiry
) -> None:
    await lone.saves("submit", **WRITTEN)
    await lone.screen.post(f"/console/enquiry/{case.number}/close", outcome="advice_only", seen="waiting:")
    await grant_what_is_closed(desk, case)

    assert (await desk.enquiry(case)).destroyed_at is None
    assert (await told(desk.store, desk.people["Lone"]))[-1] == "request.lacks_reference"


async def time_is_up(desk: Referring, case: Enquiry) -> None:
    async with desk.store.unit() as unit:
        enquiry = await unit.session.get_one(Enquiry, case.id)
        await privacy.time_is_up(Turn(unit, desk.rules), enquiry)
        await unit.commit()


async def test_nobody_is_asked_about_what_was_destroyed(lone: Writer, desk: Referring, case: Enquiry) -> None:
    await lone.saves("ask", parties="social")
    await lone.screen.post(f"/console/enquiry/{case.number}/close", outcome="advice_only", seen="waiting:")
    await time_is_up(desk, case)
    before = await said_to_karen(desk, case)
    async with desk.store.unit() as unit:
        await referral_asking.ask_again(Turn(unit, desk.rules))
        await unit.commit()
    await answers(desk, case, "yes")

    assert await said_to_karen(desk, case) == [*before, "tap.stale"]
    assert (await desk.referral()).answer is None


async def test_a_wish_for_deletion_leaves_a_case_that_goes_on_meanwhile(
    lone: Writer, desk: Referring
) -> None:
    other = await desk.asks("Skolen er bekymret.")
    await lone.screen.post(f"/console/enquiry/{other.number}/close", outcome="advice_only", seen="waiting:")
    async with desk.store.unit() as unit:
        enquiry = await find.locked(unit, other.id)
        assert enquiry is not None
        granting = asyncio.create_task(grant_what_is_closed(desk, other))
        await asyncio.sleep(0.2)
        enquiries.move(Turn(unit, desk.rules), enquiry, State.WAITING, detail="same case")
        await unit.commit()
    await granting
    after = await desk.enquiry(other)

    assert (after.state, after.destroyed_at) == (State.WAITING, None)


async def grant_what_is_closed(desk: Referring, case: Enquiry) -> None:
    async with desk.store.unit() as unit:
        turn = Turn(unit, desk.rules)
        person = await unit.session.get_one(Person, desk.people["Lone"].id)
        karens = await unit.session.get_one(Chat, case.chat_id)
        lones = await unit.session.get_one(Chat, person.chat_id)
        await privacy.request_deletion(turn, karens)
        request = (await unit.session.execute(select(DataRequest))).scalar_one()
        await privacy.grant(turn, person, lones, request)
        await unit.commit()


async def test_keys_in_use_are_no_orphans(lone: Writer, desk: Referring, clock: SetClock) -> None:
    await lone.saves(**WRITTEN)
    clock.at += timedelta(days=3)

    assert await orphans.destroy_orphans(desk.store) == 0


async def test_a_closed_case_that_is_referred_is_kept_as_long(
    lone: Writer, desk: Referring, case: Enquiry
) -> None:
    await lone.screen.post(f"/console/enquiry/{case.number}/close", outcome="advice_only", seen="waiting:")
    before = (await desk.enquiry(case)).outcome
    await lone.saves("submit", **WRITTEN)
    after = await desk.enquiry(case)

    assert (before, after.outcome, after.state) == (Outcome.ADVICE_ONLY, Outcome.REFERRED, State.CLOSED)
