"""An answer for who has no chat: the desk reads it in the case, tells her, and says so; then it is given."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from bot import promises
from bot.turn import Turn
from scheduling.instant import Instant
from storage.models import Enquiry, Person, State
from storage.queries import enquiries as find
from storage.queries import messages


async def due(turn: Turn, enquiry: Enquiry, *, is_hers: bool) -> str | None:
    """Return what is to be passed on, as whoever notes that it was must have seen it; None where nothing is.

    Whoever has the case herself may say so without having written anything.
    """
    if enquiry.chat_id is not None or enquiry.destroyed_at is not None:
        return None
    written = (await messages.advised(turn.unit, [enquiry.id]))[enquiry.id]
    is_own = is_hers and enquiry.passed_on_at is None and enquiry.state is State.ASSIGNED
    return _as_it_stands(enquiry, len(written)) if _is_ready(enquiry, written) or is_own else None


async def ready(turn: Turn, enquiries: Collection[Enquiry]) -> set[UUID]:
    """Return of which enquiries the adviser's answer is written, and not noted as passed on."""
    without_chat = [one for one in enquiries if one.chat_id is None and one.destroyed_at is None]
    written = await messages.advised(turn.unit, [one.id for one in without_chat])
    return {one.id for one in without_chat if _is_ready(one, written[one.id])}


async def note(turn: Turn, person: Person, enquiry: Enquiry, *, seen: str) -> bool:
    """Note that the enquirer was told; False where that is not due, or not what the person saw."""
    has_it = await find.active_assignment(turn.unit, enquiry.id)
    is_hers = has_it is not None and has_it.person_id == person.id
    if seen != await due(turn, enquiry, is_hers=is_hers):
        return False
    enquiry.passed_on_at = turn.now
    enquiry.answered_at = enquiry.answered_at or turn.now
    await turn.cancel_timer("unanswered", enquiry.id)
    await promises.keep(turn, enquiry)
    turn.record("passed_on", enquiry, by=person)
    return True


def _is_ready(enquiry: Enquiry, written: Sequence[Instant]) -> bool:
    since = enquiry.passed_on_at
    return any(since is None or each > since for each in written)


def _as_it_stands(enquiry: Enquiry, count: int) -> str:
    told = enquiry.passed_on_at
    return f"{count}:{told.microseconds if told is not None else 0}"
