"""Staff: invited once, enrolled by opening the link, on and off duty, revoked when a phone is lost."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import date, time, timedelta
from uuid import UUID

from bot import (
    certificates,
    chats,
    dispatching,
    duty,
    feeds,
    handovers,
    menu,
    pictures,
    relay,
    rota,
    rota_changes,
    signing_in,
    swaps,
)
from bot.turn import Turn
from scheduling.ids import new_id
from scheduling.local_time import instant_of
from storage.models import Chat, Invite, Person, Role
from storage.queries import chats as find_chats
from storage.queries import enquiries as find
from storage.queries import messages, people

MOST_ALIAS_LETTERS = 40
_ALIAS = re.compile(r"[^\W_](?:[\w .'-]{0,38}[^\W_])?")
_TOKEN_BYTES = 18
_FORGET = "staff_facts"
_LONGEST_PAUSE_DAYS = 3660
# Whom somebody may invite, change and cut off at a screen; the command line may all of it.
_MANAGES: dict[Role, frozenset[Role]] = {
    Role.SECRETARIAT: frozenset({Role.RESOURCE_PERSON, Role.SECRETARIAT, Role.COORDINATOR}),
    Role.ADMINISTRATOR: frozenset(Role),
}


class AliasTakenError(Exception):
    """Somebody is enrolled under this alias already."""


class NoAliasError(Exception):
    """The alias is no name that can be shown: too long, or with signs that no name has."""


class UnknownCompetenceError(Exception):
    """The configuration does not list this competence."""


class OwnAccountError(Exception):
    """Nobody cuts off her own account."""


class AlreadyMadeError(Exception):
    """The form was sent before: its link was made and shown."""


def manages(by: Person, role: Role) -> bool:
    """Whether she may invite, change and cut off people of the role at a screen."""
    return role in _MANAGES.get(by.role, frozenset())


def is_alias(written: str) -> bool:
    """Whether it can be an alias: 1 to 40 letters, digits, blanks, dots, hyphens."""
    return _ALIAS.fullmatch(written) is not None


async def invite(
    turn: Turn,
    *,
    role: Role,
    alias: str,
    competences: Sequence[str],
    languages: Sequence[str],
    by: Person | None = None,
    form: UUID | None = None,
) -> str:
    """Return a single-use token for the way in; the alias of a revoked account gets it back.

    A link for the same alias that nobody has opened works no more. `form` names the form it was asked for
    on, which makes one link and no second.
    """
    if not is_alias(alias):
        raise NoAliasError(alias)
    unknown = [name for name in competences if name not in turn.rules.competences]
    if unknown:
        raise UnknownCompetenceError(unknown[0])
    known = await people.by_alias(turn.unit, alias)
    if known is not None and known.revoked_at is None:
        raise AliasTakenError(alias)
    if form is not None and await people.invite_by_id(turn.unit, form) is not None:
        raise AlreadyMadeError
    for earlier in await people.open_invites(turn.unit, alias, turn.now):
        withdraw(turn, earlier, by=by)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    made = Invite(
        id=form or new_id(),
        token_hash=hash_token(token),
        role=role,
        alias=alias,
        competences=list(competences),
        languages=list(languages) or list(turn.rules.hotline.languages[:1]),
        person_id=None if known is None else known.id,
        made_at=turn.now,
        expires_at=turn.after(days=turn.rules.limits.invite_days),
    )
    turn.unit.session.add(made)
    _record(turn, "invited", made, by=by)
    return token


def withdraw(turn: Turn, link: Invite, *, by: Person | None) -> None:
    """Have a link that nobody has opened let nobody in."""
    link.expires_at = turn.now
    _record(turn, "invite_withdrawn", link, by=by)


def _record(turn: Turn, action: str, link: Invite, *, by: Person | None) -> None:
    turn.unit.record(
        action,
        actor="operator" if by is None else "person",
        actor_id=None if by is None else by.id,
        subject="invite",
        subject_id=link.id,
        detail=link.role.value,
    )


def hash_token(token: str) -> bytes:
    """Return the hash by which an invite is kept; the token itself is random and long."""
    return hashlib.sha256(token.encode()).digest()


async def enrol(turn: Turn, chat: Chat, token_hash: bytes) -> None:
    """Enrol the chat under the invite's role and alias; an invite works once."""
    invite = await people.invite_by_hash(turn.unit, token_hash)
    if invite is None or invite.used_at is not None or invite.expires_at <= turn.now:
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
    _speak_one_of_hers(turn, chat, person)
    turn.record("enrolled", person, by=person, detail=person.role.value)
    turn.say(chat, f"enrol.welcome.{person.role.value}", alias=person.alias)
    menu.publish(turn, chat, person.role)
    await turn.cancel_timer(_FORGET, person.id)
    await certificates.watch(turn, person)
    await rota.set_preview(turn, person)
    await duty.settle(turn, person)


