"""The panel in the browser: who is listed, what is kept of somebody, and what a change of it does."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import event, select

from bot import certificates, chats, dispatching, duty, enquiries, people, staff_file, sweep
from bot.configuration import Configuration
from bot.incoming import Did, Incoming
from bot.turn import Turn
from scheduling.clock import SetClock
from scheduling.ids import new_id
from scheduling.instant import Instant
from storage.keys import KeyDestroyedError
from storage.models import (
    Assignment,
    AuditEntry,
    Chat,
    Enquiry,
    Offer,
    OfferState,
    Person,
    Role,
    State,
    Timer,
)
from storage.store import Store
from tests.screen import Screen, enrolled, told

PLACES = "Kildebjerg Skole"


@pytest.fixture
async def mira(store: Store, rules: Configuration) -> Person:
    return await enrolled(store, rules, "Mira", Role.RESOURCE_PERSON, address=1)


@pytest.fixture
async def lone(store: Store, rules: Configuration) -> AsyncIterator[Screen]:
    """Lone's screen, signed in."""
    async with Screen(store, rules) as screen:
        await screen.signs_in(await enrolled(store, rules, "Lone", Role.SECRETARIAT, address=2))
        yield screen


@pytest.fixture
async def bo(store: Store, rules: Configuration) -> AsyncIterator[Screen]:
    """The administrator's screen, signed in."""
    async with Screen(store, rules) as screen:
        screen.client.session.headers["X-Forwarded-For"] = "203.0.113.9"
        await screen.signs_in(await enrolled(store, rules, "Bo", Role.ADMINISTRATOR, address=3))
        yield screen


def file_of(text: str) -> dict[str, str]:
    """Return what the page's form would send as it stands."""
    form = next(one for one in re.findall(r"<form.*?</form>", text, re.DOTALL) if "/change" in one)
    found = dict(re.findall(r'<input class="form-input[^>]* name="(\w+)" type="\w+" value="([^"]*)"', form))
    found |= dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    found |= {name: "yes" for name, on in re.findall(r'name="(\w+:\w+)" value="yes"( checked)?', form) if on}
    if chosen := re.search(r'value="([\w-]+)" selected', form):
        found["role"] = chosen[1]
    found["own_places"] = re.findall(r"<textarea[^>]*>(.*?)</textarea>", form, re.DOTALL)[0]
    return found


async def now(store: Store, person: Person) -> Person:
    async with store.reading() as session:
        return await session.get_one(Person, person.id)


async def logged(store: Store, action: str) -> list[str | None]:
    async with store.reading() as session:
        query = select(AuditEntry.detail).where(AuditEntry.action == action).order_by(AuditEntry.detail)
        return list((await session.execute(query)).scalars())


async def asked_for(store: Store, screen: Screen, path: str) -> tuple[int, str]:
    """Return how many questions the database was asked for the page, and the page."""
    counted: list[str] = []

    def count(_c: object, _k: object, statement: str, *_rest: object) -> None:
        counted.append(statement)

    engine = store.reader.sync_engine
    event.listen(engine, "before_cursor_execute", count)
    _, text = await screen.get(path)
    event.remove(engine, "before_cursor_execute", count)
    return len(counted), text


async def _chat(turn: Turn, store: Store, *, address: int) -> Chat:
    incoming = Incoming(Did.TEXT, address, turn.now)
    return await chats.find_or_open(turn, incoming, await store.chat_hash(address))


async def has_case(store: Store, rules: Configuration, person: Person) -> UUID:
    """Have the person have a case, and return its id."""
    async with store.unit() as unit:
        turn = Turn(unit, rules)
        draft = await enquiries.open_draft(turn, await _chat(turn, store, address=77))
        await enquiries.draw_number(turn, draft)
        draft.sent_at, draft.spoken = turn.now, "da"
        enquiries.move(turn, draft, State.WAITING)
        enquiries.move(turn, draft, State.ASSIGNED, by=person)
        await unit.session.flush()
        unit.session.add(
            Assignment(id=new_id(), enquiry_id=draft.id, person_id=person.id, started_at=turn.now)
        )
        await unit.commit()
    return draft.id


