"""Very long messages arrive in parts, in order, with nothing lost; formatting is not passed on."""

from __future__ import annotations

import pytest

from bot.sandbox.client import Played
from handlers.telegram.render import split
from tests.journeys.acting import claimed, phrase, settled, shown
from tests.scene import Scene


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


async def received(person: Played, since: int) -> list[str]:
    texts = [m["text"] for m in await person.messages() if m["from_bot"] and m["message_id"] > since]
    return [text for text in texts if text]


async def test_the_longest_message_telegram_takes_arrives_whole_and_in_order(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    longest = " ".join(f"ord{number:05}" for number in range(600))[:4096]

    written = await karen.says(longest)
    await karen.says("Kort bagefter.")
    await mira.sees("Kort bagefter.")

    *parts, last = await received(mira, written)
    assert "Kort bagefter." in last
    assert len(parts) == 2
    label = phrase("relay.from_enquirer", number="K-2026-00001", text="")
    assert " ".join(parts).removeprefix(label).split() == longest.split()


async def test_emoji_count_as_telegram_counts_them(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    longest = "🙏" * 2048

    written = await karen.says(longest)
    await settled(scene)

    parts = await received(mira, written)
    assert "".join(parts).count("🙏") == 2048
    assert all(units(part) <= 4096 for part in parts)


async def test_an_edit_that_grows_and_shrinks_keeps_the_copy_whole(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    written = await karen.says("Kort.")
    await mira.sees("Kort.")

    await karen.edits(written, "Start " + "fyld " * 816 + "SLUT")
    await mira.sees("SLUT")
    await settled(scene)
    assert len([t for t in await shown(mira) if "fyld" in t]) == 2
    assert "".join(await shown(mira)).count("fyld") == 816
    await karen.edits(written, "Kort igen.")
    await mira.sees("Kort igen.")
    await settled(scene)

    assert [t for t in await shown(mira) if "fyld" in t] == []


async def test_formatting_is_not_passed_on_and_signs_stay_as_written(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    odd = "*fed* _skrå_ `kode` <b>ikke html</b> [link](http://) & {tuborg} 100 %"

    await karen.says(
        odd.replace("[link](http://) ", ""), raw={"entities": [{"type": "bold", "offset": 0, "length": 5}]}
    )

    await mira.sees("*fed* _skrå_ `kode` <b>ikke html</b> & {tuborg} 100 %")
    sent = [r["payload"] for r in await scene.telegram.requests(method="sendMessage")]
    assert [p for p in sent if "parse_mode" in p or "entities" in p] == []


@pytest.mark.parametrize(
    "text",
    ["x" * 9000, "🙂" * 5000, "👩🏽‍🏫" * 1500, "å\n" * 4000, "ord " * 3000, "👨‍👩‍👧‍👦 " * 900],
    ids=["no blanks", "emoji", "joined emoji", "lines", "words", "families"],
)
def test_split_loses_nothing_and_keeps_joined_signs_together(text: str) -> None:
    parts = split(text)

    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(0 < units(part) <= 4096 for part in parts)
    assert not any(part.startswith(("\u200d", "🏽")) or part.endswith("\u200d") for part in parts)
