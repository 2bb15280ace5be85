"""Whether somebody may be asked outside the opening hours: about what is urgent, where she is on duty."""

from __future__ import annotations

from typing import Any

from bot import rota
from bot.turn import Turn, span
from scheduling.instant import Instant
from scheduling.opening import OpeningHours
from scheduling.rota import Rota
from scheduling.shifts import Span, Station
from storage.models import DESK, Person, Role

_AHEAD_DAYS = 14

Said = tuple[str, dict[str, Any]]


def in_words(turn: Turn, planned: Rota, person: Person) -> Said | None:
    """Return, by key and parameters, whether her phone may ring then; None for who is asked nothing."""
    if person.role in DESK:
        return "out_of_hours.alarms", {}
    if person.role is not Role.RESOURCE_PERSON:
        return None
    if not any(one.asks_anybody and not one.only_in_opening_hours for one in turn.rules.policies.values()):
        return "out_of_hours.never", {}
    hours = rota.open_hours(turn, planned)
    closed = (_closed(hours, one) for one in _on_duty(turn, planned, person))
    first = min((one for one in closed if one is not None), default=None)
    if first is None:
        return "out_of_hours.not_asked", {"days": _AHEAD_DAYS}
    return "out_of_hours.asked", {"span": span(first)}


def _on_duty(turn: Turn, planned: Rota, person: Person) -> list[Span]:
    """Return when she is on duty from now on, by the rota and by her own word."""
    window = Span(turn.now, turn.after(days=_AHEAD_DAYS))
    is_off = person.says_on_duty is False
    shifts = planned.shifts(window, person=person.id, station=Station.PANEL)
    spans = [one.span for one in shifts if not (is_off and one.span.starts <= turn.now)]
    if person.says_on_duty:
        spans.append(Span(turn.now, person.says_until or window.ends))
    is_back = _is_back(turn, person) or window.ends
    return [Span(max(one.starts, is_back), one.ends) for one in spans if one.ends > is_back]


def _is_back(turn: Turn, person: Person) -> Instant | None:
    """Return from when she is asked anything: now, where she is not paused; None until further notice."""
    return person.paused_until if person.is_paused(turn.now) else turn.now


def _closed(hours: OpeningHours, of: Span) -> Span | None:
    """Return the first part of the span in which the panel is closed."""
    moment: Instant = of.starts
    for opens, closes in hours.open_between(*of):
        if moment < opens:
            return Span(moment, opens)
        moment = closes
    return Span(moment, of.ends) if moment < of.ends else None
