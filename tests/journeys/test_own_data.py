"""What the enquirer may know and wish of her own data: /privacy, /delete, and an empty chat."""

from sqlalchemy import select

from storage.models import DataRequest
from tests.journeys.acting import ask, phrase, settled, shown
from tests.journeys.watching import is_deleted, notes_of
from tests.scene import Scene


async def test_privacy_says_who_reads_and_how_long_it_is_kept(scene: Scene) -> None:
    karen = await scene.person("Karen")
    await karen.says("/privacy")

    said = (await karen.sees("vink.example/privatliv"))["text"]

    assert "90 dage" in said
    assert "Telegram" in said


async def test_a_wish_for_deletion_is_noted_once(scene: Scene) -> None:
    lone, karen = await scene.staff("Lone"), await scene.person("Karen")
    await ask(scene, karen, "Jeg er bekymret.")
    await karen.says("/delete")
    await karen.sees(phrase("delete.explain"))
    await karen.taps("delete:yes")
    await karen.taps("delete:yes")
    await karen.sees(phrase("delete.noted"))
    await settled(scene)

    async with scene.store.reading() as session:
        wishes = (await session.execute(select(DataRequest))).scalars().all()
    assert [(wish.kind, wish.answered_at) for wish in wishes] == [("erasure", None)]
    assert await notes_of(scene, lone, "alarm.erasure") == 1


async def test_hiding_empties_the_chat_of_what_the_bot_may_delete(scene: Scene) -> None:
    karen = await scene.person("Karen")
    mine = await karen.says("Jeg er bekymret.")
    await karen.taps("send")
    await karen.sees("K-2026-00001")
    await karen.says("/delete")
    await karen.taps("hide")
    await karen.sees(phrase("hide.ask"))
    await karen.taps("hide:yes")
    await karen.sees(phrase("hide.done"))
    await settled(scene)

    assert await is_deleted(karen, mine)
    assert len(await shown(karen)) == 1
    assert (await scene.enquiry()).number == "K-2026-00001"


async def test_nothing_is_hidden_while_an_emergency_is_open(scene: Scene) -> None:
    karen = await scene.person("Karen")
    mine = await karen.says("Han har en kniv og går derhen i aften.")
    await karen.says("/delete")
    await karen.taps("hide")
    await karen.sees(phrase("hide.not_now"))
    await settled(scene)

    assert not await is_deleted(karen, mine)
    await karen.sees(phrase("emergency.card"))


async def test_a_granted_wish_destroys_what_is_closed_once(scene: Scene) -> None:
    lone, karen = await scene.staff("Lone"), await scene.person("Karen")
    await ask(scene, karen, "Jeg er bekymret.")
    await karen.says("/close")
    await karen.says("/delete")
    await karen.taps("delete:yes")
    await lone.sees(phrase("alarm.erasure"))

    await lone.taps("request:grant")
    await karen.sees(phrase("delete.granted"))
    await lone.taps("request:grant")
    await lone.sees(phrase("tap.stale"))
    await settled(scene)

    enquiry = await scene.enquiry()
    assert enquiry.destroyed_at is not None
    assert await scene.store.keys.missing([enquiry.key_id]) != set()
    assert len([t for t in await shown(karen) if phrase("delete.granted") in t]) == 1
    async with scene.store.reading() as session:
        wish = (await session.execute(select(DataRequest))).scalar_one()
    assert (wish.answer, wish.answered_at is not None) == ("granted", True)


async def test_a_wish_for_what_is_open_is_refused_and_stays(scene: Scene) -> None:
    lone, karen = await scene.staff("Lone"), await scene.person("Karen")
    await ask(scene, karen, "Jeg er bekymret.")
    await karen.says("/delete")
    await karen.taps("delete:yes")
    await lone.sees(phrase("alarm.erasure"))

    await lone.taps("request:grant")
    await lone.sees(phrase("request.still_open"))

    async with scene.store.reading() as session:
        wish = (await session.execute(select(DataRequest))).scalar_one()
    assert wish.answered_at is None
    assert (await scene.enquiry()).destroyed_at is None


async def test_a_wish_that_is_not_granted_is_answered_with_the_reason(scene: Scene) -> None:
    lone, karen = await scene.staff("Lone"), await scene.person("Karen")
    await ask(scene, karen, "Jeg er bekymret.")
    await karen.says("/close")
    await karen.says("/delete")
    await karen.taps("delete:yes")
    await settled(scene)
    await lone.says("/queue")
    await lone.sees(phrase("request.list"))

    await lone.taps("request:keep")

    await karen.sees(phrase("delete.kept_record"))
    assert (await scene.enquiry()).destroyed_at is None
