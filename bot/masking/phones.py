"""Telephone numbers, Danish and foreign; public helplines are left.

The groupings follow DOMAIN.md, "Personal data in free text": Danish numbers as 2-2-2-2, 2-3-3 or 8 digits,
with or without +45; any other grouping only after a word such as *tlf* or *call*. An 8-digit company number
(CVR) cannot be told from a telephone number and is masked like one.
"""

import re
from collections.abc import Collection, Iterator

from bot.masking.masks import Mask, Span

_GAP = r"(?: {1,2}|[./-]| - )"
_COUNTRY = r"\(?(?:\+|00) ?45\)?"
_DANISH = re.compile(
    rf"(?:{_COUNTRY}(?:[ ./-]{{0,2}}\d){{8}}(?!\d)"
    r"|(?:45[ .-])?(?:"
    rf"[2-9]\d(?P<pair>{_GAP})\d\d(?P=pair)\d\d(?P=pair)\d\d(?!\d)"
    rf"|[2-9]\d(?P<triple>{_GAP})\d{{3}}(?P=triple)\d{{3}}(?!\d)"
    r"|[1-9]\d{7}(?!\d)))"
)
_FOREIGN = re.compile(r"(?:\+|(?<![.:,])00) ?[1-9](?:[ ./()-]{0,2}\d){6,13}(?!\d)")
_OTHERWISE = re.compile(r"\+?(?:[1-9](?:[ ./()-]{0,2}\d){7}(?!\d)|\d(?:[ ./()-]{0,2}\d){6,14}(?!\d))")
_SINGLE_DIGITS = re.compile(r"\d(?:(?: ?[.,-] ?| {1,2})\d(?!\d)){7,8}(?![ .,-]{0,2}\d)")
_TRIGGER_REACH = 60
_TRIGGER = re.compile(
    r"\b(?:tlf|tel|telefon(?:en|nr|nummer|nummeret)?|mobil(?:en|e|nr|nummer|nummeret)?|mob|cell(?:phone)?|phone"
    r"|ring(?:er|e)?|opkald|kald|call(?:s|ing)?|dial|sms|whats ?app|signal|viber|nummer(?:et)?|number|fanges"
    r"|træffes|kontakt(?:es)?|fax|cvr(?:-?nr|-?nummer)?)"
    r"(?:[ :.,;=#/-]{1,3}(?:til|på|mig|ham|hende|os|dem|er|nr|nummer|no|number|at|on|me|him|her|us|them|is|my"
    r"|mit|hans|hendes|his|bare|lige)\b){0,4}+"
    r"[ :.,;=#(/-]{0,4}$"
)
_NUMBER = re.compile(r"\d+")
_SURELY_NO_PHONE = re.compile(
    r"(?:\d{1,2}[./-]\d{1,2}[./-]\d{4}"  # a date
    r"|(?:19|20)\d\d-\d\d-\d\d(?:[ T]\d.*)?"  # an ISO date
    r"|\d{1,2}[.:]\d\d ?- ?\d{1,2}[.:]\d\d"  # opening hours
    r"|(?:19|20)\d\d-\d{5,7}"  # a case number
    r"|1\d(?:0[1-9]|1[0-2])(?:19|20)\d\d)"  # a date in one; those with a first digit of 2 or 3 are masked
)
_MONEY_AFTER = re.compile(r"(?:,\d\d)? ?(?:(?:kr|kroner|dkk|mio|mia|mill?|eur|euro|usd|gbp)\b|[€$£]|,-)")
_MONEY_BEFORE = re.compile(r"(?:\b(?:kr\.?|dkk|eur|usd|gbp|beløb(?:et)?(?: på)?)|[€$£]) ?$")
_CASE_BEFORE = re.compile(r"(?<!\d)(?:19|20)\d\d-$")
_COUNTING = "01234567890"


def bare(number: str) -> str:
    """A telephone number reduced to its national digits: ``+45 41 74 90 90`` is ``41749090``."""
    digits = "".join(sign for sign in number if sign.isdigit())
    for prefix in ("0045", "45"):
        if digits.startswith(prefix) and len(digits) == len(prefix) + 8:
            return digits.removeprefix(prefix)
    if number.lstrip(" (").startswith(("+45", "0045")):
        return digits.lstrip("0").removeprefix("45")
    return digits


def find(text: str, *, public: Collection[str] = frozenset()) -> Iterator[Span]:
    """Every telephone number but the public ones, given as ``bare`` digits."""
    lowered = text.lower()
    done = 0
    for number in _NUMBER.finditer(lowered):
        if number.start() < done:
            continue
        match = _shaped(lowered, number.start()) or _announced(lowered, number.start())
        if match is not None:
            done = match.end()
            if not _is_spared(lowered, match, public):
                yield Span(match.start(), done, Mask.PHONE)


def _shaped(text: str, start: int) -> re.Match[str] | None:
    """A number whose shape alone tells, with the signs of a country code before its first digit."""
    begin = start
    while begin > max(0, start - 2) and text[begin - 1] in "+(":
        begin -= 1
    for at in range(begin, start + 1):
        match = _DANISH.match(text, at) or _FOREIGN.match(text, at)
        if match is not None:
            return match
    return _SINGLE_DIGITS.match(text, start)


def _announced(text: str, start: int) -> re.Match[str] | None:
    """A number in any grouping, if a word like *tlf* or *call* leads up to it."""
    match = _OTHERWISE.match(text, start)
    if match is None or _TRIGGER.search(text, max(0, start - _TRIGGER_REACH), start) is None:
        return None
    return match


def _is_spared(text: str, match: re.Match[str], public: Collection[str]) -> bool:
    """Whether the number is a helpline, an amount, a date, a case number or mere counting after all."""
    number = match[0]
    digits = bare(number)
    if digits in public or _SURELY_NO_PHONE.fullmatch(number) is not None:
        return True
    if match.re is _SINGLE_DIGITS and digits in _COUNTING:
        return True
    start, end = match.span()
    return (
        _MONEY_AFTER.match(text, end) is not None
        or _MONEY_BEFORE.search(text, max(0, start - 12), start) is not None
        or (number.isdigit() and _CASE_BEFORE.search(text, max(0, start - 6), start) is not None)
    )
