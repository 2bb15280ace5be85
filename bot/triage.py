"""What must not go straight to the panel is looked at by the duty coordinator first."""

from __future__ import annotations

from typing import Any

from bot import alarms, dispatching, enquirer, enquiries, promises, waiting
from bot.turn import CONVERSATION, Button, Turn, competence, on, when, word
from scheduling.urgency import Urgency
from storage.models import Enquiry, Kind, Person, State

# An emergency is what its writer says it is; a person judges between the others.
JUDGED = (Urgency.HIGH, Urgency.NORMAL, Urgency.LOW)


def reason(turn: Turn, enquiry: Enquiry) -> str | None:
    """Return why a coordinator looks at the enquiry first, or None where it goes to the panel."""
    if enquiry.kind is Kind.ACTIVITY:
        return "activity"
    rules = turn.rules.triage
    if rules.mode != "flagged":
        return "always" if rules.mode == "always" else None
    if enquiry.alarm in rules.alarms:
        return "alarm"
    if enquiries.is_writer_minor(enquiry):
        return "minor"
    if enquiry.role == "self":
        return "self"
    return "competence" if enquiry.competence in rules.competences else None


async def ask_coordinator(turn: Turn, enquiry: Enquiry) -> None:
    """Tell the coordinators, without content, that an enquiry waits for them."""
    told = await alarms.alert(
        turn, "triage.waiting", about=enquiry, buttons=buttons(enquiry), **_on_card(enquiry)
    )
    if not told and enquiry.kind is not Kind.ACTIVITY:
        await _say_none_is_on_duty(turn, enquiry)
    minutes = turn.rules.limits.unclaimed_alarm_minutes
    await turn.set_timer("unclaimed", enquiry.id, turn.after(minutes=minutes))


async def show_again(turn: Turn, enquiry: Enquiry) -> None:
    """Post the card anew to whom it is for now, and remove what stood there before; nobody is alarmed."""
    for person in (await alarms.coordinators(turn, about=enquiry))[0]:
        if person.chat_id is not None:
            turn.say(
                person.chat_id,
                "triage.waiting",
                buttons=buttons(enquiry),
                purpose="alarm",
                subject=enquiry.id,
                priority=CONVERSATION,
                **_on_card(enquiry),
            )
            turn.remove_earlier(person.chat_id, purpose="alarm", subject=enquiry.id)


def _on_card(enquiry: Enquiry) -> dict[str, Any]:
    assert enquiry.promised_by is not None
    return {
        "number": enquiry.number or "",
        "reason": word(f"triage.reason.{enquiry.triage_reason}"),
        "urgency": word(f"urgency.{enquiry.urgency.value}"),
        "competence": competence(enquiry.competence),
        "by": when(enquiry.promised_by),
    }


async def _say_none_is_on_duty(turn: Turn, enquiry: Enquiry) -> None:
    opening = turn.rules.panel_hours.next_opening(turn.now) or turn.after(days=1)
    key = "sent.no_coordinator" if opening <= turn.now else "sent.no_coordinator_closed"
    await enquirer.tell(turn, enquiry, key, subject=enquiry.id, opening=when(opening), numbers="open")


def buttons(enquiry: Enquiry) -> list[list[Button]]:
    """Return what a coordinator can do with an enquiry in triage."""
    return [
        [
            Button("button.read", on("triage:read", enquiry)),
            Button("button.take", on("triage:take", enquiry)),
        ],
        [Button("button.to_panel", on("triage:panel", enquiry))],
        [Button("button.misuse", on("triage:misuse", enquiry))],
    ]


async def pass_on(turn: Turn, coordinator: Person, enquiry: Enquiry) -> None:
    """Let the panel be asked."""
    if enquiry.state is State.TRIAGE:
        enquiries.move(turn, enquiry, State.WAITING, by=coordinator)
        await dispatching.start(turn, enquiry)


async def change_urgency(turn: Turn, person: Person, enquiry: Enquiry, to: Urgency) -> None:
    """A person judges the urgency anew: offers and reminders follow it; an earlier promise still holds."""
    turn.record("urgency_changed", enquiry, by=person, detail=f"{enquiry.urgency}>{to}")
    enquiry.urgency = to
    await promises.bring_forward(turn, enquiry)
    if enquiry.state is State.WAITING:
        await dispatching.go_on_as_urgent(turn, enquiry)
    elif enquiry.state is State.ASSIGNED and not waiting.is_answered(enquiry):
        await waiting.await_answer(turn, enquiry)
