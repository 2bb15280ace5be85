"""The append-only log: who did what to what, when; and the seals that chain its entries."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.instant import Instant
from storage.models.base import Base


class AuditEntry(Base):
    """Who did what to which subject, and when; never what was written."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_subject_id", "subject_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[Instant] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[UUID | None]
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[UUID]
    detail: Mapped[str | None] = mapped_column(String(80))


class AuditPending(Base):
    """An entry that no seal covers yet."""

    __tablename__ = "audit_pending"

    entry_id: Mapped[UUID] = mapped_column(primary_key=True)


class AuditSeal(Base):
    """One link of the chain: an entry's HMAC over itself and the link before."""

    __tablename__ = "audit_seal"

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    entry_id: Mapped[UUID] = mapped_column(unique=True)
    hmac: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditSealer(Base):
    """The one row that a sealer locks: where the chain ends, and where pruning has left its start."""

    __tablename__ = "audit_sealer"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    last_seq: Mapped[int] = mapped_column(BigInteger)
    last_hmac: Mapped[bytes] = mapped_column(LargeBinary(32))
    checkpoint_seq: Mapped[int] = mapped_column(BigInteger)
    checkpoint_hmac: Mapped[bytes] = mapped_column(LargeBinary(32))
