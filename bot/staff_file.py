"""What is kept of a member of staff, and changing it: once, as it was shown, each field logged by name."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from bot import certificates, dispatching, handovers, menu, people, rota, rota_changes
from bot.turn import Turn, word
from scheduling.shifts import Span
from storage.keys import KeyDestroyedError
from storage.models import Person, Role
from storage.queries import console
from storage.queries import enquiries as find
from storage.queries import people as find_people

MOST_CASES = 100
MOST_PLACE_LETTERS = 500
_AHEAD_DAYS = 400
_KEY = "person"
_PAPERS = ("trained_on", "confidentiality_signed_on", "certificate_on")
_ON_ROTA = frozenset({"role", "joins_on", "leaves_on"})
_FOR_DISPATCH = frozenset({"competences", "languages", "cap", "certificate_on", "own_districts"})
_HAS_CASES = frozenset({Role.RESOURCE_PERSON, Role.SECRETARIAT, Role.COORDINATOR})


@dataclass(frozen=True, slots=True)
class Facts:
    """What the desk keeps of a member of staff, as a form carries it."""

    alias: str
    role: Role
    competences: tuple[str, ...]
    languages: tuple[str, ...]
    cap: int
    joins_on: date | None
    leaves_on: date | None
    trained_on: date | None
    confidentiality_signed_on: date | None
    certificate_on: date | None
    own_districts: tuple[str, ...]
    own_places: str

    def differing(self, other: Facts) -> tuple[str, ...]:
        """Return the names of the fields in which the two differ."""
        return tuple(
            field.name for field in fields(self) if getattr(self, field.name) != getattr(other, field.name)
        )


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a field cannot be as it was wished: by key and parameters."""

    key: str
    params: dict[str, Any]


Faults = dict[str, Fault]


class ChangedMeanwhileError(Exception):
    """Somebody has changed the person's file since it was shown."""


class NotPossibleError(Exception):
    """The person's file cannot be as it was wished; why, by field."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(", ".join(faults))
        self.faults = faults


async def read(turn: Turn, person: Person) -> Facts:
    """Return what is kept of the person."""
    return Facts(
        alias=person.alias,
        role=person.role,
        competences=tuple(sorted(person.competences)),
        languages=tuple(sorted(person.languages)),
        cap=person.cap,
        joins_on=person.joins_on,
        leaves_on=person.leaves_on,
        trained_on=person.trained_on,
        confidentiality_signed_on=person.confidentiality_signed_on,
        certificate_on=person.certificate_on,
        own_districts=tuple(person.own_districts),
        own_places=await own_places(turn, person),
    )


async def own_places(turn: Turn, person: Person) -> str:
    """Return the person's own schools and the like, in the words they were noted in; masked."""
    if person.own_places_sealed is None or person.key_id is None:
        return ""
    try:
        body = await turn.unit.open(person.key_id, person.own_places_sealed, place=_place(person))
    except KeyDestroyedError:
        return ""
    return str(body["text"])


async def is_as_seen(turn: Turn, person: Person, seen: int) -> bool:
    """Whether the account is open and its file at the version that was shown; it is locked from here on."""
    await find.lock_all_of(turn.unit, person.id)
    await find_people.lock(turn.unit, person)
    return person.version == seen and person.revoked_at is None


async def change(
    turn: Turn, person: Person, wished: Facts, *, by: Person | None, seen: int
) -> tuple[str, ...]:
    """Have the person's file be as wished, and return the names of the fields that were changed.

    Raises ChangedMeanwhileError where it is not as it was when version `seen` was shown, and
    NotPossibleError. What follows for her shifts and offers happens at once; what she has, she keeps.
    """
    if not await is_as_seen(turn, person, seen):
        raise ChangedMeanwhileError
    before = await read(turn, person)
    changed = before.differing(wished)
    faults = await _faults(turn, person, wished, changed, by=by)
    if faults:
        raise NotPossibleError(faults)
    if not changed:
        return ()
    if _ON_ROTA.isdisjoint(changed):
        await _write(turn, person, wished, changed)
        for name in changed:
            turn.record("person_changed", person, by=by, detail=name)
    else:
        async with rota_changes.changing(turn, by=by, about=person, what="person_changed", details=changed):
            await _write(turn, person, wished, changed)
    await _follow_up(turn, person, changed)
    return changed


async def forget(turn: Turn, person: Person) -> None:
    """Delete what was kept of somebody whose account was closed long ago; alias and role stay in the log."""
    if person.revoked_at is None:
        return
    await _keep_places(turn, person, "")
    person.own_districts = []
    person.trained_on = person.confidentiality_signed_on = person.certificate_on = None
    person.version += 1
    turn.record("person_forgotten", person)


