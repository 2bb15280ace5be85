"""A case whose referral was withdrawn ends as it would have without it, and is kept no longer than that."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot import closing, dispatching, privacy, referral_file, referral_review
from bot.configuration import Configuration
from bot.turn import Turn
from scheduling.clock import SetClock
from scheduling.instant import Instant
from storage.models import Chat, Enquiry, Outcome, Person, Role, Timer
from storage.queries import enquiries as find
from storage.store import Store
from tests.referring import WRITTEN, Referring, Writer
from tests.screen import Screen


@pytest.fixture
async def desk(store: Store, rules: Configuration) -> Referring:
    alone = rules.model_copy(update={"referral": rules.referral.model_copy(update={"review": False})})
    made = Referring(store, alone)
    await made.enrol("Lone")
    await made.enrol("Mira", Role.RESOURCE_PERSON)
    return made


@pytest.fixture
async def case(desk: Referring) -> Enquiry:
    return await desk.asks()


@pytest.fixture
async def lone(desk: Referring, case: Enquiry) -> AsyncIterator[Writer]:
    async with Screen(desk.store, desk.rules) as screen:
        await screen.signs_in(desk.people["Lone"])
        yield Writer(screen, case)


async def is_closed_by_adviser(desk: Referring, case: Enquiry, outcome: Outcome) -> None:
    """Have Mira take the case and say at /done how it ended."""
    async with desk.store.unit() as unit:
        turn = Turn(unit, desk.rules)
        mira = await unit.session.get_one(Person, desk.people["Mira"].id)
        chat = await unit.session.get_one(Chat, mira.chat_id)
        enquiry = await unit.session.get_one(Enquiry, case.id)
        await dispatching.entrust(turn, enquiry, mira, by=mira)
        await unit.session.flush()
        await closing.finish_with(
            turn, mira, chat, enquiry, outcome=outcome, minutes=None, suggests_referral=True
        )
        await unit.commit()


async def is_closed_by_desk(lone: Writer, case: Enquiry, outcome: Outcome) -> None:
    await lone.screen.get("/console/sessions")
    path = f"/console/enquiry/{case.number}/close"
    await lone.screen.post(path, outcome=outcome.value, seen="waiting:")


async def is_referred(lone: Writer) -> None:
    await lone.makes()
    await lone.saves("submit", **WRITTEN)


async def now(desk: Referring, case: Enquiry) -> tuple[Outcome | None, int]:
    """Return how the case ended, and for how many days after its end it is kept."""
    async with desk.store.reading() as session:
        enquiry = await session.get_one(Enquiry, case.id)
        query = select(Timer.due_at).where(Timer.subject_id == case.id, Timer.kind == "retention")
        due = (await session.execute(query)).scalar_one()
    assert enquiry.closed_at is not None
    return enquiry.outcome, (due - enquiry.closed_at).days


async def test_what_the_adviser_said_at_the_end_holds_again(
    lone: Writer, desk: Referring, case: Enquiry
) -> None:
    await is_closed_by_adviser(desk, case, Outcome.ADVICE_ONLY)
    await is_referred(lone)
    before = await now(desk, case)
    asked = 'name="outcome"' in lone.page
    await lone.does("withdraw", because="unfounded")

    assert (before, asked) == ((Outcome.REFERRED, 730), False)
    assert await now(desk, case) == (Outcome.ADVICE_ONLY, 90)


async def test_where_no_adviser_said_how_it_ended_it_is_asked(
    lone: Writer, desk: Referring, case: Enquiry
) -> None:
    await is_closed_by_desk(lone, case, Outcome.REFERRED)
    await is_referred(lone)
    listed = lone.page.partition('name="outcome"')[2].partition("</select>")[0]
    offered = re.findall(r'<option value="(\w+)"', listed)
    unsaid = await lone.does("withdraw", because="mistake")
    wrong = await lone.does("withdraw", because="mistake", outcome="referred")
    before, state = await now(desk, case), (await desk.referral()).state.value
    await lone.does("withdraw", because="mistake", outcome="misuse")

    assert offered == [one.value for one in closing.DESK_OUTCOMES if one is not Outcome.REFERRED]
    assert "Choose how the case ended without the referral." in unsaid
    assert "Choose how the case ended without the referral." in wrong
    assert (before, state) == ((Outcome.REFERRED, 730), "submitted")
    assert await now(desk, case) == (Outcome.MISUSE, 30)


async def test_nothing_is_destroyed_at_the_click_of_a_late_withdrawal(
    lone: Writer, desk: Referring, case: Enquiry, clock: SetClock
) -> None:
    await is_closed_by_adviser(desk, case, Outcome.ADVICE_ONLY)
    await is_referred(lone)
    clock.at += timedelta(days=89)
    async with desk.store.unit() as unit:
        turn = Turn(unit, desk.rules)
        opened = await referral_file.opened(turn, await unit.session.get_one(Enquiry, case.id))
        person = await unit.session.get_one(Person, desk.people["Lone"].id)
        assert opened is not None
        await referral_review.withdraw(turn, person, opened, seen=opened.seen, because="mistake")
        await unit.commit()

    assert await now(desk, case) == (Outcome.ADVICE_ONLY, 89 + 14)


async def test_a_case_that_is_open_is_closed_as_it_is_said_to_have_ended(
    lone: Writer, desk: Referring, case: Enquiry
) -> None:
    await is_referred(lone)
    asked = 'name="outcome"' in lone.page
    await lone.does("withdraw", because="mistake")
    await is_closed_by_desk(lone, case, Outcome.WITHDRAWN)

    assert not asked
    assert await now(desk, case) == (Outcome.WITHDRAWN, 90)


async def test_what_a_party_had_been_sent_is_kept_until_the_case_system_has_it(
    lone: Writer, desk: Referring, case: Enquiry
) -> None:
    await is_closed_by_adviser(desk, case, Outcome.ADVICE_ONLY)
    await is_referred(lone)
    chosen = {"party.social": "yes", "basis.social": "consent", "channel.social": "meeting"}
    await lone.does("choose", to="parties", **chosen)
    await lone.does("sent:social", to="parties")
    await lone.does("withdraw", because="unfounded")
    unconfirmed = await time_is_up(desk, case)
    await lone.looks()
    assert "/parties?of=1" in lone.page
    await lone.does("reference", to="parties?of=1", reference="S-2026-1")

    assert unconfirmed is None
    assert await time_is_up(desk, case) == desk.store.clock.now()


async def time_is_up(desk: Referring, case: Enquiry) -> Instant | None:
    """End the case's retention, and return when it was destroyed, if it was."""
    async with desk.store.unit() as unit:
        enquiry = await find.locked(unit, case.id)
        assert enquiry is not None
        await privacy.time_is_up(Turn(unit, desk.rules), enquiry)
        await unit.commit()
    return (await desk.enquiry(case)).destroyed_at
