"""What came in, what goes out, what stands in which chat, and what falls due."""

from __future__ import annotations

from enum import IntEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Index, Integer, LargeBinary, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.instant import Instant
from storage.models.base import Base


class Progress(IntEnum):
    """How far a queued row has come."""

    WAITING = 0
    DONE = 1
    ASIDE = 2


_WAITING = text("progress = 0")
_UNDER_WAY = text("progress = 0 AND leased_until IS NOT NULL")


class InboxRow(Base):
    """An update from Telegram, projected, masked and sealed before it was acknowledged."""

    __tablename__ = "inbox"
    __table_args__ = (
        Index(
            "ix_inbox_waiting",
            "chat_hash",
            "order_at",
            "order_number",
            "update_id",
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index(
            "ix_inbox_under_way",
            "chat_hash",
            sqlite_where=_UNDER_WAY,
            postgresql_where=_UNDER_WAY,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    update_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    chat_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    order_at: Mapped[int] = mapped_column(BigInteger)
    order_number: Mapped[int] = mapped_column(BigInteger)
    key_id: Mapped[UUID]
    body_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    received_at: Mapped[Instant] = mapped_column(index=True)
    progress: Mapped[int] = mapped_column(SmallInteger, default=Progress.WAITING)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    not_before: Mapped[Instant | None]
    leased_until: Mapped[Instant | None]
    lease: Mapped[int] = mapped_column(Integer, default=0)


class OutboxRow(Base):
    """Something to do in a chat: words by key and parameters, and a message by its id, never a copy."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_waiting", "chat_id", "seq", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    chat_id: Mapped[UUID | None]  # None is an alert that does not go to a chat
    action: Mapped[str] = mapped_column(String(20))
    key: Mapped[str | None] = mapped_column(String(80))
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    buttons: Mapped[list[Any] | None] = mapped_column(JSON)
    message_id: Mapped[UUID | None]
    purpose: Mapped[str | None] = mapped_column(String(20))
    subject_id: Mapped[UUID | None] = mapped_column(index=True)
    reply_to: Mapped[UUID | None]
    priority: Mapped[int] = mapped_column(SmallInteger, default=0)
    part: Mapped[int] = mapped_column(SmallInteger, default=0)
    queued_at: Mapped[Instant]
    progress: Mapped[int] = mapped_column(SmallInteger, default=Progress.WAITING)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    not_before: Mapped[Instant | None]
    leased_until: Mapped[Instant | None]
    lease: Mapped[int] = mapped_column(Integer, default=0)
    sent_at: Mapped[Instant | None]
    failure: Mapped[str | None] = mapped_column(String(40))


class Posting(Base):
    """Where in which chat something stands, so that it can be replied to, edited and deleted."""

    __tablename__ = "posting"
    __table_args__ = (
        Index("ix_posting_subject_id", "subject_id"),
        Index("ix_posting_chat_id_telegram_id", "chat_id", "telegram_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    chat_id: Mapped[UUID]
    telegram_id: Mapped[int] = mapped_column(BigInteger)
    purpose: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[UUID]
    enquiry_id: Mapped[UUID | None] = mapped_column(index=True)
    posted_at: Mapped[Instant]
    gone_at: Mapped[Instant | None]


class Timer(Base):
    """A deadline: what is to be done about which subject, and when."""

    __tablename__ = "timer"

    kind: Mapped[str] = mapped_column(String(30), primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    due_at: Mapped[Instant] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(Integer, default=0)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)


class Switch(Base):
    """A setting that a person turns: delivery held after a restore, and the like."""

    __tablename__ = "switch"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(80))
    turned_at: Mapped[Instant]
