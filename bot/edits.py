"""What was written is edited or withdrawn: mirrored on the other side while Telegram allows it."""

from __future__ import annotations

import re
from datetime import timedelta

from bot import emergencies, intake, relay, writing
from bot.incoming import Incoming
from bot.turn import CONVERSATION, Turn
from storage.models import Author, Chat, Enquiry, Message, Parked, Posting, State
from storage.queries import enquiries as find
from storage.queries import messages, people

_COPY_KEYS = {
    Author.ENQUIRER: "relay.from_enquirer",
    Author.RESOURCE_PERSON: "relay.from_panel",
    Author.NOTE: "case.note",
}
_NOTE = re.compile(r"/note(?:@\w+)?\s+(?:[A-Z]{1,4}-[0-9]{4}-[0-9]+\s+)?", re.IGNORECASE)


async def edit(turn: Turn, chat: Chat, incoming: Incoming) -> bool:
    """Have the message say what it was edited to, on both sides; False for none of ours."""
    posting = await _own_posting(turn, chat, incoming.telegram_id)
    if posting is None:
        return False
    parked = await messages.parked(turn.unit, posting.subject_id)
    if parked is not None:
        await relay.rewrite_parked(turn, parked, incoming)
        return True
    message = await messages.by_id(turn.unit, posting.subject_id)
    if message is None or message.withdrawn_at is not None:
        return False
    enquiry = await find.locked(turn.unit, message.enquiry_id)
    if enquiry is None or enquiry.destroyed_at is not None or _is_over(enquiry, message):
        turn.say(chat, "edit.too_late")
    elif not await _may_change(turn, chat, enquiry, message):
        turn.say(chat, "edit.not_yours", number=enquiry.number or "–")
    elif message.author is Author.ENQUIRER and enquiry.state is State.HELD:
        await emergencies.take_text(turn, chat, enquiry, incoming)
    elif message.author is Author.ENQUIRER and emergencies.wants_card(turn, enquiry, incoming):
        await emergencies.raise_emergency(turn, chat, enquiry, incoming)
    else:
        await _rewrite(turn, chat, enquiry, message, incoming)
        if message.author is Author.ENQUIRER and enquiry.state is not State.DRAFT:
            is_late = _is_late(turn, message)
            await emergencies.note_words(turn, chat, enquiry, incoming, is_in_record_only=is_late)
    return True


async def withdraw(turn: Turn, chat: Chat, reply_to: int | None) -> None:
    """Withdraw the message replied to: it leaves the other side's chat and is shown to nobody again."""
    posting = None if reply_to is None else await _own_posting(turn, chat, reply_to)
    if posting is None:
        turn.say(chat, "withdraw.reply_to_it")
        return
    parked = await messages.parked(turn.unit, posting.subject_id)
    if parked is not None:
        await _withdraw_parked(turn, chat, parked)
        return
    message = await messages.by_id(turn.unit, posting.subject_id)
    enquiry = None if message is None else await find.locked(turn.unit, message.enquiry_id)
    if message is None or enquiry is None or message.withdrawn_at is not None:
        turn.say(chat, "withdraw.already")
        return
    if not await _may_change(turn, chat, enquiry, message):
        turn.say(chat, "edit.not_yours", number=enquiry.number or "–")
        return
    message.withdrawn_at = turn.now
    turn.record("withdrew", enquiry, by=chat)
    await _mirror(turn, enquiry, message, "relay.withdrawn")
    if enquiry.state is not State.HELD:
        for purpose in ("original", "echo"):
            turn.remove(chat, purpose=purpose, subject=message.id)
    turn.say(chat, "withdraw.record_only" if _is_late(turn, message) else "withdraw.done")
    if enquiry.state is State.DRAFT:
        await _forget_empty_draft(turn, chat, enquiry)


