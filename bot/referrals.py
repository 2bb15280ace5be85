"""A formal referral comes to be: made by the desk, saved field by field, moved only as the table allows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from bot import referral_file, referral_form, referral_proposals, referral_talk
from bot.referral_file import Opened, seen_of
from bot.referral_form import BY_NAME, MOST_LETTERS, Kind
from bot.referral_values import Saving, Value, Values, merge, put
from bot.turn import Turn
from scheduling.ids import new_id
from storage import transitions
from storage.models import Enquiry, Person, Referral, ReferralState, ReferralVersion
from storage.queries import referrals as find


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a saving; a clash holds what was typed and not kept, by field."""

    clashes: dict[str, str]
    refused: tuple[str, ...] = ()
    was_masked: bool = False
    was_put: bool = False
    has_changed: bool = False


async def make(turn: Turn, person: Person, enquiry: Enquiry) -> Referral:
    """Return the enquiry's referral, an empty draft if there was none: nothing is copied into it."""
    standing = await find.live_of(turn.unit, enquiry.id)
    if standing is not None:
        return standing
    referral = Referral(
        id=new_id(), enquiry_id=enquiry.id, state=ReferralState.DRAFT, made_by=person.id, made_at=turn.now
    )
    turn.unit.session.add(referral)
    await turn.unit.session.flush()
    version = ReferralVersion(
        referral_id=referral.id,
        version=1,
        state=ReferralState.DRAFT,
        saving=1,
        key_id=await turn.unit.keys.make("referral", now=turn.now),
        identity_key_id=await turn.unit.keys.make("identity", now=turn.now),
        written_by=[],
        saved_by=person.id,
        saved_at=turn.now,
    )
    await referral_file.seal(turn, version, {})
    turn.unit.session.add(version)
    await turn.unit.session.flush()
    turn.record("referral_made", enquiry, by=person, detail=f"{referral.id}")
    return referral


async def save(
    turn: Turn,
    person: Person,
    opened: Opened,
    saving: Saving,
    *,
    ticked: Collection[str] = (),
    pieces: Collection[str] = (),
    into: str = "",
) -> Saved:
    """Keep what she wrote, ticked and put into a field; what another changed meanwhile is not written over.

    Only a draft takes anything: otherwise everything that differs is handed back as a clash.
    """
    version = opened.version
    typed, refused, was_masked = _taken(turn, saving)
    merged = merge(opened.values, typed, by=person.id)
    if version.state is not ReferralState.DRAFT:
        changed = {name: typed.fields[name] for name in _differing(opened.values, merged.values)}
        return Saved(changed | merged.clashes, refused, was_masked)
    values = merged.values
    offered = await referral_proposals.of(turn, opened.enquiry, opened.referral)
    for name in ticked:
        if name in offered and name not in values:
            values[name] = Value(offered[name].text, offered[name].origin, person.id)
    was_put = await _put(turn, person, opened, values, pieces=pieces, into=into)
    has_changed = values != dict(opened.values)
    if has_changed:
        await keep(turn, person, opened, values)
    return Saved(merged.clashes, refused, was_masked, was_put, has_changed)


async def _put(
    turn: Turn,
    person: Person,
    opened: Opened,
    values: dict[str, Value],
    *,
    pieces: Collection[str],
    into: str,
) -> bool:
    """Whether the pieces of the conversation stand in the field now."""
    field = BY_NAME.get(into)
    if not pieces or field is None or not field.takes_pieces:
        return False
    text, messages = await referral_talk.pick(turn, opened.enquiry, pieces)
    made = put(values.get(into), text, messages=messages, by=person.id)
    if not text or len(made.text) > MOST_LETTERS:
        return False
    values[into] = made
    return True


def _taken(turn: Turn, saving: Saving) -> tuple[Saving, tuple[str, ...], bool]:
    """Return the saving as the fields take it, masked, with what no field takes named."""
    fields: dict[str, str] = {}
    refused: list[str] = []
    was_masked = False
    for name, text in saving.fields.items():
        field = BY_NAME.get(name)
        taken = None if field is None else referral_form.accepted(field, text, turn.rules.referral)
        if field is None or taken is None:
            refused.append(name)
            continue
        if not field.is_identity and field.kind in (Kind.TEXT, Kind.LINE):
            masked = turn.rules.masker.mask(taken)
            was_masked = was_masked or bool(masked.found)
            taken = masked.text
        fields[name] = taken
    return replace(saving, fields=fields), tuple(refused), was_masked


def _differing(before: Values, after: Values) -> list[str]:
    return [name for name in BY_NAME if before.get(name) != after.get(name)]


def move(
    turn: Turn,
    enquiry: Enquiry,
    referral: Referral,
    version: ReferralVersion,
    to: ReferralState,
    *,
    by: Person,
) -> None:
    """Take the version to the state, and the referral with it until one is submitted; log it."""
    transitions.check_referral(version.state, to)
    step = f"{version.state}>{to}"
    if referral.state is version.state:
        transitions.check_referral(referral.state, to)
        referral.state = to
    version.state = to
    version.saving += 1
    turn.record("referral_moved", enquiry, by=by, detail=f"{step} {version.version}")


async def keep(turn: Turn, person: Person, opened: Opened, values: Values) -> None:
    """Have the draft say this from now on, as the person's saving; log it."""
    version = opened.version
    await referral_file.seal(turn, version, values)
    version.saving += 1
    version.saved_by, version.saved_at = person.id, turn.now
    if person.id.hex not in version.written_by:
        version.written_by = [*version.written_by, person.id.hex]
    turn.record("referral_saved", opened.enquiry, by=person, detail=seen_of(version))
