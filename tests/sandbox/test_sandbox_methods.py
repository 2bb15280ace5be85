from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from bot.sandbox import Client, Played, StandIn
from tests.sandbox.bot_side import BotSide

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly "
    "the same as a current content and reply markup of the message"
)


def keyboard(data: str, text: str = "Send") -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": text, "callback_data": data}]]}


@pytest.fixture
async def chat(karen: Played) -> int:
    await karen.start()
    return karen.id


@pytest.mark.parametrize(
    ("given", "description"),
    [
        ({"text": ""}, "Bad Request: message text is empty"),
        ({"text": " \n"}, "Bad Request: message text is empty"),
        ({"text": "a" * 4097}, "Bad Request: message is too long"),
        ({"text": "a", "chat_id": 999}, "Bad Request: chat not found"),
        ({"text": "a", "chat_id": 5002}, "Bad Request: chat not found"),
        ({"text": "a", "chat_id": ""}, "Bad Request: chat_id is empty"),
        (
            {"text": "a", "reply_parameters": {"message_id": 99}},
            "Bad Request: message to be replied not found",
        ),
        ({"text": "a", "reply_markup": keyboard("x" * 65)}, "Bad Request: BUTTON_DATA_INVALID"),
        ({"text": "a", "parse_mode": "BBCode"}, "Bad Request: unsupported parse_mode"),
        (
            {"text": "<b>a", "parse_mode": "HTML"},
            "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        (
            {"text": "æ<x>a</x>", "parse_mode": "HTML"},
            'Bad Request: can\'t parse entities: Unsupported start tag "x" at byte offset 2',
        ),
        (
            {"text": "a.", "parse_mode": "MarkdownV2"},
            (
                "Bad Request: can't parse entities: Character '.' is reserved "
                "and must be escaped with the preceding '\\'"
            ),
        ),
        (
            {"text": "*a", "parse_mode": "MarkdownV2"},
            "Bad Request: can't parse entities: Can't find end of Bold entity at byte offset 0",
        ),
    ],
)
async def test_message_refused(bot: BotSide, chat: int, given: dict[str, Any], description: str) -> None:
    assert await bot.refusal("sendMessage", **{"chat_id": chat, **given}) == description


async def test_text_of_4096_signs_after_parsing_is_sent(bot: BotSide, chat: int) -> None:
    message = await bot.result("sendMessage", chat_id=chat, text=f"<b>{'æ' * 4096}</b>", parse_mode="HTML")

    assert message["entities"] == [{"type": "bold", "offset": 0, "length": 4096}]


async def test_markup_becomes_entities_counted_in_utf16(bot: BotSide, chat: int) -> None:
    html = await bot.result(
        "sendMessage", chat_id=chat, text="😀 <b>a <i>b</i></b> &amp; c", parse_mode="HTML"
    )
    markdown = await bot.result(
        "sendMessage", chat_id=chat, text="*a* [b](https://x.dk) \\.", parse_mode="MarkdownV2"
    )

    assert html["text"] == "😀 a b & c"
    assert html["entities"] == [
        {"type": "bold", "offset": 3, "length": 3},
        {"type": "italic", "offset": 5, "length": 1},
    ]
    assert markdown["text"] == "a b ."
    assert markdown["entities"][1] == {"type": "text_link", "offset": 2, "length": 1, "url": "https://x.dk"}


async def test_form_and_multipart_are_read_like_json(bot: BotSide, chat: int, karen: Played) -> None:
    url = f"{bot.base}/bot4711:TEST/sendMessage"
    parts = aiohttp.FormData({"chat_id": str(chat), "text": "to"})
    parts.add_field(
        "reply_markup", '{"inline_keyboard":[[{"text":"A","callback_data":"a"}]]}', content_type="text/plain"
    )
    async with bot.session.post(url, data={"chat_id": str(chat), "text": "en"}) as form:
        assert form.status == 200
    async with bot.session.post(url, data=parts) as multipart:
        assert multipart.status == 200
    async with bot.session.get(url, params={"chat_id": str(chat), "text": "tre"}) as address:
        assert address.status == 200

    assert [m["text"] for m in await karen.messages()][1:] == ["en", "to", "tre"]


