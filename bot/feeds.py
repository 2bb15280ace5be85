"""Calendars to subscribe to: one's own shifts, or the panel's; nothing of any case."""

from __future__ import annotations

import hashlib
import secrets
from uuid import UUID

from bot import rota
from bot.catalogue import words
from bot.turn import Turn
from scheduling.calendars import Event, feed
from scheduling.ids import new_id
from scheduling.instant import Instant
from scheduling.rota import Rota
from scheduling.shifts import Planned, Span
from storage.models import Person, Role, RotaFeed
from storage.queries import chats, people
from storage.queries import rota as find

_BACK_DAYS, _AHEAD_DAYS = 35, 200
_TOKEN_BYTES = 24


async def open_for(turn: Turn, person: Person | None, *, by: Person) -> str:
    """Return the secret of a new calendar of the person, or of the panel; earlier ones are closed."""
    await close_for(turn, person, by=by)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    turn.unit.session.add(
        RotaFeed(
            id=new_id(),
            token_hash=hash_token(token),
            person_id=None if person is None else person.id,
            opened_by=by.id,
            made_at=turn.now,
        )
    )
    turn.record("calendar_opened", person or by, by=by)
    return token


async def close_for(turn: Turn, person: Person | None, *, by: Person) -> bool:
    """Have no calendar of the person, or of the panel, be read any more; return whether there was one."""
    standing = await find.feeds_of(turn.unit, None if person is None else person.id)
    for one in standing:
        one.revoked_at = turn.now
    if standing:
        turn.record("calendar_closed", person or by, by=by)
    return bool(standing)


async def close_opened_by(turn: Turn, person: Person) -> None:
    """Have nothing be read any more that she has opened, nor her own."""
    own = await find.feeds_of(turn.unit, person.id)
    for one in (*own, *await find.feeds_opened_by(turn.unit, person.id)):
        one.revoked_at = turn.now


def hash_token(token: str) -> bytes:
    """Return the hash by which a calendar's secret is kept; the secret itself is random and long."""
    return hashlib.sha256(token.encode()).digest()


async def calendar(turn: Turn, token: str) -> bytes | None:
    """Return the calendar that may be read under this secret, or None."""
    found = await find.feed_by_hash(turn.unit, hash_token(token))
    if found is None:
        return None
    everybody = {one.id: one for one in await people.in_roles(turn.unit, tuple(Role))}
    shifts = _Shifts(
        await rota.load(turn),
        Span(turn.after(days=-_BACK_DAYS), turn.after(days=_AHEAD_DAYS)),
        sequence=await find.revision(turn.unit),
        stamp=turn.now,
    )
    if found.person_id is None:
        language = turn.rules.hotline.languages[0]
        hotline = turn.rules.in_language(turn.rules.hotline.name, language)
        events = [event for one in everybody.values() for event in shifts.of(one.id, one.alias)]
        return feed(f"{hotline}: {words('calendar.panel', language)}", events)
    person = everybody.get(found.person_id)
    if person is None or person.chat_id is None:
        return None
    language = (await chats.by_id(turn.unit, person.chat_id)).language or turn.rules.hotline.languages[0]
    hotline = turn.rules.in_language(turn.rules.hotline.name, language)
    return feed(hotline, shifts.of(person.id, hotline))


class _Shifts:
    """The rota within a window, as events."""

    def __init__(self, planned: Rota, window: Span, *, sequence: int, stamp: Instant) -> None:
        self._planned, self._window = planned, window
        self._sequence, self._stamp = sequence, stamp

    def of(self, person: UUID, summary: str) -> list[Event]:
        """Return an event for each occurrence that is or was hers; one she does not stand in is cancelled."""
        shifts = self._planned.shifts(self._window, person=person)
        events = []
        for one in self._planned.occurrences(self._window, person=person):
            spans = [s.span for s in shifts if s.station is one.station and one.holder == person]
            uid = f"{one.occurrence.source}-{one.occurrence.day:%Y%m%d}-{person}@hotline"
            pieces = _pieces(one, spans)
            if not pieces:
                events.append(self._event(uid, summary, one.span, is_cancelled=True))
            for number, piece in enumerate(pieces):
                own = uid if number == 0 else f"{number}-{uid}"
                events.append(self._event(own, summary, piece, is_cancelled=False))
        return events

    def _event(self, uid: str, summary: str, span: Span, *, is_cancelled: bool) -> Event:
        return Event(uid, summary, span, is_cancelled, self._sequence, self._stamp)


def _pieces(one: Planned, spans: list[Span]) -> list[Span]:
    """Return what is left of the occurrence where absences have cut it."""
    cut = (Span(max(one.span.starts, s.starts), min(one.span.ends, s.ends)) for s in spans)
    return sorted(piece for piece in cut if piece.starts < piece.ends)
