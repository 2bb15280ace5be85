"""Who is on duty now; until the rota exists, a person says so herself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduling.instant import Instant


@dataclass(frozen=True, slots=True)
class Duty:
    """What a person has said about her own duty; `until` None means until she says otherwise."""

    is_on: bool
    until: Instant | None = None

    def holds_at(self, moment: datetime) -> bool:
        """Whether the person is on duty at the moment."""
        return self.is_on and (self.until is None or moment < self.until)
