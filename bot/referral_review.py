"""A referral is reviewed by a second person, submitted, corrected by a new version, or withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum, auto
from uuid import UUID

from bot import candidates, closing, enquiries, referral_file, referral_form, referrals
from bot.referral_file import Opened
from bot.referral_values import said
from bot.turn import Turn, word
from storage import numbers
from storage.models import DESK, Enquiry, Outcome, Person, ReferralState, ReferralVersion, State
from storage.queries import enquiries as find_enquiries
from storage.queries import people
from storage.queries import referrals as find


class Withdrawn(StrEnum):
    """Why a referral was withdrawn: words to choose from, so that nothing of the case stands there."""

    ENQUIRER = auto()
    UNFOUNDED = auto()
    MISTAKE = auto()
    ELSEWHERE = auto()


# How a case can have ended whose referral was withdrawn.
OTHERWISE = tuple(one for one in closing.DESK_OUTCOMES if one is not Outcome.REFERRED)


class RefusedError(Exception):
    """It was not done; the reason is a key of the catalogue."""

    def __init__(self, key: str, **params: object) -> None:
        super().__init__(key)
        self.key, self.params = key, params


async def who_may_review(turn: Turn, opened: Opened) -> list[Person]:
    """Return who of the desk did not write it and may read the case."""
    hidden_from = await people.conflicted(turn.unit, opened.enquiry.id)
    return [
        person
        for person in await people.in_reach(turn.unit, DESK)
        if person.id.hex not in opened.version.written_by
        and person.id not in hidden_from
        and person.chat_id != opened.enquiry.chat_id
    ]


async def ask(turn: Turn, person: Person, opened: Opened, *, reviewer: str, seen: str) -> None:
    """Have a colleague review it: she hears in her chat that one waits, and nothing of it."""
    _must_be(opened, seen, ReferralState.DRAFT)
    _must_be_whole(opened)
    asked = next((one for one in await who_may_review(turn, opened) if one.alias == reviewer), None)
    if asked is None:
        raise RefusedError("referral.nobody_to_review")
    version = opened.version
    referrals.move(turn, opened.enquiry, opened.referral, version, ReferralState.REVIEW, by=person)
    version.review_asked_by, version.review_asked_of = person.id, asked.id
    version.review_asked_at, version.decided_by, version.decided_at = turn.now, None, None
    if asked.chat_id is not None:
        number = opened.enquiry.number or ""
        turn.say(asked.chat_id, "referral.review_waits", number=number, alias=person.alias)


async def take_back(turn: Turn, person: Person, opened: Opened, *, seen: str) -> None:
    """Have it be a draft again before anybody decided."""
    _must_be(opened, seen, ReferralState.REVIEW)
    referrals.move(turn, opened.enquiry, opened.referral, opened.version, ReferralState.DRAFT, by=person)


async def approve(turn: Turn, person: Person, opened: Opened, *, seen: str) -> None:
    """Submit what she has read, and nothing else: an approval of anything older does nothing."""
    _must_be(opened, seen, ReferralState.REVIEW)
    _must_not_be_hers(person, opened.version)
    await _submit(turn, person, opened)
    await _tell_asker(turn, person, opened, "approved")


async def send_back(turn: Turn, person: Person, opened: Opened, *, seen: str, remarks: str) -> None:
    """Have it be a draft again, with what the reviewer remarks."""
    _must_be(opened, seen, ReferralState.REVIEW)
    _must_not_be_hers(person, opened.version)
    if not remarks.strip() or len(remarks) > referral_form.MOST_LETTERS:
        raise RefusedError("referral.remarks_wanted")
    await referral_file.note_remarks(turn, opened.version, remarks.strip())
    opened.version.decided_by, opened.version.decided_at = person.id, turn.now
    referrals.move(turn, opened.enquiry, opened.referral, opened.version, ReferralState.DRAFT, by=person)
    await _tell_asker(turn, person, opened, "sent_back")


async def submit_alone(turn: Turn, person: Person, opened: Opened, *, seen: str, has_read: bool) -> None:
    """Submit without a review, where the hotline is configured so, once she says that she has read it."""
    if turn.rules.referral.review:
        raise RefusedError("referral.needs_review")
    _must_be(opened, seen, ReferralState.DRAFT)
    _must_be_whole(opened)
    if not has_read:
        raise RefusedError("referral.not_read")
    await _submit(turn, person, opened)


async def correct(turn: Turn, person: Person, opened: Opened, *, seen: str) -> None:
    """Begin a new version of what was submitted, saying the same; the submitted one never changes."""
    _must_be(opened, seen, ReferralState.SUBMITTED)
    last = opened.version
    version = ReferralVersion(
        referral_id=last.referral_id,
        version=opened.versions[0].version + 1,
        state=ReferralState.DRAFT,
        saving=1,
        key_id=last.key_id,
        identity_key_id=last.identity_key_id,
        written_by=[person.id.hex],
        saved_by=person.id,
        saved_at=turn.now,
    )
    await referral_file.seal(turn, version, opened.values)
    turn.unit.session.add(version)
    turn.record("referral_corrected", opened.enquiry, by=person, detail=f"{version.version}")


async def drop(turn: Turn, person: Person, opened: Opened, *, seen: str) -> None:
    """Drop a correction that was begun; what was submitted before it stays in force."""
    _must_be(opened, seen, ReferralState.DRAFT)
    if opened.in_force is None:
        raise RefusedError("referral.page_old")
    referrals.move(turn, opened.enquiry, opened.referral, opened.version, ReferralState.WITHDRAWN, by=person)


async def withdraw(
    turn: Turn, person: Person, opened: Opened, *, seen: str, because: str, outcome: str = ""
) -> None:
    """Withdraw the referral, whatever stands of it, with the reason; it can be read until its time is up.

    A case that is closed as referred ended as its adviser said at its end, or else as is said now.
    """
    if opened.seen != seen or opened.referral.state is ReferralState.WITHDRAWN:
        raise RefusedError("referral.page_old")
    if because not in set(Withdrawn):
        raise RefusedError("referral.reason_wanted")
    ended = await _ended_otherwise(turn, opened.enquiry, outcome)
    referral = opened.referral
    referrals.move(turn, opened.enquiry, referral, opened.version, ReferralState.WITHDRAWN, by=person)
    referral.state = ReferralState.WITHDRAWN
    referral.withdrawn_at, referral.withdrawn_because = turn.now, because
    turn.record("referral_withdrawn", opened.enquiry, by=person, detail=because)
    if ended is not None:
        # A withdrawal by mistake can be mended by a new referral as long as a case may go on.
        not_before = turn.after(days=turn.rules.limits.reopen_days)
        await enquiries.note_outcome(turn, opened.enquiry, ended, not_before=not_before)


async def asks_how_it_ended(turn: Turn, enquiry: Enquiry) -> bool:
    """Whether nobody has said how the case ended, but that it was referred."""
    return _is_referred(enquiry) and await _said_at_its_end(turn, enquiry) is None


async def _ended_otherwise(turn: Turn, enquiry: Enquiry, outcome: str) -> Outcome | None:
    """Return how the case ended without its referral; None where that is still to come."""
    if not _is_referred(enquiry):
        return None
    said_then = await _said_at_its_end(turn, enquiry)
    if said_then is None and outcome not in OTHERWISE:
        raise RefusedError("referral.outcome_wanted")
    return said_then or Outcome(outcome)


async def _said_at_its_end(turn: Turn, enquiry: Enquiry) -> Outcome | None:
    """Return what its adviser said where she closed it herself."""
    last = await find_enquiries.last_assignment(turn.unit, enquiry.id)
    if last is None or last.ended_because != "done" or last.ended_at != enquiry.closed_at:
        return None
    return Outcome(last.outcome) if last.outcome in OTHERWISE else None


def _is_referred(enquiry: Enquiry) -> bool:
    return enquiry.state is State.CLOSED and enquiry.outcome is Outcome.REFERRED


async def waiting(turn: Turn, reader: Person) -> Sequence[tuple[ReferralVersion, Enquiry]]:
    """Return what waits to be reviewed, but what the reader must not see."""
    return await find.in_review(turn.unit, reader)


async def _submit(turn: Turn, person: Person, opened: Opened) -> None:
    enquiry, referral, version = opened.enquiry, opened.referral, opened.version
    if referral.number is None:
        year = turn.now.astimezone(turn.rules.zone).year
        referral.number = await numbers.draw(turn.unit, turn.rules.referral.prefix, year)
        referral.submitted_at = turn.now
    version.decided_by, version.decided_at = person.id, turn.now
    referrals.move(turn, enquiry, referral, version, ReferralState.SUBMITTED, by=person)
    turn.record("referral_submitted", enquiry, by=person, detail=f"{referral.number} {version.version}")
    if enquiry.state is State.CLOSED:
        await enquiries.note_outcome(turn, enquiry, Outcome.REFERRED)


async def _tell_asker(turn: Turn, by: Person, opened: Opened, decided: str) -> None:
    asked_by: UUID | None = opened.version.review_asked_by
    if asked_by is None:
        return
    asker = await people.by_id(turn.unit, asked_by)
    if asker.chat_id is not None and await candidates.may_read(turn, asker, opened.enquiry):
        decision = word(f"referral.decided.{decided}")
        number = opened.enquiry.number or ""
        turn.say(asker.chat_id, "referral.reviewed", number=number, alias=by.alias, decision=decision)


def _must_be(opened: Opened, seen: str, state: ReferralState) -> None:
    if opened.seen != seen or opened.version.state is not state:
        raise RefusedError("referral.page_old")
    if opened.referral.state is ReferralState.WITHDRAWN:
        raise RefusedError("referral.page_old")


def _must_be_whole(opened: Opened) -> None:
    if referral_form.lacking(said(opened.values)):
        raise RefusedError("referral.not_whole")


def _must_not_be_hers(person: Person, version: ReferralVersion) -> None:
    if person.id.hex in version.written_by or person.id == version.review_asked_by:
        raise RefusedError("referral.own")
