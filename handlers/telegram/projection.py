"""Projects an update onto the few things the hotline takes; what is not listed here is dropped.

Names hide in forward_origin, quote, text_mention, previews and file names: none of them is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.configuration import Configuration
from bot.emergency_signs import shows_emergency
from bot.incoming import Did, File, Incoming
from bot.people import hash_token
from bot.permissions import PERMITTED
from bot.residence import postcodes_in
from scheduling.instant import Instant

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")

_COMMAND = re.compile(r"/([A-Za-z_]{1,32})(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
_TAP = re.compile(r"[A-Za-z0-9_:\-]{1,64}")
_OUR_LANGUAGES = ("da", "en")
_GONE = frozenset({"kicked", "left", "restricted"})
_LAST = 2**53


class UnprojectableError(Exception):
    """The update does not have the shape it should have."""


@dataclass(frozen=True, slots=True)
class Projected:
    """An update in the hotline's terms, and what it takes to acknowledge and to order it."""

    update_id: int
    incoming: Incoming | None
    order_at: int = 0
    order_number: int = 0
    callback_id: str | None = None
    group: int | None = None


def project(update: dict[str, Any], rules: Configuration, now: Instant) -> Projected:
    """Return what the hotline takes of the update; raises UnprojectableError where it is malformed."""
    try:
        update_id = int(update["update_id"])
        for name, projector in _PROJECTORS.items():
            if name in update:
                return projector(update_id, update[name], rules, now)
    except (AttributeError, LookupError, TypeError, ValueError, OverflowError) as error:
        raise UnprojectableError(type(error).__name__) from None
    return Projected(update_id, None)


def unreadable(update: dict[str, Any], now: Instant) -> Projected | None:
    """Return a stand-in for an update that could not be projected, where its chat can be told."""
    update_id = update.get("update_id")
    if not isinstance(update_id, int):
        return None
    for name in ("message", "edited_message"):
        chat = update.get(name, {}).get("chat", {}) if isinstance(update.get(name), dict) else {}
        if isinstance(chat, dict) and chat.get("type") == "private" and isinstance(chat.get("id"), int):
            incoming = Incoming(Did.UNREADABLE, chat["id"], now)
            return Projected(update_id, incoming, _seconds(now), _LAST)
    return Projected(update_id, None)


def key_paths(value: object, prefix: str = "") -> list[str]:
    """Return the paths of the keys in an update, without any of its values, for the log."""
    if not isinstance(value, dict):
        return [prefix] if prefix else []
    paths = []
    for key in sorted(str(key) for key in value)[:40]:
        paths += key_paths(value.get(key), f"{prefix}.{key}" if prefix else key)
    return paths


def _message(update_id: int, message: dict[str, Any], rules: Configuration, _now: Instant) -> Projected:
    chat = message["chat"]
    if chat["type"] != "private":
        return Projected(update_id, None, group=int(chat["id"]))
    at, number = _moment(message["date"]), int(message["message_id"])
    common = {
        "address": int(chat["id"]),
        "at": at,
        "telegram_id": number,
        "reply_to": _reply_to(message),
        "language": _language(message.get("from", {})),
    }
    return Projected(update_id, _said(message, common, rules), _seconds(at), number)


def _edited(update_id: int, message: dict[str, Any], rules: Configuration, _now: Instant) -> Projected:
    if message["chat"]["type"] != "private":
        return Projected(update_id, None)
    at, number = _moment(message["edit_date"]), int(message["message_id"])
    text = message.get("text") or message.get("caption") or ""
    incoming = Incoming(
        Did.EDIT, int(message["chat"]["id"]), at, telegram_id=number, **_masked(str(text), rules)
    )
    return Projected(update_id, incoming, _seconds(at), number)


