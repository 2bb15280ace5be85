"""What the chat said already: proposals for a referral's fields, to be ticked by somebody or left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot import referral_talk
from bot.emergency_signs import shows_emergency
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


async def of(turn: Turn, enquiry: Enquiry, referral: Referral) -> dict[str, Proposal]:
    """Return what was tapped in the intake and answered in the chat, by field; nothing is taken by itself."""
    found = {name: Proposal(getattr(enquiry, name) or "", Origin.ANSWER) for name in _TAPPED}
    alarm = await _standing_alarm(turn, enquiry)
    found |= {name: Proposal(_of_alarm(alarm, name), Origin.ANSWER) for name in _ALARMS}
    urgency = enquiry.urgency.value
    found["urgency"] = Proposal("high" if urgency == "emergency" else urgency, Origin.RULES)
    if referral.answer is not None:
        found["asked"] = Proposal("agreed" if referral.answer == "yes" else "declined", Origin.CHAT)
    day = turn.now.astimezone(turn.rules.zone).date() + timedelta(days=turn.rules.referral.answer_days)
    found["answer_by"] = Proposal(day.isoformat(), Origin.RULES)
    return {name: one for name, one in found.items() if _fits(turn, name, one.text)}


async def _standing_alarm(turn: Turn, enquiry: Enquiry) -> str | None:
    """Return the tapped alarm; that there is no danger, or none known, stands only while nothing belies it.

    The emergency card belies it, and so does what the enquirer wrote.
    """
    if enquiry.alarm in (None, *_ALARMS):
        return enquiry.alarm
    if enquiry.held_at is not None:
        return None
    written = await referral_talk.written_by_enquirer(turn, enquiry)
    return None if any(shows_emergency(text, turn.rules.signs) for text in written) else enquiry.alarm


def _of_alarm(alarm: str | None, name: str) -> str:
    """Return what the tapped alarm says of one thing; another alarm says nothing of it."""
    return {name: "yes", "none": "no", "unknown": "unknown"}.get(alarm or "", "")


def _fits(turn: Turn, name: str, text: str) -> bool:
    field = BY_NAME[name]
    return field.kind is Kind.DAY or text in choices_of(field, turn.rules.referral)
