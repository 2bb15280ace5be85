"""The referral's fields in one table, which the form, the review, the papers and the JSON schema all read.

To be read aloud to the secretariat and the data protection officer. There is no field for religion, ethnicity
or ideology, and none that scores anybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, auto
from typing import Protocol

MOST_LETTERS = 4_000
_MOST_IN_A_LINE = 200


class Part(StrEnum):
    """What a field is about; the form has a heading for each."""

    ENQUIRER = auto()
    CONCERN = auto()
    PROTECTION = auto()
    DONE = auto()
    WISH = auto()
    LEGAL = auto()
    ASKED = auto()
    IDENTITY = auto()


class Kind(StrEnum):
    """How a field is filled in."""

    TEXT = auto()
    LINE = auto()
    CHOICE = auto()
    DAY = auto()
    CPR = auto()


class Sheet(StrEnum):
    """A paper that a field goes to."""

    REGISTER_SHEET = auto()
    MEETING_ANNEX = auto()


_REGISTER = frozenset({Sheet.REGISTER_SHEET})
_ANNEX = frozenset({Sheet.MEETING_ANNEX})
_BOTH = frozenset(Sheet)
_NEITHER: frozenset[Sheet] = frozenset()

THREE = ("yes", "no", "unknown")
# What hotline.toml lists for the referral.
PURPOSES, BASES = "purposes", "bases"


@dataclass(frozen=True, slots=True)
class Field:
    """One field; with `needed_if` it is required only where another one has that value."""

    name: str
    part: Part
    kind: Kind
    goes_to: frozenset[Sheet]
    choices: tuple[str, ...] = ()
    # The choices' words: where they stand in the catalogue, or what hotline.toml lists under the name.
    worded: tuple[str, ...] = ()
    listed_under: str | None = None
    is_required: bool = False
    needed_if: tuple[str, str] | None = None

    @property
    def is_identity(self) -> bool:
        """Whether it says who somebody is: sealed apart, and not masked."""
        return self.part is Part.IDENTITY

    @property
    def takes_pieces(self) -> bool:
        """Whether something from the conversation can be put into it."""
        return self.kind is Kind.TEXT and not self.is_identity

    @property
    def most_letters(self) -> int:
        """How long it may be."""
        return MOST_LETTERS if self.kind is Kind.TEXT else _MOST_IN_A_LINE


_ROLES = ("professional", "relative", "self", "other")
_PROFESSIONS = (
    "teacher",
    "street_worker",
    "social_worker",
    "job_consultant",
    "health",
    "housing",
    "club",
    "other",
)
_RELATIONS = ("parent", "sibling", "partner", "friend", "other")
_AGES = ("under15", "15-17", "18-24", "25plus", "unknown")
_FOUND = ("found", "none")
_AGREED = ("agreed", "declined", "not_asked")
_URGENCIES = ("high", "normal", "low")


def _choice(
    name: str,
    part: Part,
    choices: tuple[str, ...],
    worded: tuple[str, ...],
    *,
    goes_to: frozenset[Sheet] = _ANNEX,
) -> Field:
    return Field(name, part, Kind.CHOICE, goes_to, choices, worded, is_required=True)


FIELDS: tuple[Field, ...] = (
    Field("role", Part.ENQUIRER, Kind.CHOICE, _ANNEX, _ROLES, ("answer", "role")),
    Field("profession", Part.ENQUIRER, Kind.CHOICE, _ANNEX, _PROFESSIONS, ("answer", "profession")),
    Field("relation", Part.ENQUIRER, Kind.CHOICE, _ANNEX, _RELATIONS, ("answer", "relation")),
    Field("age", Part.CONCERN, Kind.CHOICE, _ANNEX, _AGES, ("answer", "age")),
    Field("behaviour", Part.CONCERN, Kind.TEXT, _ANNEX, is_required=True),
    Field("relations", Part.CONCERN, Kind.TEXT, _ANNEX),
    Field("since", Part.CONCERN, Kind.LINE, _ANNEX),
    Field("event", Part.CONCERN, Kind.TEXT, _ANNEX),
    Field("online", Part.CONCERN, Kind.TEXT, _ANNEX),
    _choice("violence", Part.CONCERN, THREE, ("referral", "three")),
    _choice("weapon", Part.CONCERN, THREE, ("referral", "three")),
    _choice("travel", Part.CONCERN, THREE, ("referral", "three")),
    _choice("considered", Part.PROTECTION, _FOUND, ("referral", "considered")),
    Field("protective", Part.PROTECTION, Kind.TEXT, _ANNEX, needed_if=("considered", "found")),
    Field("wellbeing", Part.PROTECTION, Kind.TEXT, _ANNEX),
    Field("done", Part.DONE, Kind.TEXT, _ANNEX),
    _choice("notification", Part.DONE, THREE, ("referral", "three")),
    Field("wish", Part.WISH, Kind.TEXT, _ANNEX, is_required=True),
    _choice("urgency", Part.WISH, _URGENCIES, ("referral", "urgency"), goes_to=_BOTH),
    Field("urgency_reason", Part.WISH, Kind.TEXT, _ANNEX, is_required=True),
    Field("purpose", Part.LEGAL, Kind.CHOICE, _BOTH, listed_under=PURPOSES, is_required=True),
    Field("basis", Part.LEGAL, Kind.CHOICE, _BOTH, listed_under=BASES, is_required=True),
    Field("answer_by", Part.LEGAL, Kind.DAY, _REGISTER, is_required=True),
    _choice("asked", Part.ASKED, _AGREED, ("referral", "asked")),
    Field("asked_reason", Part.ASKED, Kind.TEXT, _ANNEX, needed_if=("asked", "not_asked")),
    Field("told", Part.ASKED, Kind.TEXT, _NEITHER, is_required=True),
    Field("name", Part.IDENTITY, Kind.LINE, _REGISTER, is_required=True),
    Field("cpr", Part.IDENTITY, Kind.CPR, _REGISTER),
    Field("address", Part.IDENTITY, Kind.LINE, _REGISTER),
    Field("phone", Part.IDENTITY, Kind.LINE, _NEITHER),
    Field("contact", Part.IDENTITY, Kind.TEXT, _NEITHER),
)
BY_NAME: Mapping[str, Field] = {field.name: field for field in FIELDS}


class Lists(Protocol):
    """What the operator lists in hotline.toml for the referral."""

    def listed(self, under: str) -> Sequence[str]:
        """Return the choices listed under the name."""


def of_part(part: Part) -> tuple[Field, ...]:
    """Return the part's fields, in order."""
    return tuple(field for field in FIELDS if field.part is part)


def choices_of(field: Field, lists: Lists) -> tuple[str, ...]:
    """Return what may be chosen in the field."""
    return field.choices if field.listed_under is None else tuple(lists.listed(field.listed_under))


def is_needed(field: Field, said: Mapping[str, str]) -> bool:
    """Whether the field must be filled in, beside what the others say."""
    return field.is_required or (
        field.needed_if is not None and said.get(field.needed_if[0]) == field.needed_if[1]
    )


def lacking(said: Mapping[str, str]) -> tuple[Field, ...]:
    """Return the fields that must be filled in before anybody reviews it, and are not."""
    return tuple(field for field in FIELDS if is_needed(field, said) and not said.get(field.name))


def accepted(field: Field, written: str, lists: Lists) -> str | None:
    """Return what was written as the field takes it; None where it takes no such thing."""
    text = "\n".join(line.rstrip() for line in written.replace("\r\n", "\n").split("\n")).strip()
    if not text:
        return ""
    if field.kind is Kind.CHOICE:
        return text if text in choices_of(field, lists) else None
    if field.kind is Kind.DAY:
        return text if _is_day(text) else None
    if field.kind is not Kind.TEXT:
        text = " ".join(text.split())
    return text if len(text) <= field.most_letters else None


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("2026-11-21")
