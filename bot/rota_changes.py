"""A change of the rota: one at a time, counted, acted on, and told to those whose shifts it changes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bot import duty, rota, shift_end
from bot.turn import Turn
from scheduling.comparing import differences
from scheduling.rota import Rota
from scheduling.shifts import Shift, Span
from storage.models import DESK, Person, Role
from storage.queries import people
from storage.queries import rota as find

_AHEAD_DAYS = 28
_MOST_LINES = 5


@dataclass
class Change:
    """A change under way: the rota as it was before; refused, nothing follows from it."""

    before: Rota
    is_refused: bool = False

    def refuse(self) -> None:
        """Have nothing be said and nothing stand in the log: it was not made."""
        self.is_refused = True


@asynccontextmanager
async def changing(
    turn: Turn,
    *,
    by: Person | None,
    about: Person | None,
    what: str,
    details: Sequence[str | None] = (None,),
    hears: Person | None = None,
) -> AsyncIterator[Change]:
    """Yield the rota as it is, locked against other changes; what was written in between takes effect after.

    Whoever did not make the change herself is told which of her shifts it takes or gives, and the desk
    of hours that nobody has any more. `what` is the word under which it stands in the log, once for each
    of the details; `hears` is who hears of it in words of its own.
    """
    await find.count_change(turn.unit)
    change = Change(await rota.load(turn))
    yield change
    if not change.is_refused:
        if about is not None:
            for detail in details:
                turn.record(what, about, by=by, detail=detail)
        await _follow_up(turn, change.before, by=by, about=about, hears=hears)


async def _follow_up(
    turn: Turn, before: Rota, *, by: Person | None, about: Person | None, hears: Person | None
) -> None:
    await turn.unit.session.flush()
    after = await rota.load(turn)
    window = Span(turn.now, turn.after(days=_AHEAD_DAYS))
    taken, given = differences(before, after, window)
    everybody = {one.id: one for one in await people.in_roles(turn.unit, tuple(Role))}
    for person_id in sorted(taken.keys() | given.keys(), key=str):
        person = everybody.get(person_id)
        if person is not None and person not in (by, hears):
            _tell(turn, person, taken.get(person_id, []), given.get(person_id, []))
    await _warn_of_gaps(turn, before, after, window)
    for person in everybody.values():
        if about is None or person.id == about.id or person.id in taken or person.id in given:
            await duty.settle(turn, person, planned=after, by=by)
            await shift_end.renew(turn, person, after)


def _tell(turn: Turn, person: Person, taken: list[Shift], given: list[Shift]) -> None:
    if person.chat_id is None:
        return
    lines = [_changed("rota.taken", one) for one in taken] + [_changed("rota.given", one) for one in given]
    more = len(lines) - _MOST_LINES
    turn.say(
        person.chat_id,
        "rota.changed" if more <= 0 else "rota.changed_cut",
        priority=rota.loudness(turn),
        lines={"lines": lines[:_MOST_LINES]},
        more=max(more, 0),
    )


def _changed(key: str, shift: Shift) -> dict[str, Any]:
    return {"key": key, "params": rota.line(shift)["params"]}


async def _warn_of_gaps(turn: Turn, before: Rota, after: Rota, window: Span) -> None:
    known = {one for one in rota.thin(turn, before, window) if one.on_duty == 0}
    opened = [one for one in rota.thin(turn, after, window) if one.on_duty == 0 and one not in known]
    if not opened:
        return
    lines = [rota.thin_line(one) for one in opened[:_MOST_LINES]]
    more = max(len(opened) - _MOST_LINES, 0)
    for person in await people.in_reach(turn.unit, DESK):
        if person.chat_id is not None and not person.is_paused(turn.now):
            turn.say(
                person.chat_id,
                "rota.gaps_opened" if more else "rota.gap_opened",
                buttons=rota.cover_buttons(opened),
                priority=rota.loudness(turn),
                lines={"lines": lines},
                more=more,
            )
