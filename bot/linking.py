"""An enquiry refers to an earlier one, by a person's hand; each is shown only to who may read it."""

from __future__ import annotations

from dataclasses import dataclass

from bot import candidates
from bot.turn import Turn
from storage.models import Chat, Enquiry, Person, Role, State
from storage.queries import console, links
from storage.queries import enquiries as find

_READABLE = (State.WAITING, State.TRIAGE, State.ASSIGNED, State.HELD, State.CLOSED)


@dataclass(frozen=True, slots=True)
class Linked:
    """What an enquiry refers to, and what refers to it, as far as the reader may know of it."""

    earlier: Enquiry | None
    later: list[Enquiry]


async def around(turn: Turn, reader: Person, enquiry: Enquiry) -> Linked:
    """Return what is linked to the enquiry and the reader may open."""
    found = [one for one in await links.around(turn.unit, enquiry) if one.state in _READABLE]
    conflicts = await console.conflicts_among(turn.unit, [one.id for one in found])
    shown = [one for one in found if one.chat_id != reader.chat_id and (one.id, reader.id) not in conflicts]
    if reader.role is Role.RESOURCE_PERSON:
        hers = {one.id for one in await console.cases_of(turn.unit, reader.id)}
        shown = [one for one in shown if one.id in hers]
    earlier = next((one for one in shown if one.id == enquiry.previous_id), None)
    return Linked(earlier, [one for one in shown if one.previous_id == enquiry.id])


async def link(turn: Turn, person: Person, chat: Chat, enquiry: Enquiry, number: str) -> None:
    """Have the enquiry refer to the earlier one of this number; what she may not see is not there."""
    earlier = await console.enquiry_of(turn.unit, number)
    if (
        earlier is None
        or earlier.state not in _READABLE
        or not await candidates.may_read(turn, person, earlier)
    ):
        turn.say(chat, "link.not_found")
    elif earlier.id == enquiry.id or earlier.drafted_at > enquiry.drafted_at:
        turn.say(chat, "link.not_earlier", number=earlier.number or "")
    else:
        enquiry.previous_id = earlier.id
        turn.record("linked", enquiry, by=person, detail=str(earlier.id))
        turn.say(chat, "link.made", number=enquiry.number or "", earlier=earlier.number or "")


async def unlink(turn: Turn, person: Person, chat: Chat, enquiry: Enquiry) -> None:
    """Have the enquiry refer to no other."""
    earlier = None if enquiry.previous_id is None else await find.locked(turn.unit, enquiry.previous_id)
    if earlier is None or not await candidates.may_read(turn, person, earlier):
        turn.say(chat, "link.not_found")
        return
    enquiry.previous_id = None
    turn.record("unlinked", enquiry, by=person, detail=str(earlier.id))
    turn.say(chat, "link.undone", number=enquiry.number or "", earlier=earlier.number or "")
