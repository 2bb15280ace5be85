"""What was written in somebody's enquiries is given to her in her chat, once her wish was granted."""

from __future__ import annotations

from uuid import UUID

from bot import alarms, privacy
from bot.turn import Turn
from scheduling.ids import new_id
from storage.models import Author, Chat, DataRequest, Enquiry, Person
from storage.queries import enquiries as find
from storage.queries import messages, requests

INSIGHT = "insight"
# Why a wish is refused: consideration for others, or it was answered lately.
REASONS = ("others", "repeated")
_LABELS = {Author.ENQUIRER: "access.yours", Author.RESOURCE_PERSON: "access.ours"}


async def ask(turn: Turn, chat: Chat) -> None:
    """Put the wish on the secretariat's worklist, once; somebody answers it."""
    if await requests.open_of(turn.unit, chat.id, INSIGHT) is None:
        turn.unit.session.add(DataRequest(id=new_id(), chat_id=chat.id, kind=INSIGHT, asked_at=turn.now))
        turn.record("insight_requested", chat, by=chat)
        await alarms.alert(turn, "alarm.insight")
    turn.say(chat, "access.noted")


async def give(turn: Turn, person: Person, chat: Chat, request: DataRequest) -> None:
    """Post into her chat what she and her advisers wrote; notes and what is held are not among it."""
    privacy.note_answer(turn, person, request, "granted")
    asked = [e for e in await find.of_chat(turn.unit, request.chat_id) if e.destroyed_at is None]
    given = 0
    turn.say(request.chat_id, "access.given")
    for enquiry in reversed(asked):
        given += await _give_one(turn, request.chat_id, enquiry)
    turn.say(chat, "request.given", count=given)


async def refuse(turn: Turn, person: Person, chat: Chat, request: DataRequest, *, reason: str) -> None:
    """Give nothing, and say why to whoever wished for it."""
    request.reason = reason
    privacy.note_answer(turn, person, request, "kept")
    turn.say(request.chat_id, f"access.refused_{reason}")
    turn.say(chat, "request.refused")


async def _give_one(turn: Turn, chat_id: UUID, enquiry: Enquiry) -> int:
    written = [
        message
        for message in await messages.of_enquiry(turn.unit, enquiry.id)
        if message.author in _LABELS and message.key_id == enquiry.key_id
    ]
    if written:
        turn.say(chat_id, "access.case", number=enquiry.number or "–")
    for message in written:
        key = _LABELS[message.author]
        turn.say(chat_id, key, message=message.id, purpose="copy", subject=message.id)
    return len(written)
