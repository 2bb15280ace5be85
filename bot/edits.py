"""What was written is edited or withdrawn: mirrored on the other side while Telegram allows it."""

from __future__ import annotations

from datetime import timedelta

from bot import emergencies, writing
from bot.incoming import Incoming
from bot.turn import CONVERSATION, Turn
from storage.models import Author, Chat, Enquiry, Message, State
from storage.queries import enquiries as find
from storage.queries import messages, people

_COPY_KEYS = {Author.ENQUIRER: "relay.from_enquirer", Author.RESOURCE_PERSON: "relay.from_panel"}


async def edit(turn: Turn, chat: Chat, incoming: Incoming) -> bool:
    """Have the message say what it was edited to, on both sides; False for none of ours."""
    message = await _own_message(turn, chat, incoming.telegram_id)
    if message is None or message.withdrawn_at is not None:
        return False
    enquiry = await find.locked(turn.unit, message.enquiry_id)
    if enquiry is None or enquiry.destroyed_at is not None or enquiry.state is State.CLOSED:
        turn.say(chat, "edit.too_late")
        return True
    if emergencies.wants_card(turn, enquiry, incoming) and message.author is Author.ENQUIRER:
        await emergencies.raise_emergency(turn, chat, enquiry, incoming)
        return True
    await writing.rewrite(turn, message, incoming)
    turn.record("edited", enquiry, by=chat, detail=f"version {message.version}")
    if incoming.has_masks:
        writing.echo(turn, chat, message)
    if _is_late(turn, message):
        turn.say(chat, "edit.record_only")
        return True
    await _mirror(turn, chat, enquiry, message, _COPY_KEYS[message.author])
    return True


async def withdraw(turn: Turn, chat: Chat, reply_to: int | None) -> None:
    """Withdraw the message replied to: it leaves the other side's chat and is shown to nobody again."""
    message = None if reply_to is None else await _own_message(turn, chat, reply_to)
    if message is None:
        turn.say(chat, "withdraw.reply_to_it")
        return
    enquiry = await find.locked(turn.unit, message.enquiry_id)
    if enquiry is None or message.withdrawn_at is not None:
        turn.say(chat, "withdraw.already")
        return
    message.withdrawn_at = turn.now
    turn.record("withdrew", enquiry, by=chat)
    await _mirror(turn, chat, enquiry, message, "relay.withdrawn")
    if enquiry.state is not State.HELD:
        for purpose in ("original", "echo"):
            turn.remove(chat, purpose=purpose, subject=message.id)
    turn.say(chat, "withdraw.record_only" if _is_late(turn, message) else "withdraw.done")


async def _mirror(turn: Turn, chat: Chat, enquiry: Enquiry, message: Message, key: str) -> None:
    alias = ""
    if message.person_id is not None:
        alias = (await people.by_id(turn.unit, message.person_id)).alias
    others = {p.chat_id for p in await messages.postings_of(turn.unit, message.id) if p.purpose == "copy"}
    for chat_id in others - {chat.id}:
        turn.say(
            chat_id,
            key,
            action="edit",
            message=None if key == "relay.withdrawn" else message.id,
            purpose="copy",
            subject=message.id,
            priority=CONVERSATION,
            number=enquiry.number or "",
            alias=alias,
        )


async def _own_message(turn: Turn, chat: Chat, telegram_id: int | None) -> Message | None:
    if telegram_id is None:
        return None
    posting = await messages.posting_at(turn.unit, chat.id, telegram_id)
    if posting is None or posting.purpose not in ("original", "echo"):
        return None
    return await messages.by_id(turn.unit, posting.subject_id)


def _is_late(turn: Turn, message: Message) -> bool:
    return turn.now - message.written_at > timedelta(hours=turn.rules.limits.panel_copies_hours)
