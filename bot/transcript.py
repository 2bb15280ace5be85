"""What a reader of a case is shown: the answers, then everything written, in order."""

from __future__ import annotations

from uuid import UUID

from bot import enquiries
from bot.turn import CONVERSATION, Button, Rows, Turn, competence, on, word
from storage.models import Author, Chat, Enquiry, Message
from storage.queries import messages

_ANSWERS = ("role", "profession", "relation", "age", "writer", "alarm", "residence")

LABELS = {
    Author.ENQUIRER: "relay.from_enquirer",
    Author.RESOURCE_PERSON: "case.from_panel",
    Author.NOTE: "case.note",
}


async def show(turn: Turn, enquiry: Enquiry, chat: Chat) -> None:
    """Post the case into its adviser's chat, protected; notes included, but nothing that is held."""
    rows = [
        [
            Button("button.done", on("done:start", enquiry)),
            Button("button.handover", on("handover:start", enquiry)),
        ],
        [Button("button.contact", on("contact", enquiry))],
        [Button("button.conflict", on("handover:conflict", enquiry))],
    ]
    await _post(turn, enquiry, chat, "case.head", rows)


async def show_for_reading(turn: Turn, enquiry: Enquiry, chat: Chat, *, buttons: Rows) -> None:
    """Post the case into the secretariat's chat, protected, with what can be done with it."""
    await _post(turn, enquiry, chat, "case.head_reading", buttons)


async def _post(turn: Turn, enquiry: Enquiry, chat: Chat, key: str, rows: Rows) -> None:
    turn.remove_copies(chat, enquiry)
    turn.say(
        chat,
        key,
        buttons=rows,
        purpose="head",
        subject=enquiry.id,
        priority=CONVERSATION,
        number=enquiry.number or "–",
        answers={"answers": answers(enquiry)},
        competence=competence(enquiry.competence),
        urgency=word(f"urgency.{enquiry.urgency.value}"),
        language=word(f"language.{enquiry.spoken or 'da'}"),
    )
    for message in await messages.of_enquiry(turn.unit, enquiry.id):
        if enquiry.held_key_id is None or message.key_id != enquiry.held_key_id:
            post(turn, enquiry, chat, message)


def post(turn: Turn, enquiry: Enquiry, chat: Chat | UUID, message: Message) -> None:
    """Post what was written into a reader's chat, under the name of the side that wrote it."""
    turn.say(
        chat,
        LABELS[message.author],
        message=message.id,
        purpose="copy",
        subject=message.id,
        priority=CONVERSATION,
        number=enquiry.number or "–",
    )


def answers(enquiry: Enquiry) -> list[str]:
    """Return the keys of what was tapped."""
    given = ((question, getattr(enquiry, question)) for question in _ANSWERS)
    return [
        f"answer.{question}.{answer}" for question, answer in given if answer not in (None, enquiries.SKIPPED)
    ]
