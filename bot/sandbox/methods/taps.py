"""Answering taps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.failures import bad_request
from bot.sandbox.updates import TAP_WAITS

if TYPE_CHECKING:
    from bot.sandbox.parameters import Parameters
    from bot.sandbox.world import World

LONGEST_ANSWER = 200
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


def answer_callback_query(world: World, given: Parameters) -> bool:
    """Show the answer on the tapper's screen, once and within 150 seconds."""
    tap = world.taps.get(given.text("callback_query_id"))
    if tap is None or tap.is_answered or world.clock.timestamp() - tap.at > TAP_WAITS:
        raise bad_request(TOO_OLD)
    text = given.text("text")
    if len(text) > LONGEST_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    tap.is_answered = True
    notice = {"tap": tap.id, "message_id": tap.message_id, "data": tap.data, "text": text}
    world.notice(
        world.chats[tap.chat_id], {**notice, "alert": given.flag("show_alert"), "url": given.text("url")}
    )
    return True


METHODS = {"answercallbackquery": answer_callback_query}
