"""The way into the console: a number, a yes in the chat, a passkey; and how it ends."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot import people, signing_in
from bot.configuration import Configuration
from bot.turn import Turn
from scheduling.clock import SetClock
from storage.models import AuditEntry, ConsoleSession, Passkey, Person, Role, SignIn
from storage.store import Store
from tests.passkeys import Authenticator
from tests.screen import PUBLIC_URL, Screen, enrolled, told


@pytest.fixture
async def lone(store: Store, rules: Configuration) -> Person:
    return await enrolled(store, rules, "Lone", Role.SECRETARIAT, address=41)


@pytest.fixture
async def screen(store: Store, rules: Configuration, lone: Person) -> AsyncIterator[Screen]:
    async with Screen(store, rules) as made:
        yield made


async def logged(store: Store) -> list[str]:
    async with store.reading() as session:
        return list((await session.execute(select(AuditEntry.action).order_by(AuditEntry.at))).scalars())


async def test_a_yes_in_the_chat_and_a_new_passkey_sign_in(
    screen: Screen, store: Store, lone: Person
) -> None:
    begun = await screen.begins("lone")
    _, waiting = await screen.get("/console/sign-in")
    await screen.answers(lone, begun)
    _, approved = await screen.get("/console/sign-in/progress")
    asked = await screen.options()
    answer, _ = await screen.post(
        "/console/sign-in/prove", credential=Authenticator(PUBLIC_URL).answers(asked)
    )
    page, text = await screen.get("/console")

    assert f">{begun.number}<" in waiting
    assert 'id="passkey"' in approved
    assert asked["enrols"] is True
    assert (answer.status, page.status) == (200, 200)
    assert "Lone" in text
    assert await told(store, lone) == ["signin.ask", "signin.approved"]
    assert sorted(await logged(store)) == ["passkey_enrolled", "signed_in", "signin_approved", "signin_begun"]


async def test_the_second_time_the_passkey_is_required(screen: Screen, store: Store, lone: Person) -> None:
    device = await screen.signs_in(lone)
    screen.client.session.cookie_jar.clear()
    await screen.answers(lone, await screen.begins("Lone"))
    asked = await screen.options()
    strange, _ = await screen.post(
        "/console/sign-in/prove", credential=Authenticator(PUBLIC_URL).answers(asked)
    )
    asked = await screen.options()
    own, _ = await screen.post("/console/sign-in/prove", credential=device.answers(asked))

    assert asked["enrols"] is False
    assert (strange.status, own.status) == (403, 200)


@pytest.mark.parametrize(
    "device",
    [
        Authenticator("http://localhost:9999"),
        Authenticator(PUBLIC_URL, "elsewhere.example"),
        Authenticator(PUBLIC_URL, verifies=False),
    ],
    ids=["another origin", "another host", "nobody verified"],
)
async def test_a_passkey_for_another_place_or_person_is_refused(
    screen: Screen, lone: Person, store: Store, device: Authenticator
) -> None:
    await screen.answers(lone, await screen.begins("Lone"))
    answer, _ = await screen.post("/console/sign-in/prove", credential=device.answers(await screen.options()))

    assert answer.status == 403
    async with store.reading() as session:
        assert (await session.execute(select(Passkey))).all() == []


async def test_what_is_no_credential_is_refused(screen: Screen, lone: Person) -> None:
    await screen.answers(lone, await screen.begins("Lone"))
    await screen.options()
    for nonsense in ("", "{}", "[]", "nul", '{"id": 4}', '{"id": "æ", "rawId": null}', "\ud7ff"):
        answer, _ = await screen.post("/console/sign-in/prove", credential=nonsense)
        assert answer.status == 403, nonsense


async def test_an_approval_is_spent_once(screen: Screen, lone: Person) -> None:
    await screen.answers(lone, await screen.begins("Lone"))
    jar = screen.client.session.cookie_jar
    before = {cookie.key: cookie.value for cookie in jar}
    csrf, device = screen.csrf, Authenticator(PUBLIC_URL)
    credential = device.answers(await screen.options())
    first, _ = await screen.post("/console/sign-in/prove", credential=credential)
    jar.clear()
    jar.update_cookies(before)
    screen.csrf = csrf
    again, _ = await screen.post("/console/sign-in/prove", credential=credential)
    options, _ = await screen.post("/console/sign-in/options")

    assert (first.status, again.status, options.status) == (200, 409, 409)


async def test_an_approval_is_bound_to_the_browser_that_asked(
    screen: Screen, store: Store, rules: Configuration, lone: Person
) -> None:
    await screen.answers(lone, await screen.begins("Lone"))
    async with Screen(store, rules) as elsewhere:
        await elsewhere.get("/console/sign-in")
        answer, _ = await elsewhere.post("/console/sign-in/options")

    assert answer.status == 409


async def test_an_alias_that_nobody_has_looks_the_same(screen: Screen, store: Store, lone: Person) -> None:
    await screen.begins("Lone")
    _, real = await screen.get("/console/sign-in")
    unknown = await screen.begins("Nobody")
    _, made_up = await screen.get("/console/sign-in")
    assert unknown.person_id is None
    own = re.compile(r'value="[0-9a-f]{64}"|>\d\d<|Tallet er \d\d')
    assert own.sub("", real) == own.sub("", made_up)
    assert await told(store, lone) == ["signin.ask"]


async def test_a_no_in_the_chat_lets_nobody_in(screen: Screen, store: Store, lone: Person) -> None:
    await screen.answers(lone, await screen.begins("Lone"), is_hers=False)
    _, text = await screen.get("/console/sign-in")
    answer, _ = await screen.post("/console/sign-in/options")

    assert "The answer in the chat was no." in text or "svaret nej" in text
    assert answer.status == 409
    assert "signin_refused" in await logged(store)


async def test_three_minutes_and_the_question_is_over(
    screen: Screen, store: Store, lone: Person, clock: SetClock
) -> None:
    begun = await screen.begins("Lone")
    clock.at += timedelta(minutes=3)
    await screen.answers(lone, begun)
    answer, _ = await screen.post("/console/sign-in/options")

    assert answer.status == 409
    assert await told(store, lone) == ["signin.ask", "signin.too_late"]


async def test_somebody_elses_question_is_not_hers_to_answer(
    screen: Screen, store: Store, rules: Configuration, lone: Person
) -> None:
    dorte = await enrolled(store, rules, "Dorte", Role.AUDITOR, address=42)
    begun = await screen.begins("Lone")
    await screen.answers(dorte, begun)
    answer, _ = await screen.post("/console/sign-in/options")

    assert answer.status == 409
    assert await told(store, dorte) == ["signin.too_late"]


async def test_the_sixth_attempt_in_ten_minutes_has_to_wait(
    screen: Screen, store: Store, lone: Person, clock: SetClock
) -> None:
    for _ in range(5):
        await screen.begins("Lone")
    answer, text = await screen.post("/console/sign-in/begin", alias="Lone")
    clock.at += timedelta(minutes=10)
    later, _ = await screen.post("/console/sign-in/begin", alias="Lone")

    assert (answer.status, later.status) == (429, 303)
    assert "Vent ti minutter" in text or "Wait ten minutes" in text
    assert (await told(store, lone)).count("signin.ask") == 6


async def test_an_address_that_tries_many_aliases_has_to_wait(screen: Screen) -> None:
    for number in range(5):
        await screen.begins(f"Alias {number}")
    answer, _ = await screen.post("/console/sign-in/begin", alias="Another")

    assert answer.status == 429


async def test_a_proxy_on_this_machine_says_for_whom_it_asks(screen: Screen, store: Store) -> None:
    await screen.get("/console/sign-in")
    for number in range(7):
        headers = {"X-Forwarded-For": f"198.51.100.9, 203.0.113.{number}"}
        fields = {"csrf": screen.csrf, "alias": f"Alias {number}"}
        answer = await screen.client.post(
            "/console/sign-in/begin", data=fields, headers=headers, allow_redirects=False
        )
        assert answer.status == 303
        await screen.get("/console/sign-in")


async def test_half_an_hour_unused_ends_a_session(screen: Screen, lone: Person, clock: SetClock) -> None:
    await screen.signs_in(lone)
    statuses = []
    for minutes in (29, 29, 30):
        clock.at += timedelta(minutes=minutes)
        answer, _ = await screen.get("/console/sessions")
        statuses.append(answer.status)

    assert statuses == [200, 200, 303]


async def test_a_page_that_lies_open_keeps_no_session_alive(
    screen: Screen, lone: Person, clock: SetClock
) -> None:
    await screen.signs_in(lone)
    for _ in range(3):
        clock.at += timedelta(minutes=10)
        answer, _ = await screen.get("/console/now", headers={"HX-Request": "true"})

    assert answer.status == 401
    assert answer.headers["HX-Redirect"] == "/console/sign-in"


async def test_twelve_hours_end_a_session_however_busy(screen: Screen, lone: Person, clock: SetClock) -> None:
    await screen.signs_in(lone)
    for _ in range(36):
        clock.at += timedelta(minutes=20)
        answer, _ = await screen.get("/console/sessions")

    assert answer.status == 303


async def test_sessions_are_listed_and_ended_from_another_screen(
    screen: Screen, store: Store, rules: Configuration, lone: Person
) -> None:
    device = await screen.signs_in(lone)
    async with Screen(store, rules) as other:
        await other.signs_in(lone, device)
        async with store.reading() as session:
            query = select(ConsoleSession).order_by(ConsoleSession.id)
            first, second = (await session.execute(query)).scalars()
        _, text = await other.get("/console/sessions")
        ended, _ = await other.post("/console/sessions/end", session=str(first.id))
        _, after = await other.get("/console/sessions")
        gone, _ = await screen.get("/console/sessions")
        own, _ = await other.post("/console/sessions/end", session=str(second.id))
        left, _ = await other.get("/console/sessions")

    assert str(first.id) in text
    assert (ended.status, gone.status, own.status, left.status) == (303, 303, 303, 303)
    assert str(first.id) not in after
    assert "The other screen is signed out." in after


async def test_nobody_ends_somebody_elses_session(
    screen: Screen, store: Store, rules: Configuration, lone: Person
) -> None:
    dorte = await enrolled(store, rules, "Dorte", Role.AUDITOR, address=42)
    await screen.signs_in(lone)
    async with store.reading() as session:
        hers = (await session.execute(select(ConsoleSession))).scalar_one()
    async with Screen(store, rules) as other:
        await other.signs_in(dorte)
        answer, _ = await other.post("/console/sessions/end", session=str(hers.id))
    still, _ = await screen.get("/console/sessions")

    assert (answer.status, still.status) == (404, 200)


async def test_a_revoked_account_is_out_everywhere_and_has_no_passkey_left(
    screen: Screen, store: Store, rules: Configuration, lone: Person
) -> None:
    await screen.signs_in(lone)
    async with Screen(store, rules) as other:
        begun = await other.begins("Lone")
        await other.answers(lone, begun)
        async with store.unit() as unit:
            await people.revoke(Turn(unit, rules), await unit.session.get_one(Person, lone.id), by=None)
            await unit.commit()
        approved, _ = await other.post("/console/sign-in/options")
    answer, _ = await screen.get("/console/sessions")

    async with store.reading() as session:
        assert (await session.execute(select(Passkey))).all() == []
    assert (answer.status, approved.status) == (303, 409)


async def test_what_is_over_is_forgotten_after_two_days(
    screen: Screen, store: Store, rules: Configuration, lone: Person, clock: SetClock
) -> None:
    await screen.signs_in(lone)
    clock.at += timedelta(days=2, minutes=1)
    async with store.unit() as unit:
        await signing_in.forget_old(Turn(unit, rules))
        await unit.commit()

    async with store.reading() as session:
        assert (await session.execute(select(SignIn))).all() == []
        assert (await session.execute(select(ConsoleSession))).all() == []
        assert len((await session.execute(select(Passkey))).all()) == 1


async def test_the_databases_hold_no_secret_of_a_browser(screen: Screen, store: Store, lone: Person) -> None:
    await screen.signs_in(lone)
    [token] = [cookie.value for cookie in screen.client.session.cookie_jar if cookie.key == "session"]

    async with store.reading() as session:
        kept = (await session.execute(select(ConsoleSession))).scalar_one()
    assert kept.token_hash == signing_in.hash_token(token)
    assert token.encode() not in kept.token_hash
