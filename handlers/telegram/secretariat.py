"""What the secretariat and the coordinators do in chat: the queue, triage, alarms and accounts."""

from __future__ import annotations

from bot import candidates, closing, desk, emergencies, hours, people, privacy, reasons, resuming
from bot.people import (
    MOST_ALIAS_LETTERS,
    AliasTakenError,
    NoAliasError,
    OwnAccountError,
    UnknownCompetenceError,
)
from bot.permissions import may
from handlers.telegram.visit import Handler, Visit
from scheduling.ids import from_short
from storage.models import Enquiry, Role
from storage.queries import enquiries as find
from storage.queries import people as find_people
from storage.queries import requests


async def queue(visit: Visit) -> None:
    """List what waits and who has what."""
    await desk.show_queue(visit.turn, visit.staff, visit.chat)
    await privacy.show_requests(visit.turn, visit.staff, visit.chat)


async def assign(visit: Visit) -> None:
    """Give a case to a person: /assign K-2026-00001 Mira."""
    number, _, alias = visit.incoming.text.strip().partition(" ")
    enquiry = await _by_number(visit, number, "command.usage.assign")
    if enquiry is None:
        return
    person = await find_people.by_alias(visit.turn.unit, alias.strip())
    if person is None or person.revoked_at is not None or not may(person, "/done"):
        visit.say("desk.person_not_found")
        return
    await desk.ask_or_assign(visit.turn, visit.staff, visit.chat, enquiry, person)


async def assign_all_the_same(visit: Visit) -> None:
    """Give the case to a person with places of her own, if it still stands where it was asked about."""
    enquiry = await _tapped(visit)
    if enquiry is None:
        return
    person = (await find_people.by_ids(visit.turn.unit, visit.ids[1:])).get(visit.ids[-1])
    if person is None or person.revoked_at is not None or not may(person, "/done"):
        visit.say("tap.stale")
    elif visit.word(1) != await desk.mark(visit.turn, enquiry):
        visit.say("desk.not_waiting", number=enquiry.number or "")
    else:
        await desk.assign(visit.turn, visit.staff, visit.chat, enquiry, person)


async def invite(visit: Visit) -> None:
    """Invite a resource person: /invite Mira school,family da,en."""
    alias, _, rest = visit.incoming.text.strip().partition(" ")
    competences, _, languages = rest.strip().partition(" ")
    if not alias or not competences:
        visit.say("command.usage.invite")
        return
    try:
        token = await people.invite(
            visit.turn,
            role=Role.RESOURCE_PERSON,
            alias=alias,
            competences=[c for c in competences.split(",") if c],
            languages=[one for one in languages.strip().split(",") if one],
            by=visit.staff,
        )
    except AliasTakenError:
        visit.say("invite.alias_taken", alias=alias)
    except NoAliasError:
        visit.say("invite.no_alias", count=MOST_ALIAS_LETTERS)
    except UnknownCompetenceError:
        visit.say("invite.unknown_competence", competences=", ".join(visit.turn.rules.competences))
    else:
        days = int(visit.turn.rules.limits.invite_days)
        visit.say("invite.made", link={"invite": token}, alias=alias, days=days)


async def revoke(visit: Visit) -> None:
    """Cut a lost phone off: /revoke Mira."""
    person = await find_people.by_alias(visit.turn.unit, visit.incoming.text.strip())
    if person is None or person.revoked_at is not None:
        visit.say("desk.person_not_found")
        return
    if await people.is_last_secretary(visit.turn, person):
        visit.say("desk.last_secretary", alias=person.alias, address={"console": ""})
        return
    try:
        await people.revoke(visit.turn, person, by=visit.staff)
    except OwnAccountError:
        visit.say("desk.own_account")
    else:
        visit.say("desk.revoked", alias=person.alias)


async def pause(visit: Visit) -> None:
    """Pause the chat a case came from."""
    enquiry = await _tapped_or_named(visit)
    if enquiry is not None:
        await desk.pause(visit.turn, visit.staff, visit.chat, enquiry)


async def unpause(visit: Visit) -> None:
    """Let the chat a case came from write again."""
    enquiry = await _tapped_or_named(visit)
    if enquiry is not None:
        await desk.unpause(visit.turn, visit.staff, visit.chat, enquiry)


