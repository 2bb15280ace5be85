"""The rota in chat: one's shifts, swaps, covers, days away; for the desk the week."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, timedelta

from babel.dates import parse_date

from bot import absences, covers, feeds, people, swaps
from bot import rota as rota_of
from bot.permissions import may
from handlers.telegram.visit import Handler, Visit
from scheduling.shifts import Occurrence
from storage.queries import people as find_people

_DESK = "/assign"  # whoever may assign keeps the rota
_FURTHEST = timedelta(days=2 * 366)
_BACK_DAYS = 60  # a day without a year that lies further back is next year's


async def rota(visit: Visit) -> None:
    """Show one's own rota, or do what the word after the command or on the button says."""
    written = visit.incoming.text.split()
    word = visit.word(1) or (_WORDS.get(written[0].lower(), "unknown") if written else "")
    rest = list(visit.words[2:]) if visit.word(1) else written[1:]
    if not word:
        await rota_of.show(visit.turn, visit.staff, visit.chat)
    elif word in _ACTS:
        await _ACTS[word](visit, rest)
    else:
        visit.say("command.usage.rota")


async def _week(visit: Visit, rest: list[str]) -> None:
    first = _day(visit, rest[0]) if rest else None
    if first is None:
        today = rota_of.today(visit.turn)
        first = today - timedelta(days=today.weekday())
    await rota_of.show_week(visit.turn, visit.chat, first)


async def _swap(visit: Visit, rest: list[str]) -> None:
    """List what can be swapped; the desk may write: /rota swap Mira Tom 2026-11-23."""
    if not rest:
        await swaps.choose_shift(visit.turn, visit.staff, visit.chat)
        return
    day = _day(visit, rest[-1])
    if not may(visit.person, _DESK) or len(rest) != 3 or day is None:
        visit.say("command.usage.rota")
        return
    giver, taker = [await find_people.by_alias(visit.turn.unit, alias) for alias in rest[:2]]
    if giver is None or taker is None or giver.revoked_at or taker.revoked_at:
        visit.say("desk.person_not_found")
        return
    held = await swaps.shifts_on(visit.turn, giver, day)
    if not held:
        visit.say("swap.no_shift_that_day", alias=giver.alias, day={"day": day.isoformat()})
        return
    await swaps.make(visit.turn, visit.staff, visit.chat, held[0].occurrence, giver=giver, taker=taker)


async def _cover(visit: Visit, _rest: list[str]) -> None:
    await covers.show(visit.turn, visit.staff, visit.chat)


async def _absent(visit: Visit, rest: list[str]) -> None:
    """Days away: of one's own, or, for the desk, of whom it names first."""
    if not rest:
        await absences.show(visit.turn, visit.staff, visit.chat)
        return
    person = visit.staff
    if _day(visit, rest[0]) is None and may(visit.person, _DESK):
        named = await find_people.by_alias(visit.turn.unit, rest.pop(0))
        if named is None or named.revoked_at is not None:
            visit.say("desk.person_not_found")
            return
        person = named
    days = [_day(visit, one) for one in rest if one not in ("-", "–", "til", "to")]
    if not 1 <= len(days) <= 2 or days[0] is None or days[-1] is None:
        visit.say("command.usage.rota")
        return
    await absences.add(visit.turn, person, visit.chat, days[0], days[-1], by=visit.staff)


async def _away(visit: Visit, rest: list[str]) -> None:
    days = absences.named_days(visit.turn, rest[0]) if rest else None
    if days is None:
        visit.say("tap.stale")
        return
    await absences.add(visit.turn, visit.staff, visit.chat, *days, by=visit.staff)


async def _back(visit: Visit, _rest: list[str]) -> None:
    if visit.ids:
        await absences.remove(visit.turn, visit.staff, visit.chat, visit.ids[0])
    else:
        visit.say("tap.stale")


async def _calendar(visit: Visit, rest: list[str]) -> None:
    """Give the address of one's calendar, of the panel's for the desk, or close it."""
    turn, words = visit.turn, {one.lower() for one in rest}
    person = None if words & {"panel"} and may(visit.person, _DESK) else visit.staff
    if words & {"off", "fra", "luk"}:
        was_open = await feeds.close_for(turn, person, by=visit.staff)
        visit.say("calendar.closed" if was_open else "calendar.none")
        return
    token = await feeds.open_for(turn, person, by=visit.staff)
    visit.say("calendar.address", address={"calendar": token})


