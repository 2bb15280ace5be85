"""A formal referral: its versions, and to which parties it goes."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.instant import Instant
from storage.models.base import Base, Word

_LIVE = text("state <> 'withdrawn'")


class ReferralState(StrEnum):
    """Where a referral, or one version of it, stands."""

    DRAFT = "draft"
    REVIEW = "review"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"


class Referral(Base):
    """An enquiry's formal referral; what it says stands in its versions."""

    __tablename__ = "referral"
    __table_args__ = (
        Index("uq_referral_live", "enquiry_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    enquiry_id: Mapped[UUID] = mapped_column(ForeignKey("enquiry.id"), index=True)
    number: Mapped[str | None] = mapped_column(String(20), unique=True)
    state: Mapped[ReferralState] = mapped_column(Word(ReferralState))
    made_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[Instant]
    submitted_at: Mapped[Instant | None]
    withdrawn_at: Mapped[Instant | None]
    withdrawn_because: Mapped[str | None] = mapped_column(String(30))
    # The enquirer was asked in her chat, answered there, and was told that it was submitted.
    asked_at: Mapped[Instant | None]
    asked_by: Mapped[UUID | None]
    asked_about: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))  # the parties named
    answer: Mapped[str | None] = mapped_column(String(10))
    answered_at: Mapped[Instant | None]
    told_at: Mapped[Instant | None]
    # What the municipality's own case system calls it.
    case_reference: Mapped[str | None] = mapped_column(String(40))
    destroyed_at: Mapped[Instant | None]


class ReferralVersion(Base):
    """What a referral says, sealed; who is meant is sealed apart, under a key of its own.

    A draft counts its savings, so that nobody saves over, or approves, what she has not seen.
    """

    __tablename__ = "referral_version"

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[ReferralState] = mapped_column(Word(ReferralState))
    saving: Mapped[int] = mapped_column(default=1)
    key_id: Mapped[UUID]
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    identity_key_id: Mapped[UUID]
    identity_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    # Everybody who saved it, by id: none of them approves it.
    written_by: Mapped[list[str]] = mapped_column(JSON)
    saved_by: Mapped[UUID]
    saved_at: Mapped[Instant]
    review_asked_by: Mapped[UUID | None]
    review_asked_of: Mapped[UUID | None] = mapped_column(index=True)
    review_asked_at: Mapped[Instant | None]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[Instant | None]
    remarks_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class ReferralParty(Base):
    """A party that gets the referral: on what basis, by which channel, and when which version was sent."""

    __tablename__ = "referral_party"

    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"), primary_key=True)
    party: Mapped[str] = mapped_column(String(40), primary_key=True)
    basis: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(40))
    chosen_by: Mapped[UUID]
    chosen_at: Mapped[Instant]
    sent_at: Mapped[Instant | None]
    sent_by: Mapped[UUID | None]
    sent_version: Mapped[int | None]
