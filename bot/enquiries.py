"""An enquiry's life: opened as a draft, moved only as the table allows, each step in the log."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from bot.turn import Turn
from scheduling.ids import new_id
from scheduling.instant import Instant
from scheduling.urgency import Urgency
from storage import numbers, transitions
from storage.models import Channel, Chat, Enquiry, Kind, Outcome, Person, State
from storage.queries import referrals

_DRAFT_TIMERS = ("draft_quiet", "draft_lapse")
_HELD_TIMERS = ("held_destroy", "emergency_alarm", "emergency_silence")
SKIPPED = "skipped"  # a question nobody answered; unlike a tapped "don't know"
_MINOR_AGES = frozenset({"under15", "15-17"})
_CHILD_AGE = "under15"


async def open_draft(turn: Turn, chat: Chat) -> Enquiry:
    """Return a new draft under a key of its own; the chat has no other."""
    draft = await _opened(turn, new_id(), drafted_at=turn.now)
    draft.chat_id = chat.id
    turn.unit.session.add(draft)
    await turn.unit.session.flush()
    turn.record("drafted", draft, by=chat)
    await turn.set_timer("draft_lapse", draft.id, turn.after(days=turn.rules.limits.draft_days))
    return draft


async def open_without_chat(
    turn: Turn, person: Person, *, enquiry_id: UUID, channel: Channel, came_at: Instant
) -> Enquiry:
    """Return a new draft under a key of its own, typed in by the person; it is sent in the same breath."""
    draft = await _opened(turn, enquiry_id, drafted_at=came_at)
    draft.channel, draft.typed_by = channel, person.id
    turn.unit.session.add(draft)
    await turn.unit.session.flush()
    turn.record("drafted", draft, by=person, detail=channel.value)
    return draft


async def _opened(turn: Turn, enquiry_id: UUID, *, drafted_at: Instant) -> Enquiry:
    return Enquiry(
        id=enquiry_id,
        kind=Kind.CONCERN,
        channel=Channel.CHAT,
        key_id=await turn.unit.keys.make("enquiry", now=turn.now),
        state=State.DRAFT,
        urgency=Urgency.NORMAL,
        message_count=0,
        dispatch_round=0,
        dispatch_is_short=False,
        cards_shown=0,
        suggests_referral=False,
        drafted_at=drafted_at,
    )


def move(
    turn: Turn, enquiry: Enquiry, to: State, *, by: Person | Chat | None = None, detail: str | None = None
) -> None:
    """Take the enquiry to the state and log it; raises IllegalTransitionError."""
    transitions.check(enquiry.state, to)
    step = f"{enquiry.state}>{to}"
    enquiry.state = to
    turn.record("moved", enquiry, by=by, detail=step if detail is None else f"{step} {detail}")


async def draw_number(turn: Turn, enquiry: Enquiry) -> str:
    """Return the enquiry's number, drawn now if it has none."""
    if enquiry.number is None:
        prefix = turn.rules.hotline.number_prefix[enquiry.kind.value]
        year = turn.now.astimezone(turn.rules.zone).year
        enquiry.number = await numbers.draw(turn.unit, prefix, year)
    return enquiry.number


async def close(
    turn: Turn, enquiry: Enquiry, outcome: Outcome, *, by: Person | Chat | None = None
) -> Outcome:
    """Close the enquiry and return its outcome; its retention starts to run.

    What became a referral that was submitted is *referred*, however it is said to have ended.
    """
    if await referrals.is_submitted(turn.unit, enquiry.id):
        outcome = Outcome.REFERRED
    move(turn, enquiry, State.CLOSED, by=by, detail=outcome.value)
    enquiry.closed_at = turn.now
    for timer in (*_DRAFT_TIMERS, "dispatch", "unclaimed", "unanswered", "promise"):
        await turn.cancel_timer(timer, enquiry.id)
    await forget_held(turn, enquiry)
    await note_outcome(turn, enquiry, outcome)
    return outcome


async def note_outcome(
    turn: Turn, enquiry: Enquiry, outcome: Outcome, *, not_before: Instant | None = None
) -> None:
    """Have what is closed have ended so; its retention is counted from its end, and not over before."""
    assert enquiry.closed_at is not None
    enquiry.outcome = outcome
    kept = timedelta(days=getattr(turn.rules.retention, outcome.value))
    until = Instant.of(enquiry.closed_at + kept)
    await turn.set_timer("retention", enquiry.id, until if not_before is None else max(until, not_before))


async def forget_held(turn: Turn, enquiry: Enquiry) -> None:
    """Destroy the held key, and with it what is still sealed under it; the alarm is silent."""
    if enquiry.held_key_id is not None:
        turn.unit.doom_key(enquiry.held_key_id)
        enquiry.held_key_id = None
    for timer in _HELD_TIMERS:
        await turn.cancel_timer(timer, enquiry.id)


async def stop_draft_timers(turn: Turn, enquiry: Enquiry) -> None:
    """Have the draft neither lapse nor be sent by itself."""
    for timer in _DRAFT_TIMERS:
        await turn.cancel_timer(timer, enquiry.id)


def is_writer_minor(enquiry: Enquiry) -> bool:
    """Whether the person who writes is under 18, by what was tapped."""
    return enquiry.writer == "minor" or (enquiry.role == "self" and enquiry.age in _MINOR_AGES)


def is_about_minor(enquiry: Enquiry) -> bool:
    """Whether the person worried about is under 18, by what was tapped."""
    return enquiry.age in _MINOR_AGES


def may_involve_child(enquiry: Enquiry) -> bool:
    """Whether it is about somebody under 15, or written by somebody under 18 who may be; by what was tapped.

    An age that was not told is not taken for a child's: see docs/decisions/certificates-and-districts.md.
    """
    if enquiry.age == _CHILD_AGE:
        return True
    is_own_age_told = enquiry.role == "self" and enquiry.age in _MINOR_AGES
    return is_writer_minor(enquiry) and not is_own_age_told
