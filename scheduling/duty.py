"""Who is on duty now: the rota says so, and a person's own word goes before it while it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduling.instant import Instant
from scheduling.shifts import Station


@dataclass(frozen=True, slots=True)
class Word:
    """What a person has said about her own duty; `until` None means until she says otherwise."""

    is_on: bool
    until: Instant | None = None

    def holds_at(self, moment: datetime) -> bool:
        """Whether the word still stands at the moment."""
        return self.until is None or moment < self.until


def station_at(
    moment: datetime, *, word: Word | None, by_rota: Station | None, own: Station
) -> Station | None:
    """Return the station the person stands at, or None where she is off duty.

    `by_rota` is her shift's station now, `own` the one she takes by her word where she has no shift.
    """
    if word is None or not word.holds_at(moment):
        return by_rota
    return (by_rota or own) if word.is_on else None
