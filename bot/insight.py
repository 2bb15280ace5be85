"""Where each open question stands, and why nobody was asked: for the secretariat and the sandbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.turn import Turn, word
from storage.models import State
from storage.queries import enquiries as find
from storage.queries import log


@dataclass(frozen=True, slots=True)
class Line:
    """A line of words about one enquiry, without content."""

    number: str
    key: str
    params: dict[str, Any] = field(default_factory=dict)
    is_warning: bool = False


async def explain(turn: Turn) -> list[Line]:
    """Return a line for each open enquiry, the oldest first."""
    lines = []
    for enquiry, alias in await find.queue(turn.unit):
        number = enquiry.number or "–"
        if enquiry.state is State.WAITING:
            lines.append(await _waiting(turn, enquiry.id, number))
        elif enquiry.state is State.TRIAGE:
            reason = word(f"triage.reason.{enquiry.triage_reason or 'none'}")
            lines.append(Line(number, "insight.triage", {"reason": reason}))
        else:
            is_held = enquiry.state is State.HELD
            lines.append(Line(number, f"insight.{enquiry.state.value}", {"alias": alias or ""}, is_held))
    return lines


async def _waiting(turn: Turn, enquiry_id: Any, number: str) -> Line:
    asked = [person.alias for _, person in await find.open_offers(turn.unit, enquiry_id)]
    if asked:
        return Line(number, "insight.offered", {"names": ", ".join(asked)})
    reasons = await log.last_reasons(turn.unit, enquiry_id)
    if not reasons:
        return Line(number, "insight.waits_for_opening", {}, is_warning=True)
    lines = [{"key": f"passed_over.{why}", "params": {"count": count}} for why, count in reasons.items()]
    return Line(number, "insight.nobody", {"reasons": {"lines": lines}}, is_warning=True)