async def _write(turn: Turn, person: Person, wished: Facts, changed: tuple[str, ...]) -> None:
    for name in changed:
        value = getattr(wished, name)
        if name == "own_places":
            await _keep_places(turn, person, value)
        else:
            setattr(person, name, list(value) if isinstance(value, tuple) else value)
    if "role" in changed:
        person.says_on_duty = person.says_until = None  # said of another station
    person.version += 1
    await turn.unit.session.flush()


async def _keep_places(turn: Turn, person: Person, written: str) -> None:
    """Seal what was written under a new key; with the old one goes what stood before, backups included."""
    if person.key_id is not None:
        turn.unit.doom_key(person.key_id)
    person.key_id = person.own_places_sealed = None
    if not written:
        return
    person.key_id = await turn.unit.keys.make(_KEY, now=turn.now)
    body: dict[str, object] = {"text": turn.rules.masker.mask(written).text}
    person.own_places_sealed = await turn.unit.seal(person.key_id, body, place=_place(person))


async def _follow_up(turn: Turn, person: Person, changed: tuple[str, ...]) -> None:
    if "role" in changed:
        await _begin_role(turn, person)
    if "alias" in changed and person.chat_id is not None:
        turn.say(person.chat_id, "staff.your_alias", alias=person.alias)
    if "certificate_on" in changed:
        await certificates.watch(turn, person)
    if not _FOR_DISPATCH.isdisjoint(changed):
        await dispatching.withdraw_barred_from(turn, person)
        await turn.unit.session.flush()
        await dispatching.drain(turn)


async def _begin_role(turn: Turn, person: Person) -> None:
    if person.role is not Role.RESOURCE_PERSON:
        await dispatching.withdraw_from(turn, person)
    if person.role not in _HAS_CASES:
        await handovers.refuse_for(turn, person)
    if person.chat_id is not None:
        turn.say(person.chat_id, "staff.your_role", role=word(f"console.role.{person.role.value}"))
        menu.publish(turn, person.chat_id, person.role)


async def _faults(
    turn: Turn, person: Person, wished: Facts, changed: tuple[str, ...], *, by: Person | None
) -> Faults:
    found: dict[str, Fault | None] = {
        "alias": await _against_alias(turn, person, wished.alias) if "alias" in changed else None,
        "role": await _against_role(turn, person, wished.role, by=by) if "role" in changed else None,
        "languages": None if wished.languages else _fault("no_language"),
        "cap": None if 1 <= wished.cap <= MOST_CASES else _fault("cap", most=MOST_CASES),
        "own_places": _fault("too_long", most=MOST_PLACE_LETTERS)
        if len(wished.own_places) > MOST_PLACE_LETTERS
        else None,
    }
    if wished.joins_on is not None and wished.leaves_on is not None and wished.leaves_on < wished.joins_on:
        found["leaves_on"] = _fault("leaves_before")
    for name in _PAPERS:
        day = getattr(wished, name)
        if day is not None and day > rota.today(turn):
            found[name] = _fault("in_future")
    return {name: fault for name, fault in found.items() if fault is not None}


async def _against_alias(turn: Turn, person: Person, alias: str) -> Fault | None:
    if not people.is_alias(alias):
        return _fault("alias", most=people.MOST_ALIAS_LETTERS)
    known = await find_people.by_alias(turn.unit, alias)
    return None if known is None or known.id == person.id else _fault("alias_taken")


async def _against_role(turn: Turn, person: Person, role: Role, *, by: Person | None) -> Fault | None:
    """Return what speaks against the role: hers to give it, nobody left in the secretariat, work begun."""
    if by is not None and by.id == person.id:
        return _fault("own_role")
    if by is not None and not (people.manages(by, role) and people.manages(by, person.role)):
        return _fault("role_not_yours")
    if await people.is_last_secretary(turn, person):
        return _fault("last_secretary")
    if role not in _HAS_CASES and await console.cases_of(turn.unit, person.id):
        return _fault("role_has_cases")
    planned = await rota.load(turn)
    ahead = planned.shifts(Span(turn.now, turn.after(days=_AHEAD_DAYS)), person=person.id)
    if any(role not in rota.roles_of(shift.station) for shift in ahead):
        return _fault("role_has_shifts")
    return None


def _fault(name: str, **params: Any) -> Fault:
    return Fault(f"staff.fault.{name}", params)


def _place(person: Person) -> str:
    return f"person.own_places:{person.id}"
