"""Signing in to the console: begun at a PC, approved in chat, proved with a passkey, kept as a session."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from bot.turn import CONVERSATION, Button, Turn, on
from scheduling.ids import new_id
from storage.models import Chat, ConsoleSession, Passkey, Person, SignIn
from storage.queries import console as find
from storage.queries import people

MINUTES = 3
IDLE = timedelta(minutes=30)
AT_MOST = timedelta(hours=12)
_ATTEMPTS, _WITHIN_MINUTES = 5, 10
_SEEN_ANEW = timedelta(minutes=1)
_KEPT_DAYS = 2
_HASH_KEY = "console-hash"
_TOKEN_BYTES = 32


class Progress(StrEnum):
    """Where a sign-in stands."""

    NONE = "none"
    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"


class TooManyAttemptsError(Exception):
    """Too many sign-ins were begun for this alias or from this address lately."""


class PasskeyRefusedError(Exception):
    """The browser's answer does not prove the passkey that was asked for."""


@dataclass(frozen=True, slots=True)
class Ceremony:
    """What the browser is asked for: whether to make a passkey or to use one, and the options as JSON."""

    enrols: bool
    options: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in, by which session."""

    session: ConsoleSession
    person: Person
    chat: Chat


def new_token() -> str:
    """Return a secret that a browser keeps in a cookie."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def hash_token(token: str) -> bytes:
    """Return the hash by which such a secret is kept; it is random and long."""
    return hashlib.sha256(token.encode()).digest()


async def begin(turn: Turn, alias: str, *, browser: str, address: str) -> SignIn:
    """Return a new sign-in of the browser; its bearer is asked in chat, if there is one under this alias.

    Raises TooManyAttemptsError. What comes back tells nobody whether there is an account.
    """
    alias_hash = await _keyed(turn, f"alias:{alias.strip().lower()}")
    address_hash = await _keyed(turn, f"address:{address}")
    since = turn.after(minutes=-_WITHIN_MINUTES)
    tried = await find.attempts_since(turn.unit, since, alias_hash=alias_hash, address_hash=address_hash)
    if max(tried) >= _ATTEMPTS:
        raise TooManyAttemptsError
    person = await people.by_alias(turn.unit, alias.strip())
    is_enrolled = person is not None and person.revoked_at is None and person.chat_id is not None
    begun = SignIn(
        id=new_id(),
        person_id=person.id if person is not None and is_enrolled else None,
        alias_hash=alias_hash,
        address_hash=address_hash,
        browser_hash=hash_token(browser),
        number=10 + secrets.randbelow(90),
        asked_at=turn.now,
        expires_at=turn.after(minutes=MINUTES),
    )
    turn.unit.session.add(begun)
    if person is not None and is_enrolled:
        _ask(turn, person, begun)
    return begun


def _ask(turn: Turn, person: Person, begun: SignIn) -> None:
    assert person.chat_id is not None
    row = [
        Button("button.yes", on("signin:yes", begun.id)),
        Button("button.not_me", on("signin:no", begun.id)),
    ]
    turn.say(
        person.chat_id,
        "signin.ask",
        buttons=[row],
        purpose="signin",
        subject=begun.id,
        priority=CONVERSATION,
        screen=f"{begun.number}",
        minutes=MINUTES,
    )
    turn.record("signin_begun", person)


async def decide(turn: Turn, person: Person, chat: Chat, sign_in_id: UUID, *, is_hers: bool) -> None:
    """Let the browser go on, or refuse it; once, by the person it was asked of, and in time."""
    begun = await find.sign_in(turn.unit, sign_in_id)
    if begun is None or begun.person_id != person.id or _progress(turn, begun) is not Progress.WAITING:
        turn.say(chat, "signin.too_late")
        return
    begun.decided_at, begun.is_approved = turn.now, is_hers
    turn.record("signin_approved" if is_hers else "signin_refused", person, by=person)
    key = "signin.approved" if is_hers else "signin.refused"
    turn.say(chat, key, action="edit", purpose="signin", subject=begun.id, screen=f"{begun.number}")


async def progress(turn: Turn, browser: str) -> tuple[Progress, SignIn | None]:
    """Return where the sign-in of this browser stands."""
    begun = await find.sign_in_of(turn.unit, hash_token(browser))
    return (Progress.NONE, None) if begun is None else (_progress(turn, begun), begun)


async def approved(turn: Turn, browser: str) -> SignIn | None:
    """Return the sign-in of this browser, locked, if it may go on to its passkey.

    The account is locked before it, as when it is cut off; two sign-ins do not both enrol a first passkey.
    """
    begun = await find.sign_in_of(turn.unit, hash_token(browser))
    if begun is None or begun.person_id is None:
        return None
    await people.lock(turn.unit, await people.by_id(turn.unit, begun.person_id))
    begun = await find.sign_in(turn.unit, begun.id)
    return begun if begun is not None and _progress(turn, begun) is Progress.APPROVED else None


