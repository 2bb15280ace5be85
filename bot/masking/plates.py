"""Number plates of vehicles: Danish ones by their shape, any other after a word that announces one."""

import re
from collections.abc import Iterator

from bot.masking.masks import Mask, Span

_CAPITALS = re.compile(r"[A-ZÆØÅ][A-ZÆØÅ][ .-]{0,2}\d\d[ .-]?\d{3}(?!\w)")
_DIGITS = re.compile(r"\d{5}(?!\w)")
_NO_PLATE = frozenset({"kr", "nr", "kl", "ca", "på", "id", "no", "st", "af", "og", "er", "at", "ag"})
_MONEY_AFTER = re.compile(r" ?(?:kr|kroner|dkk|mio)\b")
_ANNOUNCED = re.compile(
    r"\b(?:(?:nummer)?pladen?|nummerpladerne|reg(?:istrerings)?\.? ?(?:nummeret|nummer|nr)"
    r"|(?:number |licen[cs]e )?plate|registration(?: number)?)\b"
    r"[ :.,\"'=-]{1,3}(?:(?:er|var|med|is|was|number|nummer|nr)\b[ :.,\"']{1,2}){0,2}+"
    r"((?=[a-zæøå -]{0,8}\d)[a-zæøå0-9]{1,8}(?:[ -][a-zæøå]{0,3}\d[a-zæøå0-9]{0,4}){0,3})(?!\w)"
)


def find(text: str) -> Iterator[Span]:
    """Every number plate: ``AB 12 345`` anywhere, other shapes after *nummerplade* or *plate*."""
    for match in _CAPITALS.finditer(text):
        yield from _danish(text, *match.span())
    for match in _DIGITS.finditer(text):
        if text[max(0, match.start() - 2) : match.start()].isalpha() and match.start() > 1:
            yield from _danish(text, match.start() - 2, match.end())
    lowered = text.lower()
    if "pla" in lowered or "reg" in lowered:
        for match in _ANNOUNCED.finditer(lowered):
            yield Span(*match.span(1), Mask.PLATE)


def _danish(text: str, start: int, end: int) -> Iterator[Span]:
    """A Danish plate, unless a longer word, an abbreviation or an amount only looks like one."""
    is_whole = start == 0 or not text[start - 1].isalnum()
    if (
        is_whole
        and text[start : start + 2].lower() not in _NO_PLATE
        and _MONEY_AFTER.match(text, end) is None
    ):
        yield Span(start, end, Mask.PLATE)
