"""Who can be written to: a chat that falls silent is remembered, and the other side is told."""

from __future__ import annotations

from bot import alarms, dispatching, handovers
from bot.turn import Turn
from storage.models import Chat, Person, Role, State
from storage.queries import enquiries as find
from storage.queries import messages, people


async def lose(turn: Turn, chat: Chat) -> None:
    """Remember that the chat cannot be written to; what its adviser has is offered on."""
    if chat.unreachable_since is not None:
        return
    chat.unreachable_since = turn.now
    person = await people.of_chat(turn.unit, chat.id)
    turn.record("unreachable", chat if person is None else person)
    await turn.unit.session.flush()
    if person is not None:
        await _pass_on_what_she_has(turn, person)
    await _tell_advisers(turn, chat, "relay.enquirer_unreachable")


async def regain(turn: Turn, chat: Chat) -> None:
    """Remember that the chat can be written to again."""
    if chat.unreachable_since is None:
        return
    chat.unreachable_since = None
    person = await people.of_chat(turn.unit, chat.id)
    turn.record("reachable", chat if person is None else person)
    await turn.unit.session.flush()
    await _tell_advisers(turn, chat, "relay.enquirer_reachable")
    await _clear_what_is_not_hers(turn, chat, person)
    if person is not None:
        await dispatching.drain(turn)


async def _pass_on_what_she_has(turn: Turn, person: Person) -> None:
    has = await find.assigned_to(turn.unit, person.id)
    await handovers.refuse_for(turn, person)
    await handovers.take_from(turn, person, because="unreachable")
    await dispatching.withdraw_from(turn, person)
    if has or person.role is not Role.RESOURCE_PERSON:
        await alarms.alert(turn, "alarm.adviser_unreachable", alias=person.alias, count=len(has))


async def _clear_what_is_not_hers(turn: Turn, chat: Chat, person: Person | None) -> None:
    """Copies of cases that went to others, or of a revoked account, could not be removed meanwhile."""
    assigned = [] if person is None else await find.assigned_to(turn.unit, person.id)
    has = {enquiry.id for enquiry in assigned}
    for enquiry in await messages.cases_standing_in(turn.unit, chat.id):
        if enquiry.id not in has:
            turn.remove_case(chat, enquiry)


async def _tell_advisers(turn: Turn, chat: Chat, key: str) -> None:
    for enquiry in await find.open_of(turn.unit, chat.id):
        adviser = await find.adviser_of(turn.unit, enquiry.id)
        if adviser is not None and enquiry.state in (State.ASSIGNED, State.HELD):
            turn.say(adviser[1], key, subject=enquiry.id, number=enquiry.number or "")
