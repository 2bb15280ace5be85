"""What the enquirer is told: in her chat; where she came another way, the desk is asked to tell her."""

from __future__ import annotations

from typing import Any

from bot import alarms, candidates
from bot.turn import CONVERSATION, Turn
from storage.models import DESK, Enquiry, Person
from storage.queries import people

# What the desk is asked to pass on, by what the chat would have read; the rest is for who reads a chat.
# That a promise was broken, the coordinators' own alarm says.
_FOR_DESK = {
    "assigned.to": "by_desk.assigned",
    "relay.from_panel": "by_desk.answered",
    "handover.enquirer": "by_desk.handed_on",
    "shift.enquirer_kept": "by_desk.kept",
    "sent.nobody_free_now": "by_desk.waits",
    "sent.out_of_hours": "by_desk.waits",
    "sent.no_coordinator": "by_desk.waits",
    "sent.no_coordinator_closed": "by_desk.waits",
    "closed.enquirer": "by_desk.closed",
    "closed.withdrawn": "by_desk.closed",
}


async def tell(
    turn: Turn, enquiry: Enquiry, key: str, *, except_for: Person | None = None, **given: Any
) -> None:
    """Say it in the enquirer's chat; without one, ask the desk to pass it on, but for who did it herself."""
    if enquiry.chat_id is not None:
        turn.say(enquiry.chat_id, key, **given)
        return
    for_desk = _FOR_DESK.get(key)
    if for_desk is None:
        return
    params = {name: given[name] for name in ("alias", "back", "opening") if name in given}
    for person in await passed_on_by(turn, enquiry):
        if person.chat_id is None or (except_for is not None and person.id == except_for.id):
            continue
        turn.say(
            person.chat_id,
            "by_desk.tell",
            purpose=for_desk,
            subject=enquiry.id,
            priority=CONVERSATION,
            number=enquiry.number or "–",
            what={"word": for_desk, "params": params},
        )
        turn.remove_earlier(person.chat_id, purpose=for_desk, subject=enquiry.id)


async def passed_on_by(turn: Turn, enquiry: Enquiry) -> list[Person]:
    """Return who passes on what the enquirer is told: who typed it in, else the coordinators."""
    for person in await people.in_reach(turn.unit, DESK):
        if person.id == enquiry.typed_by and await candidates.may_read(turn, person, enquiry):
            return [person]
    everybody, _ = await alarms.coordinators(turn, about=enquiry)
    return everybody