async def test_the_list_shows_who_lacks_what_a_page_at_a_time(
    lone: Screen, mira: Person, store: Store
) -> None:
    few, _ = await asked_for(store, lone, "/console/panel")
    async with store.unit() as unit:
        for number in range(60):
            alias = f"Person {number:02}"
            unit.session.add(
                Person(
                    id=new_id(),
                    alias=alias,
                    role=Role.RESOURCE_PERSON,
                    competences=["school"],
                    languages=["da"],
                    enrolled_at=unit.now,
                )
            )
        await unit.commit()
    many, first = await asked_for(store, lone, "/console/panel")
    after = re.search(r'href="(/console/panel\?after=[^"]+)"', first)
    assert after is not None
    _, second = await lone.get(after[1])

    both = re.findall(r'<a href="/console/panel/[0-9a-f-]{36}">([^<]+)</a>', first + second)
    assert both == ["Lone", "Mira", *(f"Person {number:02}" for number in range(60))]
    assert "No certificate" in first
    assert "?after=" not in second
    assert many == few


async def test_what_is_saved_is_kept_and_logged_by_the_fields_name_alone(
    lone: Screen, mira: Person, store: Store, rules: Configuration
) -> None:
    page = f"/console/panel/{mira.id}"
    form = file_of((await lone.get(page))[1])
    changes = {"cap": "3", "trained_on": "2026-01-05", "own_districts": "2450 2400-2405"}
    answer, _ = await lone.post(
        f"{page}/change", **{**form, **changes, "own_places": f"{PLACES}, CPR 120352-6004"}
    )
    _, shown = await lone.get(page)

    kept = await now(store, mira)
    assert answer.status == 303
    assert (kept.cap, kept.trained_on, kept.own_districts) == (3, date(2026, 1, 5), ["2400-2405", "2450"])
    assert await logged(store, "person_changed") == ["cap", "own_districts", "own_places", "trained_on"]
    assert "Saved: Mira." in shown
    assert f"{PLACES}, CPR [CPR]" in shown
    assert kept.own_places_sealed is not None
    assert PLACES.encode() not in kept.own_places_sealed
    again, _ = await lone.post(f"{page}/change", **file_of(shown))
    assert again.status == 303
    assert (await now(store, mira)).version == kept.version


async def test_the_slower_of_two_is_told_and_loses_nothing_she_typed(
    lone: Screen, bo: Screen, mira: Person, store: Store
) -> None:
    page = f"/console/panel/{mira.id}"
    hers, his = file_of((await lone.get(page))[1]), file_of((await bo.get(page))[1])
    await bo.post(f"{page}/change", **{**his, "cap": "7"})
    answer, text = await lone.post(f"{page}/change", **{**hers, "cap": "4", "own_places": PLACES})

    assert answer.status == 409
    assert (await now(store, mira)).cap == 7
    assert "Stands now: 7" in text
    assert (file_of(text)["cap"], file_of(text)["own_places"]) == ("4", PLACES)
    second, _ = await lone.post(f"{page}/change", **file_of(text))
    assert (second.status, (await now(store, mira)).cap) == (303, 4)


async def test_a_second_click_on_save_is_no_second_change(lone: Screen, mira: Person, store: Store) -> None:
    page = f"/console/panel/{mira.id}"
    form = {**file_of((await lone.get(page))[1]), "alias": "Mirjam"}
    answers = [(await lone.post(f"{page}/change", **form))[0].status for _ in range(2)]

    assert answers == [303, 303]
    assert await logged(store, "person_changed") == ["alias"]
    assert await told(store, mira) == ["staff.your_alias"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"alias": "lone"}, "The alias is in use"),
        ({"alias": "@mira"}, "Use at most 40 characters"),
        ({"role": "auditor"}, "Only an administrator can give or take that role"),
        ({"cap": "0"}, "Write a number from 1 to 100"),
        ({"cap": "many"}, "Write a number from 1 to 100"),
        ({"certificate_on": "2026-12-24"}, "The date is in the future"),
        ({"certificate_on": "yesterday"}, "The date cannot be read"),
        ({"joins_on": "9999-12-31"}, "The date cannot be read"),
        ({"joins_on": "2026-12-02", "leaves_on": "2026-12-01"}, "The last day is before the first"),
        ({"own_districts": "2200 there"}, "This cannot be read: there"),
        ({"own_places": "x" * 501}, "At most 500 characters"),
    ],
)
async def test_what_cannot_be_is_said_at_its_field_and_nothing_is_kept(
    lone: Screen, mira: Person, store: Store, typed: dict[str, str], said: str
) -> None:
    page = f"/console/panel/{mira.id}"
    form = file_of((await lone.get(page))[1])
    answer, text = await lone.post(f"{page}/change", **{**form, "trained_on": "2026-02-03", **typed})

    assert answer.status == 422
    assert said in text
    assert file_of(text)["trained_on"] == "2026-02-03"
    assert (await now(store, mira)).version == 1


