"""A draft is sent: numbered, given its urgency, told what to expect, and routed."""

from __future__ import annotations

from typing import Any

from bot import dispatching, enquiries, expectation, promises, triage
from bot.turn import Button, Turn, when
from scheduling.urgency import Urgency, urgency_of
from storage.models import Chat, Enquiry, Kind, Person, State


async def send(
    turn: Turn, chat: Chat, draft: Enquiry, *, is_by_quiet: bool, is_released: bool = False
) -> None:
    """Take the draft into the log under its number and on to the panel or the coordinator."""
    number = await take_in(turn, draft, language=chat.language, by=chat)
    turn.remove(chat, purpose="intake", subject=draft.id)
    if draft.kind is Kind.ACTIVITY:
        turn.say(chat, "sent.booking", subject=draft.id, number=number, promised=_promise(draft))
    else:
        promised = await what_to_expect(turn, draft)
        _receipt(turn, chat, draft, number, promised, is_by_quiet=is_by_quiet, is_released=is_released)
    await route(turn, draft)


async def take_in(turn: Turn, draft: Enquiry, *, language: str | None, by: Chat | Person) -> str:
    """Return the number under which the draft is in the log now; it waits for the panel or the coordinator.

    The language is hers who wrote it, where she chose no other to be answered in.
    """
    await enquiries.stop_draft_timers(turn, draft)
    settle_answers(turn, draft, language=language)
    number = await enquiries.draw_number(turn, draft)
    draft.sent_at = turn.now
    await promises.make(turn, draft)
    draft.triage_reason = triage.reason(turn, draft)
    enquiries.move(turn, draft, State.TRIAGE if draft.triage_reason else State.WAITING, by=by)
    return number


async def route(turn: Turn, enquiry: Enquiry) -> None:
    """Have whoever is to look at what was taken in be asked: the coordinator, or the panel."""
    if enquiry.state is State.TRIAGE:
        await triage.ask_coordinator(turn, enquiry)
    else:
        await dispatching.start(turn, enquiry)


async def what_to_expect(turn: Turn, enquiry: Enquiry) -> dict[str, Any]:
    """Return by when an answer is promised, with the usual wait beside it where that is known."""
    return await expectation.beside(turn, enquiry, _promise(enquiry))


def settle_answers(turn: Turn, draft: Enquiry, *, language: str | None) -> None:
    """Draw language, field and urgency from what was tapped, and fill in what was not."""
    draft.spoken = language if draft.spoken in (None, enquiries.SKIPPED) else draft.spoken
    known = draft.topic in turn.rules.competences
    draft.competence = draft.topic if known else _competence_by_role(turn, draft)
    if draft.urgency is Urgency.HIGH:  # she tapped that it was urgent, and a person let it go on
        return
    draft.urgency = urgency_of(
        alarm=draft.alarm if draft.alarm in turn.rules.triage.alarms else None,
        is_minor_about_herself=draft.role == "self" and enquiries.is_writer_minor(draft),
        is_activity=draft.kind is Kind.ACTIVITY,
    )


def _competence_by_role(turn: Turn, draft: Enquiry) -> str | None:
    wished = "family" if draft.role == "relative" else None
    if draft.role == "self" and enquiries.is_writer_minor(draft):
        wished = "psychology"
    return wished if wished in turn.rules.competences else None


def _receipt(
    turn: Turn,
    chat: Chat,
    draft: Enquiry,
    number: str,
    promised: dict[str, Any],
    *,
    is_by_quiet: bool,
    is_released: bool,
) -> None:
    key = "sent.released" if is_released else "sent.by_quiet" if is_by_quiet else "sent.receipt"
    buttons = [
        [Button("button.tonight", "tonight")],
        [Button("button.new_question", "continue:new")],
        [Button("button.emergency", "emergency")],
    ]
    turn.say(chat, key, buttons=buttons, subject=draft.id, number=number, promised=promised)
    if draft.role == "professional":
        minor = "minor" if enquiries.is_about_minor(draft) else "any"
        turn.say(chat, f"sent.duty_to_notify_{minor}")


def _promise(draft: Enquiry) -> dict[str, Any]:
    assert draft.promised_by is not None
    return {"word": f"promise.{draft.urgency.value}", "params": {"by": when(draft.promised_by)}}
