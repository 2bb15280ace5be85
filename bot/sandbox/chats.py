"""Chats and the messages in them, as Telegram keeps them and as a person sees them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from bot.sandbox.failures import bad_request, forbidden

if TYPE_CHECKING:
    from bot.sandbox.failures import BotApiFailure
    from bot.sandbox.parameters import Json
    from bot.sandbox.persons import Person


@dataclass(slots=True)
class Message:
    """One message: `body` is what the Bot API shows, the rest is what the chat knows about it."""

    id: int
    body: Json
    is_from_bot: bool
    date: int
    reply_keyboard: Json | None = None
    deleted_by: str = ""
    versions: list[str] = field(default_factory=list)
    revision: int = 0

    def as_record(self) -> Json:
        """Return all fields, for the journal."""
        return asdict(self)

    def as_seen(self) -> Json:
        """Return the message as the person in the chat sees it on the page."""
        body = self.body
        seen: Json = {
            "message_id": self.id,
            "from_bot": self.is_from_bot,
            "sender": body.get("from", {}).get("first_name", ""),
            "date": self.date,
            "kind": kind_of(body),
            "text": body.get("text", ""),
            "caption": body.get("caption", ""),
            "entities": body.get("entities") or body.get("caption_entities") or [],
            "keyboard": body.get("reply_markup", {}).get("inline_keyboard", []),
            "reply_keyboard": self.reply_keyboard,
            "reply_to": (body.get("reply_to_message") or {}).get("message_id"),
            "edited": "edit_date" in body and bool(self.versions),
            "deleted": bool(self.deleted_by),
            "deleted_by": self.deleted_by,
            "protect_content": body.get("has_protected_content", False),
            "versions": self.versions,
            "revision": self.revision,
        }
        if "media_group_id" in body:
            seen["media_group_id"] = body["media_group_id"]
        return seen


CONTENT_KINDS = (
    "photo",
    "sticker",
    "voice",
    "document",
    "animation",
    "audio",
    "video",
    "video_note",
    "contact",
    "location",
    "venue",
    "poll",
    "dice",
)


def kind_of(body: Json) -> str:
    """Return what the message is made of: text, photo, sticker …, or service."""
    if "animation" in body:
        return "animation"
    for kind in CONTENT_KINDS:
        if kind in body:
            return kind
    return "text" if "text" in body else "service"


@dataclass(slots=True)
class Chat:
    """One conversation the bot is, or was, part of."""

    id: int
    kind: str = "private"
    title: str = ""
    person: Person | None = None
    is_blocked: bool = False
    bot_status: str = "member"
    migrated_to: int = 0
    messages: dict[int, Message] = field(default_factory=dict)
    notices: list[Json] = field(default_factory=list)
    revision: int = 0

    def as_chat(self) -> Json:
        """Return the chat as the Bot API shows it in a message."""
        if self.person is None:
            return {"id": self.id, "type": self.kind, "title": self.title}
        shown: Json = {"id": self.id, "type": "private", "first_name": self.person.first_name}
        for name in ("last_name", "username"):
            if value := getattr(self.person, name):
                shown[name] = value
        return shown

    def as_record(self) -> Json:
        """Return what a restart must know of the chat itself; messages are noted one by one."""
        return {
            "id": self.id,
            "kind": self.kind,
            "title": self.title,
            "person": self.person.id if self.person else 0,
            "is_blocked": self.is_blocked,
            "bot_status": self.bot_status,
            "migrated_to": self.migrated_to,
        }

    def why_closed(self) -> BotApiFailure | None:
        """Return why the bot cannot write here, or nothing when it can."""
        if self.person is not None and self.person.is_deactivated:
            return forbidden("user is deactivated")
        if self.is_blocked:
            return forbidden("bot was blocked by the user")
        if self.migrated_to:
            failure = bad_request("group chat was upgraded to a supergroup chat")
            failure.parameters = {"migrate_to_chat_id": self.migrated_to}
            return failure
        if self.bot_status == "kicked":
            return forbidden(f"bot was kicked from the {self.kind} chat")
        if self.bot_status == "left":
            return forbidden(f"bot is not a member of the {self.kind} chat")
        return None

    def standing(self, message_id: int) -> Message | None:
        """Return the message as long as Telegram still has it; local deletions do not count."""
        message = self.messages.get(message_id)
        return None if message is None or message.deleted_by == "bot" else message
