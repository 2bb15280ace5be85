"""The rota: weekly rules, what departs from them, swaps, and who was on duty when."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, Date, DateTime, ForeignKey, Index, LargeBinary, SmallInteger, String, Time, text
from sqlalchemy.orm import Mapped, mapped_column

from scheduling.instant import Instant
from scheduling.shifts import DayKind, Station
from storage.models.base import Base, Word


class SwapState(StrEnum):
    """Where a swap stands."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    UNDONE = "undone"


class RotaRule(Base):
    """A weekly rule: planned in local time of a zone, from one day to another, both included."""

    __tablename__ = "rota_rule"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    station: Mapped[Station] = mapped_column(Word(Station))
    weekdays: Mapped[list[int]] = mapped_column(JSON)
    starts: Mapped[time] = mapped_column(Time)
    ends: Mapped[time] = mapped_column(Time)
    zone: Mapped[str] = mapped_column(String(60))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    every_weeks: Mapped[int] = mapped_column(SmallInteger, default=1)
    day_kinds: Mapped[list[str]] = mapped_column(JSON)


class RotaOverride(Base):
    """A shift more, or a span without one, on one day."""

    __tablename__ = "rota_override"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    station: Mapped[Station] = mapped_column(Word(Station))
    day: Mapped[date] = mapped_column(Date)
    starts: Mapped[time] = mapped_column(Time)
    ends: Mapped[time] = mapped_column(Time)
    zone: Mapped[str] = mapped_column(String(60))
    is_on: Mapped[bool]


class Absence(Base):
    """A span in which a person has no shift; one read from a calendar keeps that calendar's name for it."""

    __tablename__ = "absence"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    starts_local: Mapped[datetime] = mapped_column(DateTime)
    ends_local: Mapped[datetime] = mapped_column(DateTime)
    zone: Mapped[str] = mapped_column(String(60))
    source_uid: Mapped[str | None] = mapped_column(String(255))


class ShiftSwap(Base):
    """One occurrence of a shift, offered to a colleague or to all, and given on once accepted."""

    __tablename__ = "shift_swap"
    __table_args__ = tuple(
        Index(
            f"uq_shift_swap_{state}",
            "source_id",
            "day",
            unique=True,
            sqlite_where=text(f"state = '{state}'"),
            postgresql_where=text(f"state = '{state}'"),
        )
        for state in (SwapState.OFFERED.value, SwapState.ACCEPTED.value)
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    source_id: Mapped[UUID]  # the rule or the override that the occurrence comes from
    day: Mapped[date] = mapped_column(Date)
    giver_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    taker_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))  # None is whoever says yes first
    state: Mapped[SwapState] = mapped_column(Word(SwapState))
    offered_at: Mapped[Instant]
    decided_at: Mapped[Instant | None]


class DaySetting(Base):
    """What kind of day a date is where it is not what the calendar suggests."""

    __tablename__ = "day_setting"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[DayKind] = mapped_column(Word(DayKind))
    name: Mapped[str] = mapped_column(String(80), default="")


class RotaFeed(Base):
    """A calendar that can be subscribed to, by a secret address of which a hash is kept."""

    __tablename__ = "rota_feed"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))  # None is the whole panel's
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[Instant]
    revoked_at: Mapped[Instant | None]


class RotaRevision(Base):
    """One row that counts the changes of the rota; who has read a revision need not read it again."""

    __tablename__ = "rota_revision"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    number: Mapped[int]
    changed_at: Mapped[Instant]


class DutySpell(Base):
    """A span in which a person was in fact on duty, by the rota or her own word; open while it lasts."""

    __tablename__ = "duty_spell"
    __table_args__ = (
        Index("ix_duty_spell_person_id_ended_at_started_at", "person_id", "ended_at", "started_at"),
        Index(
            "uq_duty_spell_open",
            "person_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    station: Mapped[Station] = mapped_column(Word(Station))
    started_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]


class HoursStatement(Base):
    """A person's minutes of a month, approved by the secretariat; the figures stand as approved."""

    __tablename__ = "hours_statement"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    month: Mapped[date] = mapped_column(Date, primary_key=True)  # its first day
    minutes: Mapped[int]
    cases: Mapped[int]
    approved_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[Instant]
