"""Danish civil registration numbers (CPR), with replacement numbers and the health sector's eCPR.

The shapes follow DOMAIN.md, "Personal data in free text". The check digit (modulus 11) never gates: it has
not been required since 2007. Day plus 60 marks a replacement number; eCPR has letters in the serial.
"""

import re
from collections.abc import Iterator

from bot.masking.masks import Mask, Span

_DAY = r"(?:0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])"
_MONTH = r"(?:0[1-9]|1[0-2])"
_LETTERED = (
    r"(?:\d[a-z]{2}\d|[a-z]{2}\d{2}|\d{2}[a-z]{2}|\d[a-z]\d[a-z]|[a-z]\d{2}[a-z]|[a-z]\d[a-z]\d|[a-z]{3}\d)"
    r"(?![0-9a-zæøå])"
)
_SERIAL = rf"(?:\d{{4}}(?!\d)|{_LETTERED})"

#: A hyphen before the serial settles it, whatever the date says.
_HYPHENATED = rf"\d\d(?P<same>[ ./-]?)\d\d(?P=same)\d\d[ \n]{{0,2}}--?[ \n]{{0,2}}{_SERIAL}"
#: The same separator throughout, or a lone one before the serial: the date must be one.
_DATED = (
    rf"{_DAY}(?P<same>[ ./-]?){_MONTH}(?P=same)\d\d"
    rf"(?:(?:(?P=same)|[/.:,_+*=]){_SERIAL}| {{1,3}}(?:\d{{4}}(?!\d)|\d[a-z]{{2}}\d(?![0-9a-zæøå])))"
)
_PAIRS = rf"{_DAY} ?{_MONTH} ?\d\d ?-? ?\d\d ?\d\d(?!\d)"
_FULL_YEAR = (
    rf"{_DAY}(?P<same>[ ./-]?){_MONTH}(?P=same)(?:18|19|20)\d\d(?:(?<=\d{{8}})| ?--? ?){_SERIAL}"
    rf"|(?:19|20)\d\d-{_MONTH}-{_DAY} ?- ?\d{{4}}(?!\d)"
)
_SINGLE_DIGITS = rf"\d\d?(?P<same>[./-])\d\d?(?P=same)\d\d ?- ?{_SERIAL}"
#: All are tried at every number, because a number before the CPR must not use up its first half.
_SHAPES = tuple(map(re.compile, (_HYPHENATED, _DATED, r"\d{10}(?!\d)", _PAIRS, _FULL_YEAR, _SINGLE_DIGITS)))
_NUMBER = re.compile(r"\d+")
_SPELLED = re.compile(r"\d(?:(?: ?[.,-] ?| {1,2})\d(?!\d)){9,}")
_ANNOUNCED = re.compile(
    r"cpr\w*[^\w\n]{1,3}(?:[^\W\d]+[ :.]{1,3}){0,4}(\d\d(?P<same>[ ./-]?)\d\d(?P=same)\d\d)(?!\d)"
    r"|(?:cpr|ciffer|cifre|digits)\w*[^\w\n]{1,3}(?:(?:er|is|are|på|med|ender|slutter|sidste|fire|4|last|ends?|in)"
    r"[ :]{1,2}){0,5}(\d{4})(?![\d.])"
)


def find(text: str) -> Iterator[Span]:
    """Every CPR number in every usual way of writing it; ``2010-171721`` is a case number and is left."""
    lowered = text.lower()
    done = 0
    for number in _NUMBER.finditer(lowered):
        start = number.start()
        for shape in _SHAPES:
            match = shape.match(lowered, start)
            if match is not None:
                yield Span(start, match.end(), Mask.CPR)
        if number.end() == start + 1 and start >= done:
            spelled = _SPELLED.match(lowered, start)
            if spelled is not None:
                done = spelled.end()
                if not _is_counting(spelled[0]):
                    yield Span(start, done, Mask.CPR)
    if "cpr" in lowered or "cif" in lowered or "digits" in lowered:
        for match in _ANNOUNCED.finditer(lowered):
            yield Span(*match.span(1 if match[1] else 3), Mask.CPR)


def _is_counting(spelled: str) -> bool:
    """Whether single digits only count up: 1 2 3 4 5 6 7 8 9 0."""
    return "".join(sign for sign in spelled if sign.isdigit()) in "01234567890"
