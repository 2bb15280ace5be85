"""Notes on a case: for those who have it and the secretariat, never for the enquirer."""

from __future__ import annotations

from uuid import UUID

from bot import writing
from bot.incoming import Incoming
from bot.turn import Turn
from storage.models import Author, Chat, Enquiry, Person
from storage.queries import messages

MOST_CHARACTERS = 4000  # what one message in the chat holds


async def add(turn: Turn, person: Person, chat: Chat, enquiry: Enquiry, incoming: Incoming) -> None:
    """Keep the note in the case; also a summary that follows after closing, until its key is gone."""
    if _is_too_late(turn, chat, enquiry):
        return
    message_id = await writing.write_down(
        turn, enquiry, incoming, author=Author.NOTE, chat=chat, person_id=person.id
    )
    turn.record("noted", enquiry, by=person)
    if incoming.has_masks:
        writing.echo(turn, chat, message_id)
    turn.say(chat, "note.kept", number=enquiry.number or "")


async def add_once(
    turn: Turn, person: Person, chat: Chat, enquiry: Enquiry, incoming: Incoming, *, note_id: UUID
) -> bool:
    """Keep the note under the id its page was given, however often it is sent; False where it is too late."""
    if _is_too_late(turn, chat, enquiry):
        return False
    if await messages.by_id(turn.unit, note_id) is not None:
        turn.say(chat, "note.kept_already", number=enquiry.number or "")
        return True
    await writing.write_down(
        turn, enquiry, incoming, author=Author.NOTE, chat=chat, person_id=person.id, message_id=note_id
    )
    turn.record("noted", enquiry, by=person)
    turn.say(chat, "note.kept", number=enquiry.number or "")
    return True


def _is_too_late(turn: Turn, chat: Chat, enquiry: Enquiry) -> bool:
    if enquiry.destroyed_at is not None:
        turn.say(chat, "note.too_late", number=enquiry.number or "")
    return enquiry.destroyed_at is not None