async def test_deactivated_person_cannot_be_written_to(bot: BotSide, telegram: Client, chat: int) -> None:
    await telegram.post("deactivate", user=chat)

    assert await bot.refusal("sendMessage", chat_id=chat, text="Hej") == "Forbidden: user is deactivated"


async def test_wrong_token_and_unknown_method(bot: BotSide, stand_in: StandIn) -> None:
    async with bot.session.get(f"{stand_in.url}/bot1:WRONG/getMe") as answer:
        assert (answer.status, (await answer.json())["description"]) == (401, "Unauthorized")
    unknown = await bot.ask("sendTelegram")

    assert (unknown["status"], unknown["description"]) == (404, "Not Found: method not found")


async def test_edit_replaces_text_and_drops_the_keyboard(bot: BotSide, chat: int, karen: Played) -> None:
    sent = await bot.result("sendMessage", chat_id=chat, text="Før", reply_markup=keyboard("send"))
    await bot.result("editMessageText", chat_id=chat, message_id=sent["message_id"], text="Efter")

    seen = await karen.sees("Efter")
    assert (seen["edited"], seen["keyboard"], seen["versions"]) == (True, [], ["Før"])


async def test_edit_refused(bot: BotSide, chat: int, karen: Played) -> None:
    own = await karen.says("Min")
    sent = await bot.result("sendMessage", chat_id=chat, text="Din", reply_markup=keyboard("a"))
    this = {"chat_id": chat, "message_id": sent["message_id"]}

    assert (
        await bot.refusal("editMessageText", **this, text="Din", reply_markup=keyboard("a")) == NOT_MODIFIED
    )
    assert await bot.refusal("editMessageReplyMarkup", **this, reply_markup=keyboard("a")) == NOT_MODIFIED
    assert await bot.refusal("editMessageText", chat_id=chat, message_id=99, text="x") == (
        "Bad Request: message to edit not found"
    )
    assert await bot.refusal("editMessageText", chat_id=chat, message_id=own, text="x") == (
        "Bad Request: message can't be edited"
    )
    assert await bot.refusal("editMessageCaption", **this, caption="x") == (
        "Bad Request: there is no caption in the message to edit"
    )


async def test_deletion_ends_at_48_hours(bot: BotSide, chat: int, karen: Played, telegram: Client) -> None:
    early, late = await karen.says("en"), await karen.says("to")
    await telegram.skip(hours=47, minutes=59)
    assert await bot.result("deleteMessage", chat_id=chat, message_id=early)

    await telegram.skip(minutes=2)

    assert await bot.refusal("deleteMessage", chat_id=chat, message_id=late) == (
        "Bad Request: message can't be deleted for everyone"
    )
    assert await bot.refusal("deleteMessage", chat_id=chat, message_id=early) == (
        "Bad Request: message to delete not found"
    )
    assert await bot.result("deleteMessages", chat_id=chat, message_ids=[early, 99])
    assert [m["deleted_by"] for m in await karen.messages()][1:] == ["bot", ""]


async def test_local_deletion_leaves_the_message_to_the_bot(bot: BotSide, chat: int, karen: Played) -> None:
    message_id = await karen.says("Slet mig")
    await karen.deletes(message_id)

    sent = await bot.result(
        "sendMessage", chat_id=chat, text="Set", reply_parameters={"message_id": message_id}
    )

    assert sent["reply_to_message"]["text"] == "Slet mig"


async def test_tap_is_answered_once_and_within_150_seconds(
    bot: BotSide, chat: int, karen: Played, telegram: Client
) -> None:
    sent = await bot.result("sendMessage", chat_id=chat, text="Klar?", reply_markup=keyboard("send"))
    first, second = await karen.taps("Send"), await karen.taps_stale(sent["message_id"], "send")
    too_old = "Bad Request: query is too old and response timeout expired or query ID is invalid"

    assert await bot.result("answerCallbackQuery", callback_query_id=first, text="Tak", show_alert=True)
    assert await bot.refusal("answerCallbackQuery", callback_query_id=first) == too_old
    await telegram.skip(seconds=151)
    assert await bot.refusal("answerCallbackQuery", callback_query_id=second) == too_old
    [notice] = await karen.notices()
    assert (notice["text"], notice["alert"], notice["tap"]) == ("Tak", True, first)


