"""Street addresses: a street, a house number and the floor. Postcode and town stay (DOMAIN.md).

The house number is found first; the street is then read backwards from it, word by word.
"""

import re
from collections.abc import Iterator

from bot.masking.masks import Mask, Span
from bot.masking.wordlists import words

_LOOK_BACK = 90
_MAX_WORDS = 5

_DOOR = r"(?:(?:tv|th|mf)\b|t\.[vh]\b\.?|dør \w{1,4}\b)"
_FLOOR = (
    r"(?i:,? {0,2}(?:"
    r"(?:st|stuen|kld|kælder(?:en)?|kl(?=[., ]{1,2}t[hv]\b))\b"
    rf"(?:[., ]{{0,3}}{_DOOR}|[., ]{{1,3}}\d{{1,3}}(?!\w| \w))?"
    rf"|\d{{1,2}}(?:\. ?| )?(?:(?:sal|etage|floor)\b)?[ ,.]{{0,2}}{_DOOR}"
    r"|\d{1,2}(?:st|nd|rd|th)?(?:\. ?| )(?:sal|etage|floor)\b"
    r"|\d{1,2}(?=\.(?:,|\n|$))"
    r"|(?:lejl(?:ighed)?|vær(?:else)?|opgang|apt|flat)\b\.?(?: nr\.?)? \w{1,4}\b"
    r")){0,2}"
)
_NUMBER = re.compile(r"\d+")
_BEFORE_HOUSE = " ."
_GAP = re.compile(r"(?<=[\w.']),? {1,2}(?:nr\.? ?|nummer )?$", re.IGNORECASE)
_HOUSE_REST = re.compile(
    r"(?:[A-Za-zæøåÆØÅ](?!\w)| [A-HJ-Z](?![\w']))?(?: ?[-/] ?\d{1,3}[A-Za-z]?(?![\w.:]))?(?!\w|[.:,]\d)"
    + _FLOOR
)
_SURE_SUFFIXES = tuple(
    words("""
    vej vejen gade gaden allé alle alléen alleen stræde strædet vænge vænget boulevard boulevarden
    alleé gyde gyden
""")
)
_OTHER_SUFFIXES = tuple(
    words("""
    plads pladsen torv torvet park parken have haven gård gården kaj kajen brygge bryggen sti stien
    toft toften tofte bakke bakken lund lunden krog krogen ager ageren dal dalen høj højen eng engen
    mark marken sving svinget passage passagen hegn hegnet skrænt skrænten holm holmen kvarter
    kvarteret løkke løkken dam dammen kær kæret huse husene vang vangen kanal strand stranden port bro
    banke banken minde hus huset plænen
""")
)
_NO_STREETS = words("""
    vej omvej udvej genvej motorvej motorvejen cykelvej skolevej skolevejen hjemvej gade alle tilsagde
    indkørselsvej landevej landevejen løsningsvej klagevej målgade fodgængergade gågade gågaden
    sidegade sidegaden sidevej hovedgade
""")
_ALONE = words("""
    allé alle alleé vej gade plads stræde boulevard torv park have vænge gård kaj brygge sti passage
    kanal strand kvarter huse toft tofte bro port
""")
_NO_STREET_NAME = words("""
    på af en ad i den der er et hver min din vores deres sin langs anden lang samme hele ved til fra
    og vi de har for slå dem os med om kan skal vil blandt ud dig a the
""")
_RESIDENCE = re.compile(
    r"\b(?:(?:bor|boet|boede|bo|opholder sig|holder til|flyttet|flytter)(?: \w{1,10})? (?:på|i|ved|til|hos)"
    r"|adressen?(?: er| var)?|lives? (?:at|on|in)|living (?:at|on|in)|lived (?:at|on|in)"
    r"|address(?: is| was)?|moved to)[ :]{1,2}(?:[\w.'-]{1,30} ){0,4}[\w.'-]{1,30}$",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r",? (?:gange?|timer?|unge|drenge|piger|år|årig\w*|elever|personer|mænd|kvinder|dage?|uger|måneder"
    r"|minutter|kroner|kr|stk|km|meter|m|biler|børn|procent|pct|times|hours?|boys|kids|girls|people"
    r"|years?|days?|months?|men|students|million\w*|mio|and a half)\b"
    r"|[.,:]?\d|%| %|\. (?:klasse|gang|g\b|[a-zæøå]{3,})",
    re.IGNORECASE,
)
_ENGLISH = re.compile(
    r"\d{1,4}[A-Za-z]? (?:[A-Z][\w'-]{1,30}[ ]){1,3}"
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Close|Court|Square|Terrace|Crescent|Boulevard|Way|Row)\b"
)
_WORD = re.compile(r"[^\W\d_][\w.'-]*|\d{1,2}\.s?")


