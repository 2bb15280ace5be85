"""Offers of an enquiry, and who has it."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.instant import Instant
from storage.models.base import Base, Word

_OPEN = text("state = 'open'")
_HELD = text("ended_at IS NULL")


class OfferState(StrEnum):
    """Where an offer stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    TAKEN = "taken"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Offer(Base):
    """A content-free offer of an enquiry to one person; never withdrawn before somebody claims."""

    __tablename__ = "offer"
    __table_args__ = (
        Index("ix_offer_enquiry_id_round", "enquiry_id", "round"),
        Index("ix_offer_person_id_rung_at", "person_id", "rung_at"),
        Index("ix_offer_open", "person_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    enquiry_id: Mapped[UUID] = mapped_column(ForeignKey("enquiry.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    round: Mapped[int]
    step: Mapped[int]
    state: Mapped[OfferState] = mapped_column(Word(OfferState))
    why: Mapped[dict[str, int | str | bool]] = mapped_column(JSON)
    declined_because: Mapped[str | None] = mapped_column(String(20))
    offered_at: Mapped[Instant]
    decided_at: Mapped[Instant | None]
    rings: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
    rung_at: Mapped[Instant | None]  # when the phone rang last


class DispatchStep(Base):
    """One look at a waiting enquiry: what the choice said of everybody, and nothing of the case."""

    __tablename__ = "dispatch_step"
    __table_args__ = (Index("ix_dispatch_step_enquiry_id_round", "enquiry_id", "round"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    enquiry_id: Mapped[UUID] = mapped_column(ForeignKey("enquiry.id"))
    round: Mapped[int]
    step: Mapped[int]
    at: Mapped[Instant]
    verdicts: Mapped[dict[str, str]] = mapped_column(JSON)  # by person: "rung", "place:3" or why not


class Assignment(Base):
    """Who has an enquiry; at most one active assignment an enquiry."""

    __tablename__ = "assignment"
    __table_args__ = (
        Index(
            "uq_assignment_active",
            "enquiry_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_assignment_enquiry_id", "enquiry_id"),
        Index("ix_assignment_person_id_started_at", "person_id", "started_at"),
        Index("ix_assignment_held_by", "person_id", sqlite_where=_HELD, postgresql_where=_HELD),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    enquiry_id: Mapped[UUID] = mapped_column(ForeignKey("enquiry.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    started_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]
    ended_because: Mapped[str | None] = mapped_column(String(20))
    outcome: Mapped[str | None] = mapped_column(String(20))
    minutes: Mapped[int | None]


class Conflict(Base):
    """A person who must not have an enquiry, by her own word."""

    __tablename__ = "conflict"

    enquiry_id: Mapped[UUID] = mapped_column(ForeignKey("enquiry.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    said_at: Mapped[Instant]


class Handover(Base):
    """An enquiry handed on, until the receiver confirms."""

    __tablename__ = "handover"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    enquiry_id: Mapped[UUID] = mapped_column(ForeignKey("enquiry.id"), index=True)
    from_person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    to_person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    offered_at: Mapped[Instant]
    decided_at: Mapped[Instant | None]
    is_accepted: Mapped[bool | None]
