"""Changing what the bot has already sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.failures import bad_request
from bot.sandbox.keyboards import inline_keyboard_of
from bot.sandbox.methods.messages import caption_of, text_of

if TYPE_CHECKING:
    from bot.sandbox.chats import Chat, Message
    from bot.sandbox.parameters import Json, Parameters
    from bot.sandbox.world import World

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


def editable(world: World, given: Parameters) -> tuple[Chat, Message]:
    """Return the bot's own message that is to change. Raises a Bad Request."""
    chat = world.open_chat(given.text("chat_id"))
    message = chat.standing(given.number("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if not message.is_from_bot:
        raise bad_request("message can't be edited")
    return chat, message


def change(world: World, chat: Chat, message: Message, body: Json) -> Json:
    """Show the message with its new body. Raises a Bad Request when that would change nothing."""
    kept = {name: value for name, value in body.items() if name != "edit_date"}
    if kept == {name: value for name, value in message.body.items() if name != "edit_date"}:
        raise bad_request(NOT_MODIFIED)
    for field in ("text", "caption"):
        if body.get(field) != message.body.get(field):
            message.versions.append(message.body.get(field, ""))
    message.body = {**body, "edit_date": int(world.clock.timestamp())}
    world.touch(chat, message)
    return message.body


def _rest_of(message: Message, *dropped: str) -> Json:
    return {name: value for name, value in message.body.items() if name not in {*dropped, "reply_markup"}}


def _markup(given: Parameters) -> Json:
    keyboard = inline_keyboard_of(given)
    return {"reply_markup": keyboard} if keyboard else {}


def edit_text(world: World, given: Parameters) -> Json:
    """Replace text and keyboard; without a keyboard given, the old one goes."""
    part = text_of(given)
    chat, message = editable(world, given)
    if "text" not in message.body:
        raise bad_request("there is no text in the message to edit")
    rest = _rest_of(message, "text", "entities", "link_preview_options")
    return change(world, chat, message, {**rest, **part, **_markup(given)})


def edit_caption(world: World, given: Parameters) -> Json:
    """Replace caption and keyboard."""
    part = caption_of(given)
    chat, message = editable(world, given)
    if "text" in message.body:
        raise bad_request("there is no caption in the message to edit")
    rest = _rest_of(message, "caption", "caption_entities")
    return change(world, chat, message, {**rest, **part, **_markup(given)})


def edit_markup(world: World, given: Parameters) -> Json:
    """Replace the keyboard, or take it away."""
    chat, message = editable(world, given)
    return change(world, chat, message, {**_rest_of(message), **_markup(given)})


METHODS = {
    "editmessagetext": edit_text,
    "editmessagecaption": edit_caption,
    "editmessagereplymarkup": edit_markup,
}
