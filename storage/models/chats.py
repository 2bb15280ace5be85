"""A chat: one Telegram account's private conversation with the bot, whoever it belongs to."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.instant import Instant
from storage.models.base import Base


class Chat(Base):
    """Found by a keyed hash of its address; the address itself is sealed under the chat's own key."""

    __tablename__ = "chat"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    address_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    address_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    key_id: Mapped[UUID]
    language: Mapped[str | None] = mapped_column(String(8))
    welcomed_at: Mapped[Instant | None]
    seen_at: Mapped[Instant | None]
    unreachable_since: Mapped[Instant | None]
    # Which of several enquiries the chat is switched to, and since when.
    switched_to: Mapped[UUID | None]
    switched_at: Mapped[Instant | None]
    # Texts in the running minute, for the flood limit.
    flood_since: Mapped[Instant | None]
    flood_count: Mapped[int] = mapped_column(default=0)
    paused_until: Mapped[Instant | None]
    # Press and redirected writers get the same answer until then, and it is not kept.
    answered_alike_until: Mapped[Instant | None]
    answered_alike_key: Mapped[str | None] = mapped_column(String(40))
    # What the next text is taken for, where a button has asked for a text.
    awaits: Mapped[str | None] = mapped_column(String(60))
    awaits_since: Mapped[Instant | None]
