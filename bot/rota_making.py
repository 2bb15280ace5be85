"""Changes of the rota at a screen: who may make which, and one door to making them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from bot import absences, covers, plans, rota, rota_days, rota_rules, swaps
from bot.rota_edits import (
    AddAbsence,
    AddRule,
    AddShift,
    AnswerSwap,
    ChangeRule,
    DropAbsence,
    DropDepartures,
    DropRule,
    Edit,
    EndRule,
    GiveShift,
    Made,
    MoveShift,
    OfferShift,
    PutPlan,
    ReadCalendar,
    SetDay,
    SwapAct,
    TakeShift,
    UndoSwap,
)
from bot.turn import Turn
from storage.models import DESK, Absence, Chat, Person, SwapState
from storage.queries import people
from storage.queries import rota as find


def may_make(by: Person, edit: Edit) -> bool:
    """Whether the person may change this: the desk everything, anybody what is her own."""
    if isinstance(edit, AddAbsence):
        return by.role in DESK or edit.person == by.id
    # Whose absence or swap it is, is looked up when it is made.
    return by.role in DESK or isinstance(edit, DropAbsence | OfferShift | AnswerSwap | TakeShift)


async def make(turn: Turn, by: Person, chat: Chat, edit: Edit) -> Made | None:
    """Change the rota and say in the chat what was done; None where it could not be, and why was said."""
    return await _MAKERS[type(edit)](turn, by, chat, edit)


async def _add_absence(turn: Turn, by: Person, chat: Chat, edit: AddAbsence) -> Made | None:
    person = (await people.by_ids(turn.unit, (edit.person,))).get(edit.person)
    if person is None or person.revoked_at is not None:
        turn.say(chat, "desk.person_not_found")
        return None
    made = await absences.add_span(turn, person, chat, edit.starts, edit.ends, by=by)
    return None if made is None else Made(edit.starts.date(), DropAbsence(made.id))


async def _drop_absence(turn: Turn, by: Person, chat: Chat, edit: DropAbsence) -> Made | None:
    row = await turn.unit.session.get(Absence, edit.absence)
    if row is None or not (by.role in DESK or row.person_id == by.id):
        turn.say(chat, "edit.gone")
        return None
    person = await people.by_id(turn.unit, row.person_id)
    await absences.remove(turn, person, chat, row.id, by=by)
    first = max(row.starts_local.date(), rota.today(turn))
    return Made(first, AddAbsence(person.id, row.starts_local, row.ends_local))


async def _give(turn: Turn, by: Person, chat: Chat, edit: GiveShift) -> Made | None:
    taker = (await people.by_ids(turn.unit, (edit.taker,))).get(edit.taker)
    holder = await swaps.holder_of(turn, edit.occurrence)
    if taker is None or taker.revoked_at is not None or holder is None:
        turn.say(chat, "edit.gone")
        return None
    is_made = await swaps.make(turn, by, chat, edit.occurrence, giver=holder, taker=taker)
    return Made(edit.occurrence.day, UndoSwap(edit.occurrence)) if is_made else None


async def _undo_swap(turn: Turn, by: Person, chat: Chat, edit: UndoSwap) -> Made | None:
    is_undone = await swaps.undo_by_desk(turn, by, chat, edit.occurrence)
    return Made(edit.occurrence.day) if is_undone else None


async def _put_plan(turn: Turn, by: Person, chat: Chat, edit: PutPlan) -> Made | None:
    """Have the plan be in force, or say what speaks against it, person by person."""
    against = await plans.objections(turn, edit.plan)
    for one in against:
        turn.say(chat, f"edit.plan_{one.reason}", alias=one.alias)
    if against:
        return None
    changed = await plans.put_in_force(turn, edit.plan, by=by)
    turn.say(chat, "edit.plan_put", added=changed.added, removed=changed.removed)
    return Made(rota.today(turn))


async def _read_calendar(turn: Turn, by: Person, chat: Chat, edit: ReadCalendar) -> Made | None:
    person = (await people.by_ids(turn.unit, (edit.person,))).get(edit.person)
    if person is None or person.revoked_at is not None:
        turn.say(chat, "desk.person_not_found")
        return None
    count = await absences.replace_from_calendar(turn, person, edit.away, by=by)
    turn.say(chat, "edit.calendar_read", alias=person.alias, count=count)
    return Made(rota.today(turn))


async def _offer(turn: Turn, by: Person, chat: Chat, edit: OfferShift) -> Made | None:
    is_made = await swaps.offer(turn, by, chat, edit.occurrence, edit.to)
    return Made(edit.occurrence.day) if is_made else None


async def _take(turn: Turn, by: Person, chat: Chat, edit: TakeShift) -> Made | None:
    is_made = await covers.take(turn, by, chat, edit.span)
    return Made(edit.span.starts.astimezone(turn.rules.zone).date()) if is_made else None


async def _answer(turn: Turn, by: Person, chat: Chat, edit: AnswerSwap) -> Made | None:
    """Do what was said of the swap; whether it was done shows in where it stands then."""
    act, leaves = _ACTS[edit.act]
    before = await find.swap(turn.unit, edit.swap)
    was = None if before is None else before.state
    await act(turn, by, chat, edit.swap)
    if before is None or before.state is was or before.state not in leaves:
        return None
    return Made(before.day)


_ACTS = {
    SwapAct.ACCEPT: (swaps.accept, (SwapState.ACCEPTED, SwapState.UNDONE)),
    SwapAct.DECLINE: (swaps.decline, (SwapState.DECLINED,)),
    SwapAct.WITHDRAW: (swaps.withdraw, (SwapState.WITHDRAWN,)),
    SwapAct.UNDO: (swaps.undo, (SwapState.UNDONE,)),
}
_MAKERS: dict[type, Callable[[Turn, Person, Chat, Any], Awaitable[Made | None]]] = {
    AddRule: rota_rules.add,
    ChangeRule: rota_rules.change,
    EndRule: rota_rules.end,
    DropRule: rota_rules.drop,
    AddShift: rota_days.add,
    MoveShift: rota_days.move,
    DropDepartures: rota_days.restore,
    SetDay: rota_days.set_kind,
    AddAbsence: _add_absence,
    DropAbsence: _drop_absence,
    GiveShift: _give,
    UndoSwap: _undo_swap,
    OfferShift: _offer,
    PutPlan: _put_plan,
    ReadCalendar: _read_calendar,
    AnswerSwap: _answer,
    TakeShift: _take,
}
