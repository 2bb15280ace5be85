"""One thing a person did, identified and parsed: what every handler of the chat is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from bot.incoming import Incoming
from bot.turn import Turn
from scheduling.ids import from_short
from storage.models import Chat, Enquiry, Person
from storage.queries import enquiries as find


@dataclass(frozen=True, slots=True)
class Visit:
    """Who did what, in which chat, within which turn."""

    turn: Turn
    chat: Chat
    person: Person | None
    incoming: Incoming
    words: tuple[str, ...] = ()
    ids: tuple[UUID, ...] = ()

    @property
    def staff(self) -> Person:
        """The member of staff; only called where the permission table has let her in."""
        assert self.person is not None
        return self.person

    def word(self, position: int) -> str:
        """Return the word at the position of what was tapped, or an empty one."""
        return self.words[position] if position < len(self.words) else ""

    def say(self, key: str, **params: object) -> None:
        """Answer in the chat."""
        self.turn.say(self.chat, key, **params)  # type: ignore[arg-type]  # parameters are passed through

    async def enquiry(self) -> Enquiry | None:
        """Return the enquiry that was tapped on, locked; a stale button is answered here."""
        found = await find.locked(self.turn.unit, self.ids[0]) if self.ids else None
        if found is None:
            self.say("tap.stale")
        return found

    async def own_enquiry(self) -> Enquiry | None:
        """Return the enquiry that was tapped on, if this chat asked it."""
        found = await self.enquiry()
        if found is not None and found.chat_id != self.chat.id:
            self.say("tap.stale")
            return None
        return found


Handler = Callable[[Visit], Awaitable[None]]


def parse_tap(data: str) -> tuple[tuple[str, ...], tuple[UUID, ...]]:
    """Return the words of a button's data and the ids at its end."""
    words = data.split(":")
    ids: list[UUID] = []
    while words and (found := from_short(words[-1])) is not None:
        ids.insert(0, found)
        words.pop()
    return tuple(words), tuple(ids)
