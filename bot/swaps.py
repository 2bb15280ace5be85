"""Swaps: one occurrence of a shift goes to a colleague, never to two and never to nobody."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from bot import rota, rota_changes
from bot.turn import CONVERSATION, Button, Turn, on, span
from scheduling.ids import new_id, short
from scheduling.rota import Rota
from scheduling.shifts import Occurrence, Planned, Span
from storage.models import Chat, Person, ShiftSwap, SwapState
from storage.queries import people
from storage.queries import rota as find

_DAYS = 42
_MOST_BUTTONS = 10


async def choose_shift(turn: Turn, person: Person, chat: Chat) -> None:
    """List the coming shifts the person can give to a colleague, and those she got that she may give back."""
    planned = await rota.load(turn)
    own = [p for p in _coming(turn, planned, person.id) if p.holder == person.id]
    if not own:
        turn.say(chat, "swap.no_shift")
        return
    rows = [
        [Button("button.shift", f"swap:pick:{_occurrence(one)}", {"span": span(one.span)})]
        for one in own[:_MOST_BUTTONS]
    ]
    turn.say(chat, "swap.choose", buttons=rows)


async def ask_whom(turn: Turn, person: Person, chat: Chat, occurrence: Occurrence) -> None:
    """Ask to whom the shift is to be offered: one colleague, or whoever says yes first."""
    planned = await rota.load(turn)
    one = _held_by(turn, planned, occurrence, person.id)
    if one is None:
        turn.say(chat, "swap.not_yours")
        return
    rows = [[Button("button.swap_all", f"swap:all:{_occurrence(one)}")]]
    for colleague in await _fit(turn, planned, one, person.id):
        data = f"swap:to:{_occurrence(one)}:{short(colleague.id)}"
        rows.append([Button("button.to_person", data, {"alias": colleague.alias})])
    key = "swap.ask_whom" if len(rows) > 1 else "swap.nobody_fits"
    turn.say(chat, key, buttons=rows if len(rows) > 1 else (), span=span(one.span))


async def offer(
    turn: Turn, person: Person, chat: Chat, occurrence: Occurrence, to: UUID | None = None
) -> bool:
    """Offer the shift; it stays hers until a colleague accepts. Return whether it is on offer now."""
    await find.count_change(turn.unit)
    planned = await rota.load(turn)
    one = _held_by(turn, planned, occurrence, person.id)
    if one is None:
        turn.say(chat, "swap.not_yours")
        return False
    if SwapState.OFFERED in await find.standing_swaps(turn.unit, occurrence):
        turn.say(chat, "swap.offered_already", span=span(one.span))
        return False
    fit = [c for c in await _fit(turn, planned, one, person.id) if to is None or c.id == to]
    if not fit:
        turn.say(chat, "swap.nobody_fits", span=span(one.span))
        return False
    made = ShiftSwap(
        id=new_id(),
        source_id=occurrence.source,
        day=occurrence.day,
        giver_id=person.id,
        taker_id=to,
        state=SwapState.OFFERED,
        offered_at=turn.now,
    )
    turn.unit.session.add(made)
    turn.record("swap_offered", person, by=person)
    row = [
        Button("button.swap_accept", on("swap:yes", made.id)),
        Button("button.swap_decline", on("swap:no", made.id)),
    ]
    for colleague in fit:
        assert colleague.chat_id is not None
        turn.say(
            colleague.chat_id,
            "swap.offered",
            buttons=[row],
            priority=rota.loudness(turn),
            purpose="swap",
            subject=made.id,
            alias=person.alias,
            span=span(one.span),
        )
    names = ", ".join(colleague.alias for colleague in fit)
    back = [[Button("button.swap_withdraw", on("swap:withdraw", made.id))]]
    turn.say(
        chat, "swap.waits", buttons=back, purpose="swap", subject=made.id, names=names, span=span(one.span)
    )
    return True


async def accept(turn: Turn, person: Person, chat: Chat, swap_id: UUID) -> None:
    """Take the shift over; who was slower hears that it is gone."""
    about = await turn.unit.session.get(ShiftSwap, swap_id)
    if about is None:
        turn.say(chat, "tap.stale")
        return
    giver = await people.by_id(turn.unit, about.giver_id)
    async with rota_changes.changing(
        turn, by=person, about=giver, what="swap_accepted", hears=giver
    ) as change:
        planned = change.before
        made = await find.swap(turn.unit, swap_id)
        one = None if made is None else _held_by(turn, planned, _of(made), made.giver_id)
        if made is None or made.state is not SwapState.OFFERED or one is None:
            change.refuse()
            turn.say(chat, "swap.gone")
            return
        if made.taker_id not in (None, person.id) or not rota.could_take(
            planned, person, one.station, one.span
        ):
            change.refuse()
            turn.say(chat, "swap.cannot", span=span(one.span))
            return
        await _give(turn, made, one, person)
        turn.remove(chat, purpose="swap", subject=made.id)
        turn.say(chat, "swap.taken_by_you", span=span(one.span), alias=giver.alias)
        await _tell_the_others(turn, made, one, giver=giver, taker=person)


async def decline(turn: Turn, person: Person, chat: Chat, swap_id: UUID) -> None:
    """Say no; an offer made to her alone ends with it, and the giver is told."""
    made = await find.swap(turn.unit, swap_id)
    if made is None or made.state is not SwapState.OFFERED or made.taker_id not in (None, person.id):
        turn.say(chat, "swap.gone")
        return
    turn.remove(chat, purpose="swap", subject=made.id)
    turn.say(chat, "swap.declined_noted")
    if made.taker_id == person.id:
        made.state, made.decided_at = SwapState.DECLINED, turn.now
        giver = await people.by_id(turn.unit, made.giver_id)
        if giver.chat_id is not None:
            turn.say(giver.chat_id, "swap.declined", alias=person.alias)


async def withdraw(turn: Turn, person: Person, chat: Chat, swap_id: UUID) -> None:
    """Take an offer back before anybody has accepted."""
    made = await find.swap(turn.unit, swap_id)
    if made is None or made.giver_id != person.id or made.state is not SwapState.OFFERED:
        turn.say(chat, "swap.gone")
        return
    made.state, made.decided_at = SwapState.WITHDRAWN, turn.now
    turn.say(chat, "swap.withdrawn")
    for colleague in await people.in_roles(turn.unit, (person.role,)):
        if colleague.chat_id is not None:
            turn.remove(colleague.chat_id, purpose="swap", subject=made.id)


async def undo(turn: Turn, person: Person, chat: Chat, swap_id: UUID) -> None:
    """Have the shift be the giver's again, until it starts; the colleague who had taken it is told."""
    about = await turn.unit.session.get(ShiftSwap, swap_id)
    if about is None or about.giver_id != person.id:
        turn.say(chat, "tap.stale")
        return
    await _undo(turn, person, chat, swap_id, owner=person)


