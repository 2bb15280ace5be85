"""Districts as postcodes: written by hand, kept in one form, and matched with the one an enquiry names."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ONE = re.compile(r"(\d{4})(?:[-\u2013](\d{4}))?", re.ASCII)
_SPACED = re.compile(r"\s*[-\u2013]\s*")
_BETWEEN = re.compile(r"[\s,;]+")


def parse(written: str) -> tuple[list[str], list[str]]:
    """Return the postcodes and ranges in what was written, in order and once each, and what is neither."""
    found, unreadable = [], []
    for word in _BETWEEN.split(_SPACED.sub("-", written.strip())):
        match = _ONE.fullmatch(word)
        if match is not None and (match[2] is None or match[1] <= match[2]):
            found.append(match[1] if match[2] in (None, match[1]) else f"{match[1]}-{match[2]}")
        elif word:
            unreadable.append(word)
    return sorted(set(found)), unreadable


def holds(districts: Sequence[str], postcode: str | None) -> bool:
    """Whether the postcode lies in one of the districts; one that is not known lies in none."""
    if postcode is None:
        return False
    for one in districts:
        first, _, last = one.partition("-")
        if first <= postcode <= (last or first):
            return True
    return False
