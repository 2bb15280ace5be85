"""One enquiry opened at a screen: who may, what was written, what was done; the reading is logged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from bot import (
    board,
    candidates,
    card_standing,
    gates,
    linking,
    passing_on,
    reading,
    reasons,
    staff_file,
    transcript,
    writing,
)
from bot.turn import Turn
from scheduling.instant import Instant
from storage.keys import KeyDestroyedError
from storage.models import DESK, AuditEntry, Author, Enquiry, Message, Outcome, Person, Role, State
from storage.queries import chats, console, messages, overview
from storage.queries import enquiries as find

_TO_GIVE = (State.WAITING, State.TRIAGE, State.ASSIGNED)
_READABLE = (*_TO_GIVE, State.HELD, State.CLOSED)


@dataclass(frozen=True, slots=True)
class Said:
    """Something written in the case; the text is None once its time has run out."""

    id: UUID
    author: Author
    alias: str | None
    at: Instant
    text: str | None
    has_file: bool
    is_edited: bool


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What the reader may see of an enquiry, and to whom it could go."""

    enquiry: Enquiry
    adviser: Person | None
    answers: list[str]
    said: list[Said]
    done: list[tuple[AuditEntry, str | None]]
    asked: reasons.Reasons | None
    may_have: tuple[Person, ...]
    own_places: list[tuple[str, str]]
    card: card_standing.Shown
    linked: linking.Linked
    is_asked_on: str | None  # who has been asked to take it over, and has not answered
    # Of what came without a chat: who typed it in, and what the desk has still to tell the enquirer.
    typed_by: str | None
    to_pass_on: str | None
    is_answer_ready: bool
    paused_until: Instant | None  # of the chat that misuse came from, where it is paused now


async def may_open(turn: Turn, reader: Person, enquiry: Enquiry) -> bool:
    """Whether she may read it: the desk what is not hers to keep out of, an adviser what she has now."""
    if enquiry.state not in _READABLE or not await candidates.may_read(turn, reader, enquiry):
        return False
    if reader.role in DESK:
        return True
    assignment = await find.active_assignment(turn.unit, enquiry.id)
    return (
        reader.role is Role.RESOURCE_PERSON and assignment is not None and assignment.person_id == reader.id
    )


async def open_to(turn: Turn, reader: Person, number: str) -> CaseFile | None:
    """Return the case of this number, and log that it was read; None where she may not, or there is none."""
    enquiry = await console.enquiry_of(turn.unit, number)
    if enquiry is None or not await may_open(turn, reader, enquiry):
        return None
    await reading.note(turn, reader, enquiry)
    is_desk = reader.role in DESK
    adviser = await find.adviser_of(turn.unit, enquiry.id)
    is_to_give = is_desk and enquiry.state in _TO_GIVE
    may_have = await board.who_may_have(turn, enquiry) if is_to_give else ()
    is_hers = adviser is not None and adviser[0].id == reader.id
    typed_by = [] if enquiry.typed_by is None else [enquiry.typed_by]
    return CaseFile(
        enquiry=enquiry,
        adviser=None if adviser is None else adviser[0],
        answers=transcript.answers(enquiry),
        said=await said_openly(turn, enquiry),
        done=await overview.timeline(turn.unit.session, enquiry.id) if is_desk else [],
        asked=await reasons.of(turn, enquiry) if is_desk else None,
        may_have=may_have,
        own_places=[
            (person.alias, places)
            for person in may_have
            if (places := await staff_file.own_places(turn, person))
        ],
        card=await card_standing.shown_to(turn, reader, enquiry),
        linked=await linking.around(turn, reader, enquiry),
        is_asked_on=await find.asked_on(turn.unit, enquiry.id),
        typed_by=next(iter((await console.aliases(turn.unit, typed_by)).values()), None),
        to_pass_on=await passing_on.due(turn, enquiry, is_hers=is_hers) if is_desk else None,
        paused_until=await _paused_until(turn, enquiry),
        is_answer_ready=enquiry.id in await passing_on.ready(turn, [enquiry]),
    )


async def _paused_until(turn: Turn, enquiry: Enquiry) -> Instant | None:
    if enquiry.outcome is not Outcome.MISUSE or enquiry.chat_id is None:
        return None
    chat = await chats.by_id(turn.unit, enquiry.chat_id)
    return chat.paused_until if gates.is_paused(turn, chat) else None


async def said_openly(turn: Turn, enquiry: Enquiry) -> list[Said]:
    """Return everything but what is held: that is opened from its alarm alone."""
    return await _in_words(
        turn,
        [
            message
            for message in await messages.of_enquiry(turn.unit, enquiry.id)
            if enquiry.held_key_id is None or message.key_id != enquiry.held_key_id
        ],
    )


async def said_in_all(turn: Turn, enquiry: Enquiry) -> list[Said]:
    """Return everything, what is held included: for whoever has opened the alarm."""
    return await _in_words(turn, await messages.of_enquiry(turn.unit, enquiry.id))


async def _in_words(turn: Turn, written: Sequence[Message]) -> list[Said]:
    writers = {message.person_id for message in written if message.person_id is not None}
    aliases = await console.aliases(turn.unit, writers)
    return [await _one(turn, message, aliases) for message in written]


async def _one(turn: Turn, message: Message, aliases: dict[UUID, str]) -> Said:
    text: str | None = None
    has_file = False
    try:
        body = await writing.read(turn, message)
    except KeyDestroyedError:
        pass
    else:
        text, has_file = str(body["text"]), writing.file_of(body) is not None
    return Said(
        id=message.id,
        author=message.author,
        alias=None if message.person_id is None else aliases.get(message.person_id),
        at=message.written_at,
        text=text,
        has_file=has_file,
        is_edited=message.edited_at is not None,
    )
