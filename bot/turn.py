"""One turn of the hotline: a use case's unit of work, the rules in force, and what it says to whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from bot.configuration import Configuration
from scheduling.ids import short
from scheduling.instant import Instant
from scheduling.shifts import Span
from storage import outbox, timers
from storage.models import Chat, Enquiry, Person
from storage.unit_of_work import Unit

CONVERSATION, NOTICE, DIGEST = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Button:
    """A button by the key of its label and what a tap on it means."""

    key: str
    data: str
    params: dict[str, Any] | None = None

    def plain(self) -> list[Any]:
        """Return the button as the outbox keeps it."""
        return [self.key, self.data, self.params or {}]


Rows = Sequence[Sequence[Button]]


def when(moment: datetime) -> dict[str, int]:
    """Return a parameter that is read as date and time in the reader's language."""
    return {"instant": Instant.of(moment).microseconds}


def span(of: Span) -> dict[str, list[int]]:
    """Return a parameter that is read as day and hours in the reader's language."""
    return {"span": [of.starts.microseconds, of.ends.microseconds]}


def as_day(of: date) -> dict[str, str]:
    """Return a parameter that is read as a day in the reader's language."""
    return {"day": of.isoformat()}


def word(key: str) -> dict[str, str]:
    """Return a parameter that is itself looked up in the reader's catalogue."""
    return {"word": key}


def competence(name: str | None) -> dict[str, str]:
    """Return a parameter that names a competence as the configuration does."""
    return word("competence.any") if name is None else {"competence": name}


def on(action: str, *subjects: Enquiry | UUID) -> str:
    """Return what a button carries: the action and the short ids of what it is about."""
    ids = (subject if isinstance(subject, UUID) else subject.id for subject in subjects)
    return ":".join((action, *(short(one) for one in ids)))


@dataclass(frozen=True, slots=True)
class Turn:
    """What every use case is given."""

    unit: Unit
    rules: Configuration

    @property
    def now(self) -> Instant:
        """The moment the use case happens at."""
        return self.unit.now

    def after(self, *, minutes: float = 0, hours: float = 0, days: float = 0) -> Instant:
        """Return the moment so long from now."""
        return Instant.of(self.now + timedelta(minutes=minutes, hours=hours, days=days))

    def say(
        self,
        chat: Chat | UUID,
        key: str,
        *,
        buttons: Rows = (),
        message: UUID | None = None,
        purpose: str | None = None,
        subject: UUID | None = None,
        reply_to: UUID | None = None,
        priority: int = NOTICE,
        action: str = "send",
        **params: Any,
    ) -> None:
        """Queue words for a chat, by key and parameters; never text that somebody wrote."""
        chat_id = chat.id if isinstance(chat, Chat) else chat
        if purpose is None:
            purpose, subject = "notice", subject or chat_id
        outbox.queue(
            self.unit,
            chat_id,
            key,
            action=action,
            params=params,
            buttons=[[button.plain() for button in row] for row in buttons] or None,
            message_id=message,
            purpose=purpose,
            subject_id=subject,
            reply_to=reply_to,
            priority=priority,
        )

    def remove(self, chat: Chat | UUID, *, purpose: str, subject: UUID) -> None:
        """Queue the removal of what stands in the chat for this purpose and subject."""
        chat_id = chat.id if isinstance(chat, Chat) else chat
        outbox.queue(self.unit, chat_id, None, action="delete", purpose=purpose, subject_id=subject)

    def remove_earlier(self, chat: Chat | UUID, *, purpose: str, subject: UUID) -> None:
        """Queue the removal of all that stands there for this purpose and subject but the newest."""
        chat_id = chat.id if isinstance(chat, Chat) else chat
        outbox.queue(self.unit, chat_id, None, action="delete_earlier", purpose=purpose, subject_id=subject)

    def remove_copies(self, chat: Chat | UUID, enquiry: Enquiry) -> None:
        """Queue the removal of an earlier transcript of the enquiry; the reader's own messages stay."""
        chat_id = chat.id if isinstance(chat, Chat) else chat
        outbox.queue(self.unit, chat_id, None, action="delete_copies", subject_id=enquiry.id)

    def remove_case(self, chat: Chat | UUID, enquiry: Enquiry) -> None:
        """Queue the removal of everything of the enquiry that stands in the chat."""
        chat_id = chat.id if isinstance(chat, Chat) else chat
        outbox.queue(self.unit, chat_id, None, action="delete_case", subject_id=enquiry.id)

    def record(
        self,
        action: str,
        about: Enquiry | Person | Chat,
        *,
        by: Person | Chat | None = None,
        detail: str | None = None,
    ) -> None:
        """Append to the log who did what to what; never what was written."""
        self.unit.record(
            action,
            actor="hotline" if by is None else _kind(by),
            actor_id=None if by is None else by.id,
            subject=_kind(about),
            subject_id=about.id,
            detail=detail,
        )

    async def set_timer(self, kind: str, subject: UUID, due_at: datetime) -> None:
        """Have the timer fall due at the moment."""
        await timers.set_timer(self.unit, kind, subject, due_at)

    async def cancel_timer(self, kind: str, subject: UUID) -> None:
        """Have the timer fall due no more."""
        await timers.cancel(self.unit, kind, subject)


def _kind(thing: Enquiry | Person | Chat) -> str:
    return {Enquiry: "enquiry", Person: "person", Chat: "chat"}[type(thing)]
