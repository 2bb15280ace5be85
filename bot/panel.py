"""The people of the hotline at a glance: who does what, who is there, and whose papers want seeing to."""

from __future__ import annotations

from dataclasses import dataclass

from bot import certificates, out_of_hours, rota
from bot.certificates import Papers
from bot.turn import Turn
from scheduling.shifts import Station
from storage.models import Invite, Person
from storage.queries import staff

AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A member of staff as the list shows her."""

    person: Person
    open_cases: int
    station: Station | None
    is_paused: bool
    papers: Papers
    out_of_hours: out_of_hours.Said | None


@dataclass(frozen=True, slots=True)
class Page:
    """People by alias, and after whom the next page begins, if there is one."""

    lines: list[Line]
    next_after: str | None


async def show(turn: Turn, *, after: str | None) -> Page:
    """Return those whose accounts are open."""
    return await _page(turn, after=after, closed=False)


async def show_closed(turn: Turn, *, after: str | None) -> Page:
    """Return those whose accounts were closed."""
    return await _page(turn, after=after, closed=True)


async def invites(turn: Turn, *, after: str | None) -> tuple[list[Invite], str | None]:
    """Return the links nobody has opened, by alias, and after which alias the next page begins."""
    found = list(await staff.invites_standing(turn.unit, after=after, at_most=AT_ONCE + 1))
    return found[:AT_ONCE], found[AT_ONCE - 1].alias if len(found) > AT_ONCE else None


async def _page(turn: Turn, *, after: str | None, closed: bool) -> Page:
    found = await staff.listed(turn.unit, closed=closed, after=after, at_most=AT_ONCE + 1)
    today, planned = rota.today(turn), await rota.load(turn)
    lines = [
        Line(
            person=one.person,
            open_cases=one.open_cases,
            station=one.station,
            is_paused=one.person.is_paused(turn.now),
            papers=certificates.of(one.person, turn.rules.panel, today),
            out_of_hours=None if closed else out_of_hours.in_words(turn, planned, one.person),
        )
        for one in found[:AT_ONCE]
    ]
    return Page(lines, lines[-1].person.alias if len(found) > AT_ONCE else None)