async def test_nobody_changes_her_own_role_nor_closes_her_own_account(lone: Screen, store: Store) -> None:
    async with store.reading() as session:
        own = (await session.execute(select(Person).where(Person.alias == "Lone"))).scalar_one()
    page = f"/console/panel/{own.id}"
    form = file_of((await lone.get(page))[1])
    answer, text = await lone.post(f"{page}/change", **{**form, "role": "coordinator"})
    asked, _ = await lone.get(f"{page}/close")
    await lone.post(f"{page}/close", seen=f"{own.version}:0")

    assert (answer.status, asked.status) == (422, 404)
    assert "You cannot change your own role" in text
    assert ((await now(store, own)).role, (await now(store, own)).revoked_at) == (Role.SECRETARIAT, None)


async def test_a_new_role_brings_its_own_commands_and_takes_the_old_ones(
    bo: Screen, mira: Person, store: Store, rules: Configuration
) -> None:
    page = f"/console/panel/{mira.id}"
    case = await has_case(store, rules, mira)
    form = file_of((await bo.get(page))[1])
    refused, text = await bo.post(f"{page}/change", **{**form, "role": "auditor"})
    granted, _ = await bo.post(f"{page}/change", **{**form, "role": "coordinator"})

    assert (refused.status, granted.status) == (422, 303)
    assert "The person has open cases that the new role cannot have" in text
    assert (await now(store, mira)).role is Role.COORDINATOR
    assert "staff.your_role" in await told(store, mira)
    async with store.reading() as session:
        query = select(Assignment.person_id).where(
            Assignment.enquiry_id == case, Assignment.ended_at.is_(None)
        )
        assert (await session.execute(query)).scalar_one() == mira.id


async def test_an_account_is_closed_after_it_was_said_what_becomes_of_her_cases(
    lone: Screen, mira: Person, store: Store, rules: Configuration
) -> None:
    page = f"/console/panel/{mira.id}"
    await has_case(store, rules, mira)
    _, text = await lone.get(f"{page}/close")
    await lone.post(f"{page}/close", seen="1:0")
    assert (await now(store, mira)).revoked_at is None

    seen = re.search(r'name="seen" value="([\d:]+)"', text)
    assert seen is not None
    await lone.post(f"{page}/close", seen=seen[1])
    assert "Open cases offered to others on the panel: 1." in text
    assert "last of the secretariat" not in text
    assert (await now(store, mira)).revoked_at is not None
    assert "enrol.revoked" in await told(store, mira)


async def test_closing_the_last_of_the_secretariat_is_warned_of(
    bo: Screen, lone: Screen, store: Store
) -> None:
    async with store.reading() as session:
        own = (await session.execute(select(Person).where(Person.alias == "Lone"))).scalar_one()
    _, text = await bo.get(f"/console/panel/{own.id}/close")
    await bo.post(f"/console/panel/{own.id}/close", seen=f"{own.version}:0")

    assert "Lone is the last of the secretariat" in text
    assert (await now(store, own)).revoked_at is not None