def _speak_one_of_hers(turn: Turn, chat: Chat, person: Person) -> None:
    """Begin in the first language of her invite, where the chat's own is not among them."""
    ours = [one for one in person.languages if one in turn.rules.hotline.languages]
    if ours and chat.language not in ours:
        chats.speak(turn, chat, ours[0])


async def _enrolled(turn: Turn, chat: Chat, invite: Invite) -> Person | None:
    known = await people.by_alias(turn.unit, invite.alias)
    if known is not None and known.revoked_at is None:
        return None
    person = known or Person(id=new_id(), alias=invite.alias, cap=turn.rules.limits.cap)
    person.role, person.chat_id = invite.role, chat.id
    person.competences, person.languages = list(invite.competences), list(invite.languages)
    person.enrolled_at, person.revoked_at = turn.now, None
    person.version = 1 if known is None else known.version + 1
    turn.unit.session.add(person)
    await turn.unit.session.flush()
    return person


async def revoke(turn: Turn, person: Person, *, by: Person | None) -> None:
    """Cut the account off at once: cases, offers and shifts are others', and the copies leave its chat.

    Raises OwnAccountError: who cuts herself off can undo it no more. `is_last_secretary` is asked before.
    """
    if by is not None and by.id == person.id:
        raise OwnAccountError
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
            await _destroy_unplaced(turn, await find_chats.by_id(turn.unit, person.chat_id))
            turn.say(person.chat_id, "enrol.revoked")
            menu.publish(turn, person.chat_id, None)
        person.chat_id, person.revoked_at = None, turn.now
        person.version += 1
    await certificates.watch(turn, person)
    await turn.set_timer(_FORGET, person.id, turn.after(days=turn.rules.panel.forget_days))


async def _destroy_unplaced(turn: Turn, chat: Chat) -> None:
    """Destroy what waits for its writer to say what becomes of it; she is told nothing more of it."""
    await pictures.forget(turn, chat)
    await relay.unpark(turn, chat)


async def is_last_secretary(turn: Turn, person: Person) -> bool:
    """Whether nobody else is in the secretariat: without her, nobody there keeps the panel."""
    if person.role is not Role.SECRETARIAT or person.revoked_at is not None:
        return False
    return [one.id for one in await people.in_roles(turn.unit, (Role.SECRETARIAT,))] == [person.id]


async def pause(turn: Turn, person: Person, chat: Chat, last: date | None, *, by: Person) -> None:
    """Have the person have no shift, through the last day or until further notice; others get her cases."""
    today = rota.today(turn)
    if last is not None and not today <= last <= today + timedelta(days=_LONGEST_PAUSE_DAYS):
        turn.say(chat, "absence.not_possible")
        return
    until = None if last is None else instant_of(last + timedelta(days=1), time(0), turn.rules.zone)
    await find.lock_all_of(turn.unit, person.id)
    await people.lock(turn.unit, person)
    async with rota_changes.changing(turn, by=by, about=person, what="paused"):
        person.paused_since, person.paused_until = turn.now, until
        person.version += 1
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
        person.version += 1
        if person.chat_id is not None:
            turn.say(person.chat_id, "person.you_are_resumed")
    turn.say(chat, "person.resumed", alias=person.alias)


async def is_anybody_enrolled(turn: Turn) -> bool:
    """Whether any member of staff is enrolled."""
    return bool(await people.in_roles(turn.unit, tuple(Role)))
