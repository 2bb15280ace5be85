"""Duty: whatever changes it passes through `settle`, and what follows from it happens there."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Any

from bot import dispatching, handovers, out_of_hours, rota, shift_end
from bot.turn import Button, Turn, span, when
from scheduling.duty import Word, station_at
from scheduling.ids import new_id
from scheduling.instant import Instant
from scheduling.local_time import instant_of
from scheduling.rota import Rota
from scheduling.shifts import Station
from storage.models import Chat, DutySpell, Person, Role
from storage.queries import chats, people
from storage.queries import enquiries as lock_cases
from storage.queries import rota as find

_TIMERS = ("duty", "shift_reminder", "rota_preview")
_QUIET_UNTIL, _EVENING = time(7), time(20)
_NIGHT = timedelta(hours=12)
_OUT_OF_HOURS = 8
_AHEAD = (14, 400)  # days in which the next shift is looked for
_TIME = re.compile(r"(\d{1,2})[:.](\d{2})")


async def settle(
    turn: Turn,
    person: Person,
    *,
    planned: Rota | None = None,
    by: Person | None = None,
    is_told: bool = False,
) -> Station | None:
    """Have the spell of duty that is noted agree with the rota and her word; return where she stands now.

    Who has come on duty is offered what waits, and has what was kept for her; who has gone off is
    asked about each of her cases. The moment at which this may change again is set. `by` is who has
    changed it, if anybody has; where she has not said so herself she is told.
    """
    await lock_cases.lock_all_of(turn.unit, person.id)
    await people.lock(turn.unit, person)
    planned = planned or await rota.load(turn)
    _bound_word(turn, person, planned)
    stands = _station(turn, person, planned)
    spell = await find.open_spell(turn.unit, person.id)
    await _set_timers(turn, person, planned)
    if _has_left(turn, person):
        await _hand_everything_on(turn, person)
    if (None if spell is None else spell.station) is stands:
        return stands
    if spell is not None:
        spell.ended_at = turn.now
        await turn.unit.session.flush()
    if stands is not None:
        turn.unit.session.add(
            DutySpell(id=new_id(), person_id=person.id, station=stands, started_at=turn.now, ended_at=None)
        )
    await turn.unit.session.flush()
    if is_told:
        _tell(turn, person, planned, was_on=spell is not None, is_on=stands is not None)
    if spell is None:
        turn.record("on_duty", person, by=by)
        await shift_end.give_what_waited(turn, person)
        await dispatching.drain(turn)
        if person.chat_id is not None:
            await dispatching.show_digest(turn, person, await chats.by_id(turn.unit, person.chat_id))
    elif stands is None:
        turn.record("off_duty", person, by=by)
        await shift_end.ask_about_each(turn, person, planned)
        await dispatching.look_without(turn, person)
    return stands


async def settle_all(turn: Turn) -> None:
    """Settle everybody at the start, such as by rules that are new, and tell those whose duty has changed."""
    planned, stands = await rota.load(turn), await find.on_duty(turn.unit)
    everybody = await people.in_roles(turn.unit, tuple(Role))
    for person in everybody:
        _bound_word(turn, person, planned)
        if stands.get(person.id) is _station(turn, person, planned) and not _has_left(turn, person):
            await _set_timers(turn, person, planned)
        else:
            await settle(turn, person, planned=planned, is_told=True)
        await rota.set_preview(turn, person)


async def by_the_clock(turn: Turn, person: Person) -> None:
    """A shift or a word begins or ends: settle it, and tell her what it is now."""
    await settle(turn, person, is_told=True)


async def remind(turn: Turn, person: Person) -> None:
    """Tell her of the shift that begins soon."""
    planned = await rota.load(turn)
    ahead = rota.next_of(turn, planned, person, within=_lead(turn) + _NIGHT)
    if person.chat_id is not None and ahead:
        turn.say(person.chat_id, "shift.reminder", span=span(ahead[0].span))


async def show(turn: Turn, person: Person, chat: Chat) -> None:
    """Say whether the person is on duty, with the buttons to change it."""
    is_on = await find.open_spell(turn.unit, person.id) is not None
    planned = await rota.load(turn)
    until = _lasts_until(turn, person, planned) if is_on else None
    key = "duty.is_off" if not is_on else ("duty.is_on" if until is None else "duty.is_on_until")
    row = [Button("button.duty_on", "duty:on"), Button("button.duty_off", "duty:off")]
    said, params = out_of_hours.in_words(turn, planned, person) or ("out_of_hours.never", {})
    asked = {"word": said, "params": params}
    turn.say(chat, key, buttons=[row], until=_clock(turn, until), out_of_hours=asked)


async def go_on(turn: Turn, person: Person, chat: Chat, *, until: Instant | None = None) -> None:
    """Put the person on duty by her own word; what waits is offered.

    Without a time it lasts until her shift ends; outside a shift, until the panel closes; for one who
    stands on no rota, until she says otherwise.
    """
    await lock_cases.lock_all_of(turn.unit, person.id)
    await people.lock(turn.unit, person)
    if person.is_paused(turn.now):
        turn.say(chat, "duty.paused")
        return
    planned = await rota.load(turn)
    ends = until or _end_by_rota(turn, person, planned)
    person.says_on_duty, person.says_until = True, ends
    turn.say(chat, "duty.on" if ends is None else "duty.on_until", until=_clock(turn, ends))
    await settle(turn, person, planned=planned, by=person)


async def go_off(turn: Turn, person: Person, chat: Chat) -> None:
    """Take the person off duty by her own word, for the rest of her shift; she is asked about her cases."""
    planned = await rota.load(turn)
    shift = planned.shift_at(person.id, turn.now)
    after = planned.next_change(person.id, shift.span.ends if shift else turn.now)
    person.says_on_duty, person.says_until = (None, None) if shift is None else (False, shift.span.ends)
    turn.say(chat, "duty.off" if after is None else "duty.off_until", next=when(after or turn.now))
    await settle(turn, person, planned=planned, by=person)


async def end(turn: Turn, person: Person) -> None:
    """Take the person off duty for good: her account is cut off, and others have her cases."""
    person.says_on_duty = person.says_until = None
    for timer in _TIMERS:
        await turn.cancel_timer(timer, person.id)
    spell = await find.open_spell(turn.unit, person.id)
    if spell is not None:
        spell.ended_at = turn.now
        turn.record("off_duty", person)
    await turn.unit.session.flush()


def until_time(turn: Turn, written: str) -> Instant | None:
    """Return the next moment the clock shows the time written, such as 16:00 or 7.30, or None."""
    found = _TIME.fullmatch(written.strip())
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    zone, today = turn.rules.zone, rota.today(turn)
    clock = time(int(found[1]), int(found[2]))
    moments = [instant_of(today + timedelta(days=ahead), clock, zone) for ahead in (0, 1)]
    moments.append(Instant.of(datetime.combine(today, clock.replace(fold=1), zone)))
    return min(moment for moment in moments if moment > turn.now)


def _tell(turn: Turn, person: Person, planned: Rota, *, was_on: bool, is_on: bool) -> None:
    shift = planned.shift_at(person.id, turn.now)
    if person.chat_id is None or was_on is is_on:
        return
    if not is_on:
        turn.say(person.chat_id, "duty.off")
    elif shift is not None:
        turn.say(person.chat_id, "shift.began", until=when(shift.span.ends))


def _word(turn: Turn, person: Person) -> Word | None:
    """Return her word where it holds."""
    if person.says_on_duty is None:
        return None
    word = Word(person.says_on_duty, person.says_until)
    return word if word.holds_at(turn.now) else None


def _bound_word(turn: Turn, person: Person, planned: Rota) -> None:
    """Forget a word that has run out, and give an endless one an end where she stands on the rota.

    Who said "until 12" in a shift that goes on is off from then until the shift ends.
    """
    if person.says_on_duty is None:
        return
    if person.says_on_duty and person.says_until is None:
        person.says_until = _end_by_rota(turn, person, planned)
    until = person.says_until
    if until is None or turn.now < until:
        return
    shift = planned.shift_at(person.id, until) if person.says_on_duty else None
    if shift is not None and shift.span.starts < until and turn.now < shift.span.ends:
        person.says_on_duty, person.says_until = False, shift.span.ends
    else:
        person.says_on_duty = person.says_until = None


def _clock(turn: Turn, moment: Instant | None) -> Any:
    """Return the moment as a clock time, with its day where that is not today."""
    if moment is None:
        return ""
    is_today = moment.astimezone(turn.rules.zone).date() == rota.today(turn)
    return {"clock": moment.microseconds} if is_today else when(moment)


def _has_left(turn: Turn, person: Person) -> bool:
    return person.leaves_on is not None and person.leaves_on < rota.today(turn)


async def _hand_everything_on(turn: Turn, person: Person) -> None:
    """Who has left has no case any more, and is asked about none."""
    await handovers.refuse_for(turn, person)
    await handovers.take_from(turn, person, because="left")
    await dispatching.withdraw_from(turn, person)


def _station(turn: Turn, person: Person, planned: Rota) -> Station | None:
    if not planned.is_member(person.id, turn.now):
        return None
    shift = planned.shift_at(person.id, turn.now)
    own = Station.PANEL if person.role is Role.RESOURCE_PERSON else Station.COORDINATOR
    word = _word(turn, person)
    return station_at(turn.now, word=word, by_rota=None if shift is None else shift.station, own=own)


def _end_by_rota(turn: Turn, person: Person, planned: Rota) -> Instant | None:
    shift = planned.shift_at(person.id, turn.now)
    if shift is not None:
        return shift.span.ends
    if planned.next_change(person.id, turn.now) is None:
        return None
    if turn.rules.panel_hours.is_open(turn.now):
        return turn.rules.panel_hours.next_closing(turn.now)
    return turn.after(hours=_OUT_OF_HOURS)


def _lasts_until(turn: Turn, person: Person, planned: Rota) -> Instant | None:
    word = _word(turn, person)
    shift = planned.shift_at(person.id, turn.now)
    until = (None if word is None else word.until, None if shift is None else shift.span.ends)
    ends = [one for one in until if one is not None]
    return None if word is not None and word.until is None else max(ends, default=None)


def _lead(turn: Turn) -> timedelta:
    return timedelta(minutes=turn.rules.rota.reminder_minutes)


def _by_day(turn: Turn, moment: Instant) -> Instant:
    """Return the moment, or the evening before where it lies in the night: a reminder wakes nobody."""
    local = moment.astimezone(turn.rules.zone)
    if local.time() >= _QUIET_UNTIL:
        return moment
    return instant_of(local.date() - timedelta(days=1), _EVENING, turn.rules.zone)


def _next_reminder(turn: Turn, planned: Rota, person: Person, days: int) -> Instant | None:
    upcoming = rota.next_of(turn, planned, person, within=timedelta(days=days))
    moments = [_by_day(turn, Instant.of(one.span.starts - _lead(turn))) for one in upcoming]
    return next((moment for moment in moments if moment > turn.now), None)


async def _set_timers(turn: Turn, person: Person, planned: Rota) -> None:
    """Have her duty settled when it may next change, and her reminded before her next shift."""
    word = _word(turn, person)
    her_word = None if word is None else word.until
    leaves = None if person.leaves_on is None else rota.days(turn, person.leaves_on, 1).ends
    joins = None if person.joins_on is None else rota.days(turn, person.joins_on, 0).starts
    changes = (planned.next_change(person.id, turn.now), her_word, person.paused_until, leaves, joins)
    ahead = [one for one in changes if one is not None and one > turn.now]
    if ahead:
        await turn.set_timer("duty", person.id, min(ahead))
    else:
        await turn.cancel_timer("duty", person.id)
    due = next((found for days in _AHEAD if (found := _next_reminder(turn, planned, person, days))), None)
    if due is not None and turn.rules.rota.reminder_minutes:
        await turn.set_timer("shift_reminder", person.id, due)
    else:
        await turn.cancel_timer("shift_reminder", person.id)
