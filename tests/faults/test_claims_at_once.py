"""Claims that meet: at the same moment, or with an account that is being cut off."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from bot import desk, dispatching, handovers, people
from bot.turn import Turn
from storage.models import Assignment, Chat, Enquiry, Handover, Offer, OfferState, Person, State
from storage.queries import chats
from storage.queries import enquiries as find
from storage.queries import people as find_people
from storage.unit_of_work import Unit
from tests.journeys.acting import ask, buttons, claimed, phrase, settled, shown
from tests.scene import Scene

# SQLite has one writer at a time: nobody holds an old copy of anything.
on_postgresql = pytest.mark.parametrize("urls", ["postgresql"], indirect=True)

SECRET = "Rosinante er begyndt at gå alene."


@on_postgresql
async def test_an_account_cut_off_a_moment_ago_claims_nothing(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await ask(scene, karen, SECRET)

    async with scene.store.unit() as claiming:
        person, chat, offer = await _mira_and_her_offer(claiming)
        async with scene.store.unit() as revoking:
            known = await find_people.by_alias(revoking, "Mira")
            assert known is not None
            await people.revoke(Turn(revoking, scene.rules), known, by=None)
            await revoking.commit()
        assert person.revoked_at is None, "the claim still sees the account as it was"
        await dispatching.claim(Turn(claiming, scene.rules), person, chat, offer)
        await claiming.commit()
    await settled(scene)

    assert (await scene.enquiry()).state is State.WAITING
    assert [text for text in await shown(mira) if "Rosinante" in text] == []


@on_postgresql
async def test_nothing_is_given_to_an_account_cut_off_a_moment_ago(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    lone = await scene.staff("Lone")
    await ask(scene, karen, SECRET)

    async with scene.store.unit() as giving:
        person, _, _ = await _mira_and_her_offer(giving)
        giver = await find_people.by_alias(giving, "Lone")
        assert giver is not None
        assert giver.chat_id is not None
        async with scene.store.unit() as revoking:
            known = await find_people.by_alias(revoking, "Mira")
            assert known is not None
            await people.revoke(Turn(revoking, scene.rules), known, by=None)
            await revoking.commit()
        enquiry = (await giving.session.execute(select(Enquiry))).scalar_one()
        their_chat = await chats.by_id(giving, giver.chat_id)
        await desk.assign(Turn(giving, scene.rules), giver, their_chat, enquiry, person)
        await giving.commit()
    await settled(scene)

    assert (await scene.enquiry()).state is State.WAITING
    assert [text for text in [*await shown(mira), *await shown(lone)] if "Rosinante" in text] == []


@on_postgresql
async def test_a_revocation_waits_for_a_claim_that_was_faster_and_takes_the_case_away(
    scene: Scene,
) -> None:
    await scene.staff("Mira")
    await ask(scene, await scene.person("Karen"), SECRET)

    async with scene.store.unit() as claiming, scene.store.unit() as revoking:
        person, chat, offer = await _mira_and_her_offer(claiming)
        known = await find_people.by_alias(revoking, "Mira")
        assert known is not None
        await dispatching.claim(Turn(claiming, scene.rules), person, chat, offer)
        await claiming.session.flush()
        revoked = asyncio.create_task(people.revoke(Turn(revoking, scene.rules), known, by=None))
        await asyncio.sleep(0.3)
        assert not revoked.done()
        await claiming.commit()
        await asyncio.wait_for(revoked, 5)
        await revoking.commit()
    await settled(scene)

    async with scene.store.reading() as session:
        [assignment] = (await session.execute(select(Assignment))).scalars()
    assert assignment.ended_because == "revoked"
    assert (await scene.enquiry()).state is State.WAITING


@on_postgresql
async def test_claims_at_the_same_moment_do_not_wait_for_each_other_in_a_circle(scene: Scene) -> None:
    advisers = [await scene.staff(name) for name in ("Mira", "Tom")]
    await ask(scene, await scene.person("Karen"), SECRET)
    assert all([await buttons(one, "claim") for one in advisers])

    async def claims(alias: str, read: asyncio.Barrier) -> None:
        async with scene.store.unit() as unit:
            person = await find_people.by_alias(unit, alias)
            assert person is not None
            assert person.chat_id is not None
            query = select(Offer.id).where(Offer.person_id == person.id)
            offer = await find.offer(unit, (await unit.session.execute(query)).scalar_one())
            assert offer is not None
            chat = await chats.by_id(unit, person.chat_id)
            await read.wait()
            await dispatching.claim(Turn(unit, scene.rules), person, chat, offer)
            await unit.commit()

    read = asyncio.Barrier(2)
    await asyncio.wait_for(asyncio.gather(claims("Mira", read), claims("Tom", read)), 10)

    async with scene.store.reading() as session:
        states = sorted((await session.execute(select(Offer.state))).scalars())
    assert states == [OfferState.CLAIMED, OfferState.TAKEN]


async def test_a_colleague_asked_twice_has_one_handover_to_answer(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, SECRET)
    tom = await scene.staff("Tom")
    await mira.says("/handover")
    await mira.taps("handover:person")
    [(at, data)] = await buttons(mira, "handover:person")
    await mira.taps_stale(at, data)
    await settled(scene)

    async with scene.store.reading() as session:
        assert len((await session.execute(select(Handover))).scalars().all()) == 1
    assert len(await buttons(tom, "handover:accept")) == 1


@on_postgresql
@pytest.mark.parametrize("second", ["refuse", "accept", "account cut off"])
async def test_a_handover_is_answered_once_by_taps_at_the_same_moment(scene: Scene, second: str) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, SECRET)
    tom = await scene.staff("Tom")
    await mira.says("/handover")
    await mira.taps("handover:person")
    await tom.sees(phrase("handover.offered"))
    await settled(scene)

    async with scene.store.unit() as first, scene.store.unit() as later:
        person, chat, handover = await _tom_and_what_he_is_asked(first)
        late_person, late_chat, late_handover = await _tom_and_what_he_is_asked(later)
        await handovers.refuse(Turn(first, scene.rules), person, chat, handover)
        await first.session.flush()
        turn = Turn(later, scene.rules)
        if second == "account cut off":
            late = asyncio.create_task(people.revoke(turn, late_person, by=None))
        else:
            answer = {"refuse": handovers.refuse, "accept": handovers.accept}[second]
            late = asyncio.create_task(answer(turn, late_person, late_chat, late_handover))
        await asyncio.sleep(0.3)
        await first.commit()
        await asyncio.wait_for(late, 5)
        await later.commit()
    await settled(scene)

    refused = [text for text in await shown(mira) if phrase("handover.refused", alias="Tom") in text]
    assert len(refused) == 1
    async with scene.store.reading() as session:
        [kept] = (await session.execute(select(Handover))).scalars()
        [assignment] = (await session.execute(select(Assignment))).scalars()
    assert (kept.is_accepted, assignment.ended_at) == (False, None)


@on_postgresql
@pytest.mark.parametrize("answer", [handovers.accept, handovers.refuse])
async def test_an_answer_to_a_handover_and_a_revocation_do_not_wait_for_each_other_in_a_circle(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, SECRET)
    tom = await scene.staff("Tom")
    await mira.says("/handover")
    await mira.taps("handover:person")
    await tom.sees(phrase("handover.offered"))
    await settled(scene)
    has_locked, goes_on, lock = asyncio.Event(), asyncio.Event(), find.lock_handover

    async def lock_and_wait(unit: Unit, handover: Handover) -> None:
        await lock(unit, handover)
        has_locked.set()
        await goes_on.wait()

    async def answers() -> None:
        async with scene.store.unit() as unit:
            await answer(Turn(unit, scene.rules), *await _tom_and_what_he_is_asked(unit))
            await unit.commit()

    async def is_cut_off() -> None:
        async with scene.store.unit() as unit:
            known = await find_people.by_alias(unit, "Tom")
            assert known is not None
            await people.revoke(Turn(unit, scene.rules), known, by=None)
            await unit.commit()

    monkeypatch.setattr(find, "lock_handover", lock_and_wait)
    answering = asyncio.create_task(answers())
    await has_locked.wait()
    revoking = asyncio.create_task(is_cut_off())
    await asyncio.sleep(0.5)
    goes_on.set()
    await asyncio.wait_for(asyncio.gather(answering, revoking), 10)

    async with scene.store.reading() as session:
        held = (await session.execute(select(Assignment).where(Assignment.ended_at.is_(None)))).scalars()
        tom_now = (await session.execute(select(Person).where(Person.alias == "Tom"))).scalar_one()
        assert tom_now.id not in [one.person_id for one in held]


async def _tom_and_what_he_is_asked(unit: Unit) -> tuple[Person, Chat, Handover]:
    tom = await find_people.by_alias(unit, "Tom")
    assert tom is not None
    assert tom.chat_id is not None
    [(handover, _)] = await find.handovers_to(unit, tom.id)
    return tom, await chats.by_id(unit, tom.chat_id), handover


async def _mira_and_her_offer(unit: Unit) -> tuple[Person, Chat, Offer]:
    person = await find_people.by_alias(unit, "Mira")
    assert person is not None
    assert person.chat_id is not None
    chat = await chats.by_id(unit, person.chat_id)
    offer = (await unit.session.execute(select(Offer))).scalar_one()
    return person, chat, offer
