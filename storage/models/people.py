"""Staff: resource persons, secretariat, coordinators, auditors, administrators, and their invites."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, Date, ForeignKey, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.instant import Instant
from storage.models.base import Base, Word


class Role(StrEnum):
    """What a member of staff is enrolled as."""

    RESOURCE_PERSON = "resource-person"
    SECRETARIAT = "secretariat"
    COORDINATOR = "coordinator"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


# Who works on every case, and hears of every alarm.
DESK = (Role.SECRETARIAT, Role.COORDINATOR)


def is_paused(since: Instant | None, until: Instant | None, moment: Instant) -> bool:
    """Whether a pause that was said, until a moment or for good, holds: nobody is paused ahead of time."""
    return since is not None and (until is None or moment < until)


class Person(Base):
    """A member of staff, known by alias; the chat is empty once the account was revoked."""

    __tablename__ = "person"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    alias: Mapped[str] = mapped_column(String(60), unique=True)
    role: Mapped[Role] = mapped_column(Word(Role))
    chat_id: Mapped[UUID | None] = mapped_column(ForeignKey("chat.id"), unique=True)
    competences: Mapped[list[str]] = mapped_column(JSON)
    languages: Mapped[list[str]] = mapped_column(JSON)
    cap: Mapped[int] = mapped_column(default=5)
    # Her own word on her duty, which goes before the rota for as long as it holds.
    says_on_duty: Mapped[bool | None]
    says_until: Mapped[Instant | None]
    paused_since: Mapped[Instant | None]
    paused_until: Mapped[Instant | None]
    joins_on: Mapped[date | None] = mapped_column(Date)
    leaves_on: Mapped[date | None] = mapped_column(Date)
    trained_on: Mapped[date | None] = mapped_column(Date)
    confidentiality_signed_on: Mapped[date | None] = mapped_column(Date)
    # The day her child-protection certificate (børneattest) was made out.
    certificate_on: Mapped[date | None] = mapped_column(Date)
    # Postcodes, or ranges of them, that she is given no case from: where she lives or works herself.
    own_districts: Mapped[list[str]] = mapped_column(JSON, default=list, server_default=text("'[]'"))
    # Her own schools and the like, in free words, under a key of her own.
    key_id: Mapped[UUID | None]
    own_places_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    # Counts changes made by a form, so that the slower of two people is told.
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    enrolled_at: Mapped[Instant]
    revoked_at: Mapped[Instant | None]

    def is_paused(self, moment: Instant) -> bool:
        """Whether the person is paused at the moment."""
        return is_paused(self.paused_since, self.paused_until, moment)


class Invite(Base):
    """A single-use way in; only a hash of its token is kept."""

    __tablename__ = "invite"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    role: Mapped[Role] = mapped_column(Word(Role))
    alias: Mapped[str] = mapped_column(String(60))
    competences: Mapped[list[str]] = mapped_column(JSON)
    languages: Mapped[list[str]] = mapped_column(JSON)
    person_id: Mapped[UUID | None]  # set when a known person gets a new phone
    made_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    used_at: Mapped[Instant | None]