async def test_an_administrator_is_no_business_of_the_secretariats(
    lone: Screen, bo: Screen, store: Store
) -> None:
    async with store.reading() as session:
        own = (await session.execute(select(Person).where(Person.alias == "Bo"))).scalar_one()
    page = f"/console/panel/{own.id}"
    _, text = await lone.get(page)
    answers = [
        (await lone.post(f"{page}/{deed}", seen="1"))[0].status
        for deed in ("change", "pause", "close", "again")
    ]

    assert "/change" not in text
    assert answers == [403, 403, 403, 403]


async def test_a_pause_is_set_and_ended_once(lone: Screen, mira: Person, store: Store) -> None:
    page = f"/console/panel/{mira.id}"
    await lone.get(page)
    await lone.post(f"{page}/pause", seen="1", last="2026-11-20")
    paused = await now(store, mira)
    await lone.post(f"{page}/pause", seen="1", last="")
    _, text = await lone.get(page)
    await lone.post(f"{page}/resume", seen=str(paused.version))

    assert paused.paused_until == Instant.fromisoformat("2026-11-21T00:00+01:00")
    assert "Somebody else has changed the page" in text
    assert (await now(store, mira)).paused_since is None
    assert await told(store, mira) == ["person.you_are_paused", "person.you_are_resumed"]


async def test_a_link_is_shown_once_with_a_code_and_can_be_withdrawn(lone: Screen, store: Store) -> None:
    _, text = await lone.get("/console/panel/invites")
    form = re.search(r'name="form" value="([0-9a-f-]{36})"', text)
    assert form is not None
    given = {"form": form[1], "alias": "Sofie", "role": "resource-person", "language:da": "yes"}
    made, shown = await lone.post("/console/panel/invites", **given)
    twice, said = await lone.post("/console/panel/invites", **given)
    _, listed = await lone.get("/console/panel/invites")
    await lone.post("/console/panel/invites/withdraw", invite=form[1])
    _, after = await lone.get("/console/panel/invites")

    assert (made.status, twice.status) == (200, 422)
    assert re.search(r"https://t\.me/test_bot\?start=[\w-]{24}", shown)
    assert '<svg viewBox="0 0 41 41" class="code"><path' in shown
    assert " style=" not in shown
    assert "The link was already made" in said
    assert "Sofie" in listed
    assert "start=" not in listed
    assert "<strong>Sofie</strong>" not in after
    assert (await logged(store, "invited"), await logged(store, "invite_withdrawn")) == (
        ["resource-person"],
        ["resource-person"],
    )
    forbidden, _ = await lone.post("/console/panel/invites", **{**given, "role": "auditor"})
    assert forbidden.status == 403


async def test_a_closed_account_comes_back_with_what_was_kept_of_it(
    lone: Screen, mira: Person, store: Store, rules: Configuration
) -> None:
    page = f"/console/panel/{mira.id}"
    form = file_of((await lone.get(page))[1])
    await lone.post(f"{page}/change", **{**form, "own_places": PLACES})
    await lone.post(f"{page}/close", seen="2:0")
    _, closed = await lone.get("/console/panel?closed=yes")
    _, text = await lone.get(page)
    again = re.search(r'name="form" value="([0-9a-f-]{36})"', text)
    assert again is not None
    _, made = await lone.post(f"{page}/again", form=again[1])
    token = re.search(r"start=([\w-]{24})", made)
    assert token is not None
    async with store.unit() as unit:
        chat = await _chat(Turn(unit, rules), store, address=78)
        await people.enrol(Turn(unit, rules), chat, people.hash_token(token[1]))
        await unit.commit()
    _, back = await lone.get(page)

    assert ">Mira</a>" in closed
    assert (await now(store, mira)).revoked_at is None
    assert PLACES in back


