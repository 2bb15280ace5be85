"""Where an enquiry goes on once an emergency turned out to be none."""

from __future__ import annotations

from bot import dispatching, emergencies, intake, sending, triage
from bot.turn import CONVERSATION, Turn
from storage.models import Author, Chat, Enquiry, Person, State
from storage.queries import chats, messages
from storage.queries import enquiries as find


async def not_urgent(turn: Turn, chat: Chat, enquiry: Enquiry) -> None:
    """The writer said it is not urgent: go on where she was; nothing written meanwhile is left unread."""
    if enquiry.state is State.HELD:
        await emergencies.note_answer(turn, chat, enquiry, "no")
        await emergencies.drop(turn, enquiry, by=chat)
        await _go_on(turn, chat, enquiry)


async def release(turn: Turn, coordinator: Person, enquiry: Enquiry) -> None:
    """The coordinator found no emergency: the enquiry goes on, and a draft is sent as it stands."""
    if enquiry.state is not State.HELD:
        return
    chat = await chats.by_id(turn.unit, enquiry.chat_id)
    is_written_draft = enquiry.held_from in (None, State.DRAFT) and enquiry.message_count > 0
    await emergencies.drop(turn, enquiry, by=coordinator)
    turn.say(chat, "emergency.released")
    if is_written_draft:
        await sending.send(turn, chat, enquiry, is_by_quiet=True)
    else:
        await _go_on(turn, chat, enquiry)


async def _go_on(turn: Turn, chat: Chat, enquiry: Enquiry) -> None:
    if enquiry.state is State.DRAFT:
        for message in await messages.of_enquiry(turn.unit, enquiry.id):
            if message.written_at >= (enquiry.held_at or turn.now):
                turn.say(chat, "emergency.kept", priority=CONVERSATION)
                break
        if enquiry.message_count:
            quiet = turn.after(minutes=turn.rules.limits.quiet_minutes)
            await turn.set_timer("draft_quiet", enquiry.id, quiet)
        else:
            lapse = turn.after(days=turn.rules.limits.draft_days)
            await turn.set_timer("draft_lapse", enquiry.id, lapse)
        intake.show_card(turn, chat, enquiry)
        return
    turn.say(chat, "emergency.on_again", number=enquiry.number or "")
    if enquiry.state is State.WAITING:
        await dispatching.start(turn, enquiry)
    elif enquiry.state is State.TRIAGE:
        await triage.ask_coordinator(turn, enquiry)
    elif enquiry.state is State.ASSIGNED:
        await _catch_up(turn, enquiry)


async def _catch_up(turn: Turn, enquiry: Enquiry) -> None:
    adviser = await find.adviser_of(turn.unit, enquiry.id)
    if adviser is None:
        return
    turn.say(adviser[1], "panel.on_again", number=enquiry.number or "")
    for message in await messages.of_enquiry(turn.unit, enquiry.id):
        if message.author is Author.ENQUIRER and message.written_at >= (enquiry.held_at or turn.now):
            turn.say(
                adviser[1],
                "relay.from_enquirer",
                message=message.id,
                purpose="copy",
                subject=message.id,
                priority=CONVERSATION,
                number=enquiry.number or "",
            )
