"""What people write: sealed under its enquiry's key, echoed where it was masked."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from bot.incoming import File, Incoming
from bot.turn import CONVERSATION, Turn
from scheduling.ids import new_id
from storage.keys import KeyDestroyedError
from storage.models import Author, Chat, Enquiry, Message, MessageVersion, Posting, State


async def write_down(
    turn: Turn,
    enquiry: Enquiry,
    incoming: Incoming,
    *,
    author: Author,
    chat: Chat | None,
    person_id: UUID | None = None,
    key_id: UUID | None = None,
    message_id: UUID | None = None,
) -> UUID:
    """Return the id of the message, kept in the enquiry; a draft and a held emergency count theirs."""
    if author is Author.ENQUIRER and enquiry.state in (State.DRAFT, State.HELD):
        enquiry.message_count += 1
    return await keep(
        turn,
        incoming,
        enquiry_id=enquiry.id,
        key_id=key_id or enquiry.key_id,
        chat_id=None if chat is None else chat.id,
        author=author,
        person_id=person_id,
        message_id=message_id,
    )


async def keep(
    turn: Turn,
    incoming: Incoming,
    *,
    enquiry_id: UUID,
    key_id: UUID,
    chat_id: UUID | None,
    author: Author,
    person_id: UUID | None,
    message_id: UUID | None = None,
) -> UUID:
    """Return the id of the message, sealed; where it stands in the writer's chat is remembered."""
    message_id = message_id or new_id()
    turn.unit.append(
        Message,
        id=message_id,
        enquiry_id=enquiry_id,
        position=turn.unit.tick(),
        author=author,
        person_id=person_id,
        key_id=key_id,
        body_sealed=await turn.unit.seal(key_id, body_of(incoming), place=_place(message_id)),
        version=1,
        written_at=incoming.at,
    )
    if incoming.telegram_id is not None and chat_id is not None:
        remember_original(turn, chat_id, message_id, incoming.telegram_id, enquiry_id)
    return message_id


def remember_original(
    turn: Turn, chat_id: UUID, subject: UUID, telegram_id: int, enquiry_id: UUID | None
) -> None:
    """Remember where the writer's own message stands in her chat."""
    turn.unit.append(
        Posting,
        id=new_id(),
        chat_id=chat_id,
        telegram_id=telegram_id,
        purpose="original",
        subject_id=subject,
        enquiry_id=enquiry_id,
        posted_at=turn.now,
        gone_at=None,
    )


def echo(turn: Turn, chat: Chat | UUID, message_id: UUID) -> None:
    """Post back what is passed on, and delete the writer's own message, which said more."""
    turn.say(
        chat,
        "echo",
        message=message_id,
        purpose="echo",
        subject=message_id,
        priority=CONVERSATION,
    )
    turn.remove(chat, purpose="original", subject=message_id)


def body_of(incoming: Incoming) -> dict[str, object]:
    """Return what of the message is kept: the masked text, and a file by its id."""
    body: dict[str, object] = {"text": incoming.text}
    if incoming.file is not None:
        body |= {"kind": incoming.file.kind, "file": incoming.file.file_id, "album": incoming.file.album}
    return body


def file_of(body: dict[str, object]) -> File | None:
    """Return the file a kept message carries, or None."""
    if not body.get("file"):
        return None
    album = body.get("album")
    return File(str(body["kind"]), str(body["file"]), None if album is None else str(album))


async def read(turn: Turn, message: Message) -> dict[str, object]:
    """Return what the message says; raises KeyDestroyedError once its time has run out."""
    return await turn.unit.open(message.key_id, message.body_sealed, place=_place(message.id))


async def rewrite(turn: Turn, message: Message, incoming: Incoming) -> None:
    """Have the message say something else; what it said before is kept as a version."""
    turn.unit.session.add(
        MessageVersion(
            message_id=message.id,
            version=message.version,
            key_id=message.key_id,
            body_sealed=message.body_sealed,
            replaced_at=turn.now,
        )
    )
    body = await read(turn, message) | {"text": incoming.text}
    message.version += 1
    message.body_sealed = await turn.unit.seal(message.key_id, body, place=_place(message.id))
    message.edited_at = turn.now


async def replace_text(
    turn: Turn, kept: Message | MessageVersion, replace: Callable[[str], tuple[str, int]]
) -> int:
    """Have what is kept say what `replace` makes of it, as if it never said anything else.

    Return in how many places that differs; what is destroyed stays so.
    """
    place = _place(kept.id if isinstance(kept, Message) else kept.message_id)
    try:
        body = await turn.unit.open(kept.key_id, kept.body_sealed, place=place)
    except KeyDestroyedError:
        return 0
    text, places = replace(str(body["text"]))
    if places:
        kept.body_sealed = await turn.unit.seal(kept.key_id, body | {"text": text}, place=place)
    return places


async def reseal(turn: Turn, message: Message, key_id: UUID) -> None:
    """Have the message be sealed under another key."""
    body = await read(turn, message)
    message.body_sealed = await turn.unit.seal(key_id, body, place=_place(message.id))
    message.key_id = key_id


def _place(message_id: UUID) -> str:
    return f"message.body:{message_id}"


def copy_to_adviser(turn: Turn, chat: Chat | UUID, message_id: UUID, *, number: str | None) -> None:
    """Have what the enquirer wrote be posted to who has her case."""
    turn.say(
        chat,
        "relay.from_enquirer",
        message=message_id,
        purpose="copy",
        subject=message_id,
        priority=CONVERSATION,
        number=number or "–",
    )


def copy_to_enquirer(
    turn: Turn, chat: Chat | UUID, message_id: UUID, *, number: str | None, alias: str
) -> None:
    """Have what the adviser wrote be posted to the enquirer."""
    turn.say(
        chat,
        "relay.from_panel",
        message=message_id,
        purpose="copy",
        subject=message_id,
        priority=CONVERSATION,
        number=number or "–",
        alias=alias,
    )