async def test_what_was_kept_of_somebody_who_left_is_destroyed_in_time(
    mira: Person, store: Store, rules: Configuration, clock: SetClock
) -> None:
    async with store.unit() as unit:
        turn, person = Turn(unit, rules), await unit.session.get_one(Person, mira.id)
        before = await staff_file.read(turn, person)
        wished = replace(before, own_places=PLACES, own_districts=("2450",))
        await staff_file.change(turn, person, wished, by=None, seen=1)
        await people.revoke(turn, person, by=None)
        await unit.commit()
    kept = await now(store, mira)
    assert kept.key_id is not None
    async with store.unit() as unit:
        due = await unit.session.get_one(Timer, ("staff_facts", mira.id))
        clock.at = due.due_at
        await sweep.fall_due(Turn(unit, rules), "staff_facts", mira.id)
        await unit.commit()

    after = await now(store, mira)
    assert (after.own_districts, after.own_places_sealed, after.certificate_on) == ([], None, None)
    with pytest.raises(KeyDestroyedError):
        await store.keys.open(
            kept.key_id, kept.own_places_sealed or b"", place=f"person.own_places:{mira.id}"
        )


async def test_a_certificate_that_has_ended_is_told_once_without_whose_it_is(
    mira: Person, store: Store, rules: Configuration, clock: SetClock
) -> None:
    lone = await enrolled(store, rules, "Lone", Role.SECRETARIAT, address=2)
    async with store.unit() as unit:
        await certificates.watch(Turn(unit, rules), await unit.session.get_one(Person, mira.id))
        await unit.commit()
    async with store.unit() as unit:
        due = (await unit.session.get_one(Timer, ("certificate", mira.id))).due_at
    clock.at = due
    async with store.unit() as unit:
        await sweep.fall_due(Turn(unit, rules), "certificate", mira.id)
        await unit.commit()

    assert due == Instant.fromisoformat("2027-11-18T08:00+01:00")
    assert await told(store, lone) == ["papers.certificate_ended"]
    assert await logged(store, "certificate_ended") == [None]


async def test_own_places_are_shown_to_who_gives_the_case_and_an_offer_goes_with_the_certificate(
    lone: Screen, mira: Person, store: Store, rules: Configuration
) -> None:
    enquiry = await waits(store, rules, mira)
    page = f"/console/panel/{mira.id}"
    await lone.post(f"{page}/change", **{**file_of((await lone.get(page))[1]), "own_places": PLACES})
    _, case = await lone.get(f"/console/enquiry/{enquiry.number}")
    asked = await offers_of(store, enquiry)
    form = {**file_of((await lone.get(page))[1]), "certificate_on": ""}
    await lone.post(f"{page}/change", **form)
    _, after = await lone.get(f"/console/enquiry/{enquiry.number}")

    assert f"<strong>Mira:</strong> {PLACES}" in case
    assert asked == [OfferState.OPEN]
    assert await offers_of(store, enquiry) == [OfferState.WITHDRAWN]
    assert PLACES not in after
    assert "Mira: has no valid child-protection certificate" in after


async def waits(store: Store, rules: Configuration, mira: Person) -> Enquiry:
    """Have Mira be on duty and be asked about a child, and return the enquiry."""
    async with store.unit() as unit:
        turn, person = Turn(unit, rules), await unit.session.get_one(Person, mira.id)
        person.says_on_duty, person.says_until = True, turn.after(hours=8)
        await duty.settle_all(turn)
        draft = await enquiries.open_draft(turn, await _chat(turn, store, address=79))
        await enquiries.draw_number(turn, draft)
        draft.sent_at, draft.spoken, draft.promised_by = turn.now, "da", turn.after(hours=24)
        draft.role, draft.age = "professional", "under15"
        enquiries.move(turn, draft, State.WAITING)
        await unit.session.flush()
        await dispatching.start(turn, draft)
        await unit.commit()
    return draft


async def offers_of(store: Store, enquiry: Enquiry) -> list[OfferState]:
    async with store.reading() as session:
        query = select(Offer.state).where(Offer.enquiry_id == enquiry.id)
        return list((await session.execute(query)).scalars())


async def test_a_coordinator_reads_the_panel_and_changes_nothing(
    mira: Person, store: Store, rules: Configuration
) -> None:
    async with Screen(store, rules) as screen:
        await screen.signs_in(await enrolled(store, rules, "Tom", Role.COORDINATOR, address=4))
        _, text = await screen.get(f"/console/panel/{mira.id}")
        _, listed = await screen.get("/console/panel")

    assert "17 November 2025" in text
    assert "/change" not in text
    assert "/console/panel/invites" not in listed
