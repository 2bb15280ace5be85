"""A referral as it is kept and read: what each version says, sealed, and who had to do with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from bot import candidates
from bot.marks import mark_of
from bot.referral_form import BY_NAME
from bot.referral_values import Value, Values, read_plain
from bot.turn import Turn
from storage.keys import KeyDestroyedError
from storage.models import (
    DESK,
    Enquiry,
    Person,
    Referral,
    ReferralParty,
    ReferralState,
    ReferralVersion,
    State,
)
from storage.queries import console
from storage.queries import referrals as find

_MAY_BECOME_ONE = (State.WAITING, State.TRIAGE, State.ASSIGNED, State.CLOSED)


@dataclass(frozen=True, slots=True)
class Opened:
    """A referral as the desk reads it; `version` is the one shown, `in_force` the last one submitted.

    Which of the enquiry's referrals it is, `place` says, counted from 1 as they were made.
    """

    enquiry: Enquiry
    referral: Referral
    place: int
    version: ReferralVersion
    values: Values
    remarks: str | None
    versions: Sequence[ReferralVersion]
    parties: dict[str, ReferralParty]
    aliases: dict[UUID, str]

    @property
    def seen(self) -> str:
        """What a form made of it carries, so that an outdated one does nothing."""
        return seen_of(self.version)

    @property
    def asked(self) -> str:
        """What the button that asks the enquirer carries: when she was asked, and what she answered."""
        at = self.referral.asked_at
        return f"{0 if at is None else at.microseconds}:{self.referral.answer or ''}"

    @property
    def unasked(self) -> list[str]:
        """The parties it is meant for that the question she was asked did not name."""
        named = self.referral.asked_about
        return [] if named is None else [party for party in self.parties if party not in named]

    @property
    def left(self) -> str:
        """What the forms carry that say to whom it goes and what the case system calls it, as they stood."""
        parties = [
            (one.party, one.basis, one.channel, one.sent_version) for _, one in sorted(self.parties.items())
        ]
        version = None if self.in_force is None else self.in_force.version
        return mark_of(repr((version, self.referral.case_reference, parties)))

    @property
    def takes_reference(self) -> bool:
        """Whether the case system's number is to be noted: submitted, or withdrawn once it was sent."""
        was_sent = any(one.sent_at is not None for one in self.parties.values())
        state = self.referral.state
        return state is ReferralState.SUBMITTED or (state is ReferralState.WITHDRAWN and was_sent)

    @property
    def is_newest(self) -> bool:
        """Whether no version that was not dropped comes after the one shown."""
        after = [one for one in self.versions if one.version > self.version.version]
        return all(one.state is ReferralState.WITHDRAWN for one in after)

    @property
    def in_force(self) -> ReferralVersion | None:
        """The last version that was submitted."""
        return next((one for one in self.versions if one.state is ReferralState.SUBMITTED), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a reader of the case sees of its referrals: the desk each of them, others that there is one."""

    readable: Sequence[Referral]
    is_made: bool
    may_make: bool


async def standing(turn: Turn, reader: Person, enquiry: Enquiry) -> Standing:
    """Return what the reader sees of the enquiry's referrals, in the order they were made."""
    made = await find.all_of(turn.unit, enquiry.id)
    is_desk = await may_work_on(turn, reader, enquiry)
    is_live = any(one.state is not ReferralState.WITHDRAWN for one in made)
    return Standing(
        readable=made if is_desk else (),
        is_made=is_live,
        may_make=is_desk and not is_live and may_become_one(enquiry),
    )


def seen_of(version: ReferralVersion) -> str:
    """Return what names this version as it was saved last."""
    return f"{version.version}.{version.saving}"


async def may_work_on(turn: Turn, reader: Person, enquiry: Enquiry) -> bool:
    """Whether she may make, read and change the enquiry's referral."""
    is_there = enquiry.state is not State.DRAFT and enquiry.destroyed_at is None
    return is_there and reader.role in DESK and await candidates.may_read(turn, reader, enquiry)


def may_become_one(enquiry: Enquiry) -> bool:
    """Whether the enquiry stands where a referral can be made of it."""
    return enquiry.state in _MAY_BECOME_ONE and enquiry.destroyed_at is None


async def opened(
    turn: Turn, enquiry: Enquiry, *, place: int | None = None, version: int | None = None
) -> Opened | None:
    """Return the enquiry's last referral with its newest version, or those asked for; None without one."""
    made = dict(enumerate(await find.all_of(turn.unit, enquiry.id), 1))
    place = len(made) if place is None else place
    referral = made.get(place)
    if referral is None:
        return None
    versions = await find.versions(turn.unit, referral.id)
    standing = [one for one in versions if one.state is not ReferralState.WITHDRAWN] or versions
    shown = next((one for one in (versions if version else standing) if version in (None, one.version)), None)
    if shown is None:
        return None
    try:
        values = await values_of(turn, shown)
    except KeyDestroyedError:
        return None
    parties = await find.parties(turn.unit, referral.id)
    return Opened(
        enquiry=enquiry,
        referral=referral,
        place=place,
        version=shown,
        values=values,
        remarks=await remarks_of(turn, shown),
        versions=versions,
        parties=parties,
        aliases=await console.aliases(turn.unit, _named(referral, versions, values, parties)),
    )


async def values_of(turn: Turn, version: ReferralVersion) -> dict[str, Value]:
    """Return what the version says; raises KeyDestroyedError once its time has run out."""
    unit = turn.unit
    body = await unit.open(version.key_id, version.body_sealed, place=_place("body", version))
    who = await unit.open(version.identity_key_id, version.identity_sealed, place=_place("identity", version))
    return read_plain(cast("dict[str, Any]", {**body, **who}))


async def seal(turn: Turn, version: ReferralVersion, values: Values) -> None:
    """Have the version say this: who is meant under the one key, everything else under the other."""
    of_who = {name: one.plain() for name, one in values.items() if BY_NAME[name].is_identity}
    rest = {name: one.plain() for name, one in values.items() if not BY_NAME[name].is_identity}
    unit = turn.unit
    version.body_sealed = await unit.seal(version.key_id, dict(rest), place=_place("body", version))
    version.identity_sealed = await unit.seal(
        version.identity_key_id, dict(of_who), place=_place("identity", version)
    )


async def note_remarks(turn: Turn, version: ReferralVersion, remarks: str) -> None:
    """Keep what the reviewer remarks, masked and sealed."""
    body: dict[str, object] = {"text": turn.rules.masker.mask(remarks).text}
    place = _place("remarks", version)
    version.remarks_sealed = await turn.unit.seal(version.key_id, body, place=place)


async def remarks_of(turn: Turn, version: ReferralVersion) -> str | None:
    """Return what the reviewer remarked, if she did."""
    if version.remarks_sealed is None:
        return None
    body = await turn.unit.open(version.key_id, version.remarks_sealed, place=_place("remarks", version))
    return str(body["text"])


def _place(column: str, version: ReferralVersion) -> str:
    return f"referral_version.{column}:{version.referral_id}:{version.version}"


def _named(
    referral: Referral,
    versions: Sequence[ReferralVersion],
    values: Values,
    parties: Mapping[str, ReferralParty],
) -> set[UUID]:
    """Return everybody who is named where the referral is read."""
    acted: list[UUID | None] = [referral.made_by, referral.asked_by]
    for one in versions:
        acted += [one.saved_by, one.review_asked_by, one.review_asked_of, one.decided_by]
    for party in parties.values():
        acted += [party.chosen_by, party.sent_by]
    acted += [value.by for value in values.values()]
    return {one for one in acted if one is not None}
