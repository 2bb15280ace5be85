"""Words masked by hand in a case are masked in its referrals too; what stands submitted is only named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot import referral_file
from bot.masking import Mask
from bot.masking.by_hand import replace as masked
from bot.referral_form import BY_NAME, Kind
from bot.referral_values import Value, Values
from bot.turn import Turn
from storage.models import Enquiry, Referral, ReferralState, ReferralVersion
from storage.queries import referrals as find

_Pattern = re.Pattern[str]
_TYPED = (Kind.TEXT, Kind.LINE)


@dataclass(frozen=True, slots=True)
class Holding:
    """A referral that was submitted with the words: in the version in force, or in an earlier one alone."""

    number: str
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class InReferrals:
    """In how many places of the referrals a mask stands now, and which hold the words still."""

    places: int
    holding: Sequence[Holding]


async def mask_in_referrals(turn: Turn, enquiry: Enquiry, pattern: _Pattern, mask: Mask) -> InReferrals:
    """Mask what the enquiry's referrals say, but who is meant, and but what stands submitted.

    A version that changes so was saved anew: an approval of what was read before does nothing.
    """
    places, holding = 0, []
    for referral in await find.all_of(turn.unit, enquiry.id):
        if referral.destroyed_at is not None:
            continue
        held = []
        for version in await find.versions(turn.unit, referral.id):
            places += await _in_remarks(turn, version, pattern, mask)
            if _stands(referral, version):
                held.append(bool(await _found_in(turn, version, pattern, mask)))
            else:
                places += await _in_values(turn, version, pattern, mask)
        if any(held):
            holding.append(Holding(referral.number or "", held[0]))
    return InReferrals(places, holding)


def _stands(referral: Referral, version: ReferralVersion) -> bool:
    """Whether the version was submitted and the referral was not withdrawn after it."""
    states = (referral.state, version.state)
    return states == (ReferralState.SUBMITTED, ReferralState.SUBMITTED)


async def _in_values(turn: Turn, version: ReferralVersion, pattern: _Pattern, mask: Mask) -> int:
    values = await referral_file.values_of(turn, version)
    changed, places = _masked(values, pattern, mask)
    if places:
        await referral_file.seal(turn, version, changed)
        version.saving += 1
    return places


async def _found_in(turn: Turn, version: ReferralVersion, pattern: _Pattern, mask: Mask) -> int:
    return _masked(await referral_file.values_of(turn, version), pattern, mask)[1]


def _masked(values: Values, pattern: _Pattern, mask: Mask) -> tuple[dict[str, Value], int]:
    """Return the values with the mask, and in how many places; who is meant and what was chosen stays."""
    changed, places = dict(values), 0
    for name, value in values.items():
        field = BY_NAME[name]
        if field.kind in _TYPED and not field.is_identity:
            text, found = masked(value.text, pattern, mask)
            changed[name] = replace(value, text=text)
            places += found
    return changed, places


async def _in_remarks(turn: Turn, version: ReferralVersion, pattern: _Pattern, mask: Mask) -> int:
    remarks = await referral_file.remarks_of(turn, version)
    text, places = masked(remarks or "", pattern, mask)
    if places:
        await referral_file.note_remarks(turn, version, text)
    return places