async def sort(visit: Visit) -> None:
    """Read, take, pass on or mark what waits for a coordinator."""
    enquiry = await _tapped(visit)
    if enquiry is None:
        return
    turn, person, chat = visit.turn, visit.staff, visit.chat
    if visit.word(1) == "read":
        await desk.read(turn, person, chat, enquiry)
    elif visit.word(1) == "take":
        await desk.take(turn, person, chat, enquiry)
    elif visit.word(1) == "panel":
        await desk.pass_on(turn, person, chat, enquiry)
    elif visit.word(1) == "misuse":
        await desk.mark_misuse(turn, person, chat, enquiry)
    else:
        visit.say("tap.stale")


async def why(visit: Visit) -> None:
    """Say who was asked about a case, who was not, and why."""
    enquiry = await _tapped(visit)
    if enquiry is not None:
        await reasons.show(visit.turn, visit.chat, enquiry)


async def alarm(visit: Visit) -> None:
    """Open a held emergency, let it go on, or close it."""
    enquiry = await _tapped(visit)
    if enquiry is None:
        return
    turn, person = visit.turn, visit.staff
    if enquiry.held_key_id is None:
        visit.say("tap.stale")
    elif visit.word(1) == "open":
        await emergencies.open_alarm(turn, person, enquiry)
    elif visit.word(1) == "release":
        await resuming.release(turn, person, enquiry)
        visit.say("desk.passed_on", number=enquiry.number or "")
    elif visit.word(1) == "close":
        await closing.close_as_emergency(turn, person, enquiry)
        turn.remove_case(visit.chat, enquiry)
        visit.say("desk.emergency_closed", number=enquiry.number or "")
    else:
        visit.say("tap.stale")


async def decide_request(visit: Visit) -> None:
    """Grant a wish for deletion, or keep what there is a duty to keep."""
    mine = visit.staff
    request = await requests.locked(visit.turn.unit, visit.ids[0], reader=mine) if visit.ids else None
    if request is None or request.answered_at is not None or visit.word(1) not in ("grant", "keep"):
        visit.say("tap.stale")
    elif visit.word(1) == "grant":
        await privacy.grant(visit.turn, mine, visit.chat, request)
    else:
        await privacy.keep(visit.turn, mine, visit.chat, request, reason="record")


async def approve_hours(visit: Visit) -> None:
    """Approve a person's month as it was shown: hours:approve:<month>:<person>:<minutes>:<cases>."""
    month, person_id = hours.parse_month(visit.word(2)), from_short(visit.word(3))
    minutes, cases = visit.word(4), visit.word(5)
    is_whole = visit.word(1) == "approve" and minutes.isdigit() and cases.isdigit()
    if month is None or person_id is None or not is_whole:
        visit.say("tap.stale")
        return
    shown = (int(minutes), int(cases))
    await hours.approve(visit.turn, visit.staff, visit.chat, person_id, month, shown=shown)


async def _by_number(visit: Visit, number: str, usage: str) -> Enquiry | None:
    if not number:
        visit.say(usage)
        return None
    enquiry = await find.by_number(visit.turn.unit, number)
    if enquiry is None or not await candidates.may_read(visit.turn, visit.staff, enquiry):
        visit.say("case.not_found")
        return None
    return enquiry


async def _tapped(visit: Visit) -> Enquiry | None:
    """Return the enquiry that was tapped on, where she may see it; else she hears why not."""
    found = await visit.enquiry()
    if found is None or await candidates.may_read(visit.turn, visit.staff, found):
        return found
    if found.chat_id == visit.chat.id:
        visit.say("forbidden")
    else:
        visit.say("rule.conflict", alias=visit.staff.alias)
    return None


async def _tapped_or_named(visit: Visit) -> Enquiry | None:
    if visit.ids:
        return await _tapped(visit)
    return await _by_number(visit, visit.incoming.text.strip(), "command.usage.pause")


COMMANDS: dict[str, Handler] = {
    "queue": queue,
    "assign": assign,
    "invite": invite,
    "revoke": revoke,
    "pause": pause,
    "unpause": unpause,
}
TAPS: dict[str, Handler] = {
    "triage": sort,
    "alarm": alarm,
    "assign": assign_all_the_same,
    "pause": pause,
    "unpause": unpause,
    "request": decide_request,
    "hours": approve_hours,
    "why": why,
}
