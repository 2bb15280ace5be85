"""Invariants that a database or a type holds up: transitions, one draft, one assignment, real moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from bot import chats, enquiries
from bot.configuration import Configuration
from bot.incoming import Did, Incoming
from bot.turn import Turn
from scheduling.clock import SetClock
from scheduling.ids import new_id
from scheduling.instant import Instant, NaiveInstantError
from storage import timers, transitions
from storage.models import Assignment, AuditEntry, Chat, Enquiry, Kind, ReferralState, State
from storage.store import Store
from storage.timers import AlreadyHandledError
from storage.transitions import IllegalTransitionError
from tests.stage import set_pairs

EVERY = [(before, after) for before in State for after in State]
LEGAL = [(before, after) for before, following in transitions.ALLOWED.items() for after in following]


async def opened(turn: Turn, store: Store, address: int = 100) -> Enquiry:
    incoming = Incoming(Did.TEXT, address, turn.now)
    chat = await chats.find_or_open(turn, incoming, await store.chat_hash(address))
    return await enquiries.open_draft(turn, chat)


async def moves(store: Store, enquiry_id: UUID) -> list[str | None]:
    async with store.reading() as session:
        query = select(AuditEntry.detail).where(
            AuditEntry.subject_id == enquiry_id, AuditEntry.action == "moved"
        )
        return list((await session.execute(query)).scalars())


def test_every_state_has_its_line_in_the_table() -> None:
    assert set(transitions.ALLOWED) == set(State)


@pytest.mark.parametrize(("before", "after"), sorted(set(EVERY) - set(LEGAL)))
def test_an_illegal_transition_raises(before: State, after: State) -> None:
    with pytest.raises(IllegalTransitionError):
        transitions.check(before, after)


@pytest.mark.parametrize(("before", "after"), sorted(LEGAL))
async def test_a_legal_transition_writes_one_entry_with_it(
    store: Store, rules: Configuration, before: State, after: State
) -> None:
    async with store.unit() as unit:
        turn = Turn(unit, rules)
        enquiry = await opened(turn, store)
        enquiry.state = before
        enquiries.move(turn, enquiry, after)
        await unit.commit()

    assert await moves(store, enquiry.id) == [f"{before}>{after}"]


@pytest.mark.parametrize("before", ReferralState)
@pytest.mark.parametrize("after", ReferralState)
def test_a_referral_goes_only_where_its_table_allows(before: ReferralState, after: ReferralState) -> None:
    if after in transitions.OF_REFERRALS[before]:
        transitions.check_referral(before, after)
    else:
        with pytest.raises(IllegalTransitionError):
            transitions.check_referral(before, after)


async def test_a_transition_that_is_rolled_back_leaves_no_entry(store: Store, rules: Configuration) -> None:
    async with store.unit() as unit:
        enquiry = await opened(Turn(unit, rules), store)
        await unit.commit()

    async with store.unit() as unit:
        mine = await unit.session.get_one(Enquiry, enquiry.id)
        enquiries.move(Turn(unit, rules), mine, State.WAITING)

    assert await moves(store, enquiry.id) == []
    async with store.reading() as session:
        assert (await session.get_one(Enquiry, enquiry.id)).state is State.DRAFT


async def test_a_chat_has_one_open_draft(store: Store, rules: Configuration) -> None:
    async with store.unit() as unit:
        turn = Turn(unit, rules)
        await opened(turn, store)
        with pytest.raises(IntegrityError):
            await opened(turn, store)


async def test_a_chat_may_have_any_number_of_enquiries_that_are_no_draft(
    store: Store, rules: Configuration
) -> None:
    async with store.unit() as unit:
        turn = Turn(unit, rules)
        for _ in range(3):
            enquiries.move(turn, await opened(turn, store), State.WAITING)
            await unit.session.flush()
        await unit.commit()


async def test_an_enquiry_has_one_active_assignment(store: Store, rules: Configuration) -> None:
    [pair] = await set_pairs(store, rules, 1)
    async with store.unit() as unit:
        [first] = (await unit.session.execute(select(Assignment))).scalars()
        again = {"id": new_id(), "enquiry_id": first.enquiry_id, "person_id": first.person_id}
        with pytest.raises(IntegrityError):
            await unit.session.execute(insert(Assignment).values(started_at=unit.now, **again))
    async with store.unit() as unit:
        [first] = (await unit.session.execute(select(Assignment))).scalars()
        first.ended_at = unit.now
        await unit.session.flush()
        await unit.session.execute(insert(Assignment).values(started_at=unit.now, **again))
        await unit.commit()
    assert pair.number


async def test_a_chat_is_found_by_its_hash_and_its_number_stands_nowhere(
    store: Store, rules: Configuration
) -> None:
    async with store.unit() as unit:
        enquiry = await opened(Turn(unit, rules), store, 5_412_345_678)
        await unit.commit()

    async with store.reading() as session:
        chat = await session.get_one(Chat, enquiry.chat_id)
    assert chat.address_hash == await store.chat_hash(5_412_345_678)
    assert chat.address_hash != await store.chat_hash(5_412_345_679)
    assert b"5412345678" not in chat.address_sealed
    opened_again = await store.keys.open(chat.key_id, chat.address_sealed, place=f"chat.address:{chat.id}")
    assert opened_again == b'{"address":5412345678}'
    assert enquiry.kind is Kind.CONCERN


@pytest.mark.parametrize(
    "make",
    [
        lambda: Instant(2026, 11, 16, 10, 0),
        lambda: Instant.of(datetime(2026, 11, 16, 10, 0)),  # noqa: DTZ001 - likewise
    ],
)
def test_a_moment_without_a_zone_is_refused(make: object) -> None:
    with pytest.raises(NaiveInstantError):
        make()  # type: ignore[operator]  # one of the two above


def test_a_moment_is_the_same_wherever_it_was_told() -> None:
    copenhagen = datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Copenhagen"))

    moment = Instant.of(copenhagen)

    assert moment == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert Instant.from_microseconds(moment.microseconds) == moment
    assert isinstance(moment + timedelta(hours=1), Instant)


async def test_a_timer_is_handled_once_however_many_sweeps_see_it(store: Store, clock: SetClock) -> None:
    subject = new_id()
    async with store.unit() as unit:
        await timers.set_timer(unit, "quiet", subject, unit.now)
        await unit.commit()
    [first], [second] = [await timers.due(store, at_most=10) for _ in range(2)]

    async with store.unit() as unit:
        await timers.take(unit, first)
        await unit.commit()
    async with store.unit() as unit:
        with pytest.raises(AlreadyHandledError):
            await timers.take(unit, second)


async def test_a_timer_that_was_moved_meanwhile_is_not_handled(store: Store, clock: SetClock) -> None:
    subject = new_id()
    async with store.unit() as unit:
        await timers.set_timer(unit, "quiet", subject, unit.now)
        await unit.commit()
    [seen] = await timers.due(store, at_most=10)
    async with store.unit() as unit:
        await timers.set_timer(unit, "quiet", subject, unit.now + timedelta(minutes=10))
        await unit.commit()

    async with store.unit() as unit:
        with pytest.raises(AlreadyHandledError):
            await timers.take(unit, seen)
    assert await timers.due(store, at_most=10) == []


async def test_a_timer_whose_work_failed_falls_due_again_later(store: Store, clock: SetClock) -> None:
    async with store.unit() as unit:
        await timers.set_timer(unit, "quiet", new_id(), unit.now)
        await unit.commit()
    [seen] = await timers.due(store, at_most=10)

    assert await timers.put_off(store, seen) is False
    assert await timers.due(store, at_most=10) == []
    clock.at += timedelta(seconds=2)
    [again] = await timers.due(store, at_most=10)
    assert again.attempts == 1
