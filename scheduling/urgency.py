"""How soon an enquiry must be answered."""

from __future__ import annotations

from enum import StrEnum


class Urgency(StrEnum):
    """The four urgencies, most urgent first."""

    EMERGENCY = "emergency"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for the most urgent; queues drain in this order."""
        return list(Urgency).index(self)


_ALARMS_ANSWERED = frozenset({"violence", "weapon", "travel", "selfharm", "unknown"})


def urgency_of(*, alarm: str | None, is_minor_about_herself: bool, is_activity: bool) -> Urgency:
    """Return the urgency an enquiry starts with; a person may change it afterwards.

    Alarm *none* or unanswered is normal; any other alarm answer, or a minor about herself, is
    high; an activity request is low (the project's rule on urgency and routing).
    """
    if is_activity:
        return Urgency.LOW
    if is_minor_about_herself or alarm in _ALARMS_ANSWERED:
        return Urgency.HIGH
    return Urgency.NORMAL
