"""An enquiry and what was written in it."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, false, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.instant import Instant
from scheduling.urgency import Urgency
from storage.models.base import Base, Word


class State(StrEnum):
    """Where an enquiry stands."""

    DRAFT = "draft"
    WAITING = "waiting"
    TRIAGE = "triage"
    ASSIGNED = "assigned"
    HELD = "held"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How an enquiry ended."""

    ADVICE_ONLY = "advice_only"
    REFERRED = "referred"
    EMERGENCY = "emergency"
    REDIRECTED = "redirected"
    ACTIVITY = "activity"
    PRESS = "press"
    MISUSE = "misuse"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


_NOT_CLOSED = text("state <> 'closed'")
_IS_LINKED = text("previous_id IS NOT NULL")


class Kind(StrEnum):
    """What an enquiry is counted as."""

    CONCERN = "concern"
    ACTIVITY = "activity"


class Channel(StrEnum):
    """How an enquiry came: by chat, or another way and typed in by the desk."""

    CHAT = "chat"
    TELEPHONE = "telephone"
    EMAIL = "email"
    VISIT = "visit"


class Enquiry(Base):
    """A concern enquiry in the log from its first message; the answers are taps, never free text."""

    __tablename__ = "enquiry"
    __table_args__ = (
        Index(
            "uq_enquiry_open_draft",
            "chat_id",
            unique=True,
            sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
        Index("ix_enquiry_state_sent_at", "state", "sent_at"),
        Index("ix_enquiry_open", "drafted_at", sqlite_where=_NOT_CLOSED, postgresql_where=_NOT_CLOSED),
        # The list, newest first: all of it, and by what is looked for most.
        Index("ix_enquiry_drafted_at", "drafted_at", "id"),
        Index("ix_enquiry_state_drafted_at", "state", "drafted_at"),
        Index("ix_enquiry_outcome_drafted_at", "outcome", "drafted_at"),
        Index("ix_enquiry_competence_drafted_at", "competence", "drafted_at"),
        Index("ix_enquiry_channel_drafted_at", "channel", "drafted_at"),
        Index("ix_enquiry_previous_id", "previous_id", sqlite_where=_IS_LINKED, postgresql_where=_IS_LINKED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str | None] = mapped_column(String(20), unique=True)
    kind: Mapped[Kind] = mapped_column(Word(Kind), default=Kind.CONCERN)
    # None where it did not come by chat; then `typed_by` is who typed it in.
    chat_id: Mapped[UUID | None] = mapped_column(ForeignKey("chat.id"), index=True)
    channel: Mapped[Channel] = mapped_column(Word(Channel), default=Channel.CHAT, server_default="chat")
    typed_by: Mapped[UUID | None]
    # Of an enquiry without a chat: when what its adviser wrote was last passed on by the desk.
    passed_on_at: Mapped[Instant | None]
    key_id: Mapped[UUID]
    state: Mapped[State] = mapped_column(Word(State))
    held_from: Mapped[State | None] = mapped_column(Word(State))
    outcome: Mapped[Outcome | None] = mapped_column(Word(Outcome))
    urgency: Mapped[Urgency] = mapped_column(Word(Urgency), default=Urgency.NORMAL)
    previous_id: Mapped[UUID | None]
    # Messages of the draft and of a held emergency; what follows is not counted.
    message_count: Mapped[int] = mapped_column(default=0)

    # What was tapped; None is not asked yet.
    role: Mapped[str | None] = mapped_column(String(30))
    profession: Mapped[str | None] = mapped_column(String(30))
    relation: Mapped[str | None] = mapped_column(String(30))
    topic: Mapped[str | None] = mapped_column(String(30))
    age: Mapped[str | None] = mapped_column(String(30))
    writer: Mapped[str | None] = mapped_column(String(30))
    alarm: Mapped[str | None] = mapped_column(String(30))
    residence: Mapped[str | None] = mapped_column(String(30))
    spoken: Mapped[str | None] = mapped_column(String(8))
    postcode_seen: Mapped[str | None] = mapped_column(String(4))
    # The postcode named last before it was sent: whoever lives or works there herself is not asked.
    postcode: Mapped[str | None] = mapped_column(String(4))

    triage_reason: Mapped[str | None] = mapped_column(String(30))
    competence: Mapped[str | None] = mapped_column(String(30))
    policy: Mapped[dict[str, int] | None] = mapped_column(JSON)
    dispatch_started_at: Mapped[Instant | None]
    dispatch_round: Mapped[int] = mapped_column(default=1)
    # How many rings the round wants by now, and when it is one more; None until it was looked at.
    dispatch_wanted: Mapped[int] = mapped_column(default=0, server_default="0")
    dispatch_next_step: Mapped[Instant | None]
    # The last look found fewer than the policy wanted: the next who comes on duty is asked at once.
    dispatch_is_short: Mapped[bool] = mapped_column(default=False)
    nobody_told_at: Mapped[Instant | None]

    # An emergency: its own key, how often the card was shown, when a coordinator opened the alarm.
    held_key_id: Mapped[UUID | None]
    held_at: Mapped[Instant | None]
    cards_shown: Mapped[int] = mapped_column(default=0)
    emergency_answer: Mapped[str | None] = mapped_column(String(10))
    alarm_opened_at: Mapped[Instant | None]

    drafted_at: Mapped[Instant]
    sent_at: Mapped[Instant | None]
    promised_by: Mapped[Instant | None]
    assigned_at: Mapped[Instant | None]
    # Since an answer was promised, nobody has answered yet.
    owes_answer: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Its adviser keeps it over the end of her shift: what is written meanwhile waits for her.
    kept_until: Mapped[Instant | None]
    answered_at: Mapped[Instant | None]
    closed_at: Mapped[Instant | None]
    # When it went on after it had been closed, the last time.
    reopened_at: Mapped[Instant | None]
    destroyed_at: Mapped[Instant | None]
    helped: Mapped[str | None] = mapped_column(String(10))
    suggests_referral: Mapped[bool] = mapped_column(default=False)
    duty_reminded_at: Mapped[Instant | None]

    @property
    def waits_since(self) -> Instant:
        """Since when its enquirer waits: since it went on again, was sent, or was begun."""
        return self.reopened_at or self.sent_at or self.drafted_at


# Said in the index's own words: a database uses a partial index only where it sees that it holds.
IS_NOT_CLOSED = literal_column("enquiry.state") != literal_column("'closed'")


class Author(StrEnum):
    """Who wrote a message."""

    ENQUIRER = "enquirer"
    RESOURCE_PERSON = "resource_person"
    NOTE = "note"


class Message(Base):
    """One text or file in an enquiry, masked, sealed under the enquiry's key (or the held one)."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_enquiry_id_position", "enquiry_id", "position"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    enquiry_id: Mapped[UUID] = mapped_column(ForeignKey("enquiry.id"))
    position: Mapped[int] = mapped_column(BigInteger)
    author: Mapped[Author] = mapped_column(Word(Author))
    person_id: Mapped[UUID | None]
    key_id: Mapped[UUID]
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column(default=1)
    written_at: Mapped[Instant]
    edited_at: Mapped[Instant | None]
    withdrawn_at: Mapped[Instant | None]


class MessageVersion(Base):
    """What a message said before it was edited."""

    __tablename__ = "message_version"

    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    key_id: Mapped[UUID]
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    replaced_at: Mapped[Instant]


class Parked(Base):
    """A message that waits until its writer says which enquiry it belongs to."""

    __tablename__ = "parked"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    chat_id: Mapped[UUID] = mapped_column(ForeignKey("chat.id"), index=True)
    key_id: Mapped[UUID]
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    parked_at: Mapped[Instant]


class NumberSeries(Base):
    """The last number drawn in a local year."""

    __tablename__ = "number_series"

    prefix: Mapped[str] = mapped_column(String(4), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class DataRequest(Base):
    """A wish for erasure or insight, waiting for the secretariat's answer."""

    __tablename__ = "data_request"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    chat_id: Mapped[UUID] = mapped_column(ForeignKey("chat.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    asked_at: Mapped[Instant]
    answered_at: Mapped[Instant | None]
    answer: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(20))  # why it was refused
