"""Staff: invited once, enrolled by opening the link, on and off duty, revoked when a phone is lost."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import date, time, timedelta

from bot import dispatching, duty, feeds, handovers, menu, rota, rota_changes, signing_in, swaps
from bot.turn import Turn
from scheduling.ids import new_id
from scheduling.local_time import instant_of
from storage.models import Chat, Invite, Person, Role
from storage.queries import enquiries as find
from storage.queries import messages, people

MOST_ALIAS_LETTERS = 60
_TOKEN_BYTES = 18


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
    menu.publish(turn, chat, person.role)
    await rota.set_preview(turn, person)
    await duty.settle(turn, person)


async def _enrolled(turn: Turn, chat: Chat, invite: Invite) -> Person | None:
    known = await people.by_alias(turn.unit, invite.alias)
    if known is not None and known.revoked_at is None:
        return None
    person = known or Person(id=new_id(), alias=invite.alias, cap=turn.rules.limits.cap)
    person.role, person.chat_id = invite.role, chat.id
    person.competences, person.languages = list(invite.competences), list(invite.languages)
    person.enrolled_at, person.revoked_at = turn.now, None
    turn.unit.session.add(person)
    await turn.unit.session.flush()
    return person


async def revoke(turn: Turn, person: Person, *, by: Person | None) -> None:
    """Cut the account off at once: cases, offers and shifts are others', and the copies leave its chat."""
    await find.lock_all_of(turn.unit, person.id)
    await people.lock(turn.unit, person)  # a claim that was faster is seen below, a later one is refused
    async with rota_changes.changing(turn, by=by, about=person, what="revoked"):
        await duty.end(turn, person)
        await swaps.end_all_of(turn, person)
        await feeds.close_opened_by(turn, person)
        await signing_in.shut_out(turn, person)
        await handovers.refuse_for(turn, person)
        await handovers.take_from(turn, person, because="revoked")
        await dispatching.withdraw_from(turn, person)
        if person.chat_id is not None:
            for enquiry in await messages.cases_standing_in(turn.unit, person.chat_id):
                turn.remove_case(person.chat_id, enquiry)
            turn.say(person.chat_id, "enrol.revoked")
            menu.publish(turn, person.chat_id, None)
        person.chat_id, person.revoked_at = None, turn.now


async def pause(turn: Turn, person: Person, chat: Chat, last: date | None, *, by: Person) -> None:
    """Have the person have no shift, through the last day or until further notice; others get her cases."""
    until = None if last is None else instant_of(last + timedelta(days=1), time(0), turn.rules.zone)
    if until is not None and until <= turn.now:
        turn.say(chat, "absence.not_possible")
        return
    await find.lock_all_of(turn.unit, person.id)
    await people.lock(turn.unit, person)
    async with rota_changes.changing(turn, by=by, about=person, what="paused"):
        person.paused_since, person.paused_until = turn.now, until
        if person.chat_id is not None:
            turn.say(person.chat_id, "person.you_are_paused")
        await handovers.refuse_for(turn, person)
        await handovers.take_from(turn, person, because="paused")
        await dispatching.withdraw_from(turn, person)
    if until is None:
        turn.say(chat, "person.paused", alias=person.alias)
    else:
        assert last is not None
        turn.say(chat, "person.paused_until", alias=person.alias, last={"day": last.isoformat()})


async def resume(turn: Turn, person: Person, chat: Chat, *, by: Person) -> None:
    """Have the person stand on the rota again."""
    async with rota_changes.changing(turn, by=by, about=person, what="resumed"):
        person.paused_since = person.paused_until = None
        if person.chat_id is not None:
            turn.say(person.chat_id, "person.you_are_resumed")
    turn.say(chat, "person.resumed", alias=person.alias)


async def is_anybody_enrolled(turn: Turn) -> bool:
    """Whether any member of staff is enrolled."""
    return bool(await people.in_roles(turn.unit, tuple(Role)))
