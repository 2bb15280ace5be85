"""Where a citizen lives, told from a postcode; the table is configuration (DOMAIN.md, "Residence")."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from itertools import pairwise
from typing import Self


class Residence(StrEnum):
    """What a postcode says about the municipality."""

    COPENHAGEN = auto()
    ELSEWHERE = auto()
    SHARED = auto()
    UNKNOWN = auto()


class PostcodeTableError(ValueError):
    """The configured postcode ranges cannot be read, run backwards, or overlap."""


_RANGE = re.compile(r"(\d{4})(?:\s*[-–]\s*(\d{4}))?", re.ASCII)
_POSTCODE = re.compile(r"(?:dk[- ]?)?(\d{4})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class PostcodeTable:
    """Ranges of postcodes in ascending order, both ends included; what no range holds is elsewhere."""

    ranges: tuple[tuple[int, int, Residence], ...]

    @classmethod
    def parse(cls, configured: Mapping[Residence, Iterable[str]]) -> Self:
        """The table for ranges such as ``1000-1500`` and ``2100``; raises PostcodeTableError."""
        ranges = sorted(
            (*_ends(text), residence) for residence, texts in configured.items() for text in texts
        )
        for (_, last, _), (first, _, _) in pairwise(ranges):
            if first <= last:
                raise PostcodeTableError(f"postcode {first:04} stands in two ranges")
        return cls(tuple(ranges))

    def classify(self, postcode: str) -> Residence:
        """Where a postcode lies; *unknown* for a text that is no postcode, *elsewhere* for any not listed."""
        match = _POSTCODE.fullmatch(postcode.strip())
        if match is None:
            return Residence.UNKNOWN
        number = int(match[1])
        place = bisect_right(self.ranges, number, key=lambda row: row[0]) - 1
        if place < 0:
            return Residence.ELSEWHERE
        _, last, residence = self.ranges[place]
        return residence if number <= last else Residence.ELSEWHERE


def _ends(text: str) -> tuple[int, int]:
    match = _RANGE.fullmatch(text.strip())
    if match is None:
        raise PostcodeTableError(f"{text!r} is neither a postcode nor a range of postcodes")
    first, last = int(match[1]), int(match[2] or match[1])
    if last < first:
        raise PostcodeTableError(f"the range {text!r} runs backwards")
    return first, last


_FOUR_DIGITS = re.compile(
    r"(?<![\d+])(?<!\d[.,:/-])(?<!\d[–—])\d{4}(?![\d%]|[.,:/–—-]\d"
    r"| ?(?:kr|kroner|dkk)\b)",
    re.ASCII,
)
_TOWN = re.compile(
    r",? {1,2}(?:[A-ZÆØÅ][a-zæøå]{2,}|(?:nv|sv|kbh|cph|københavn|copenhagen|frederiksberg|frb|hvidovre"
    r"|valby|vanløse|brønshøj|nørrebro|vesterbro|østerbro|amager|kastrup|dragør|herlev|rødovre|gentofte|hellerup|søborg"
    r"|brøndby|glostrup|ballerup|albertslund|tårnby|ishøj|taastrup)\b|(?:NV|SV|Kbh|KBH|Cph)\b|[NSKVØ]\b)",
)
_ANNOUNCED = re.compile(
    r"(?:\b(?:i|in|fra|from|near|ved|omkring|area|område|postnummer(?:et)?|post ?code|zip(?: code)?)"
    r"(?: (?:er|is))?[ :]{1,2}|\bdk[- ]?)$",
    re.IGNORECASE,
)
_SURELY = re.compile(
    r"(?:\b(?:postnr\.?|postnummer(?:et)?|post ?code|zip(?: code)?)(?: (?:er|is))?[ :]{1,2}|\bdk[- ]?)$",
    re.IGNORECASE,
)
_TIME_OR_NUMBER = re.compile(
    r"(?:\b(?:kl|nr|no|sag|sagsnr|sagsnummer|case|ca|kr|dkk|år|året|year|klokken|at)\.?|[§€$£#]) ?$",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"\s*(?:[.,;:!?)\]]|$|\n)|[^\S\n]+[^\Wa-zæøå\d_]"
    r"| (?:og|and|men|but|eller|or|på|hvor|ved|som|der|where|with|har|så|now|nu)\b"
)
_YEARS = range(1900, 2100)
_WITH_TOWN_IN_YEARS = re.compile(r",? {1,2}(?:frederiksberg|frb)\b", re.IGNORECASE)
_REACH = 24


def postcodes_in(text: str) -> tuple[str, ...]:
    """The four-digit numbers that can be meant as postcodes, each once, in the order of the text.

    A town behind the number or a word like *i 2400* before it tells; years, times, amounts and case numbers
    are left out. The result is only ever offered as a button.
    """
    return tuple(
        dict.fromkeys(
            match[0]
            for match in _FOUR_DIGITS.finditer(text)
            if _is_postcode(text, match.start(), match.end())
        )
    )


def _is_postcode(text: str, start: int, end: int) -> bool:
    before = max(0, start - _REACH)
    if _SURELY.search(text, before, start) is not None:
        return True
    if int(text[start:end]) in _YEARS:
        return _WITH_TOWN_IN_YEARS.match(text, end) is not None
    if _TIME_OR_NUMBER.search(text, before, start) is not None:
        return False
    if _TOWN.match(text, end) is not None:
        return True
    return _ANNOUNCED.search(text, before, start) is not None and _GOES_ON.match(text, end) is not None
