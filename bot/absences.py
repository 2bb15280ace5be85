"""When a member of staff is away: said in chat, or read from her own calendar."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from uuid import UUID

from bot import rota, rota_changes
from bot.turn import Button, Turn, on
from scheduling.calendars import Away
from scheduling.ids import new_id
from storage.models import Absence, Chat, Person
from storage.queries import rota as find

_MOST_DAYS = 400
_MOST_BUTTONS = 8


async def show(turn: Turn, person: Person, chat: Chat) -> None:
    """List when the person is away, and offer the spans that are asked for most."""
    now = turn.now.astimezone(turn.rules.zone).replace(tzinfo=None)
    ahead = [one for one in await find.absences_of(turn.unit, person.id) if one.ends_local > now]
    rows = [
        [
            Button("button.away_today", "rota:away:today"),
            Button("button.away_tomorrow", "rota:away:tomorrow"),
        ],
        [Button("button.away_week", "rota:away:week"), Button("button.away_next_week", "rota:away:next")],
    ]
    rows += [
        [Button("button.not_away", on("rota:back", one.id), {"days": _days(one)})]
        for one in ahead[:_MOST_BUTTONS]
    ]
    lines = [{"key": "absence.line", "params": {"days": _days(one)}} for one in ahead]
    turn.say(chat, "absence.list" if ahead else "absence.none", buttons=rows, lines={"lines": lines})


async def add(turn: Turn, person: Person, chat: Chat, first: date, last: date, *, by: Person) -> None:
    """Note that the person is away these days, both included; the desk is warned of hours nobody has."""
    if last > date.max - timedelta(days=1):
        turn.say(chat, "absence.not_possible")
        return
    starts = datetime.combine(first, time(0))
    await add_span(turn, person, chat, starts, datetime.combine(last + timedelta(days=1), time(0)), by=by)


async def add_span(
    turn: Turn, person: Person, chat: Chat, starts: datetime, ends: datetime, *, by: Person
) -> Absence | None:
    """Note that the person is away for the span of local time, and return it; None where that is refused."""
    now = turn.now.astimezone(turn.rules.zone).replace(tzinfo=None)
    if ends <= starts or ends - starts > timedelta(days=_MOST_DAYS + 1) or ends <= now:
        turn.say(chat, "absence.not_possible")
        return None
    async with rota_changes.changing(turn, by=by, about=person, what="absent"):
        one = _absence(turn, person, starts, ends)
        turn.unit.session.add(one)
        turn.say(chat, "absence.noted", days=_days(one), alias=person.alias)
    return one


async def remove(
    turn: Turn, person: Person, chat: Chat, absence_id: UUID, *, by: Person | None = None
) -> None:
    """Note that the person is there after all; `by` is who says so where it is not herself."""
    one = await turn.unit.session.get(Absence, absence_id)
    if one is None or one.person_id != person.id:
        turn.say(chat, "tap.stale")
        return
    async with rota_changes.changing(turn, by=by or person, about=person, what="back"):
        await turn.unit.session.delete(one)
        if by is None or by.id == person.id:
            turn.say(chat, "absence.removed", days=_days(one))
        else:
            turn.say(chat, "absence.removed_of", days=_days(one), alias=person.alias)


async def replace_from_calendar(
    turn: Turn, person: Person, away: Iterable[Away], *, by: Person | None
) -> int:
    """Have the person's absences from a calendar be these, those typed in chat stay; return how many."""
    count = 0
    async with rota_changes.changing(turn, by=by, about=person, what="absences_read"):
        for one in await find.absences_of(turn.unit, person.id):
            if one.source_uid is not None:
                await turn.unit.session.delete(one)
        for span in away:
            made = _absence(turn, person, span.starts, span.ends)
            made.source_uid = span.uid[:255]
            turn.unit.session.add(made)
            count += 1
    return count


def named_days(turn: Turn, name: str) -> tuple[date, date] | None:
    """Return the first and last day of what a button calls today, tomorrow, week or next."""
    today = rota.today(turn)
    monday = today + timedelta(days=7 - today.weekday())
    return {
        "today": (today, today),
        "tomorrow": (today + timedelta(days=1), today + timedelta(days=1)),
        "week": (today, monday - timedelta(days=1)),
        "next": (monday, monday + timedelta(days=6)),
    }.get(name)


def _absence(turn: Turn, person: Person, starts: datetime, ends: datetime) -> Absence:
    return Absence(
        id=new_id(),
        person_id=person.id,
        starts_local=starts,
        ends_local=ends,
        zone=turn.rules.zone.key,
    )


def _days(one: Absence) -> dict[str, list[str]]:
    """Return a parameter that is read as days, or as a span of time where it does not cover whole ones."""
    return {"local_span": [one.starts_local.isoformat(), one.ends_local.isoformat()]}