async def test_stale_tap_carries_an_inaccessible_message(bot: BotSide, chat: int, karen: Played) -> None:
    await karen.taps_stale(12345, "claim:x")

    tap = (await bot.result("getUpdates"))[-1]["callback_query"]

    assert (tap["data"], tap["message"]["date"], tap["message"]["message_id"]) == ("claim:x", 0, 12345)


async def test_media_go_by_file_id(bot: BotSide, chat: int, karen: Played) -> None:
    await karen.sends(photo=[], caption="Se her")
    photo = (await bot.result("getUpdates"))[-1]["message"]["photo"][-1]
    file = await bot.result("getFile", file_id=photo["file_id"])
    await bot.result(
        "sendPhoto", chat_id=chat, photo=photo["file_id"], caption="Videre", protect_content=True
    )
    album = await bot.result(
        "sendMediaGroup", chat_id=chat, media=[{"type": "photo", "media": photo["file_id"]}] * 2
    )

    assert (await karen.sees("Videre"))["protect_content"]
    assert album[0]["media_group_id"] == album[1]["media_group_id"]
    assert file["file_path"].startswith("photos/")
    assert await bot.refusal("sendDocument", chat_id=chat, document=photo["file_id"]) == (
        "Bad Request: can't use file of type Photo as Document"
    )
    assert await bot.refusal("sendPhoto", chat_id=chat, photo="nonsense") == (
        "Bad Request: wrong file identifier/HTTP URL specified"
    )


async def test_copy_does_not_tell_where_it_comes_from(bot: BotSide, chat: int, karen: Played) -> None:
    original = await karen.says("Ordret")

    copy = await bot.result("copyMessage", chat_id=chat, from_chat_id=chat, message_id=original)

    seen = await karen.sees("Ordret")
    assert seen["message_id"] == copy["message_id"]


async def test_commands_are_kept_by_scope_and_language(bot: BotSide, chat: int, karen: Played) -> None:
    general, danish = (
        [{"command": "help", "description": "Help"}],
        [{"command": "help", "description": "Hjælp"}],
    )
    await bot.result("setMyCommands", commands=general)
    await bot.result("setMyCommands", commands=danish, language_code="da")
    await bot.result("setMyDescription", description="En rådgivning")

    assert await bot.result("getMyCommands") == general
    assert (await karen.chat())["commands"] == danish
    await bot.result("deleteMyCommands", language_code="da")
    assert (await karen.chat())["commands"] == general
    assert await bot.result("getMyDescription", language_code="da") == {"description": "En rådgivning"}


async def test_requests_are_recorded(bot: BotSide, chat: int, telegram: Client) -> None:
    await bot.result("sendMessage", chat_id=chat, text="Hej")
    await bot.refusal("sendMessage", chat_id=chat, text="")

    sent, refused = await telegram.requests(method="sendMessage")

    assert (sent["n"], sent["payload"]["text"], sent["outcome"]["ok"]) == (1, "Hej", True)
    assert refused["outcome"]["description"] == "Bad Request: message text is empty"
    await telegram.post("recording", requests=0)
    await bot.result("sendMessage", chat_id=chat, text="Hej")
    assert await telegram.requests(after=2) == []


async def test_bot_leaves_a_group_and_cannot_write_there(
    bot: BotSide, telegram: Client, karen: Played
) -> None:
    group = (await telegram.post("group", user=karen.id, title="Team"))["id"]

    assert await bot.result("leaveChat", chat_id=group)
    assert await bot.refusal("sendMessage", chat_id=group, text="Hej") == (
        "Forbidden: bot is not a member of the group chat"
    )