def find(text: str) -> Iterator[Span]:
    """Every street with a house number, its floor and door included, up to but without the postcode."""
    for number in _NUMBER.finditer(text):
        start, end = number.span()
        if end - start > 4:
            continue
        english = _ENGLISH.match(text, start)
        if english is not None:
            yield Span(start, english.end(), Mask.ADDRESS)
        if end - start < 4 and start and text[start - 1] in _BEFORE_HOUSE:
            yield from _house(text, start, end)


def _house(text: str, start: int, end: int) -> Iterator[Span]:
    """The address whose house number stands from ``start`` to ``end``, if it is one."""
    gap = _GAP.search(text, max(0, start - 9), start)
    rest = _HOUSE_REST.match(text, end)
    if gap is not None and rest is not None:
        street = _street_start(text, gap.start(), is_unit=_UNIT.match(text, end) is not None)
        if street is not None:
            yield Span(street, end + len(rest[0].rstrip(" ,")), Mask.ADDRESS)


def _street_start(text: str, house: int, *, is_unit: bool) -> int | None:
    """Where the street before a house number begins, or None where no street stands there."""
    words_before = _words_before(text, max(0, house - _LOOK_BACK), house)
    if not words_before:
        return None
    last = words_before[0][1]
    lowered = last.lower()
    if lowered in _ALONE:
        is_sure = lowered in _SURE_SUFFIXES or not is_unit
        return _named_start(text, house, words_before) if is_sure else None
    if lowered not in _NO_STREETS and len(lowered) > 4 and lowered.endswith(_SURE_SUFFIXES):
        return _with_capitals(words_before)
    if is_unit:
        return None
    is_street = lowered not in _NO_STREETS and len(lowered) > 4 and lowered.endswith(_OTHER_SUFFIXES)
    if (is_street and last[0].isupper()) or ((is_street or last[0].isupper()) and _is_residence(text, house)):
        return _with_capitals(words_before)
    return None


def _words_before(text: str, floor: int, end: int) -> list[tuple[int, str]]:
    """The words right before ``end``, nearest first, each with its start; they stop at punctuation."""
    found: list[tuple[int, str]] = []
    at = end
    while len(found) <= _MAX_WORDS:
        stop = at
        while stop > floor and text[stop - 1] in (" ", ",")[: 1 if found else 2]:
            stop -= 1
        begin = max(text.rfind(" ", floor, stop), text.rfind("\n", floor, stop), floor - 1) + 1
        word = text[begin:stop].lstrip("\"'([")
        begin = stop - len(word)
        if not word or _WORD.fullmatch(word) is None or (found and len(word) > 4 and word.endswith(".")):
            break
        found.append((begin, word))
        at = begin
    return found


def _is_residence(text: str, end: int) -> bool:
    """Whether the words up to ``end`` are introduced by *bor på*, *adresse*, *lives at* and the like."""
    return _RESIDENCE.search(text, max(0, end - _LOOK_BACK), end) is not None


def _named_start(text: str, house: int, words_before: list[tuple[int, str]]) -> int | None:
    """Where a street begins whose last word is *Allé*, *Vej* and the like: it needs a name before it."""
    if len(words_before) < 2:
        return None
    begin, name = words_before[1]
    if name.lower() in _NO_STREET_NAME:
        return None
    if name[0].isupper():
        return _with_capitals(words_before[1:])
    is_telling = words_before[0][1].lower() in {"allé", "boulevard"}
    return begin if is_telling or _is_residence(text, house) else None


def _with_capitals(words_before: list[tuple[int, str]]) -> int:
    """Where the street begins when capitalised words before it belong to its name (*Gl. Kongevej*)."""
    start = words_before[0][0]
    for begin, word in words_before[1:]:
        if not (word[0].isupper() or word[0].isdigit()) or word.lower() in _NO_STREET_NAME:
            break
        start = begin
    return start
