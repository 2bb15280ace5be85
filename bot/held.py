"""A held emergency at a screen: what is held is shown to whoever has opened its alarm, and that is logged."""

from __future__ import annotations

from dataclasses import dataclass

from bot import candidates, case_file, emergencies, reading, transcript
from bot.turn import Turn
from scheduling.instant import Instant
from storage.models import Enquiry, Person, State
from storage.queries import enquiries as find
from storage.queries import log


@dataclass(frozen=True, slots=True)
class Held:
    """What the reader may see of a held emergency: nothing of what was written before she opens the alarm."""

    enquiry: Enquiry
    adviser: str | None
    answers: list[str]
    said: list[case_file.Said]
    is_open: bool
    destroyed_at: Instant | None

    @property
    def seen(self) -> str:
        """What a decision carries: it is made on what was read, and on nothing that came later."""
        return seen_of(self.enquiry)


def seen_of(enquiry: Enquiry) -> str:
    """Return the emergency's moment and how much was written in it."""
    held_at = 0 if enquiry.held_at is None else enquiry.held_at.microseconds
    return f"{enquiry.state.value}:{held_at}:{enquiry.message_count}"


async def may_open(turn: Turn, reader: Person, enquiry: Enquiry) -> bool:
    """Whether there is an alarm that she may open: of nothing she asked herself or must not see."""
    return enquiry.state is State.HELD and await candidates.may_read(turn, reader, enquiry)


async def has_opened(turn: Turn, reader: Person, enquiry: Enquiry) -> bool:
    """Whether she has opened the alarm of this emergency, here or in her chat."""
    since = enquiry.held_at or turn.now
    return await log.is_noted(turn.unit, "alarm_opened", about=enquiry.id, by=reader.id, since=since)


async def show(turn: Turn, reader: Person, enquiry: Enquiry) -> Held:
    """Return the emergency as far as the reader has opened it; that it was read is logged."""
    is_open = await has_opened(turn, reader, enquiry)
    if is_open:
        await reading.note(turn, reader, enquiry)
    adviser = await find.adviser_of(turn.unit, enquiry.id)
    kept = enquiry.alarm_opened_at
    return Held(
        enquiry=enquiry,
        adviser=None if adviser is None else adviser[0].alias,
        answers=transcript.answers(enquiry) if is_open else [],
        said=await case_file.said_in_all(turn, enquiry) if is_open else [],
        is_open=is_open,
        destroyed_at=None if kept is None else emergencies.kept_until(turn, kept),
    )
