"""Alarms to the duty coordinators, without content; where none is on duty, out of band as well."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from bot.turn import CONVERSATION, Rows, Turn, word
from scheduling.shifts import Station
from storage import outbox
from storage.models import DESK, Enquiry, Person
from storage.queries import people, requests, rota


async def coordinators(
    turn: Turn, *, about: Enquiry | None = None, wished_by: UUID | None = None
) -> tuple[list[Person], bool]:
    """Return whom to alarm, and whether they are on duty: the coordinators, else their backup, else all.

    Nobody is alarmed about what she asked herself or must not see, nor about the wish of a chat that is not
    hers to answer, or counted on while out of reach.
    """
    everybody = await people.in_reach(turn.unit, DESK)
    if about is not None:
        conflicted = await people.conflicted(turn.unit, about.id)
        everybody = [p for p in everybody if p.chat_id != about.chat_id and p.id not in conflicted]
    if wished_by is not None:
        barred = await requests.barred_from(turn.unit, wished_by)
        everybody = [person for person in everybody if person.id not in barred]
    stands = await rota.on_duty(turn.unit)
    for station in (Station.COORDINATOR, Station.BACKUP):
        on_duty = [person for person in everybody if stands.get(person.id) is station]
        if on_duty:
            return on_duty, True
    return everybody, False


async def alert(
    turn: Turn,
    key: str,
    *,
    about: Enquiry | None = None,
    wished_by: UUID | None = None,
    buttons: Rows = (),
    urgent: bool = False,
    **params: Any,
) -> bool:
    """Alarm the coordinators and return whether one is on duty; ALERT_URL is called if not, or if urgent."""
    alarmed, is_any_on_duty = await coordinators(turn, about=about, wished_by=wished_by)
    for person in alarmed:
        if person.chat_id is not None:
            turn.say(
                person.chat_id,
                key,
                buttons=buttons,
                purpose=None if about is None else "alarm",
                subject=None if about is None else about.id,
                priority=CONVERSATION,
                **params,
            )
    if urgent or not is_any_on_duty:
        outbox.queue(turn.unit, None, key, action="alert", priority=CONVERSATION)
    if about is not None:
        turn.record("alarmed", about, detail=key)
    return is_any_on_duty


async def end(turn: Turn, enquiry: Enquiry, why: str) -> None:
    """Have the alarm that stands in a coordinator's chat say why it is over, without its buttons.

    The case's number is named to who was alarmed and has no conflict of interest.
    """
    conflicted = await people.conflicted(turn.unit, enquiry.id)
    for person in await people.in_reach(turn.unit, DESK):
        if person.chat_id is None or person.chat_id == enquiry.chat_id:
            continue
        number = None if person.id in conflicted else enquiry.number
        turn.remove_earlier(person.chat_id, purpose="alarm", subject=enquiry.id)
        turn.say(
            person.chat_id,
            "alarm.over" if number is None else "alarm.over_case",
            action="edit",
            purpose="alarm",
            subject=enquiry.id,
            why=word(why),
            number=number or "",
        )
