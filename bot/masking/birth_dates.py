"""Dates of birth: a date after a word that says so. Every other date survives (DOMAIN.md)."""

import re
from collections.abc import Iterator

from bot.masking.masks import Mask, Span

_MONTH = (
    r"(?:jan(?:uary?|uar)?|feb(?:ruary?|ruar)?|mar(?:ts|ch)?|apr(?:il)?|maj|may|jun[ei]?|jul[iy]?|aug(?:ust)?"
    r"|sep(?:t(?:ember)?)?|o[kc]t(?:ober)?|nov(?:ember)?|de[cs](?:ember)?)\b\.?"
)
_DATE = (
    r"(?:(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2}(?!\d)"
    r"|\d{1,2} ?[./ -] ?\d{1,2}\.?(?: ?[./ -] ?(?:(?:18|19|20)\d\d|\d\d))?(?!\d)"
    r"|\d{8}(?!\d)|\d{6}(?!\d)"
    rf"|\d{{1,2}}(?:\.|st|nd|rd|th)?(?: of)? ?{_MONTH}(?:,? ?(?:(?:18|19|20)\d\d|'?\d\d)(?!\d))?"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?:,? ?(?:18|19|20)\d\d(?!\d))?)"
)
_ANNOUNCED = re.compile(
    r"(?:\bfødt|\bfødsels\w{0,12}|\bfødes|\bborn|\bbirthday|\bbirth ?dates?|\bdate of birth|\bd\.?o\.?b\b)"
    rf"[^\d\n!?;\ufffc]{{0,30}}?(?<![\w])({_DATE})"
)
_EXPLAINED = re.compile(
    rf"(?<![\w.])({_DATE}),? (?:er|var|is|was) (?:\w{{1,20}} )?"
    r"(?:fødselsdag|fødselsdato|birthday|date of birth)"
)
_STEMS = ("fød", "born", "birth", "dob", "d.o.b")
_WITHOUT_SERIAL = re.compile(r"\d{6} ?-? ?(?:[x*#?]{4}|[x*#?]{2}\b)")


def find(text: str) -> Iterator[Span]:
    """Every date announced as somebody's birth, and a CPR number with the serial struck out."""
    lowered = text.lower()
    if any(stem in lowered for stem in _STEMS):
        for pattern in (_ANNOUNCED, _EXPLAINED):
            for match in pattern.finditer(lowered):
                yield Span(*match.span(1), Mask.BIRTH_DATE)
    for match in _WITHOUT_SERIAL.finditer(lowered):
        yield Span(match.start(), match.end(), Mask.BIRTH_DATE)