def _progress(turn: Turn, begun: SignIn) -> Progress:
    if begun.spent_at is not None:
        return Progress.NONE
    if begun.is_approved is False:
        return Progress.REFUSED
    if begun.expires_at <= turn.now:
        return Progress.EXPIRED
    return Progress.APPROVED if begun.is_approved else Progress.WAITING


async def ceremony(turn: Turn, begun: SignIn, *, public_url: str) -> Ceremony:
    """Return what the browser is asked for: her first passkey, or one she has; the challenge is kept."""
    from bot import passkeys  # noqa: PLC0415 - heavy, and only needed where somebody signs in

    assert begun.person_id is not None
    person = await people.by_id(turn.unit, begun.person_id)
    known = await find.passkeys_of(turn.unit, person.id)
    begun.challenge = secrets.token_bytes(_TOKEN_BYTES)
    if known:
        asked = passkeys.ask_for_one_of(known, challenge=begun.challenge, public_url=public_url)
        return Ceremony(enrols=False, options=asked)
    hotline = turn.rules.in_language(turn.rules.hotline.name, turn.rules.hotline.languages[0])
    made = passkeys.ask_for_a_new_one(
        person, hotline=hotline, challenge=begun.challenge, public_url=public_url
    )
    return Ceremony(enrols=True, options=made)


async def prove(turn: Turn, begun: SignIn, credential: str, *, public_url: str) -> str:
    """Return the token of a new session, once the passkey is proved; the locked sign-in is spent.

    Raises PasskeyRefusedError. Where the person has no passkey yet, this one is enrolled.
    """
    from bot import passkeys  # noqa: PLC0415 - as above

    if begun.challenge is None or begun.person_id is None:
        raise PasskeyRefusedError
    person = await people.by_id(turn.unit, begun.person_id)
    known = await find.passkeys_of(turn.unit, person.id)
    if known:
        used, count = passkeys.use(credential, known, challenge=begun.challenge, public_url=public_url)
        used.sign_count, used.used_at = count, turn.now
    else:
        made = passkeys.made(credential, challenge=begun.challenge, public_url=public_url)
        await _enrol(turn, person, made.credential_id, made.credential_public_key, made.sign_count)
    begun.spent_at, begun.challenge = turn.now, None
    return _open_session(turn, person)


async def _enrol(turn: Turn, person: Person, credential_id: bytes, public_key: bytes, count: int) -> None:
    if await find.passkey_by(turn.unit, credential_id) is not None:
        raise PasskeyRefusedError
    passkey = Passkey(
        id=new_id(),
        person_id=person.id,
        credential_id=credential_id,
        public_key=public_key,
        sign_count=count,
        made_at=turn.now,
        used_at=turn.now,
    )
    turn.unit.session.add(passkey)
    turn.record("passkey_enrolled", person, by=person)


def _open_session(turn: Turn, person: Person) -> str:
    token = new_token()
    turn.unit.session.add(
        ConsoleSession(
            id=new_id(),
            person_id=person.id,
            token_hash=hash_token(token),
            began_at=turn.now,
            seen_at=turn.now,
        )
    )
    turn.record("signed_in", person, by=person)
    return token


async def identify(turn: Turn, token: str) -> SignedIn | None:
    """Return whose session this is; one that is idle for half an hour, or twelve hours old, is none."""
    found = await find.session_by(turn.unit, hash_token(token))
    if found is None:
        return None
    session, person, chat = found
    return SignedIn(session, person, chat) if _lasts(turn, session) else None


def _lasts(turn: Turn, session: ConsoleSession) -> bool:
    return turn.now - session.seen_at < IDLE and turn.now - session.began_at < AT_MOST


def is_seen_anew(turn: Turn, session: ConsoleSession) -> bool:
    """Whether it is long enough ago that the session's use is to be noted again."""
    return turn.now - session.seen_at >= _SEEN_ANEW


async def sessions_of(turn: Turn, person: Person) -> list[ConsoleSession]:
    """Return where the person is signed in, the newest first."""
    return [one for one in await find.sessions_of(turn.unit, person.id) if _lasts(turn, one)]


async def end(turn: Turn, person: Person, session_id: UUID) -> bool:
    """End a session of the person's; False where it is not hers."""
    session = await turn.unit.session.get(ConsoleSession, session_id)
    if session is None or session.person_id != person.id or session.ended_at is not None:
        return False
    session.ended_at = turn.now
    turn.record("signed_out", person, by=person)
    return True


async def shut_out(turn: Turn, person: Person) -> None:
    """End every session and sign-in of the person's, and forget her passkeys."""
    await find.forget_person(turn.unit, person.id)


async def forget_old(turn: Turn) -> None:
    """Delete sign-ins and sessions that are over for good."""
    await find.prune(turn.unit, turn.after(days=-_KEPT_DAYS))


async def _keyed(turn: Turn, value: str) -> bytes:
    return await turn.unit.keys.keyed_hash(_HASH_KEY, value.encode(), now=turn.now)
