"""What the writer may know and wish of her own data, and what becomes of data whose time is up."""

from __future__ import annotations

from uuid import UUID

from bot import alarms, cards, enquiries
from bot.turn import Button, Rows, Turn, on, when
from scheduling.ids import new_id
from storage import outbox
from storage.models import Chat, DataRequest, Enquiry, Person, State
from storage.queries import enquiries as find
from storage.queries import messages, referrals, requests

TELEGRAM_DELETES_HOURS = 48  # what is older, Telegram lets no bot delete
ERASURE = "erasure"
# Why a wish is refused: the duty to record, a case that is open, a case that lies with an authority now.
REASONS = ("record", "open", "referred")
_ASK_FOR_REFERENCE_DAYS = 7


async def explain(turn: Turn, chat: Chat) -> None:
    """Say who reads, what is kept and for how long, and what Telegram can see; a contact card can go back."""
    kept = turn.rules.retention
    turn.say(
        chat,
        "privacy",
        buttons=[*await cards.to_take_back(turn, chat), [Button("button.insight", "insight:ask")]],
        link={"link": "privacy"},
        days=kept.advice_only,
        redirected=kept.redirected,
    )


async def ask_to_delete(turn: Turn, chat: Chat) -> None:
    """Say what deleting means before it is asked for."""
    row = [Button("button.delete_yes", "delete:yes"), Button("button.hide", "hide")]
    turn.say(chat, "delete.explain", buttons=[row])


async def request_deletion(turn: Turn, chat: Chat) -> None:
    """Put the wish on the secretariat's worklist, once; somebody answers it."""
    if await requests.open_of(turn.unit, chat.id, ERASURE) is None:
        request = DataRequest(id=new_id(), chat_id=chat.id, kind=ERASURE, asked_at=turn.now)
        turn.unit.session.add(request)
        turn.record("erasure_requested", chat, by=chat)
        cases = await _cases_of(turn, chat.id)
        await alarms.alert(turn, "alarm.erasure", wished_by=chat.id, buttons=_decisions(request), cases=cases)
    turn.say(chat, "delete.noted")


async def show_requests(turn: Turn, person: Person, chat: Chat) -> None:
    """Say how many wishes for deletion nobody has answered, with the oldest of them to be decided on."""
    waiting = await requests.all_open(turn.unit, ERASURE, reader=person)
    if waiting:
        oldest = waiting[0]
        turn.say(
            chat,
            "request.list",
            buttons=_decisions(oldest),
            count=len(waiting),
            asked=when(oldest.asked_at),
            cases=await _cases_of(turn, oldest.chat_id),
        )


async def grant(turn: Turn, person: Person, chat: Chat, request: DataRequest) -> None:
    """Destroy the keys of what the chat has asked and is closed; what is open stays, and that is said.

    While the municipality's case system has not confirmed a referral of it, nothing is destroyed.
    """
    asked = [e for e in await find.all_locked_of(turn.unit, request.chat_id) if e.destroyed_at is None]
    closed = [enquiry for enquiry in asked if enquiry.state is State.CLOSED]
    still_open = len(asked) - len(closed)
    if still_open and not closed:
        turn.say(chat, "request.still_open", buttons=_decisions(request), count=still_open)
        return
    if any([await referrals.lacks_reference(turn.unit, enquiry.id) for enquiry in closed]):
        turn.say(chat, "request.lacks_reference", buttons=_decisions(request))
        return
    for enquiry in closed:
        await _erase(turn, enquiry)
    note_answer(turn, person, request, "granted")
    if still_open:
        turn.say(request.chat_id, "delete.granted_in_part", count=still_open)
    else:
        turn.say(request.chat_id, "delete.granted")
    turn.say(chat, "request.granted", count=len(closed), more=still_open)


async def keep(turn: Turn, person: Person, chat: Chat, request: DataRequest, *, reason: str) -> None:
    """Keep what there is a reason to keep, and say which to whoever wished for its deletion."""
    request.reason = reason
    note_answer(turn, person, request, "kept")
    turn.say(request.chat_id, f"delete.kept_{reason}")
    turn.say(chat, "request.kept")


async def ask_to_hide(turn: Turn, chat: Chat) -> None:
    """Ask whether the chat is to be cleared: what stands in it cannot be brought back."""
    if await find.held_of(turn.unit, chat.id) is not None:
        turn.say(chat, "hide.not_now")
        return
    turn.say(chat, "hide.ask", buttons=[[Button("button.hide_yes", "hide:yes")]])


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


async def time_is_up(turn: Turn, enquiry: Enquiry) -> None:
    """End the retention; a referral the municipality's case system has not confirmed yet is asked about."""
    if enquiry.destroyed_at is None and await referrals.lacks_reference(turn.unit, enquiry.id):
        await turn.set_timer("retention", enquiry.id, turn.after(days=_ASK_FOR_REFERENCE_DAYS))
        await alarms.alert(turn, "alarm.reference", about=enquiry, number=enquiry.number or "")
        return
    await end_retention(turn, enquiry)


async def end_retention(turn: Turn, enquiry: Enquiry) -> None:
    """Destroy the keys of the enquiry, its contact card and its referrals; the statistics stay."""
    if enquiry.state is not State.CLOSED or enquiry.destroyed_at is not None:
        return
    enquiry.destroyed_at = turn.now
    enquiry.postcode = enquiry.postcode_seen = None
    for key_id in (enquiry.key_id, *await referrals.keys_of(turn.unit, enquiry.id)):
        turn.unit.doom_key(key_id)
    await referrals.note_destroyed(turn.unit, enquiry.id)
    await enquiries.forget_held(turn, enquiry)
    await cards.end(turn, enquiry)
    turn.record("destroyed", enquiry)


async def clear_panel_copies(turn: Turn) -> int:
    """Remove from staff's chats what will soon be too old for Telegram to let the bot delete it."""
    before = turn.after(hours=-turn.rules.limits.panel_copies_hours)
    too_old = turn.after(hours=-TELEGRAM_DELETES_HOURS)
    ageing = await messages.ageing_in_staff_chats(turn.unit, before, after=too_old)
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


async def _erase(turn: Turn, enquiry: Enquiry) -> None:
    for chat_id in await messages.chats_of_others_with(turn.unit, enquiry):
        turn.remove_case(chat_id, enquiry)
    await turn.cancel_timer("retention", enquiry.id)
    await end_retention(turn, enquiry)


def note_answer(turn: Turn, person: Person, request: DataRequest, given: str) -> None:
    """Note that the wish is answered, and how."""
    request.answered_at, request.answer = turn.now, given
    turn.unit.record(
        f"{request.kind}_{given}",
        actor="person",
        actor_id=person.id,
        subject="chat",
        subject_id=request.chat_id,
    )


async def _cases_of(turn: Turn, chat_id: UUID) -> str:
    asked = await find.of_chat(turn.unit, chat_id)
    return ", ".join(e.number for e in asked if e.number and e.destroyed_at is None) or "–"


def _decisions(request: DataRequest) -> Rows:
    return [
        [Button("button.request_grant", on("request:grant", request.id))],
        [Button("button.request_keep", on("request:keep", request.id))],
    ]


def _line(enquiry: Enquiry) -> dict[str, object]:
    key = "status.closed" if enquiry.state is State.CLOSED else f"status.{enquiry.state.value}"
    return {"key": key, "params": {"number": enquiry.number or ""}}
