"""Staff: invited once, enrolled by opening the link, on and off duty, revoked when a phone is lost."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot import dispatching, handovers
from bot.turn import Button, Turn
from scheduling.duty import Duty
from scheduling.ids import new_id
from scheduling.instant import Instant
from storage.models import Chat, Invite, Person, Role
from storage.queries import enquiries as find
from storage.queries import messages, people

MOST_ALIAS_LETTERS = 60
_TOKEN_BYTES = 18
_TIME = re.compile(r"(\d{1,2})[:.](\d{2})")


class AliasTakenError(Exception):
    """Somebody is enrolled under this alias already."""


class AliasTooLongError(Exception):
    """The alias does not fit where it is shown."""


class UnknownCompetenceError(Exception):
    """The configuration does not list this competence."""


async def invite(
    turn: Turn, *, role: Role, alias: str, competences: Sequence[str], languages: Sequence[str]
) -> str:
    """Return a single-use token for the way in; the alias of a revoked account gets it back."""
    if len(alias) > MOST_ALIAS_LETTERS:
        raise AliasTooLongError(alias)
    unknown = [name for name in competences if name not in turn.rules.competences]
    if unknown:
        raise UnknownCompetenceError(unknown[0])
    known = await people.by_alias(turn.unit, alias)
    if known is not None and known.revoked_at is None:
        raise AliasTakenError(alias)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    turn.unit.session.add(
        Invite(
            id=new_id(),
            token_hash=hash_token(token),
            role=role,
            alias=alias,
            competences=list(competences),
            languages=list(languages) or list(turn.rules.hotline.languages[:1]),
            person_id=None if known is None else known.id,
            made_at=turn.now,
            expires_at=turn.after(days=turn.rules.limits.invite_days),
        )
    )
    return token


def hash_token(token: str) -> bytes:
    """Return the hash by which an invite is kept; the token itself is random and long."""
    return hashlib.sha256(token.encode()).digest()


async def enrol(turn: Turn, chat: Chat, token_hash: bytes) -> None:
    """Enrol the chat under the invite's role and alias; an invite works once."""
    invite = await people.invite_by_hash(turn.unit, token_hash)
    if invite is None or invite.used_at is not None or invite.expires_at < turn.now:
        turn.say(chat, "enrol.not_valid")
        return
    if await people.of_chat(turn.unit, chat.id) is not None:
        turn.say(chat, "enrol.already")
        return
    person = await _enrolled(turn, chat, invite)
    if person is None:
        turn.say(chat, "enrol.alias_taken")
        return
    invite.used_at = turn.now
    turn.record("enrolled", person, by=person, detail=person.role.value)
    turn.say(chat, f"enrol.welcome.{person.role.value}", alias=person.alias)


async def _enrolled(turn: Turn, chat: Chat, invite: Invite) -> Person | None:
    known = await people.by_alias(turn.unit, invite.alias)
    if known is not None and known.revoked_at is None:
        return None
    person = known or Person(id=new_id(), alias=invite.alias, cap=turn.rules.limits.cap, is_paused=False)
    person.role, person.chat_id = invite.role, chat.id
    person.competences, person.languages = list(invite.competences), list(invite.languages)
    person.enrolled_at, person.revoked_at = turn.now, None
    person.is_on_duty, person.duty_until = False, None
    turn.unit.session.add(person)
    return person


async def revoke(turn: Turn, person: Person, *, by: Person | None) -> None:
    """Cut the account off at once; its cases are offered on, and the copies leave its chat."""
    await find.lock_all_of(turn.unit, person.id)
    await people.lock(turn.unit, person)  # a claim that was faster is seen below, a later one is refused
    person.is_on_duty = False
    await turn.cancel_timer("duty_end", person.id)
    await turn.unit.session.flush()
    await handovers.refuse_for(turn, person)
    await handovers.take_from(turn, person, because="revoked")
    await dispatching.withdraw_from(turn, person)
    if person.chat_id is not None:
        for enquiry in await messages.cases_standing_in(turn.unit, person.chat_id):
            turn.remove_case(person.chat_id, enquiry)
        turn.say(person.chat_id, "enrol.revoked")
    person.chat_id, person.duty_until, person.revoked_at = None, None, turn.now
    turn.record("revoked", person, by=by)


