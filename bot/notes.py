"""Notes on a case: for those who have it and the secretariat, never for the enquirer."""

from __future__ import annotations

from bot import writing
from bot.incoming import Incoming
from bot.turn import Turn
from storage.models import Author, Chat, Enquiry, Person


async def add(turn: Turn, person: Person, chat: Chat, enquiry: Enquiry, incoming: Incoming) -> None:
    """Keep the note in the case; also a summary that follows after closing, until its key is gone."""
    if enquiry.destroyed_at is not None:
        turn.say(chat, "note.too_late", number=enquiry.number or "")
        return
    message_id = await writing.write_down(
        turn, enquiry, incoming, author=Author.NOTE, chat=chat, person_id=person.id
    )
    turn.record("noted", enquiry, by=person)
    if incoming.has_masks:
        writing.echo(turn, chat, message_id)
    turn.say(chat, "note.kept", number=enquiry.number or "")
