"""What the chat said already: proposals for a referral's fields, to be ticked by somebody or left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.referral_form import BY_NAME, Kind, choices_of
from bot.referral_values import Origin
from bot.turn import Turn
from storage.models import Enquiry, Referral

_TAPPED = ("role", "profession", "relation", "age")
_ALARMS = ("violence", "weapon", "travel")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What may be ticked for a field, and where it comes from."""

    text: str
    origin: Origin


def of(turn: Turn, enquiry: Enquiry, referral: Referral) -> dict[str, Proposal]:
    """Return what was tapped in the intake and answered in the chat, by field; nothing is taken by itself."""
    found = {name: Proposal(getattr(enquiry, name) or "", Origin.ANSWER) for name in _TAPPED}
    found |= {name: Proposal(_of_alarm(enquiry.alarm, name), Origin.ANSWER) for name in _ALARMS}
    urgency = enquiry.urgency.value
    found["urgency"] = Proposal("high" if urgency == "emergency" else urgency, Origin.RULES)
    if referral.answer is not None:
        found["asked"] = Proposal("agreed" if referral.answer == "yes" else "declined", Origin.CHAT)
    day = turn.now.astimezone(turn.rules.zone).date() + timedelta(days=turn.rules.referral.answer_days)
    found["answer_by"] = Proposal(day.isoformat(), Origin.RULES)
    return {name: one for name, one in found.items() if _fits(turn, name, one.text)}


def _of_alarm(alarm: str | None, name: str) -> str:
    """Return what the tapped alarm says of one thing; another alarm says nothing of it."""
    return {name: "yes", "none": "no", "unknown": "unknown"}.get(alarm or "", "")


def _fits(turn: Turn, name: str, text: str) -> bool:
    field = BY_NAME[name]
    return field.kind is Kind.DAY or text in choices_of(field, turn.rules.referral)
