"""What can be masked, and the neutral token that stands in its place."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import NamedTuple


class Mask(StrEnum):
    """A class of personal data; the order is precedence where two claim the same characters."""

    LINK = auto()
    EMAIL = auto()
    CPR = auto()
    PHONE = auto()
    ADDRESS = auto()
    BIRTH_DATE = auto()
    PLATE = auto()
    HANDLE = auto()
    NAME = auto()
    OTHER = auto()

    @property
    def token(self) -> str:
        """The neutral token, the same in every language: ``⟦cpr⟧``."""
        return f"⟦{self.value}⟧"


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without the personal data that was found in it, and which classes were found."""

    text: str
    found: frozenset[Mask]


class Span(NamedTuple):
    """Where a finder saw personal data: from ``start`` up to, not including, ``end``."""

    start: int
    end: int
    mask: Mask


TOKEN = re.compile("⟦(" + "|".join(Mask) + ")⟧")
_STRAY_SIGN = re.compile(f"({TOKEN.pattern})|[⟦⟧]")


def without_stray_signs(text: str) -> str:
    """The token's own brackets occur in the result only as part of a whole token."""
    if "⟦" not in text and "⟧" not in text:
        return text
    return _STRAY_SIGN.sub(lambda match: match[1] or ("[" if match[0] == "⟦" else "]"), text)


def localise(text: str, words: Mapping[Mask, str]) -> str:
    """Every token is replaced by the reader's word for it; a token without a word stays as it is."""
    return TOKEN.sub(lambda match: words.get(Mask(match[1]), match[0]), text)
