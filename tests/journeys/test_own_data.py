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
