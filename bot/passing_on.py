"""An answer for who has no chat: the desk reads it in the case, tells her, and says so; then it is given."""

from __future__ import annotations

from bot import promises
from bot.turn import Turn
from scheduling.instant import Instant
from storage.models import Author, Enquiry, Person, State
from storage.queries import messages


async def due(turn: Turn, enquiry: Enquiry, *, is_hers: bool) -> str | None:
    """Return what is to be passed on, as whoever notes that it was must have seen it; None where nothing is.

    Whoever has the case herself may say so without having written anything.
    """
    if enquiry.chat_id is not None or enquiry.destroyed_at is not None:
        return None
    written = await _written(turn, enquiry)
    since = enquiry.passed_on_at
    is_new = any(since is None or each > since for each in written)
    is_own = is_hers and since is None and enquiry.state is State.ASSIGNED
    return _as_it_stands(enquiry, len(written)) if is_new or is_own else None


async def note(turn: Turn, person: Person, enquiry: Enquiry, *, seen: str) -> bool:
    """Note that the enquirer was told; False where something has changed since the person looked."""
    if enquiry.chat_id is not None or seen != _as_it_stands(enquiry, len(await _written(turn, enquiry))):
        return False
    enquiry.passed_on_at = turn.now
    enquiry.answered_at = enquiry.answered_at or turn.now
    await turn.cancel_timer("unanswered", enquiry.id)
    await promises.keep(turn, enquiry)
    turn.record("passed_on", enquiry, by=person)
    return True


async def _written(turn: Turn, enquiry: Enquiry) -> list[Instant]:
    everything = await messages.of_enquiry(turn.unit, enquiry.id)
    return [one.written_at for one in everything if one.author is Author.RESOURCE_PERSON]


def _as_it_stands(enquiry: Enquiry, count: int) -> str:
    told = enquiry.passed_on_at
    return f"{count}:{told.microseconds if told is not None else 0}"
