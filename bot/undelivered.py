"""What could not be delivered is said to who wrote it; an unreachable reader is remembered as such."""

from __future__ import annotations

from uuid import UUID

from bot import alarms, reach
from bot.turn import CONVERSATION, Turn
from storage.models import Author, Enquiry, Message
from storage.queries import chats as find_chats
from storage.queries import enquiries as find
from storage.queries import messages, people


async def not_delivered(turn: Turn, *, chat_id: UUID, message_id: UUID | None, is_unreachable: bool) -> None:
    """Remember an unreachable chat, and tell the writer of the message that it did not arrive.

    What an enquirer wrote is kept and goes with the case to whoever has it next.
    """
    if is_unreachable:
        await reach.lose(turn, await find_chats.by_id(turn.unit, chat_id))
    message = None if message_id is None else await messages.by_id(turn.unit, message_id)
    if message is None or (is_unreachable and message.author is not Author.RESOURCE_PERSON):
        return
    enquiry = await find.locked(turn.unit, message.enquiry_id)
    if enquiry is None:
        return
    writer = await _writer_of(turn, message, enquiry)
    if writer is not None and writer != chat_id:
        turn.say(
            writer, "not_delivered", reply_to=message.id, priority=CONVERSATION, number=enquiry.number or "–"
        )
    turn.record("not_delivered", enquiry)
    if message.author is Author.ENQUIRER:
        await alarms.alert(turn, "alarm.outbox_failed")


async def _writer_of(turn: Turn, message: Message, enquiry: Enquiry) -> UUID | None:
    if message.author is Author.ENQUIRER:
        return enquiry.chat_id
    return None if message.person_id is None else (await people.by_id(turn.unit, message.person_id)).chat_id