async def _rewrite(turn: Turn, chat: Chat, enquiry: Enquiry, message: Message, incoming: Incoming) -> None:
    if message.author is Author.NOTE:
        incoming = incoming.saying(_NOTE.sub("", incoming.text, count=1))
    await writing.rewrite(turn, message, incoming)
    turn.record("edited", enquiry, by=chat, detail=f"version {message.version}")
    if incoming.has_masks:
        turn.remove(chat, purpose="echo", subject=message.id)
        writing.echo(turn, chat, message.id)
    if _is_late(turn, message):
        turn.say(chat, "edit.record_only")
    elif message.author is Author.RESOURCE_PERSON and enquiry.state is State.HELD:
        turn.say(chat, "relay.held", number=enquiry.number or "–")
    else:
        await _mirror(turn, enquiry, message, _COPY_KEYS[message.author])


async def _withdraw_parked(turn: Turn, chat: Chat, parked: Parked) -> None:
    body = await relay.read_parked(turn, parked)
    await messages.forget_parked(turn.unit, [parked.id])
    if not await relay.is_anything_parked(turn, chat):
        await turn.cancel_timer("parked", chat.id)
    if body.get("telegram_id") is not None:
        writing.remember_original(turn, chat.id, parked.id, int(str(body["telegram_id"])), None)
        turn.remove(chat, purpose="original", subject=parked.id)
    turn.say(chat, "withdraw.done")


async def _forget_empty_draft(turn: Turn, chat: Chat, draft: Enquiry) -> None:
    """A draft whose every message was withdrawn is not sent by itself."""
    await turn.unit.session.flush()
    if await messages.of_enquiry(turn.unit, draft.id):
        return
    draft.message_count = 0
    await turn.cancel_timer("draft_quiet", draft.id)
    await turn.set_timer("draft_lapse", draft.id, turn.after(days=turn.rules.limits.draft_days))
    intake.show_card(turn, chat, draft)


async def _mirror(turn: Turn, enquiry: Enquiry, message: Message, key: str) -> None:
    alias = ""
    if message.person_id is not None:
        alias = (await people.by_id(turn.unit, message.person_id)).alias
    # What is still under way is looked for first: meanwhile it can only come to stand somewhere.
    readers = await messages.copies_under_way(turn.unit, message.id)
    standing = await messages.postings_of(turn.unit, message.id)
    for chat_id in readers | {posting.chat_id for posting in standing if posting.purpose == "copy"}:
        turn.say(
            chat_id,
            key,
            action="edit",
            message=None if key == "relay.withdrawn" else message.id,
            purpose="copy",
            subject=message.id,
            priority=CONVERSATION,
            number=enquiry.number or "–",
            alias=alias,
        )


async def _own_posting(turn: Turn, chat: Chat, telegram_id: int | None) -> Posting | None:
    if telegram_id is None:
        return None
    posting = await messages.posting_at(turn.unit, chat.id, telegram_id)
    return posting if posting is not None and posting.purpose in ("original", "echo") else None


async def _may_change(turn: Turn, chat: Chat, enquiry: Enquiry, message: Message) -> bool:
    """An adviser changes what she wrote while she has the case; a note also later, while she is staff."""
    if message.author is Author.ENQUIRER:
        return True
    if message.author is Author.RESOURCE_PERSON:
        adviser = await find.adviser_of(turn.unit, enquiry.id)
        return adviser is not None and adviser[1].id == chat.id
    person = await people.of_chat(turn.unit, chat.id)
    return person is not None and (
        await find.last_assignment_of(turn.unit, enquiry.id, person.id) is not None
    )


def _is_over(enquiry: Enquiry, message: Message) -> bool:
    """A summary may still be put right after closing; what was said between the two may not."""
    return enquiry.state is State.CLOSED and message.author is not Author.NOTE


def _is_late(turn: Turn, message: Message) -> bool:
    return turn.now - message.written_at > timedelta(hours=turn.rules.limits.panel_copies_hours)
