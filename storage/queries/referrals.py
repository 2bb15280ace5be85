"""Referrals by enquiry, their versions, and the parties they go to."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, delete, exists, or_, select, update

from storage.models import (
    Chat,
    Conflict,
    Enquiry,
    Person,
    Referral,
    ReferralParty,
    ReferralState,
    ReferralVersion,
)
from storage.unit_of_work import Unit


async def live_of(unit: Unit, enquiry_id: UUID) -> Referral | None:
    """Return the enquiry's referral that was neither withdrawn nor destroyed; locked by its enquiry."""
    query = select(Referral).where(
        Referral.enquiry_id == enquiry_id,
        Referral.state != ReferralState.WITHDRAWN,
        Referral.destroyed_at.is_(None),
    )
    query = query.execution_options(populate_existing=True)
    return (await unit.session.execute(query)).scalar_one_or_none()


async def all_of(unit: Unit, enquiry_id: UUID) -> Sequence[Referral]:
    """Return every referral of the enquiry in the order they were made; only the last can be in force."""
    query = select(Referral).where(Referral.enquiry_id == enquiry_id)
    query = query.order_by(Referral.made_at, Referral.id).execution_options(populate_existing=True)
    return (await unit.session.execute(query)).scalars().all()


async def versions(unit: Unit, referral_id: UUID) -> Sequence[ReferralVersion]:
    """Return every version, the newest first."""
    query = select(ReferralVersion).where(ReferralVersion.referral_id == referral_id)
    query = query.order_by(ReferralVersion.version.desc()).execution_options(populate_existing=True)
    return (await unit.session.execute(query)).scalars().all()


async def parties(unit: Unit, referral_id: UUID) -> dict[str, ReferralParty]:
    """Return the parties that get the referral, by name."""
    query = select(ReferralParty).where(ReferralParty.referral_id == referral_id)
    return {one.party: one for one in (await unit.session.execute(query)).scalars()}


async def drop_party(unit: Unit, referral_id: UUID, party: str) -> None:
    """Have the party not get the referral."""
    await unit.session.execute(
        delete(ReferralParty).where(ReferralParty.referral_id == referral_id, ReferralParty.party == party)
    )


async def is_submitted(unit: Unit, enquiry_id: UUID) -> bool:
    """Whether the enquiry became a referral that was submitted and not withdrawn."""
    stands = exists().where(Referral.enquiry_id == enquiry_id, Referral.state == ReferralState.SUBMITTED)
    return bool((await unit.session.execute(select(stands))).scalar_one())


async def lacks_reference(unit: Unit, enquiry_id: UUID) -> bool:
    """Whether a referral has no number in the case system yet: submitted, or withdrawn once it was sent."""
    was_sent = exists().where(ReferralParty.referral_id == Referral.id, ReferralParty.sent_at.is_not(None))
    stands = exists().where(
        Referral.enquiry_id == enquiry_id,
        or_(
            Referral.state == ReferralState.SUBMITTED,
            and_(Referral.state == ReferralState.WITHDRAWN, was_sent),
        ),
        Referral.case_reference.is_(None),
    )
    return bool((await unit.session.execute(select(stands))).scalar_one())


async def in_review(unit: Unit, reader: Person) -> Sequence[tuple[ReferralVersion, Enquiry]]:
    """Return the versions that wait to be reviewed, with their enquiries, the oldest first.

    What the reader asked herself, or has a conflict of interest in, is not among them.
    """
    hidden = exists().where(Conflict.enquiry_id == Enquiry.id, Conflict.person_id == reader.id)
    query = (
        select(ReferralVersion, Enquiry)
        .join(Referral, Referral.id == ReferralVersion.referral_id)
        .join(Enquiry, Enquiry.id == Referral.enquiry_id)
        .where(
            ReferralVersion.state == ReferralState.REVIEW,
            ~hidden,
            or_(Enquiry.chat_id.is_(None), Enquiry.chat_id != reader.chat_id),
            Referral.state != ReferralState.WITHDRAWN,
            Referral.destroyed_at.is_(None),
        )
        .order_by(ReferralVersion.review_asked_at)
        .limit(50)
    )
    return [(row[0], row[1]) for row in (await unit.session.execute(query)).all()]


async def chat_of(unit: Unit, enquiry: Enquiry) -> Chat | None:
    """Return the enquirer's chat; None where she came by another way."""
    return None if enquiry.chat_id is None else await unit.session.get(Chat, enquiry.chat_id)


async def asked_and_unanswered(unit: Unit) -> Sequence[tuple[Referral, Enquiry, Chat]]:
    """Return the referrals whose enquirer was asked and has not answered, with enquiry and chat."""
    query = (
        select(Referral, Enquiry, Chat)
        .join(Enquiry, Enquiry.id == Referral.enquiry_id)
        .join(Chat, Chat.id == Enquiry.chat_id)
        .where(
            Referral.state.in_((ReferralState.DRAFT, ReferralState.REVIEW)),
            Referral.asked_at.is_not(None),
            Referral.answer.is_(None),
            Referral.destroyed_at.is_(None),
            Chat.unreachable_since.is_(None),
        )
    )
    return [(row[0], row[1], row[2]) for row in (await unit.session.execute(query)).all()]


async def keys_of(unit: Unit, enquiry_id: UUID) -> set[UUID]:
    """Return the keys that the enquiry's referrals are sealed under and that are not destroyed."""
    query = (
        select(ReferralVersion.key_id, ReferralVersion.identity_key_id)
        .join(Referral, Referral.id == ReferralVersion.referral_id)
        .where(Referral.enquiry_id == enquiry_id, Referral.destroyed_at.is_(None))
    )
    return {key for row in (await unit.session.execute(query)).all() for key in row}


async def note_destroyed(unit: Unit, enquiry_id: UUID) -> None:
    """Note that the enquiry's referrals can be read no more."""
    gone = update(Referral).where(Referral.enquiry_id == enquiry_id, Referral.destroyed_at.is_(None))
    await unit.session.execute(gone.values(destroyed_at=unit.now))
