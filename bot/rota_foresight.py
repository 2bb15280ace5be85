"""What a change of the rota would do: it is made in a unit of work that is never committed, and looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from bot import rota, rota_making
from bot.rota_edits import Edit
from bot.turn import Turn
from scheduling.comparing import differences, fewer
from scheduling.instant import Instant
from scheduling.shifts import Shift, Span, Thin
from storage.models import Chat, Person, Role
from storage.queries import people
from storage.queries import rota as find

_WEEKS = 4


@dataclass(frozen=True, slots=True)
class Thought(Turn):
    """A turn whose words reach nobody: whom they would have reached is kept."""

    said: list[tuple[UUID, str, dict[str, Any]]] = field(default_factory=list)

    def say(self, chat: Chat | UUID, key: str, **given: Any) -> None:
        """Keep who would hear, and what."""
        self.said.append((chat.id if isinstance(chat, Chat) else chat, key, given))


@dataclass(frozen=True, slots=True)
class Hers:
    """The shifts somebody would have no more, and those she would have in their place."""

    alias: str
    taken: tuple[Shift, ...]
    given: tuple[Shift, ...]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a change would do within four weeks of its first day; refused, only why is said."""

    revision: int
    refused: tuple[tuple[str, dict[str, Any]], ...] = ()
    people: tuple[Hers, ...] = ()
    fewer: tuple[Thin, ...] = ()
    more: tuple[Thin, ...] = ()
    lapsed: int = 0
    hear: tuple[str, ...] = ()


async def foresee(thought: Thought, by: Person, chat: Chat, edit: Edit) -> Foreseen:
    """Make the change as it would be made, and return what came of it; the unit must not be committed."""
    revision = await find.revision(thought.unit)
    before = await rota.load(thought)
    made = await rota_making.make(thought, by, chat, edit)
    if made is None:
        refused = tuple((key, given) for to, key, given in thought.said if to == chat.id)
        return Foreseen(revision, refused=refused)
    after = await rota.load(thought)
    first = rota.days(thought, made.first - timedelta(days=1), 7 * _WEEKS)
    window = Span(max(thought.now, first.starts), max(Instant.of(thought.now + timedelta(1)), first.ends))
    taken, given = differences(before, after, window)
    touched = _touched(window, (*taken.values(), *given.values()))
    old, new = rota.thin(thought, before, touched), rota.thin(thought, after, touched)
    aliases = {one.id: one.alias for one in await people.in_roles(thought.unit, tuple(Role))}
    return Foreseen(
        revision,
        people=tuple(
            Hers(aliases[one], tuple(taken.get(one, ())), tuple(given.get(one, ())))
            for one in sorted(aliases, key=lambda who: aliases[who].lower())
            if one in taken or one in given
        ),
        fewer=fewer(old, new),
        more=fewer(new, old),
        lapsed=len(set(after.void_swaps()) - set(before.void_swaps())),
        hear=await _hear(thought, chat),
    )


def _touched(window: Span, shifts: Iterable[list[Shift]]) -> Span:
    """Return the part of the window in which shifts change; all of it where none does."""
    spans = [shift.span for some in shifts for shift in some]
    if not spans:
        return window
    starts, ends = min(span.starts for span in spans), max(span.ends for span in spans)
    return Span(max(starts, window.starts), min(ends, window.ends))


async def _hear(thought: Thought, own: Chat) -> tuple[str, ...]:
    reached = {chat for chat, _, _ in thought.said} - {own.id}
    everybody = await people.in_roles(thought.unit, tuple(Role))
    return tuple(one.alias for one in everybody if one.chat_id in reached)
