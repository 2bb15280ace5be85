"""A contact card: the one road by which somebody's identity enters, asked for and given by consent."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, false
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.instant import Instant
from storage.models.base import Base, Word


class CardState(StrEnum):
    """Where the asking for contact details stands."""

    ASKED = "asked"
    LINKED = "linked"
    ARRIVED = "arrived"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class Card(Base):
    """An enquiry's contact card: when it was asked for, its one-time link, and what came, under its own key.

    What came stands until it is replaced, taken back or its time is up, whatever is asked meanwhile.
    """

    __tablename__ = "contact_card"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    enquiry_id: Mapped[UUID] = mapped_column(ForeignKey("enquiry.id"), unique=True)
    state: Mapped[CardState] = mapped_column(Word(CardState))
    asked_at: Mapped[Instant]
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    # The link: only a hash of its secret; it is spent once the form is sent.
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    linked_at: Mapped[Instant | None]
    expires_at: Mapped[Instant | None]
    wants_call: Mapped[bool] = mapped_column(default=False, server_default=false())
    # What came: nothing of it where there is no key.
    key_id: Mapped[UUID | None]
    body_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    arrived_at: Mapped[Instant | None]
    opened_at: Mapped[Instant | None]
