"""Sign-ins, passkeys and sessions of the console, and what its pages ask in one question each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete, func, select, update

from scheduling.instant import Instant
from storage.models import (
    Assignment,
    Chat,
    Conflict,
    ConsoleSession,
    Enquiry,
    Passkey,
    Person,
    SignIn,
)
from storage.unit_of_work import Unit


async def attempts_since(
    unit: Unit, since: Instant, *, alias_hash: bytes, address_hash: bytes
) -> tuple[int, int]:
    """Return how many sign-ins were begun since the moment for this alias, and from this address."""
    count = select(func.count()).select_from(SignIn).where(SignIn.asked_at > since)
    of_alias = count.where(SignIn.alias_hash == alias_hash).scalar_subquery()
    of_address = count.where(SignIn.address_hash == address_hash).scalar_subquery()
    row = (await unit.session.execute(select(of_alias, of_address))).one()
    return row[0], row[1]


async def sign_in(unit: Unit, sign_in_id: UUID) -> SignIn | None:
    """Return the sign-in, locked."""
    query = select(SignIn).where(SignIn.id == sign_in_id).with_for_update()
    query = query.execution_options(populate_existing=True)
    return (await unit.session.execute(query)).scalar_one_or_none()


async def sign_in_of(unit: Unit, browser_hash: bytes) -> SignIn | None:
    """Return what was begun under this secret of a browser's; each begin has a new one."""
    query = select(SignIn).where(SignIn.browser_hash == browser_hash)
    return (await unit.session.execute(query)).scalar_one_or_none()


async def passkeys_of(unit: Unit, person_id: UUID) -> Sequence[Passkey]:
    """Return the person's passkeys, the oldest first."""
    query = select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.made_at)
    return (await unit.session.execute(query)).scalars().all()


async def passkey_by(unit: Unit, credential_id: bytes) -> Passkey | None:
    """Return whoever's passkey this is."""
    query = select(Passkey).where(Passkey.credential_id == credential_id)
    return (await unit.session.execute(query)).scalar_one_or_none()


async def session_by(unit: Unit, token_hash: bytes) -> tuple[ConsoleSession, Person, Chat] | None:
    """Return the session of this token that was not ended, with whose it is; a revoked account has none."""
    query = (
        select(ConsoleSession, Person, Chat)
        .join(Person, Person.id == ConsoleSession.person_id)
        .join(Chat, Chat.id == Person.chat_id)
        .where(
            ConsoleSession.token_hash == token_hash,
            ConsoleSession.ended_at.is_(None),
            Person.revoked_at.is_(None),
        )
    )
    found = (await unit.session.execute(query)).one_or_none()
    return None if found is None else (found[0], found[1], found[2])


async def sessions_of(unit: Unit, person_id: UUID) -> Sequence[ConsoleSession]:
    """Return the person's sessions that were not ended, the newest first."""
    query = (
        select(ConsoleSession)
        .where(ConsoleSession.person_id == person_id, ConsoleSession.ended_at.is_(None))
        .order_by(ConsoleSession.began_at.desc())
    )
    return (await unit.session.execute(query)).scalars().all()


async def forget_person(unit: Unit, person_id: UUID) -> None:
    """End the person's sessions and sign-ins, and delete her passkeys."""
    ends = update(ConsoleSession).where(
        ConsoleSession.person_id == person_id, ConsoleSession.ended_at.is_(None)
    )
    await unit.session.execute(ends.values(ended_at=unit.now))
    open_still = update(SignIn).where(SignIn.person_id == person_id, SignIn.spent_at.is_(None))
    await unit.session.execute(open_still.values(spent_at=unit.now))
    await unit.session.execute(delete(Passkey).where(Passkey.person_id == person_id))


async def prune(unit: Unit, before: Instant) -> None:
    """Delete sign-ins begun, and sessions last seen, before the moment."""
    await unit.session.execute(delete(SignIn).where(SignIn.asked_at < before))
    await unit.session.execute(delete(ConsoleSession).where(ConsoleSession.seen_at < before))


async def conflicts_among(unit: Unit, enquiry_ids: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    """Return who must not have which of the enquiries, as pairs of enquiry and person."""
    query = select(Conflict.enquiry_id, Conflict.person_id).where(Conflict.enquiry_id.in_(enquiry_ids))
    return {(row[0], row[1]) for row in (await unit.session.execute(query)).all()}


async def cases_of(unit: Unit, person_id: UUID) -> Sequence[Enquiry]:
    """Return what the person has now, the oldest first; not locked."""
    query = (
        select(Enquiry)
        .join(Assignment, Assignment.enquiry_id == Enquiry.id)
        .where(Assignment.person_id == person_id, Assignment.ended_at.is_(None))
        .order_by(Enquiry.sent_at)
    )
    return (await unit.session.execute(query)).scalars().all()


async def aliases(unit: Unit, person_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the aliases of these people."""
    query = select(Person.id, Person.alias).where(Person.id.in_(person_ids))
    return dict((await unit.session.execute(query)).all())


async def enquiry_of(unit: Unit, number: str) -> Enquiry | None:
    """Return the enquiry of this number, however it is capitalised; not locked."""
    query = select(Enquiry).where(Enquiry.number == number.upper())
    return (await unit.session.execute(query)).scalar_one_or_none()


async def end_everything(unit: Unit) -> None:
    """End every session and every sign-in that is open."""
    await unit.session.execute(
        update(ConsoleSession).where(ConsoleSession.ended_at.is_(None)).values(ended_at=unit.now)
    )
    await unit.session.execute(update(SignIn).where(SignIn.spent_at.is_(None)).values(spent_at=unit.now))
