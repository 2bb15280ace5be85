"""What the writer may know and wish of her own data, and what becomes of data whose time is up."""

from __future__ import annotations

from bot import alarms
from bot.turn import Button, Turn
from scheduling.ids import new_id
from storage import outbox
from storage.models import Chat, DataRequest, Enquiry, State
from storage.queries import enquiries as find
from storage.queries import messages, requests


async def explain(turn: Turn, chat: Chat) -> None:
    """Say who reads, what is kept and for how long, and what Telegram can see."""
    kept = turn.rules.retention
    turn.say(chat, "privacy", link={"link": "privacy"}, days=kept.advice_only, redirected=kept.redirected)


async def ask_to_delete(turn: Turn, chat: Chat) -> None:
    """Say what deleting means before it is asked for."""
    row = [Button("button.delete_yes", "delete:yes"), Button("button.hide", "hide")]
    turn.say(chat, "delete.explain", buttons=[row])


async def request_deletion(turn: Turn, chat: Chat) -> None:
    """Put the wish on the secretariat's worklist, once; somebody answers it."""
    if await requests.open_of(turn.unit, chat.id, "erasure") is None:
        request = DataRequest(id=new_id(), chat_id=chat.id, kind="erasure", asked_at=turn.now)
        turn.unit.session.add(request)
        turn.record("erasure_requested", chat, by=chat)
        await alarms.alert(turn, "alarm.erasure")
    turn.say(chat, "delete.noted")


async def hide(turn: Turn, chat: Chat) -> None:
    """Remove from the chat what the bot may, but never while an emergency is open."""
    if await find.held_of(turn.unit, chat.id) is not None:
        turn.say(chat, "hide.not_now")
        return
    outbox.queue(turn.unit, chat.id, None, action="delete_all", subject_id=chat.id)
    turn.say(chat, "hide.done")


async def status(turn: Turn, chat: Chat) -> None:
    """List what the chat has asked and where each question stands."""
    asked = [e for e in await find.of_chat(turn.unit, chat.id) if e.number or e.state is not State.CLOSED]
    if not asked:
        turn.say(chat, "status.nothing")
        return
    lines = [_line(enquiry) for enquiry in asked[:10]]
    turn.say(chat, "status.list", lines={"lines": lines})


async def end_retention(turn: Turn, enquiry: Enquiry) -> None:
    """Destroy the enquiry's key: what was written can never be read again; the statistics stay."""
    if enquiry.state is not State.CLOSED or enquiry.destroyed_at is not None:
        return
    enquiry.destroyed_at = turn.now
    enquiry.postcode_seen = None
    turn.unit.doom_key(enquiry.key_id)
    turn.record("destroyed", enquiry)


async def clear_panel_copies(turn: Turn) -> int:
    """Remove from staff's chats what will soon be too old for Telegram to let the bot delete it."""
    before = turn.after(hours=-turn.rules.limits.panel_copies_hours)
    ageing = await messages.ageing_in_staff_chats(turn.unit, before)
    for chat_id, enquiry_id in ageing:
        outbox.queue(
            turn.unit,
            chat_id,
            None,
            action="delete_aged",
            params={"before": before.microseconds},
            subject_id=enquiry_id,
        )
    return len(ageing)


def _line(enquiry: Enquiry) -> dict[str, object]:
    key = "status.closed" if enquiry.state is State.CLOSED else f"status.{enquiry.state.value}"
    return {"key": key, "params": {"number": enquiry.number or ""}}
