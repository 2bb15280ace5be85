"""Where an enquiry goes on once an emergency turned out to be none."""

from __future__ import annotations

from bot import dispatching, emergencies, enquiries, intake, sending, transcript, triage
from bot.turn import CONVERSATION, Turn
from storage.models import Chat, Enquiry, Message, Person, State
from storage.queries import chats
from storage.queries import enquiries as find


async def not_urgent(turn: Turn, chat: Chat, enquiry: Enquiry) -> None:
    """The writer said it is not urgent: go on where she was; nothing written meanwhile is left unread."""
    if enquiry.state is not State.HELD and enquiry.emergency_answer != "no":
        turn.say(chat, "tap.stale")
    elif enquiry.state is State.HELD:
        await emergencies.note_answer(turn, chat, enquiry, "no")
        held = await emergencies.drop(turn, enquiry, by=chat)
        await _go_on(turn, chat, enquiry, held)


async def release(turn: Turn, coordinator: Person, enquiry: Enquiry) -> None:
    """The coordinator found no emergency: the enquiry goes on, and a draft is sent as it stands."""
    if enquiry.state is not State.HELD or enquiry.chat_id is None:
        return
    chat = await chats.by_id(turn.unit, enquiry.chat_id)
    is_written_draft = enquiry.held_from in (None, State.DRAFT) and enquiry.message_count > 0
    held = await emergencies.drop(turn, enquiry, by=coordinator)
    turn.say(chat, "emergency.released", subject=enquiry.id)
    if is_written_draft:
        await sending.send(turn, chat, enquiry, is_by_quiet=False, is_released=True)
    else:
        await _go_on(turn, chat, enquiry, held)


async def _go_on(turn: Turn, chat: Chat, enquiry: Enquiry, held: list[Message]) -> None:
    if enquiry.state is State.DRAFT:
        await _go_on_with_draft(turn, chat, enquiry, held)
        return
    turn.say(chat, "emergency.on_again", subject=enquiry.id, number=enquiry.number or "")
    if enquiry.state is State.WAITING:
        await dispatching.start(turn, enquiry)
    elif enquiry.state is State.TRIAGE:
        await triage.ask_coordinator(turn, enquiry)
    elif enquiry.state is State.ASSIGNED:
        await _catch_up(turn, enquiry, held)


async def _go_on_with_draft(turn: Turn, chat: Chat, draft: Enquiry, held: list[Message]) -> None:
    if chat.welcomed_at is None:  # the card was the first thing she saw
        await intake.welcome(turn, chat)
    if held:
        turn.say(chat, "emergency.kept", priority=CONVERSATION)
    if draft.message_count:
        quiet = turn.after(minutes=turn.rules.limits.quiet_minutes)
        await turn.set_timer("draft_quiet", draft.id, quiet)
    else:
        lapse = turn.after(days=turn.rules.limits.draft_days)
        await turn.set_timer("draft_lapse", draft.id, lapse)
    intake.show_card(turn, chat, draft)


async def _catch_up(turn: Turn, enquiry: Enquiry, held: list[Message]) -> None:
    adviser = await find.adviser_of(turn.unit, enquiry.id)
    if adviser is None:  # whoever had it has gone meanwhile
        enquiries.move(turn, enquiry, State.WAITING)
        await dispatching.start(turn, enquiry)
        return
    turn.say(adviser[1], "panel.on_again", number=enquiry.number or "")
    for message in held:
        transcript.post(turn, enquiry, adviser[1], message)
