"""The enquirer is asked about a referral in her chat, and answers with one tap."""

from __future__ import annotations

from bot import referral_asking, referral_file, referral_parties, referrals
from bot.turn import Turn
from storage.models import Chat, Enquiry, Person
from storage.queries import people
from storage.queries import referrals as find
from tests.journeys.acting import settled, shown
from tests.scene import Scene


async def asked(scene: Scene) -> None:
    """Have Lone make a referral of the only case and ask the enquirer."""
    async with scene.store.unit() as unit:
        turn = Turn(unit, scene.rules)
        enquiry = await unit.session.get_one(Enquiry, (await scene.enquiry()).id)
        lone: Person | None = await people.by_alias(unit, "Lone")
        assert lone is not None
        await referrals.make(turn, lone, enquiry)
        opened = await referral_file.opened(turn, enquiry)
        assert opened is not None
        await referral_parties.intend(turn, lone, opened, ticked=["ssp"], shown=[])
        opened = await referral_file.opened(turn, enquiry)
        assert opened is not None
        chat = await unit.session.get_one(Chat, enquiry.chat_id)
        await referral_asking.ask(turn, lone, opened, chat, seen=opened.asked)
        await unit.commit()


async def test_she_is_asked_and_her_last_answer_counts(scene: Scene) -> None:
    lone, karen = await scene.staff("Lone", on_duty=False), await scene.person("Karen")
    await karen.start()
    await karen.says("En elev taler om at rejse")
    await karen.taps("send")
    await settled(scene)
    await asked(scene)
    await karen.sees("SSP København")
    await karen.sees("Er du indforstået?")
    await karen.taps("Nej, helst ikke")
    await karen.sees("helst ikke vil have det")
    await karen.taps("Ja, det er i orden")
    await karen.sees("noteret, at du er indforstået")
    await lone.sees("spørgsmålet om henvisning: indforstået")
    async with scene.store.unit() as unit:
        referral = await find.live_of(unit, (await scene.enquiry()).id)

    assert referral is not None
    assert referral.answer == "yes"
    assert [text for text in await shown(lone) if "rejse" in text] == []
