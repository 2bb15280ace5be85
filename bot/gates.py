"""Who is answered at the door: another municipality's citizens, the press, and floods."""

from __future__ import annotations

from datetime import timedelta

from bot import alarms, enquiries
from bot.incoming import Did, Incoming
from bot.turn import Button, Turn
from scheduling.instant import Instant
from storage.models import Chat, Enquiry, Outcome
from storage.queries import enquiries as find

_WINDOW = timedelta(minutes=1)


def leads_elsewhere(question: str, given: str) -> Outcome | None:
    """Return how an enquiry ends at once by this answer: it is the press, or another municipality's."""
    return {("role", "press"): Outcome.PRESS, ("residence", "elsewhere"): Outcome.REDIRECTED}.get(
        (question, given)
    )


async def redirect(turn: Turn, chat: Chat, draft: Enquiry) -> None:
    """Show the way to the writer's own municipality; it is counted, and the text is destroyed."""
    await enquiries.close(turn, draft, Outcome.REDIRECTED, by=chat)
    turn.remove(chat, purpose="intake", subject=draft.id)
    show_the_way(turn, chat)


def show_the_way(turn: Turn, chat: Chat) -> None:
    """Say who answers elsewhere; what is written for a day gets general advice and is not kept."""
    _answer_alike(turn, chat, "gate.general_advice")
    turn.say(
        chat,
        "gate.elsewhere",
        buttons=[
            [Button("button.general_advice", "tonight")],
            [Button("button.new_question", "continue:new")],
        ],
    )


async def answer_press(turn: Turn, chat: Chat, draft: Enquiry) -> None:
    """Name the press contact; what is written for a day gets the same answer and is not kept."""
    await enquiries.close(turn, draft, Outcome.PRESS, by=chat)
    turn.remove(chat, purpose="intake", subject=draft.id)
    _answer_alike(turn, chat, "gate.press")
    turn.say(chat, "gate.press", buttons=[[Button("button.new_question", "continue:new")]])


def answer_alike(turn: Turn, chat: Chat) -> bool:
    """Give a press or redirected writer the same answer; False where nothing such is in force."""
    if not is_answered_alike(turn, chat):
        return False
    key = chat.answered_alike_key or "gate.press"
    turn.say(chat, key, buttons=[[Button("button.new_question", "continue:new")]])
    return True


def is_answered_alike(turn: Turn, chat: Chat) -> bool:
    """Whether what is written now gets the same answer and is not kept."""
    return chat.answered_alike_until is not None and chat.answered_alike_until > turn.now


def stop_answering_alike(chat: Chat) -> None:
    """Take what is written from now on for a question again."""
    chat.answered_alike_until = chat.answered_alike_key = None


async def is_flooding(turn: Turn, chat: Chat, incoming: Incoming) -> bool:
    """Count what is written, pause a flooding chat for a while, and say whether it is paused.

    What counts is when it was written: what waited while the hotline was down is no flood.
    The pause is said once, with the emergency numbers; the card itself stays a tap away, and whoever
    has it open is heard.
    """
    if is_paused(turn, chat):
        return await find.held_of(turn.unit, chat.id) is None
    limit = turn.rules.limits.flood_messages
    if limit == 0 or incoming.did not in (Did.TEXT, Did.FILE, Did.STRANGE):
        return False
    chat.flood_since, chat.flood_count = counted(chat.flood_since, chat.flood_count, incoming)
    if chat.flood_count <= limit or await find.held_of(turn.unit, chat.id) is not None:
        return False
    await pause(turn, chat)
    return True


def counted(since: Instant | None, count: int, incoming: Incoming) -> tuple[Instant, int]:
    """Return when the running minute began, and how much was written in it with this."""
    if since is None or abs(incoming.at - since) > _WINDOW:
        return incoming.at, 1
    return since, count + 1


async def pause(turn: Turn, chat: Chat) -> None:
    """Pause the chat for the configured time; the writer and the coordinator are told."""
    minutes = turn.rules.limits.flood_pause_minutes
    chat.paused_until = Instant.of(turn.now + timedelta(minutes=minutes))
    turn.record("paused", chat)
    turn.say(chat, "gate.paused", until={"clock": chat.paused_until.microseconds})
    await alarms.alert(turn, "alarm.paused")


def is_paused(turn: Turn, chat: Chat) -> bool:
    """Whether the chat is paused now."""
    return chat.paused_until is not None and chat.paused_until > turn.now


def _answer_alike(turn: Turn, chat: Chat, key: str) -> None:
    chat.answered_alike_until = turn.after(hours=turn.rules.limits.answered_alike_hours)
    chat.answered_alike_key = key
