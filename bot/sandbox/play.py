"""What people do in Telegram: write, tap, edit, delete, block, add the bot to a group."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.sandbox.chats import CONTENT_KINDS, Chat, Message
from bot.sandbox.entities import with_found
from bot.sandbox.failures import Unplayable
from bot.sandbox.updates import TAP_WAITS

if TYPE_CHECKING:
    from bot.sandbox.parameters import Json
    from bot.sandbox.persons import Person
    from bot.sandbox.updates import Update
    from bot.sandbox.world import Tap, World

TAP_LANE = 3 << 33
"""Telegram queues taps apart from messages; the lane keeps a person's taps in order among themselves."""
OVERTAKING_SECONDS = 2.0


def moment_of(wish: str | None, world: World) -> int:
    """Return the seconds since 1970 an ISO time names, or now. Raises Unplayable."""
    if not wish:
        return int(world.clock.timestamp())
    try:
        moment = datetime.fromisoformat(wish)
    except ValueError:
        raise Unplayable(f"{wish} is not an ISO time.") from None
    if moment.tzinfo is None:
        raise Unplayable(f"{wish} names no time zone.")
    return int(moment.timestamp())


def write(
    world: World, person: Person, content: Json, *, chat: Chat | None = None, at: str | None = None
) -> Message:
    """Let a person's message appear in the chat and wait for the bot. `content` is merged in as it stands."""
    chat = chat or world.chat_of(person)
    if chat.is_blocked:
        raise Unplayable(f"{person.first_name} has blocked the bot; unblock it first.")
    if person.is_deactivated:
        raise Unplayable(f"{person.first_name}'s account is deactivated.")
    reply_to = content.pop("reply_to", None)
    is_held = bool(content.pop("hold", False))
    body: Json = {
        "message_id": 0,
        "from": person.as_user(),
        "chat": chat.as_chat(),
        "date": moment_of(at, world),
    }
    if reply_to and (earlier := chat.messages.get(int(reply_to))):
        body["reply_to_message"] = {k: v for k, v in earlier.body.items() if k != "reply_to_message"}
    body.update(_with_files(world, content))
    if "text" in body and "entities" not in body and (found := with_found(body["text"], [])):
        body["entities"] = found
    message = world.post(chat, body, is_from_bot=False)
    _queue(world, chat, message, is_held=is_held)
    return message


def _queue(world: World, chat: Chat, message: Message, *, is_held: bool) -> None:
    if is_held or chat.id in world.held:
        world.held.setdefault(chat.id, []).append(message.body)
        return
    world.deliver("message", message.body, since=message.date)


def release(world: World, chat: Chat) -> int:
    """Let the messages that were held back go to the bot, in order; say how many."""
    held = world.held.pop(chat.id, [])
    for body in held:
        world.deliver("message", body, since=body["date"])
    return len(held)


def _with_files(world: World, content: Json) -> Json:
    """Return the content with file ids made up where a photo, sticker or document has none."""
    for kind in CONTENT_KINDS:
        value = content.get(kind)
        if kind == "photo" and isinstance(value, list):
            sizes = value or [{"width": 1280, "height": 960}]
            content[kind] = [_file(world, kind, size) for size in sizes]
        elif isinstance(value, dict) and kind not in {"contact", "location", "venue", "poll", "dice"}:
            content[kind] = _file(world, kind, value)
    return content


USUAL: dict[str, Json] = {
    "photo": {"width": 1280, "height": 960, "file_size": 90_000},
    "sticker": {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False},
    "voice": {"duration": 7, "mime_type": "audio/ogg"},
    "document": {"file_name": "document.pdf", "mime_type": "application/pdf"},
    "animation": {"width": 320, "height": 240, "duration": 3},
    "audio": {"duration": 90},
    "video": {"width": 640, "height": 480, "duration": 8},
    "video_note": {"length": 240, "duration": 5},
}


def _file(world: World, kind: str, value: Json) -> Json:
    file = {**USUAL.get(kind, {}), **value}
    if "file_id" in file:
        file.setdefault("file_unique_id", f"AQAD{file['file_id'][-12:]}")
        return world.know_file(kind, file)
    return world.know_file(kind, {**file, **world.new_file(kind)})


def start(world: World, person: Person, payload: str) -> Message:
    """Press Start, as a link with a payload does; a blocked bot is unblocked by it."""
    if world.chat_of(person).is_blocked:
        unblock(world, person)
    return write(world, person, {"text": f"/start {payload}".strip()})


