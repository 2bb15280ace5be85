"""Names hide in replies, forwards, mentions and contacts: none of them reaches the other side."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from bot.configuration import Configuration
from handlers.telegram.projection import UnprojectableError, project
from scheduling.instant import Instant
from tests.journeys.acting import claimed, phrase, settled, shown
from tests.scene import Scene

AISHA = {"id": 777, "is_bot": False, "first_name": "Aisha", "last_name": "Rahimi", "username": "aisharahimi"}


ADDED_BY_TELEGRAM: tuple[dict[str, object], ...] = (
    {"quote": {"text": "Aisha Rahimi sagde det", "position": 0}},
    {"forward_origin": {"type": "user", "sender_user": AISHA, "date": 1}},
    {"forward_origin": {"type": "hidden_user", "sender_user_name": "Aisha Rahimi", "date": 1}},
    {"entities": [{"type": "text_mention", "offset": 0, "length": 3, "user": AISHA}]},
    {"via_bot": AISHA, "link_preview_options": {"url": "https://aisha.example/Rahimi"}},
    {"external_reply": {"origin": {"type": "user", "sender_user": AISHA, "date": 1}}},
)
NO_TEXTS: tuple[tuple[dict[str, object], str], ...] = (
    ({"sticker": {}}, "strange.other"),
    ({"voice": {}}, "strange.voice"),
    ({"video_note": {}}, "strange.voice"),
    ({"contact": {"phone_number": "+4522334455", "first_name": "Aisha"}}, "strange.other"),
    ({"location": {"latitude": 55.7, "longitude": 12.5}}, "strange.other"),
    ({"poll": {"id": "1", "question": "Aisha?", "options": []}}, "strange.other"),
    ({"photo": []}, "strange.file"),
    ({"document": {"file_name": "Aisha Rahimi.pdf"}}, "strange.file"),
)


async def test_a_name_that_telegram_adds_goes_nowhere(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")

    for number, raw in enumerate(ADDED_BY_TELEGRAM):
        await karen.says(f"Hun er bekymret {number}.", raw=raw)
        await mira.sees(f"Hun er bekymret {number}.")

    assert [t for t in await shown(mira) if "Aisha" in t or "Rahimi" in t] == []
    assert "Rahimi" not in str([r["payload"] for r in await scene.telegram.requests()])


async def test_what_is_no_text_gets_a_kind_word_and_goes_nowhere(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")
    heard = len(await mira.messages())

    for message, key in NO_TEXTS:
        sent = await karen.sends(**message)
        await karen.sees(phrase(key), after=sent)

    await settled(scene)
    assert len(await mira.messages()) == heard


async def test_the_text_to_a_picture_that_is_refused_is_a_message(scene: Scene) -> None:
    mira, karen = await scene.staff("Mira"), await scene.person("Karen")
    await claimed(scene, mira, karen, "Hej.")

    await karen.sends(photo=[], caption="Det hænger på hans væg.")

    await karen.sees(phrase("strange.caption"))
    await mira.sees("Det hænger på hans væg.")


async def test_an_album_that_is_refused_is_refused_once(scene: Scene) -> None:
    karen = await scene.person("Karen")
    for _ in range(4):
        await karen.sends(photo=[], media_group_id="13579")
    await settled(scene)

    assert len([t for t in await shown(karen) if phrase("strange.file") in t]) == 1


async def test_an_update_that_cannot_be_read_is_said_and_nothing_of_it_is_logged(scene: Scene) -> None:
    raw = {"reply_to_message": {"message_id": "Rosinante", "kalif": "Rosinante"}}
    karen = await scene.person("Karen")

    with capture_logs() as logged:
        await karen.says("Rosinante 120352-6004", raw=raw)
        await karen.sees(phrase("strange.unreadable"))

    assert "update_not_projected" in {line["event"] for line in logged}
    assert "Rosinante" not in str(logged)
    assert "120203" not in str(logged)


@pytest.mark.parametrize(
    "strange", [{"from": "Aisha"}, {"chat": "Aisha"}, {"date": "Aisha"}, {"photo": [[]]}]
)
def test_an_update_of_any_other_shape_is_an_error_that_says_nothing(
    rules: Configuration, strange: dict[str, object]
) -> None:
    message = {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "from": {}} | strange
    if "photo" not in strange:
        message["text"] = "Aisha"

    with pytest.raises(UnprojectableError) as caught:
        project({"update_id": 1, "message": message}, rules, Instant.from_microseconds(0))

    assert "Aisha" not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_groups_are_left_and_nothing_is_said_there(scene: Scene) -> None:
    karen = await scene.person("Karen")
    group = await scene.telegram.post("group", user=karen.id, title="Forældregruppen")
    await settled(scene)
    await scene.hotline.reception.settle()

    left = [r["payload"]["chat_id"] for r in await scene.telegram.requests(method="leaveChat")]
    assert group["id"] in [int(one) for one in left]
    new = await scene.telegram.post("migrate", user=karen.id, chat=group["id"])
    await settled(scene)
    sent = await scene.telegram.requests(method="sendMessage")
    assert [r for r in sent if int(r["payload"]["chat_id"]) in (group["id"], new["id"])] == []
