"""The way into the console: a sign-in approved in chat, a passkey, and the session that follows."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.instant import Instant
from storage.models.base import Base


class SignIn(Base):
    """One attempt to sign in at a PC; without a person where nobody is enrolled under that alias."""

    __tablename__ = "sign_in"
    __table_args__ = (
        Index("ix_sign_in_alias_hash_asked_at", "alias_hash", "asked_at"),
        Index("ix_sign_in_address_hash_asked_at", "address_hash", "asked_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"), index=True)
    alias_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    address_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    browser_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    number: Mapped[int] = mapped_column(SmallInteger)
    asked_at: Mapped[Instant] = mapped_column(index=True)
    expires_at: Mapped[Instant]
    decided_at: Mapped[Instant | None]
    is_approved: Mapped[bool | None]
    challenge: Mapped[bytes | None] = mapped_column(LargeBinary(64))
    spent_at: Mapped[Instant | None]


class Passkey(Base):
    """A member of staff's passkey: its public half, which opens nothing by itself."""

    __tablename__ = "passkey"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1024), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int]
    made_at: Mapped[Instant]
    used_at: Mapped[Instant]


class ConsoleSession(Base):
    """One browser that is signed in; only a hash of what it holds is kept."""

    __tablename__ = "console_session"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    began_at: Mapped[Instant]
    seen_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]