def tap(world: World, person: Person, message_id: int, data: str, *, overtake: bool | None = None) -> Tap:
    """Press a button, also one that is no longer there; a text sent just before may be overtaken."""
    chat = world.chat_of(person)
    if chat.is_blocked:
        raise Unplayable(f"{person.first_name} has blocked the bot; unblock it first.")
    pressed = world.new_tap(chat, message_id, data)
    message = chat.standing(message_id)
    shown = message.body if message else {"chat": chat.as_chat(), "message_id": message_id, "date": 0}
    body = {
        "id": pressed.id,
        "from": person.as_user(),
        "message": shown,
        "chat_instance": str(-(10**18) - chat.id),
        "data": data,
    }
    update = world.updates.add("callback_query", body, lane=person.id + TAP_LANE, waits=TAP_WAITS)
    if update is not None and _is_overtaking(world, chat, overtake):
        world.updates.overtake(update)
    release(world, chat)
    return pressed


def _is_overtaking(world: World, chat: Chat, wish: bool | None) -> bool:
    if wish is not None:
        return wish
    probability = world.faults.settings.taps_overtake
    newest = next(reversed(chat.messages.values()), None)
    if not probability or newest is None or world.clock.timestamp() - newest.date > OVERTAKING_SECONDS:
        return False
    return world.chance.random() < probability


def edit(world: World, person: Person, message_id: int, text: str, raw: Json | None = None) -> Message:
    """Change the person's own message; the bot gets it as an edited message."""
    chat = world.chat_of(person)
    message = chat.standing(message_id)
    if message is None or message.is_from_bot:
        raise Unplayable(f"Message {message_id} cannot be edited by {person.first_name}.")
    field = "text" if "text" in message.body else "caption"
    message.versions.append(message.body.get(field, ""))
    changed = {**message.body, field: text, "edit_date": int(world.clock.timestamp()), **(raw or {})}
    marks = "entities" if field == "text" else "caption_entities"
    changed.pop(marks, None)
    if found := with_found(text, []):
        changed[marks] = found
    message.body = changed
    world.touch(chat, message)
    world.deliver("edited_message", changed)
    return message


def delete(world: World, person: Person, message_id: int, *, for_both: bool = False) -> None:
    """Remove a message from the person's screen; the bot hears nothing of it, whichever way."""
    chat = world.chat_of(person)
    message = chat.messages.get(message_id)
    if message is None or message.deleted_by:
        raise Unplayable(f"There is no message {message_id} to delete.")
    message.deleted_by = "bot" if for_both else "user"
    world.touch(chat, message)


def _membership(world: World, chat: Chat, person: Person, old: str, new: str) -> Update | None:
    bot = world.profile.as_user()
    body: dict[str, Any] = {
        "chat": chat.as_chat(),
        "from": person.as_user(),
        "date": int(world.clock.timestamp()),
        "old_chat_member": _member(bot, old),
        "new_chat_member": _member(bot, new),
    }
    return world.deliver("my_chat_member", body)


def _member(bot: Json, status: str) -> Json:
    return {"user": bot, "status": status, **({"until_date": 0} if status == "kicked" else {})}


def block(world: World, person: Person) -> None:
    """Block the bot: it may no longer write to this person, and is told so."""
    chat = world.chat_of(person)
    if not chat.is_blocked:
        chat.is_blocked = True
        world.note_chat(chat)
        _membership(world, chat, person, "member", "kicked")


def unblock(world: World, person: Person) -> None:
    """Let the bot write to this person again, and tell it so."""
    chat = world.chat_of(person)
    if chat.is_blocked:
        chat.is_blocked = False
        world.note_chat(chat)
        _membership(world, chat, person, "kicked", "member")


def deactivate(world: World, person: Person) -> None:
    """Close the person's account; the bot learns of it when it next writes."""
    person.is_deactivated = True
    world.add_person(person)


def add_to_group(world: World, person: Person, title: str) -> Chat:
    """Add the bot to a new group."""
    number = -(4_000_000 + len(world.chats) + 1)
    chat = world.add_chat(Chat(id=number, kind="group", title=title))
    _membership(world, chat, person, "left", "member")
    write(world, person, {"new_chat_members": [world.profile.as_user()]}, chat=chat)
    return chat


def remove_from_group(world: World, person: Person, chat: Chat) -> None:
    """Throw the bot out of a group."""
    chat.bot_status = "kicked"
    world.note_chat(chat)
    _membership(world, chat, person, "member", "kicked")


def migrate(world: World, person: Person, chat: Chat) -> Chat:
    """Let a group become a supergroup, with a new id."""
    if chat.kind != "group" or chat.migrated_to:
        raise Unplayable("Only a group can become a supergroup.")
    new = world.add_chat(Chat(id=-(10**12) + chat.id, kind="supergroup", title=chat.title))
    write(world, person, {"migrate_to_chat_id": new.id}, chat=chat)
    chat.migrated_to = new.id
    world.note_chat(chat)
    write(world, person, {"migrate_from_chat_id": chat.id}, chat=new)
    return new
