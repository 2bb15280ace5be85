"""The list: all enquiries, newest first, by what stands in the log and never by what was written."""

from __future__ import annotations

from dataclasses import dataclass

from bot import passing_on, promises
from bot.turn import Turn
from storage.models import Enquiry, Person
from storage.queries import listing
from storage.queries.listing import Key, Wanted

AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """An enquiry on the list, and who has it or had it last."""

    enquiry: Enquiry
    alias: str | None
    is_late: bool
    is_to_pass_on: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Part of the list, what may be looked for, and where the next part begins."""

    lines: list[Listed]
    aliases: list[str]
    older: Key | None


async def show(turn: Turn, reader: Person, wanted: Wanted, *, before: Key | None) -> Page:
    """Return what came last of what is wanted, without what the reader asked herself or has a conflict in."""
    found = await listing.newest(turn.unit, wanted, reader=reader, before=before, at_most=AT_ONCE + 1)
    shown = found[:AT_ONCE]
    had = await listing.who_had(turn.unit, [enquiry.id for enquiry in shown])
    ready = await passing_on.ready(turn, shown)
    lines = [Listed(one, had.get(one.id), promises.is_late(turn, one), one.id in ready) for one in shown]
    older = (shown[-1].drafted_at, shown[-1].id) if len(found) > AT_ONCE else None
    return Page(lines, list(await listing.advisers(turn.unit)), older)
