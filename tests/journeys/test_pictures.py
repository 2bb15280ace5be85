"""Pictures and documents where the operator takes them: the writer is asked first."""

from __future__ import annotations

import pytest

from bot.configuration import Configuration
from bot.sandbox.client import Played
from tests.journeys.acting import claimed, phrase, settled, shown
from tests.scene import Scene


@pytest.fixture
def rules(rules: Configuration) -> Configuration:
    """The shipped configuration, with pictures and documents taken once they are confirmed."""
    return rules.model_copy(
        update={"attachments": rules.attachments.model_copy(update={"mode": "confirmed"})}
    )


async def pictures(person: Played) -> list[str]:
    """Return what stands under each picture or document the bot has sent."""
    kinds = ("photo", "document")
    return [
        m["caption"]
        for m in await person.messages()
        if m["from_bot"] and not m["deleted"] and m["kind"] in kinds
    ]


async def test_a_picture_is_passed_on_once_its_writer_said_yes(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")

    await karen.sends(photo=[], caption="Det hænger på hans væg.")
    await karen.sees(phrase("picture.ask", count=1))
    await settled(scene)
    assert await pictures(mira) == []
    await karen.taps("picture:yes")

    await mira.sees("Det hænger på hans væg.")
    [caption] = await pictures(mira)
    assert "K-2026-00001" in caption
    assert [t for t in await shown(karen) if phrase("picture.ask", count=1) in t] == []


async def test_a_picture_its_writer_said_no_to_is_not_kept(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    await karen.sends(document={"file_name": "skærm.pdf"})
    await karen.taps("picture:no")
    await karen.sees(phrase("picture.dropped"))
    await karen.taps_stale(1, "picture:yes")
    await karen.sees(phrase("tap.stale"))
    await settled(scene)

    assert await pictures(mira) == []


async def test_a_picture_nobody_confirms_is_dropped_and_that_is_said(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    await karen.sends(photo=[])
    await karen.sees(phrase("picture.ask", count=1))

    await scene.skip(minutes=10)

    await karen.sees(phrase("picture.dropped"))
    assert await pictures(mira) == []


async def test_an_album_is_asked_about_once_and_arrives_in_order(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    for number in range(5):
        await karen.sends(photo=[], media_group_id="13579", caption=f"Billede {number}")
    await settled(scene)

    await karen.sees(phrase("picture.ask", count=5))
    assert len([t for t in await shown(karen) if phrase("picture.ask", count="").split(":")[0] in t]) == 1
    await karen.taps("picture:yes")
    await mira.sees("Billede 4")

    assert [c.split("\n")[-1] for c in await pictures(mira)] == [f"Billede {n}" for n in range(5)]


async def test_a_picture_joins_the_draft_and_is_shown_to_who_claims(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await karen.says("Se her.")
    await karen.sends(photo=[], caption="Væggen.")
    await karen.taps("picture:yes")
    await settled(scene)
    await karen.taps("send")
    await mira.taps("claim")

    await mira.sees("Væggen.")
    assert len(await pictures(mira)) == 1


async def test_the_text_under_a_picture_is_cut_nowhere(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    caption = " ".join(f"ord{number}" for number in range(200))[:1024]

    await karen.sends(photo=[], caption=caption)
    await karen.taps("picture:yes")
    await settled(scene)

    assert len(await pictures(mira)) == 1
    shown_words = " ".join(await shown(mira)).split()
    assert [w for w in caption.split() if w not in shown_words] == []


async def test_a_picture_is_taken_back_and_its_text_edited(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    sent = await karen.sends(photo=[], caption="Væggen.")
    await karen.taps("picture:yes")
    await mira.sees("Væggen.")

    await karen.edits(sent, "Loftet.")
    await mira.sees("Loftet.")
    await karen.says("/withdraw", reply_to=sent)
    await mira.sees(phrase("relay.withdrawn"))
    await settled(scene)

    assert await pictures(mira) == []


async def test_words_of_danger_under_a_picture_show_the_card_before_anything_is_asked(scene: Scene) -> None:
    karen = await scene.person("Karen")

    await karen.sends(photo=[], caption="Han er på vej derhen med en kniv.")

    await karen.sees(phrase("emergency.card"))