async def _pause(visit: Visit, rest: list[str]) -> None:
    await _set_pause(visit, rest, is_paused=True)


async def _resume(visit: Visit, rest: list[str]) -> None:
    await _set_pause(visit, rest, is_paused=False)


async def _set_pause(visit: Visit, rest: list[str], *, is_paused: bool) -> None:
    """The desk pauses a member of the panel, until a day or until further notice, or ends it."""
    if not may(visit.person, _DESK) or not rest:
        visit.say("command.usage.rota")
        return
    person = await find_people.by_alias(visit.turn.unit, rest[0])
    last = _day(visit, rest[-1]) if len(rest) > 1 else None
    if person is None or person.revoked_at is not None:
        visit.say("desk.person_not_found")
    elif len(rest) > 1 and last is None:
        visit.say("command.usage.rota")
    elif is_paused:
        await people.pause(visit.turn, person, visit.chat, last, by=visit.staff)
    else:
        await people.resume(visit.turn, person, visit.chat, by=visit.staff)


async def swap(visit: Visit) -> None:
    """What is tapped about a swap."""
    turn, person, chat, kind = visit.turn, visit.staff, visit.chat, visit.word(1)
    if kind in _SWAPS and visit.ids:
        await _SWAPS[kind](turn, person, chat, visit.ids[0])
        return
    day = _day(visit, visit.word(2))
    if day is None or not visit.ids:
        visit.say("tap.stale")
        return
    occurrence = Occurrence(visit.ids[0], day)
    if kind == "pick":
        await swaps.ask_whom(turn, person, chat, occurrence)
    elif kind == "all":
        await swaps.offer(turn, person, chat, occurrence)
    elif kind == "to" and len(visit.ids) > 1:
        await swaps.offer(turn, person, chat, occurrence, visit.ids[1])
    else:
        visit.say("tap.stale")


async def cover(visit: Visit) -> None:
    """Ask the panel to cover a gap, or cover it."""
    wanted = covers.span_of(visit.word(3), visit.word(4))
    if wanted is None:
        visit.say("tap.stale")
    elif visit.word(1) == "take":
        await covers.take(visit.turn, visit.staff, visit.chat, wanted)
    elif visit.word(1) == "ask" and may(visit.person, _DESK):
        await covers.ask_panel(visit.turn, visit.staff, visit.chat, wanted)
    else:
        visit.say("forbidden")


def _day(visit: Visit, written: str) -> date | None:
    """Return the day written as 2026-11-23, 20261123, 23/11, 23.11. or with a year; without one the next."""
    text = written.strip().rstrip(".").replace(".", "/")
    today = rota_of.today(visit.turn)
    has_year = text.count("/") != 1
    try:
        if "/" not in text:
            found = date.fromisoformat(text)
        else:
            found = parse_date(text if has_year else f"{text}/{today.year}", locale="en_GB", format="short")
        if not has_year and found < today - timedelta(days=_BACK_DAYS):
            found = found.replace(year=found.year + 1)
    except (ValueError, IndexError, OverflowError):
        return None
    return found if abs(found - today) <= _FURTHEST else None


_WORDS = {
    "week": "week", "uge": "week",
    "swap": "swap", "byt": "swap", "bytte": "swap",
    "cover": "cover", "dæk": "cover", "dække": "cover",
    "absent": "absent", "away": "absent", "fravær": "absent", "væk": "absent",
    "calendar": "calendar", "kalender": "calendar",
    "pause": "pause", "resume": "resume", "genoptag": "resume",
}  # fmt: skip
_ACTS: dict[str, Callable[[Visit, list[str]], Awaitable[None]]] = {
    "week": _week,
    "swap": _swap,
    "cover": _cover,
    "absent": _absent,
    "away": _away,
    "back": _back,
    "calendar": _calendar,
    "pause": _pause,
    "resume": _resume,
}
_SWAPS = {"yes": swaps.accept, "no": swaps.decline, "withdraw": swaps.withdraw, "undo": swaps.undo}
COMMANDS: dict[str, Handler] = {"rota": rota}
TAPS: dict[str, Handler] = {"rota": rota, "swap": swap, "cover": cover}
