"""What came by telephone, e-mail or visit: typed in by the desk, and from then on like any other enquiry.

The same rules give it its urgency and its way. It has no chat: the desk passes on what its adviser writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from bot import candidates, cards, closing, dispatching, enquiries, gates, intake, promises, sending, writing
from bot.card_form import ContactCard
from bot.incoming import Did, Incoming
from bot.turn import Turn
from scheduling.instant import Instant
from storage.models import Author, Channel, Chat, Enquiry, Outcome, Person
from storage.queries import enquiries as find
from storage.queries import people

CHANNELS = (Channel.TELEPHONE, Channel.EMAIL, Channel.VISIT)
OUTCOMES = closing.DESK_OUTCOMES


class Way(StrEnum):
    """What becomes of it once it is typed in."""

    PANEL = "panel"
    OWN = "own"
    DONE = "done"


class NotHersError(Exception):
    """A hard rule keeps the person from having the enquiry; nothing was kept."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class AnotherOnesError(Exception):
    """Somebody else has typed in an enquiry under this id."""


@dataclass(frozen=True, slots=True)
class TakenDown:
    """What the desk typed in; the text is masked already."""

    id: UUID
    channel: Channel
    came_at: Instant
    answers: Mapping[str, str]
    text: str
    way: Way
    outcome: Outcome | None = None
    minutes: int | None = None
    card: ContactCard | None = None  # which she agreed to


def ends_at_once(answers: Mapping[str, str]) -> Outcome | None:
    """Return how an enquiry with one of these answers ends at once; its text is not kept."""
    found = (gates.leads_elsewhere(question, given) for question, given in answers.items())
    return next((outcome for outcome in found if outcome is not None), None)


async def keep(turn: Turn, person: Person, chat: Chat, taken: TakenDown) -> Enquiry:
    """Return the enquiry, in the log and on its way; the same one where it was kept before.

    Raises NotHersError, and AnotherOnesError.
    """
    await people.lock(turn.unit, person)
    known = await find.locked(turn.unit, taken.id)
    if known is not None:
        if known.typed_by != person.id:
            raise AnotherOnesError
        return known
    draft = await enquiries.open_without_chat(
        turn, person, enquiry_id=taken.id, channel=taken.channel, came_at=taken.came_at
    )
    _answer(draft, taken.answers)
    ends = ends_at_once(taken.answers)
    if ends is not None:
        await enquiries.close(turn, draft, ends, by=person)
        return draft
    said = Incoming(Did.TEXT, 0, taken.came_at, text=taken.text)
    await writing.write_down(turn, draft, said, author=Author.ENQUIRER, chat=None)
    await sending.take_in(turn, draft, language=turn.rules.hotline.languages[0], by=person)
    await turn.unit.session.flush()
    if taken.way is Way.PANEL:
        await sending.route(turn, draft)
    else:
        await _have(turn, person, chat, draft, taken)
    if taken.card is not None:
        await turn.unit.session.flush()
        await cards.type_in(turn, person, draft, taken.card)
    return draft


async def _have(turn: Turn, person: Person, chat: Chat, enquiry: Enquiry, taken: TakenDown) -> None:
    against = await candidates.rule_against(turn, enquiry, person)
    if against is not None:
        raise NotHersError(against)
    if taken.way is Way.OWN:
        await dispatching.assign(turn, enquiry, person, chat, by=person)
        return
    await dispatching.entrust(turn, enquiry, person, by=person)
    await turn.unit.session.flush()
    enquiry.answered_at = enquiry.passed_on_at = turn.now
    await promises.keep(turn, enquiry)
    await closing.finish_with(
        turn,
        person,
        chat,
        enquiry,
        outcome=taken.outcome or Outcome.ADVICE_ONLY,
        minutes=taken.minutes,
        suggests_referral=False,
    )


def _answer(draft: Enquiry, answers: Mapping[str, str]) -> None:
    """Note the answers to the questions that apply; what nobody asked is skipped."""
    role = answers.get("role")
    draft.kind = intake.kind_of(role or "")
    for question in intake.OPTIONS:
        given = answers.get(question) if intake.applies(question, role) else None
        setattr(draft, question, given or enquiries.SKIPPED)
