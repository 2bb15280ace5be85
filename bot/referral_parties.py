"""To which parties a referral is to go, on what basis and how; when it was sent, and what came back."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bot import referrals
from bot.referral_file import Opened
from bot.referral_review import RefusedError
from bot.turn import Turn
from storage.models import Person, ReferralParty, ReferralState
from storage.queries import referrals as find

# A number of a case has digits; words alone may be somebody's name.
_REFERENCE = re.compile(r"(?=.*\d)[0-9A-Za-zÆØÅæøå][0-9A-Za-zÆØÅæøå ./_-]{1,39}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Choice:
    """A party that was ticked: on what legal basis it gets the referral, and by which channel."""

    basis: str
    channel: str


async def intend(
    turn: Turn, person: Person, opened: Opened, *, ticked: Collection[str], shown: Collection[str]
) -> None:
    """Have the draft be meant for what was ticked, as far as her form showed it otherwise; none by itself.

    Each is proposed the referral's own basis and its usual channel. It counts as a saving: a reviewer
    approves the parties too.
    """
    _must_be_draft(opened)
    own = opened.values.get("basis")
    usual = {
        name: Choice(party.basis if own is None else own.text, party.channel)
        for name, party in turn.rules.parties.items()
    }
    before = {name: Choice(party.basis, party.channel) for name, party in opened.parties.items()}
    wanted = (before.keys() | set(ticked) - set(shown)) - (set(shown) - set(ticked))
    chosen = {name: before.get(name, choice) for name, choice in usual.items() if name in wanted}
    if chosen.keys() != before.keys() & usual.keys():
        await _apply(turn, person, opened, chosen)
        await referrals.keep(turn, person, opened, opened.values)


async def choose(
    turn: Turn, person: Person, opened: Opened, chosen: Mapping[str, Choice], *, seen: str
) -> None:
    """Have these parties get the referral and no others; a party it was sent to stays as it was."""
    _must_be_submitted(opened, seen)
    rules = turn.rules
    for party, choice in chosen.items():
        is_listed = choice.basis in rules.referral.bases and choice.channel in rules.referral.channels
        if party not in rules.parties or not is_listed:
            raise RefusedError("referral.page_old")
    await _apply(turn, person, opened, chosen)


async def _apply(turn: Turn, person: Person, opened: Opened, chosen: Mapping[str, Choice]) -> None:
    for party in turn.rules.parties:
        standing, choice_made = opened.parties.get(party), chosen.get(party)
        if standing is not None and standing.sent_at is not None:
            continue
        if choice_made is None and standing is not None:
            await find.drop_party(turn.unit, opened.referral.id, party)
            turn.record("referral_party_dropped", opened.enquiry, by=person, detail=party)
        elif choice_made is not None and not _is_same(standing, choice_made):
            await _set(turn, person, opened, party, choice_made)


def note_sent(turn: Turn, person: Person, opened: Opened, party: str, *, seen: str) -> None:
    """Note that the party was sent the version in force, now; the same version is noted once."""
    _must_be_submitted(opened, seen)
    standing, version = opened.parties.get(party), opened.in_force
    if standing is None or version is None or standing.sent_version == version.version:
        raise RefusedError("referral.page_old")
    standing.sent_at, standing.sent_by, standing.sent_version = turn.now, person.id, version.version
    turn.record("referral_sent", opened.enquiry, by=person, detail=f"{party} {version.version}")


def note_reference(turn: Turn, person: Person, opened: Opened, reference: str, *, seen: str) -> None:
    """Note what the municipality's case system calls it: a number of a case, never one of a person."""
    if not opened.takes_reference or seen != opened.left:
        raise RefusedError("referral.page_old")
    written = " ".join(reference.split())
    if not _REFERENCE.fullmatch(written) or turn.rules.masker.mask(written).found:
        raise RefusedError("referral.reference_wanted")
    if opened.referral.case_reference != written:
        opened.referral.case_reference = written
        turn.record("referral_reference", opened.enquiry, by=person, detail=written)


def note_export(turn: Turn, person: Person, opened: Opened, *, party: str, what: str) -> None:
    """Note that somebody took a paper of the referral out of the house."""
    detail = f"{what} {party} {opened.version.version}".strip()
    turn.record("referral_exported", opened.enquiry, by=person, detail=detail)


async def _set(turn: Turn, person: Person, opened: Opened, party: str, choice: Choice) -> None:
    standing = opened.parties.get(party)
    if standing is None:
        standing = ReferralParty(referral_id=opened.referral.id, party=party)
        turn.unit.session.add(standing)
    standing.basis, standing.channel = choice.basis, choice.channel
    standing.chosen_by, standing.chosen_at = person.id, turn.now
    turn.record("referral_party_chosen", opened.enquiry, by=person, detail=f"{party} {choice.basis}"[:80])


def _is_same(standing: ReferralParty | None, choice: Choice) -> bool:
    return standing is not None and (standing.basis, standing.channel) == (choice.basis, choice.channel)


def _must_be_draft(opened: Opened) -> None:
    is_standing = opened.referral.state is not ReferralState.WITHDRAWN
    if not is_standing or opened.version.state is not ReferralState.DRAFT:
        raise RefusedError("referral.page_old")


def _must_be_submitted(opened: Opened, seen: str) -> None:
    if opened.referral.state is not ReferralState.SUBMITTED or seen != opened.left:
        raise RefusedError("referral.page_old")
