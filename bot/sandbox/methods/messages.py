"""Sending: text, media by file id, albums, contacts and places."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from bot.sandbox.entities import trimmed, with_found
from bot.sandbox.failures import bad_request
from bot.sandbox.keyboards import inline_keyboard_of, reply_keyboard_of
from bot.sandbox.markup_html import read_html
from bot.sandbox.markup_markdown import read_markdown

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox.chats import Chat, Message
    from bot.sandbox.parameters import Json, Parameters
    from bot.sandbox.world import World

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
TITLES = {
    "photo": "Photo",
    "document": "Document",
    "voice": "VoiceNote",
    "sticker": "Sticker",
    "video": "Video",
    "audio": "Audio",
    "animation": "Animation",
    "video_note": "VideoNote",
}
ALBUM_KINDS = frozenset({"photo", "document", "video", "audio"})


def formatted(given: Parameters, name: str) -> tuple[str, list[Json]]:
    """Return a text and its entities as Telegram would show them. Raises a Bad Request."""
    source = given.text(name)
    mode = given.text("parse_mode").lower()
    marks = "entities" if name == "text" else "caption_entities"
    if mode == "html":
        text, marked = read_html(source)
    elif mode == "markdownv2":
        text, marked = read_markdown(source)
    elif mode in {"", "markdown", "none"}:
        text, marked = source, given.structure(marks) or []
    else:
        raise bad_request("unsupported parse_mode")
    text, marked = trimmed(text, marked)
    return text, with_found(text, marked)


def text_of(given: Parameters) -> Json:
    """Return the text part of a message. Raises a Bad Request when it is empty or too long."""
    text, entities = formatted(given, "text")
    if not text:
        raise bad_request("message text is empty")
    if len(text) > LONGEST_TEXT:
        raise bad_request("message is too long")
    part: Json = {"text": text}
    if entities:
        part["entities"] = entities
    if "link_preview_options" in given.values:
        part["link_preview_options"] = given.structure("link_preview_options")
    return part


def caption_of(given: Parameters) -> Json:
    """Return the caption part of a message, empty without one. Raises a Bad Request when it is too long."""
    text, entities = formatted(given, "caption")
    if len(text) > LONGEST_CAPTION:
        raise bad_request("message caption is too long")
    part: Json = {"caption": text} if text else {}
    if entities:
        part["caption_entities"] = entities
    return part


def replied_to(chat: Chat, given: Parameters) -> Json:
    """Return the message replied to, as part of the new one. Raises a Bad Request when it is gone."""
    if "reply_parameters" not in given.values and "reply_to_message_id" not in given.values:
        return {}
    asked = given.structure("reply_parameters") or {}
    number = int(asked.get("message_id") or given.number("reply_to_message_id"))
    if not number:
        return {}
    earlier = chat.standing(number)
    if earlier is not None:
        return {"reply_to_message": {k: v for k, v in earlier.body.items() if k != "reply_to_message"}}
    if asked.get("allow_sending_without_reply") or given.flag("allow_sending_without_reply"):
        return {}
    raise bad_request("message to be replied not found")


def deliver(world: World, given: Parameters, content: Json) -> Message:
    """Let the bot's message appear in the chat. Raises the Bot API's refusals, and then nothing appeared."""
    chat = world.open_chat(given.text("chat_id"))
    body: Json = {
        "message_id": 0,
        "from": world.profile.as_user(),
        "chat": chat.as_chat(),
        "date": int(world.clock.timestamp()),
        **replied_to(chat, given),
        **content,
    }
    if keyboard := inline_keyboard_of(given):
        body["reply_markup"] = keyboard
    if given.flag("protect_content"):
        body["has_protected_content"] = True
    return world.post(chat, body, is_from_bot=True, reply_keyboard=reply_keyboard_of(given))


def send_message(world: World, given: Parameters) -> Json:
    """Send a text."""
    return deliver(world, given, text_of(given)).body


def file_of(world: World, kind: str, value: Any) -> Any:
    """Return the media object for a file id, a link or an upload. Raises a Bad Request."""
    if not value:
        raise bad_request(f"there is no {kind} in the request")
    name = str(value)
    known = world.files.get(name)
    if known is None and not name.startswith(("http://", "https://", "attach://")):
        raise bad_request("wrong file identifier/HTTP URL specified")
    if known is not None and known["kind"] != kind:
        raise bad_request(f"can't use file of type {TITLES[known['kind']]} as {TITLES[kind]}")
    file = {k: v for k, v in (known or world.new_file(kind)).items() if k != "kind"}
    if kind == "photo":
        file.setdefault("width", 1280)
        file.setdefault("height", 960)
        return [file]
    return file


def send_media(kind: str, world: World, given: Parameters) -> Json:
    """Send one file, with a caption where the kind has one."""
    content: Json = {kind: file_of(world, kind, given.values.get(kind))}
    if kind not in {"sticker", "video_note"}:
        content.update(caption_of(given))
    return deliver(world, given, content).body


def send_media_group(world: World, given: Parameters) -> list[Json]:
    """Send two to ten files as one album; either all appear or none."""
    media = given.structure("media")
    if not isinstance(media, list) or not 2 <= len(media) <= 10:
        raise bad_request("wrong number of messages in the media group: 2-10 are allowed")
    album = str(world.chance.randrange(10**16, 10**17))
    contents: list[Json] = []
    for item in media:
        kind = item.get("type")
        if kind not in ALBUM_KINDS:
            raise bad_request("can't use the media of the specified type in the album")
        from_item = type(given)(item)
        file = file_of(world, kind, item.get("media"))
        contents.append({kind: file, "media_group_id": album, **caption_of(from_item)})
    return [deliver(world, given, content).body for content in contents]


def send_contact(world: World, given: Parameters) -> Json:
    """Send a contact."""
    contact = {
        name: given.text(name) for name in ("phone_number", "first_name", "last_name") if given.text(name)
    }
    if "phone_number" not in contact or "first_name" not in contact:
        raise bad_request("phone_number and first_name are required")
    return deliver(world, given, {"contact": contact}).body


def send_location(world: World, given: Parameters) -> Json:
    """Send a place."""
    try:
        place = {name: float(given.values[name]) for name in ("latitude", "longitude")}
    except (KeyError, TypeError, ValueError):
        raise bad_request("latitude is empty") from None
    return deliver(world, given, {"location": place}).body


METHODS: dict[str, Callable[[World, Parameters], object]] = {
    "sendmessage": send_message,
    "sendphoto": partial(send_media, "photo"),
    "senddocument": partial(send_media, "document"),
    "sendvoice": partial(send_media, "voice"),
    "sendsticker": partial(send_media, "sticker"),
    "sendvideo": partial(send_media, "video"),
    "sendaudio": partial(send_media, "audio"),
    "sendanimation": partial(send_media, "animation"),
    "sendvideonote": partial(send_media, "video_note"),
    "sendmediagroup": send_media_group,
    "sendcontact": send_contact,
    "sendlocation": send_location,
}