def _tap(update_id: int, query: dict[str, Any], _rules: Configuration, now: Instant) -> Projected:
    chat = query["message"]["chat"] if "message" in query else {"id": query["from"]["id"], "type": "private"}
    data = str(query.get("data", ""))
    if chat["type"] != "private" or not _TAP.fullmatch(data):
        return Projected(update_id, None, callback_id=str(query["id"]))
    incoming = Incoming(Did.TAP, int(chat["id"]), now, data=data, language=_language(query["from"]))
    return Projected(update_id, incoming, _seconds(now), _LAST, callback_id=str(query["id"]))


def _membership(update_id: int, change: dict[str, Any], _rules: Configuration, now: Instant) -> Projected:
    chat, status = change["chat"], str(change["new_chat_member"]["status"])
    if chat["type"] != "private":
        return Projected(update_id, None, group=None if status in _GONE else int(chat["id"]))
    did = Did.BLOCKED if status in _GONE else Did.UNBLOCKED
    return Projected(update_id, Incoming(did, int(chat["id"]), now), _seconds(now), _LAST)


_PROJECTORS = {
    "message": _message,
    "edited_message": _edited,
    "callback_query": _tap,
    "my_chat_member": _membership,
}


def _said(message: dict[str, Any], common: dict[str, Any], rules: Configuration) -> Incoming:
    if isinstance(message.get("text"), str):
        command = _COMMAND.fullmatch(message["text"])
        if command is not None:
            return _command(command[1].lower(), (command[2] or "").strip(), common, rules)
        return Incoming(did=Did.TEXT, **common, **_masked(message["text"], rules))
    file = _file(message)
    if file is not None:
        return Incoming(did=Did.FILE, **common, file=file, **_masked(str(message.get("caption", "")), rules))
    return Incoming(did=Did.STRANGE, **common, kind=_strange_kind(message))


def _command(name: str, argument: str, common: dict[str, Any], rules: Configuration) -> Incoming:
    if name == "start" and argument:
        # An invite's token is hashed here and now: it is a way in, and never kept.
        return Incoming(did=Did.COMMAND, **common, command=name, data=hash_token(argument).hex())
    # A word that is no command of ours may be a name: it is not kept.
    known = name if f"/{name}" in PERMITTED else "unknown"
    return Incoming(did=Did.COMMAND, **common, command=known, **_masked(argument, rules))


def _masked(text: str, rules: Configuration) -> dict[str, Any]:
    masked = rules.masker.mask(text)
    return {
        "text": masked.text,
        "has_masks": bool(masked.found),
        "masks": tuple(sorted(mask.value for mask in masked.found)),
        "shows_emergency": shows_emergency(text, rules.signs),
        "postcodes": postcodes_in(masked.text),
    }


def _file(message: dict[str, Any]) -> File | None:
    album = message.get("media_group_id")
    album = None if album is None else str(album)
    if message.get("photo"):
        return File("photo", str(message["photo"][-1]["file_id"]), album)
    if "document" in message and "animation" not in message:
        return File("document", str(message["document"]["file_id"]), album)
    return None


def _strange_kind(message: dict[str, Any]) -> str:
    if any(kind in message for kind in ("voice", "video_note", "video", "audio")):
        return "voice"
    service = (
        "new_chat_members",
        "pinned_message",
        "message_auto_delete_timer_changed",
        "migrate_to_chat_id",
    )
    return "service" if any(kind in message for kind in service) else "other"


def _reply_to(message: dict[str, Any]) -> int | None:
    replied = message.get("reply_to_message")
    return int(replied["message_id"]) if isinstance(replied, dict) else None


def _language(sender: dict[str, Any]) -> str | None:
    code = str(sender.get("language_code", ""))[:2].lower()
    if not code:
        return None
    return code if code in _OUR_LANGUAGES else "en"


def _moment(seconds: object) -> Instant:
    return Instant.of(datetime.fromtimestamp(int(str(seconds)), UTC))


def _seconds(moment: Instant) -> int:
    return int(moment.timestamp())
