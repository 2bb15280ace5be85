"""That a case was read stands in the log: once for each reader, case and hour."""

from __future__ import annotations

from bot.turn import Turn
from storage.models import Enquiry, Person
from storage.queries import log

_HOURS = 1


async def note(turn: Turn, reader: Person, enquiry: Enquiry) -> None:
    """Log that she reads the case, unless the log says so of the last hour already."""
    since = turn.after(hours=-_HOURS)
    if not await log.is_noted(turn.unit, "read", about=enquiry.id, by=reader.id, since=since):
        turn.record("read", enquiry, by=reader)