async def undo_by_desk(turn: Turn, desk: Person, chat: Chat, occurrence: Occurrence) -> bool:
    """Have the shift be its owner's again, until it starts; both are told. Return whether it is."""
    standing = (await find.standing_swaps(turn.unit, occurrence)).get(SwapState.ACCEPTED)
    one = find_one(turn, await rota.load(turn), occurrence)
    if standing is None or one is None:
        turn.say(chat, "swap.too_late_desk")
        return False
    return await _undo(turn, desk, chat, standing.id, owner=await people.by_id(turn.unit, one.owner))


async def _undo(turn: Turn, by: Person, chat: Chat, swap_id: UUID, *, owner: Person) -> bool:
    is_hers = by.id == owner.id
    async with rota_changes.changing(turn, by=by, about=owner, what="swap_undone") as change:
        planned = change.before
        made = await find.swap(turn.unit, swap_id)
        one = None if made is None else find_one(turn, planned, _of(made))
        if (
            made is None
            or made.state is not SwapState.ACCEPTED
            or one is None
            or one.owner != owner.id
            or one.span.starts <= turn.now
            or not rota.could_take(planned, owner, one.station, one.span)
        ):
            change.refuse()
            turn.say(chat, "swap.too_late" if is_hers else "swap.too_late_desk")
            return False
        made.state, made.decided_at = SwapState.UNDONE, turn.now
        turn.say(
            chat, "swap.undone" if is_hers else "swap.undone_by_desk", span=span(one.span), alias=owner.alias
        )
    return True


async def make(
    turn: Turn, desk: Person, chat: Chat, occurrence: Occurrence, *, giver: Person, taker: Person
) -> bool:
    """The secretariat gives the shift to a colleague at once; both are told. Return whether it has gone."""
    async with rota_changes.changing(turn, by=desk, about=giver, what="swap_made") as change:
        planned = change.before
        one = _held_by(turn, planned, occurrence, giver.id)
        if one is None:
            change.refuse()
            turn.say(chat, "swap.gone")
            return False
        if not rota.could_take(planned, taker, one.station, one.span):
            change.refuse()
            turn.say(chat, "swap.cannot_take", alias=taker.alias, span=span(one.span))
            return False
        standing = (await find.standing_swaps(turn.unit, occurrence)).get(SwapState.OFFERED)
        if standing is not None:
            standing.state, standing.decided_at = SwapState.WITHDRAWN, turn.now
            await turn.unit.session.flush()
        made = ShiftSwap(
            id=new_id(),
            source_id=occurrence.source,
            day=occurrence.day,
            giver_id=giver.id,
            taker_id=taker.id,
            state=SwapState.OFFERED,
            offered_at=turn.now,
        )
        turn.unit.session.add(made)
        await turn.unit.session.flush()
        await _give(turn, made, one, taker)
        turn.say(chat, "swap.made", giver=giver.alias, taker=taker.alias, span=span(one.span))
    return True


