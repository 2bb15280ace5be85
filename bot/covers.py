"""Gaps in the rota: the desk asks the panel, and whoever says "I'll cover" has the shift."""

from __future__ import annotations

from datetime import timedelta
from uuid import NAMESPACE_OID, uuid5

from bot import rota, rota_changes
from bot.turn import Button, Turn, span
from scheduling.ids import new_id
from scheduling.instant import Instant
from scheduling.rota import Rota
from scheduling.shifts import Span, Station, Thin
from storage.models import DESK, Chat, Person, RotaOverride
from storage.queries import messages, people

_MOST_BUTTONS = 10


async def show(turn: Turn, person: Person, chat: Chat) -> None:
    """List the hours that lack somebody and that the person could take."""
    planned = await rota.load(turn)
    lack = [one for one in _lacking(turn, planned) if rota.could_take(planned, person, one.station, one.span)]
    if not lack:
        turn.say(chat, "cover.none", weeks=turn.rules.rota.forecast_weeks)
        return
    turn.say(chat, "cover.choose", buttons=[_take_button(one) for one in lack[:_MOST_BUTTONS]])


async def ask_panel(turn: Turn, desk: Person, chat: Chat, wanted: Span) -> None:
    """Ask everybody on the panel who could take the hours."""
    planned = await rota.load(turn)
    one = _still_lacking(turn, planned, wanted)
    if one is None:
        turn.say(chat, "cover.no_longer")
        return
    panel = await people.in_reach(turn.unit, rota.roles_of(one.station))
    fit = [person for person in panel if rota.could_take(planned, person, one.station, one.span)]
    subject = uuid5(NAMESPACE_OID, rota.minutes(one))
    asked = {posting.chat_id for posting in await messages.postings_of(turn.unit, subject)}
    for person in fit:
        if person.chat_id is not None and person.chat_id not in asked:
            turn.say(
                person.chat_id,
                "cover.wanted",
                buttons=[_take_button(one)],
                purpose="cover",
                subject=subject,
                priority=rota.loudness(turn),
                span=span(one.span),
            )
    key = "cover.asked" if fit else "cover.nobody_fits"
    turn.say(chat, key, span=span(one.span), names=", ".join(person.alias for person in fit))
    turn.record("cover_asked", desk, by=desk)


async def take(turn: Turn, person: Person, chat: Chat, wanted: Span) -> bool:
    """Give the hours to the person if nobody was faster; the desk is told. Return whether she has them."""
    async with rota_changes.changing(turn, by=person, about=person, what="covered") as change:
        planned = change.before
        one = _still_lacking(turn, planned, wanted)
        if one is None or one.station is not Station.PANEL:
            change.refuse()
            turn.say(chat, "cover.no_longer")
            return False
        if not rota.could_take(planned, person, one.station, one.span):
            change.refuse()
            turn.say(chat, "swap.cannot", span=span(one.span))
            return False
        for override in _overrides(turn, person, one):
            turn.unit.session.add(override)
        turn.say(chat, "cover.yours", span=span(one.span))
        for desk in await people.in_reach(turn.unit, DESK):
            if desk.chat_id is not None:
                turn.say(desk.chat_id, "cover.taken", alias=person.alias, span=span(one.span))
    return True


def span_of(starts: str, ends: str) -> Span | None:
    """Return the span that a button carries as minutes since 1970, or None."""
    if not (starts.isdigit() and ends.isdigit() and len(starts) < 10 and len(ends) < 10):
        return None
    first, last = (Instant.from_microseconds(int(minutes) * 60_000_000) for minutes in (starts, ends))
    return Span(first, last) if first < last else None


def _lacking(turn: Turn, planned: Rota) -> list[Thin]:
    weeks = turn.rules.rota.forecast_weeks
    found = rota.thin(turn, planned, Span(turn.now, turn.after(days=7 * weeks)))
    return [one for one in found if one.station is Station.PANEL and one.span.ends > turn.now]


def _still_lacking(turn: Turn, planned: Rota, wanted: Span) -> Thin | None:
    """Return what still lacks somebody within the hours wanted, the longest such stretch."""
    weeks = turn.rules.rota.forecast_weeks
    cut = Span(max(wanted.starts, turn.now), min(wanted.ends, turn.after(days=7 * weeks)))
    if cut.starts >= cut.ends:
        return None
    found = [one for one in rota.thin(turn, planned, cut) if one.station is Station.PANEL]
    return max(found, key=lambda one: one.span.ends - one.span.starts, default=None)


def _overrides(turn: Turn, person: Person, one: Thin) -> list[RotaOverride]:
    """Return the shifts that make up the hours, none longer than a day."""
    zone, made = turn.rules.zone, []
    starts = one.span.starts
    while starts < one.span.ends:
        ends = min(one.span.ends, Instant.of(starts + timedelta(hours=23)))
        local = starts.astimezone(zone)
        made.append(
            RotaOverride(
                id=new_id(),
                person_id=person.id,
                station=one.station,
                day=local.date(),
                starts=local.time().replace(second=0, microsecond=0),
                ends=ends.astimezone(zone).time().replace(second=0, microsecond=0),
                zone=zone.key,
                is_on=True,
            )
        )
        starts = ends
    return made


def _take_button(one: Thin) -> list[Button]:
    return [Button("button.take_cover", f"cover:take:{rota.minutes(one)}", {"span": span(one.span)})]
