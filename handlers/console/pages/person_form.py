"""What somebody typed into a person's page: shown again as it was, and read as what is to be kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from bot import districts
from bot.configuration import Configuration
from bot.staff_file import MOST_CASES, Facts, Fault, Faults
from storage.models import Role

DATES = ("joins_on", "leaves_on", "trained_on", "confidentiality_signed_on", "certificate_on")
_YEARS = range(1950, 2200)


@dataclass(frozen=True, slots=True)
class Typed:
    """The form's fields as they stand in the browser."""

    alias: str
    role: str
    competences: frozenset[str]
    languages: frozenset[str]
    cap: str
    joins_on: str
    leaves_on: str
    trained_on: str
    confidentiality_signed_on: str
    certificate_on: str
    own_districts: str
    own_places: str


def shown(facts: Facts, *, places: str) -> Typed:
    """Return the fields filled in with what is kept; of the places, with masks in the reader's words."""
    days = {name: "" if (day := getattr(facts, name)) is None else day.isoformat() for name in DATES}
    return Typed(
        alias=facts.alias,
        role=facts.role.value,
        competences=frozenset(facts.competences),
        languages=frozenset(facts.languages),
        cap=str(facts.cap),
        own_districts=", ".join(facts.own_districts),
        own_places=places,
        **days,
    )


def typed(form: Mapping[str, object], offered: Choices) -> Typed:
    """Return the fields as the form carries them; a choice that was not offered is none."""

    def text(name: str) -> str:
        return str(form.get(name, "")).replace("\r\n", "\n").strip()

    return Typed(
        alias=text("alias"),
        role=text("role"),
        competences=frozenset(one for one in offered.competences if f"competence:{one}" in form),
        languages=frozenset(one for one in offered.languages if f"language:{one}" in form),
        cap=text("cap"),
        own_districts=text("own_districts"),
        own_places=text("own_places"),
        **{name: text(name) for name in DATES},
    )


def understood(fields: Typed, before: Facts, *, places: str) -> tuple[Facts, Faults]:
    """Return what is to be kept, and what could not be read; such a field stays what it was.

    `places` is what the page showed of the places kept: typed again, it is no change.
    """
    faults: Faults = {}
    days: dict[str, date | None] = {}
    for name in DATES:
        days[name], is_readable = _day(getattr(fields, name))
        if not is_readable:
            faults[name] = Fault("staff.fault.date", {})
    found, unreadable = districts.parse(fields.own_districts)
    if unreadable:
        faults["own_districts"] = Fault("staff.fault.districts", {"written": ", ".join(unreadable)[:80]})
    if fields.role not in set(Role):
        faults["role"] = Fault("staff.fault.role", {})
    is_number = fields.cap.isascii() and fields.cap.isdigit() and len(fields.cap) < 5
    if not is_number:
        faults["cap"] = Fault("staff.fault.cap", {"most": MOST_CASES})
    wished = replace(
        before,
        alias=fields.alias,
        role=before.role if "role" in faults else Role(fields.role),
        competences=tuple(sorted(fields.competences)),
        languages=tuple(sorted(fields.languages)),
        cap=int(fields.cap) if is_number else before.cap,
        own_districts=tuple(found),
        own_places=before.own_places if fields.own_places == places else fields.own_places,
        **days,
    )
    return wished, faults


@dataclass(frozen=True, slots=True)
class Choices:
    """The competences and languages there are to tick."""

    competences: tuple[str, ...]
    languages: tuple[str, ...]


def choices(rules: Configuration, facts: Facts | None = None) -> Choices:
    """Return what is configured, and what the person has that no longer is."""
    has_competences = () if facts is None else facts.competences
    has_languages = () if facts is None else facts.languages
    return Choices(
        tuple(dict.fromkeys((*rules.competences, *has_competences))),
        tuple(dict.fromkeys((*rules.hotline.spoken, *rules.hotline.languages, *has_languages))),
    )


def _day(written: str) -> tuple[date | None, bool]:
    """Return the day, and whether what was written can be read; nothing written is no day."""
    if not written:
        return None, True
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None, False
    return (day, True) if day.year in _YEARS else (None, False)