async def holder_of(turn: Turn, occurrence: Occurrence) -> Person | None:
    """Return who holds the occurrence, where it exists and has not begun."""
    one = find_one(turn, await rota.load(turn), occurrence)
    if one is None or one.span.starts <= turn.now:
        return None
    return await people.by_id(turn.unit, one.holder)


async def could_have(turn: Turn, planned: Rota, occurrence: Occurrence) -> list[Person]:
    """Return the colleagues who could stand there then instead of its holder, in order of their names."""
    one = find_one(turn, planned, occurrence)
    return [] if one is None else await _fit(turn, planned, one, one.holder)


async def end_all_of(turn: Turn, person: Person) -> None:
    """Have no swap give her a shift or wait for her: what she took is its owner's again."""
    for made in await find.swaps_with(turn.unit, person.id):
        is_hers = made.state is SwapState.ACCEPTED and made.taker_id == person.id
        if is_hers or made.state is SwapState.OFFERED:
            made.state = SwapState.UNDONE if is_hers else SwapState.WITHDRAWN
            made.decided_at = turn.now


async def shifts_on(turn: Turn, person: Person, day: object) -> list[Planned]:
    """Return the shifts the person holds that begin on the local day and have not begun."""
    planned = await rota.load(turn)
    return [p for p in _coming(turn, planned, person.id) if p.holder == person.id and p.occurrence.day == day]


async def _give(turn: Turn, made: ShiftSwap, one: Planned, taker: Person) -> None:
    """Have the taker hold the occurrence; an earlier swap of it ends, and back to its owner there is none."""
    earlier = (await find.standing_swaps(turn.unit, one.occurrence)).get(SwapState.ACCEPTED)
    if earlier is not None:
        earlier.state, earlier.decided_at = SwapState.UNDONE, turn.now
        await turn.unit.session.flush()
    is_back = taker.id == one.owner
    made.state = SwapState.UNDONE if is_back else SwapState.ACCEPTED
    made.taker_id, made.decided_at = taker.id, turn.now
    await turn.unit.session.flush()


async def _tell_the_others(
    turn: Turn, made: ShiftSwap, one: Planned, *, giver: Person, taker: Person
) -> None:
    for colleague in await people.in_roles(turn.unit, (giver.role,)):
        if colleague.chat_id is not None and colleague.id != taker.id:
            turn.remove(colleague.chat_id, purpose="swap", subject=made.id)
    if giver.chat_id is not None and made.state is SwapState.ACCEPTED:
        undo_row = [[Button("button.swap_undo", on("swap:undo", made.id))]] if one.owner == giver.id else []
        turn.say(
            giver.chat_id,
            "swap.accepted",
            buttons=undo_row,
            priority=CONVERSATION,
            alias=taker.alias,
            span=span(one.span),
        )


async def _fit(turn: Turn, planned: Rota, one: Planned, giver: UUID) -> list[Person]:
    """Return the colleagues who could stand there then, in order of their names."""
    colleagues = await people.in_reach(turn.unit, rota.roles_of(one.station))
    return [c for c in colleagues if c.id != giver and rota.could_take(planned, c, one.station, one.span)]


def _coming(turn: Turn, planned: Rota, person: UUID) -> list[Planned]:
    window = Span(turn.now, turn.after(days=_DAYS))
    return [one for one in planned.occurrences(window, person=person) if one.span.starts > turn.now]


def find_one(turn: Turn, planned: Rota, occurrence: Occurrence) -> Planned | None:
    """Return the occurrence as it is planned, where there is one."""
    window = rota.days(turn, occurrence.day - timedelta(days=1), 4)
    return next((one for one in planned.occurrences(window) if one.occurrence == occurrence), None)


def _held_by(turn: Turn, planned: Rota, occurrence: Occurrence, person: UUID) -> Planned | None:
    """Return the occurrence where the person holds it and it has not begun."""
    one = find_one(turn, planned, occurrence)
    return one if one is not None and one.holder == person and one.span.starts > turn.now else None


def _of(made: ShiftSwap) -> Occurrence:
    return Occurrence(made.source_id, made.day)


def _occurrence(one: Planned) -> str:
    return f"{one.occurrence.day:%Y%m%d}:{short(one.occurrence.source)}"
