"""The conversation beside the referral's form, in pieces that can be put into a field one by one."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from bot import writing
from bot.turn import Turn
from scheduling.instant import Instant
from storage.keys import KeyDestroyedError
from storage.models import Author, Enquiry, Message
from storage.queries import console, messages

# An ordinal is no end: "min 10. klasse", "den 3. december".
_END_OF_SENTENCE = re.compile(r"(?<=[.?!…])(?<!\d\.)\s+|\n+|(?<=\d\.)\s+(?=[A-ZÆØÅ])")


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence of a message, and the name by which a form picks it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Written:
    """A message of the case, in pieces; none once its time has run out."""

    id: UUID
    position: int
    author: Author
    alias: str | None
    at: Instant
    # By this name a form picks the whole of it.
    name: str
    pieces: tuple[Piece, ...]


async def of(turn: Turn, enquiry: Enquiry) -> list[Written]:
    """Return what was written in the case, in order, but nothing that is held."""
    found = await _readable(turn, enquiry)
    writers = {message.person_id for message, _ in found if message.person_id is not None}
    aliases = await console.aliases(turn.unit, writers)
    return [
        Written(
            id=message.id,
            position=number,
            author=message.author,
            alias=None if message.person_id is None else aliases.get(message.person_id),
            at=message.written_at,
            name=_name(message),
            pieces=_pieces(message, text),
        )
        for number, (message, text) in enumerate(found, 1)
    ]


async def pick(turn: Turn, enquiry: Enquiry, picked: Collection[str]) -> tuple[str, tuple[UUID, ...]]:
    """Return the picked pieces and whole messages in the order they were written, with their messages.

    A piece of a message that was edited since the form was made is not what was picked, and is left out.
    """
    lines: list[str] = []
    sources: list[UUID] = []
    for message, text in await _readable(turn, enquiry):
        is_whole = _name(message) in picked
        chosen = [piece.text for piece in _pieces(message, text) if is_whole or piece.name in picked]
        if chosen:
            lines.append(" ".join(chosen))
            sources.append(message.id)
    return "\n".join(lines), tuple(sources)


async def written_by_enquirer(turn: Turn, enquiry: Enquiry) -> list[str]:
    """Return the texts that the enquirer wrote, in order, but nothing that is held."""
    found = await _readable(turn, enquiry)
    return [text for message, text in found if message.author is Author.ENQUIRER]


def sentences(text: str) -> list[str]:
    """Return the text's sentences, each without the blanks around it."""
    return [one.strip() for one in _END_OF_SENTENCE.split(text) if one.strip()]


async def _readable(turn: Turn, enquiry: Enquiry) -> list[tuple[Message, str]]:
    found = []
    for message in await messages.of_enquiry(turn.unit, enquiry.id):
        if enquiry.held_key_id is not None and message.key_id == enquiry.held_key_id:
            continue
        try:
            body = await writing.read(turn, message)
        except KeyDestroyedError:
            continue
        if body["text"]:
            found.append((message, str(body["text"])))
    return found


def _pieces(message: Message, text: str) -> tuple[Piece, ...]:
    return tuple(Piece(f"{_name(message)}.{number}", said) for number, said in enumerate(sentences(text)))


def _name(message: Message) -> str:
    return f"{message.id.hex}.{message.version}"
