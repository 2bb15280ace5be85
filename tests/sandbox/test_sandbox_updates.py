from __future__ import annotations

import asyncio

from bot.sandbox import Client, Played, StandIn
from tests.sandbox.bot_side import BotSide


async def test_update_unconfirmed_comes_again(bot: BotSide, karen: Played) -> None:
    await karen.says("Hej")

    first = await bot.result("getUpdates")
    again = await bot.result("getUpdates")

    assert [u["message"]["text"] for u in first] == ["Hej"]
    assert again == first


async def test_offset_confirms_what_lies_before_it(bot: BotSide, karen: Played, telegram: Client) -> None:
    for text in ("en", "to", "tre"):
        await karen.says(text)
    ids = [u["update_id"] for u in await bot.result("getUpdates")]

    rest = await bot.result("getUpdates", offset=ids[1])

    assert ids == [ids[0], ids[0] + 1, ids[0] + 2]
    assert [u["message"]["text"] for u in rest] == ["to", "tre"]
    acknowledged = await telegram.acknowledged()
    assert [u["update_id"] for u in acknowledged["confirmed"]] == ids[:1]
    assert [u["update_id"] for u in acknowledged["waiting"]] == ids[1:]
    assert acknowledged["waiting"][0]["chat_id"] == karen.id


async def test_negative_offset_keeps_only_the_newest(bot: BotSide, karen: Played) -> None:
    for text in ("en", "to", "tre"):
        await karen.says(text)

    assert [u["message"]["text"] for u in await bot.result("getUpdates", offset=-1)] == ["tre"]
    assert [u["message"]["text"] for u in await bot.result("getUpdates")] == ["tre"]


async def test_offset_far_in_the_future_confirms_nothing(bot: BotSide, karen: Played) -> None:
    await karen.says("Hej")
    [update] = await bot.result("getUpdates")

    later = await bot.result("getUpdates", offset=update["update_id"] + 1000)

    assert later == [update]


async def test_limit_is_respected(bot: BotSide, karen: Played) -> None:
    for text in ("en", "to", "tre"):
        await karen.says(text)

    assert len(await bot.result("getUpdates", limit=2)) == 2


async def test_waiting_poll_wakes_at_once(bot: BotSide, karen: Played) -> None:
    poll = asyncio.create_task(bot.result("getUpdates", timeout=10))
    await asyncio.sleep(0.05)

    await karen.says("Hej")

    [update] = await asyncio.wait_for(poll, 1)
    assert update["message"]["from"]["first_name"] == "Karen"


async def test_second_poll_ends_the_first(bot: BotSide) -> None:
    first = asyncio.create_task(bot.ask("getUpdates", timeout=10))
    await asyncio.sleep(0.05)

    second = asyncio.create_task(bot.ask("getUpdates", timeout=1))

    answer = await asyncio.wait_for(first, 1)
    assert answer["status"] == 409
    assert answer["description"] == (
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )
    assert (await second)["ok"]


async def test_allowed_updates_are_remembered(bot: BotSide, karen: Played) -> None:
    await bot.result("getUpdates", allowed_updates=["edited_message"])
    message_id = await karen.says("Hej")
    await karen.edits(message_id, "Hej igen")

    updates = await bot.result("getUpdates")

    assert [u["edited_message"]["text"] for u in updates] == ["Hej igen"]
    assert "edit_date" in updates[0]["edited_message"]


async def test_message_waits_a_day_and_a_tap_150_seconds(
    bot: BotSide, karen: Played, telegram: Client
) -> None:
    await karen.says("Hej")
    await karen.taps_stale(1, "send")

    await telegram.skip(seconds=151)
    assert [set(u) for u in await bot.result("getUpdates")] == [{"update_id", "message"}]

    await telegram.skip(hours=24)
    assert await bot.result("getUpdates") == []
    lost = (await telegram.acknowledged())["lost"]
    assert [u["kind"] for u in lost] == ["callback_query", "message"]


async def test_update_id_starts_anew_after_a_quiet_week(
    bot: BotSide, karen: Played, telegram: Client
) -> None:
    await karen.says("Hej")
    [before] = await bot.result("getUpdates")
    await bot.result("getUpdates", offset=before["update_id"] + 1)

    await telegram.skip(days=8)
    await karen.says("Hej igen")

    [after] = await bot.result("getUpdates")
    assert after["update_id"] != before["update_id"] + 1


async def test_tap_overtakes_a_text_not_yet_delivered(bot: BotSide, karen: Played) -> None:
    text = await karen.says("Det er det hele")
    await karen.taps_stale(text, "send", overtake=True)

    updates = await bot.result("getUpdates")

    assert ["callback_query" in u for u in updates] == [True, False]
    assert updates[1]["update_id"] == updates[0]["update_id"] + 1


async def test_held_text_comes_after_the_next_tap(bot: BotSide, karen: Played) -> None:
    await karen.says("Det er det hele", hold=True)
    assert await bot.result("getUpdates") == []

    await karen.taps_stale(1, "send")

    assert ["callback_query" in u for u in await bot.result("getUpdates")] == [True, False]


async def test_block_and_unblock_reach_the_bot(bot: BotSide, karen: Played) -> None:
    await karen.start()
    await karen.blocks()
    refusal = await bot.ask("sendMessage", chat_id=karen.id, text="Hej")
    await karen.unblocks()

    updates = await bot.result("getUpdates", allowed_updates=["message", "my_chat_member"])

    assert (refusal["status"], refusal["description"]) == (403, "Forbidden: bot was blocked by the user")
    changes = [u["my_chat_member"]["new_chat_member"]["status"] for u in updates if "my_chat_member" in u]
    assert changes == ["kicked", "member"]


async def test_group_that_migrates_tells_its_new_id(bot: BotSide, telegram: Client, karen: Played) -> None:
    group = await telegram.post("group", user=karen.id, title="Team")
    new = await telegram.post("migrate", user=karen.id, chat=group["id"])

    answer = await bot.ask("sendMessage", chat_id=group["id"], text="Hej")

    assert answer["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    assert answer["parameters"] == {"migrate_to_chat_id": new["id"]}
    updates = await bot.result("getUpdates")
    assert [
        u["message"]["migrate_to_chat_id"] for u in updates if "migrate_to_chat_id" in u.get("message", {})
    ]


async def test_raw_fields_are_merged_into_a_message(bot: BotSide, karen: Played) -> None:
    mention = {
        "type": "text_mention",
        "offset": 0,
        "length": 3,
        "user": {"id": 9, "is_bot": False, "first_name": "Bo"},
    }
    await karen.says("Han siger det", raw={"entities": [mention], "quote": {"text": "Bo", "position": 0}})

    [update] = await bot.result("getUpdates")

    assert update["message"]["entities"] == [mention]
    assert update["message"]["quote"]["text"] == "Bo"


async def test_load_injects_in_turn(bot: BotSide, telegram: Client, stand_in: StandIn) -> None:
    await telegram.post("load", users=[8001, 8002], count=10)

    chats = [u["message"]["chat"]["id"] for u in await bot.result("getUpdates")]

    assert chats == [8001, 8002] * 5
