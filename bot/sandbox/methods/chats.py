"""Chats as the bot may ask about, leave, or show life in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.failures import bad_request

if TYPE_CHECKING:
    from bot.sandbox.parameters import Json, Parameters
    from bot.sandbox.world import World

ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)


def get_chat(world: World, given: Parameters) -> Json:
    """Return what the bot may know of a chat."""
    chat = world.known_chat(given.text("chat_id"))
    return {**chat.as_chat(), "accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": NO_GIFTS}


NO_GIFTS = {
    "unlimited_gifts": False,
    "limited_gifts": False,
    "unique_gifts": False,
    "premium_subscription": False,
    "gifts_from_channels": False,
}


def leave_chat(world: World, given: Parameters) -> bool:
    """Leave a group for good."""
    chat = world.open_chat(given.text("chat_id"))
    if chat.person is not None:
        raise bad_request("chat member status can't be changed in private chats")
    chat.bot_status = "left"
    world.note_chat(chat)
    return True


def send_chat_action(world: World, given: Parameters) -> bool:
    """Show that the bot is busy; nothing stays of it."""
    world.open_chat(given.text("chat_id"))
    if given.text("action").lower() not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    return True


METHODS = {"getchat": get_chat, "leavechat": leave_chat, "sendchataction": send_chat_action}
