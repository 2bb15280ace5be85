"""Copying and forwarding messages the bot can see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.chats import CONTENT_KINDS
from bot.sandbox.failures import bad_request
from bot.sandbox.methods.messages import caption_of, deliver

if TYPE_CHECKING:
    from bot.sandbox.chats import Message
    from bot.sandbox.parameters import Json, Parameters
    from bot.sandbox.world import World

CARRIED = ("text", "entities", "caption", "caption_entities", "link_preview_options", *CONTENT_KINDS)


def _source(world: World, given: Parameters, verb: str) -> Message:
    chat = world.known_chat(given.text("from_chat_id"))
    message = chat.standing(given.number("message_id"))
    if message is None:
        raise bad_request(f"message to {verb} not found")
    if message.body.get("has_protected_content"):
        raise bad_request("message can't be copied" if verb == "copy" else "message can't be forwarded")
    return message


def _content(message: Message) -> Json:
    content = {name: message.body[name] for name in CARRIED if name in message.body}
    if not content:
        raise bad_request("message can't be copied")
    return content


def copy_message(world: World, given: Parameters) -> Json:
    """Send the content again, without telling where it comes from; a caption may be replaced."""
    content = _content(_source(world, given, "copy"))
    if "caption" in given.values and "text" not in content:
        content = {k: v for k, v in content.items() if not k.startswith("caption")}
        content.update(caption_of(given))
    return {"message_id": deliver(world, given, content).id}


def forward_message(world: World, given: Parameters) -> Json:
    """Send the content again, with its origin."""
    message = _source(world, given, "forward")
    origin = {"type": "user", "date": message.date, "sender_user": message.body["from"]}
    return deliver(world, given, {**_content(message), "forward_origin": origin}).body


METHODS = {"copymessage": copy_message, "forwardmessage": forward_message}
