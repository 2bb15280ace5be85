"""What must not go straight to the panel is looked at by the duty coordinator first."""

from __future__ import annotations

from bot import alarms, dispatching, enquirer, enquiries
from bot.turn import Button, Turn, competence, on, when, word
from storage.models import Enquiry, Kind, Person, State


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
    assert enquiry.promised_by is not None
    told = await alarms.alert(
        turn,
        "triage.waiting",
        about=enquiry,
        buttons=buttons(enquiry),
        number=enquiry.number or "",
        reason=word(f"triage.reason.{enquiry.triage_reason}"),
        urgency=word(f"urgency.{enquiry.urgency.value}"),
        competence=competence(enquiry.competence),
        by=when(enquiry.promised_by),
    )
    if not told and enquiry.kind is not Kind.ACTIVITY:
        await _say_none_is_on_duty(turn, enquiry)
    minutes = turn.rules.limits.unclaimed_alarm_minutes
    await turn.set_timer("unclaimed", enquiry.id, turn.after(minutes=minutes))


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
