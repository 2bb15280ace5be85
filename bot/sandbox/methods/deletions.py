"""Deleting messages, within Telegram's 48 hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.failures import bad_request

if TYPE_CHECKING:
    from bot.sandbox.chats import Chat, Message
    from bot.sandbox.parameters import Parameters
    from bot.sandbox.world import World

DELETABLE_SECONDS = 48 * 3600
MOST_AT_ONCE = 100


def _check_age(world: World, message: Message) -> None:
    if world.clock.timestamp() - message.date > DELETABLE_SECONDS:
        raise bad_request("message can't be deleted for everyone")


def _delete(world: World, chat: Chat, message: Message) -> None:
    message.deleted_by = "bot"
    world.touch(chat, message)


def delete_message(world: World, given: Parameters) -> bool:
    """Remove one message, the bot's or the person's, for both sides."""
    chat = world.open_chat(given.text("chat_id"))
    message = chat.standing(given.number("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    _check_age(world, message)
    _delete(world, chat, message)
    return True


def delete_messages(world: World, given: Parameters) -> bool:
    """Remove up to a hundred messages; those that are gone already are passed over."""
    chat = world.open_chat(given.text("chat_id"))
    numbers = given.structure("message_ids")
    if not isinstance(numbers, list) or not numbers:
        raise bad_request("message identifiers are not specified")
    if len(numbers) > MOST_AT_ONCE:
        raise bad_request("too many message identifiers specified")
    standing = [message for number in numbers if (message := chat.standing(int(number)))]
    for message in standing:
        _check_age(world, message)
    for message in standing:
        _delete(world, chat, message)
    return True


METHODS = {"deletemessage": delete_message, "deletemessages": delete_messages}