async def show_duty(turn: Turn, person: Person, chat: Chat) -> None:
    """Say whether the person is on duty, with the buttons to change it."""
    is_on = Duty(person.is_on_duty, person.duty_until).holds_at(turn.now)
    key = "duty.is_off" if not is_on else ("duty.is_on" if person.duty_until is None else "duty.is_on_until")
    row = [Button("button.duty_on", "duty:on"), Button("button.duty_off", "duty:off")]
    until = "" if person.duty_until is None else {"clock": person.duty_until.microseconds}
    turn.say(chat, key, buttons=[row], until=until)


async def go_on_duty(turn: Turn, person: Person, chat: Chat, *, until: Instant | None = None) -> None:
    """Put the person on duty; what waits is offered."""
    person.is_on_duty, person.duty_until = True, until
    turn.record("on_duty", person, by=person)
    if until is None:
        await turn.cancel_timer("duty_end", person.id)
        turn.say(chat, "duty.on")
    else:
        await turn.set_timer("duty_end", person.id, until)
        turn.say(chat, "duty.on_until", until={"clock": until.microseconds})
    await turn.unit.session.flush()
    await dispatching.drain(turn)
    await dispatching.show_digest(turn, person, chat)


async def go_off_duty(turn: Turn, person: Person, chat: Chat | None = None) -> None:
    """Take the person off duty; the cases she has stay hers until she hands them over."""
    person.is_on_duty, person.duty_until = False, None
    await turn.cancel_timer("duty_end", person.id)
    turn.record("off_duty", person, by=person)
    chat_id = chat.id if chat is not None else person.chat_id
    if chat_id is None:
        return
    has = await find.assigned_to(turn.unit, person.id)
    numbers = ", ".join(enquiry.number or "" for enquiry in has)
    turn.say(chat_id, "duty.off_with_cases" if has else "duty.off", count=len(has), numbers=numbers)


def until_time(turn: Turn, written: str) -> Instant | None:
    """Return the next moment the clock shows the time written, such as 16:00 or 7.30, or None."""
    found = _TIME.fullmatch(written.strip())
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    local = turn.now.astimezone(turn.rules.zone)
    at = datetime(local.year, local.month, local.day, int(found[1]), int(found[2]), tzinfo=turn.rules.zone)
    return Instant.of(at if at > local else at + timedelta(days=1))


async def show_hours(turn: Turn, person: Person, chat: Chat) -> None:
    """Say how many minutes the person has noted this month and this year."""
    local = turn.now.astimezone(turn.rules.zone)
    month = Instant.of(datetime(local.year, local.month, 1, tzinfo=turn.rules.zone))
    year = Instant.of(datetime(local.year, 1, 1, tzinfo=turn.rules.zone))
    turn.say(
        chat,
        "hours.noted",
        month=await people.minutes_since(turn.unit, person.id, month),
        year=await people.minutes_since(turn.unit, person.id, year),
    )


async def show_rota(turn: Turn, chat: Chat) -> None:
    """Say who is on duty now."""
    roles = (Role.RESOURCE_PERSON, Role.SECRETARIAT, Role.COORDINATOR)
    everybody = await people.in_roles(turn.unit, roles)
    on_duty = [p.alias for p in everybody if Duty(p.is_on_duty, p.duty_until).holds_at(turn.now)]
    if on_duty:
        turn.say(chat, "rota.on_duty", names=", ".join(on_duty))
    else:
        turn.say(chat, "rota.nobody")


async def is_anybody_enrolled(turn: Turn) -> bool:
    """Whether any member of staff is enrolled."""
    return bool(await people.in_roles(turn.unit, tuple(Role)))
