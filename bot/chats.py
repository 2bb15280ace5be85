"""A chat is opened when somebody first writes, and spoken to in its language."""

from __future__ import annotations

from datetime import timedelta

from bot.incoming import Incoming
from bot.turn import Turn
from scheduling.ids import new_id
from scheduling.instant import Instant
from storage.models import Chat, Person
from storage.queries import chats

_SEEN_ANEW = timedelta(minutes=1)


async def visitor(turn: Turn, incoming: Incoming, address_hash: bytes) -> tuple[Chat, Person | None]:
    """Return the chat something came from, opened if it is new, and the member of staff whose it is."""
    found = await chats.visitor(turn.unit, address_hash)
    chat, person = (await _open(turn, incoming, address_hash), None) if found is None else found
    if is_seen_anew(chat.seen_at, turn.now):
        chat.seen_at = turn.now
    return chat, person


def is_seen_anew(seen_at: Instant | None, now: Instant) -> bool:
    """Whether it is long enough ago to be noted again."""
    return seen_at is None or now - seen_at > _SEEN_ANEW


async def find_or_open(turn: Turn, incoming: Incoming, address_hash: bytes) -> Chat:
    """Return the chat the message came from, opened under a key of its own if it is new."""
    return (await visitor(turn, incoming, address_hash))[0]


async def _open(turn: Turn, incoming: Incoming, address_hash: bytes) -> Chat:
    chat_id = new_id()
    key_id = await turn.unit.keys.make("chat", now=turn.now)
    sealed = await turn.unit.seal(key_id, {"address": incoming.address}, place=f"chat.address:{chat_id}")
    chat = Chat(id=chat_id, address_hash=address_hash, address_sealed=sealed, key_id=key_id, flood_count=0)
    turn.unit.session.add(chat)
    await turn.unit.session.flush()
    return chat


def speak(turn: Turn, chat: Chat, language: str) -> None:
    """Have buttons and texts in this chat be in the language."""
    if language in turn.rules.hotline.languages:
        chat.language = language


def assume_language(turn: Turn, chat: Chat, incoming: Incoming) -> None:
    """Where nobody has chosen, take Telegram's own language if it is one of ours."""
    if chat.language is None:
        known = turn.rules.hotline.languages
        chat.language = incoming.language if incoming.language in known else known[0]
