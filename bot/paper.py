"""What stands on a paper that leaves the house, whatever the paper is made as."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is known, under its name."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the paper under a heading: paragraphs, then a table where there are rows."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    header: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper for one recipient; every string is in the reader's language already."""

    language: str
    title: str
    number: str
    classification: str
    recipient: str
    facts: tuple[Fact, ...]
    sections: tuple[Section, ...]
    footer: str
    made_on: date
