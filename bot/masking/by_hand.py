"""Words that a person marks are masked wherever they stand: whole words, however they are capitalised."""

import re

from bot.masking.folding import fold
from bot.masking.masks import TOKEN, Mask

FEWEST, MOST = 2, 200
_APART = r"[\s.\-/]*"
_GENITIVE = "(?:'?s|')?"
_IN_DIGITS = (Mask.CPR, Mask.PHONE)


class NotToBeMaskedError(Exception):
    """What was marked is too short or too long, or is no words at all."""


def pattern_of(words: str, mask: Mask) -> re.Pattern[str]:
    """The words as they are looked for; raises NotToBeMaskedError.

    Numbers are found however they are grouped, and names in the genitive too.
    """
    plain = " ".join(fold(words).text.split())
    if not FEWEST <= len(plain) <= MOST or TOKEN.search(words) or not re.search(r"\w", plain):
        raise NotToBeMaskedError
    if mask in _IN_DIGITS and (digits := re.sub(r"[\s.\-/]", "", plain)).isdigit() and len(digits) >= FEWEST:
        return re.compile(rf"(?<!\w){_APART.join(digits)}(?!\w)")
    parts = r"\s+".join(map(re.escape, plain.split()))
    genitive = _GENITIVE if mask is Mask.NAME else ""
    return re.compile(rf"(?<!\w){parts}{genitive}(?!\w)", re.IGNORECASE)


def replace(text: str, pattern: re.Pattern[str], mask: Mask) -> tuple[str, int]:
    """The text with the mask's token wherever the pattern fits, and in how many places that is."""
    folded = fold(text)
    pieces: list[str] = []
    done = places = 0
    for match in pattern.finditer(folded.text):
        pieces += (text[done : folded.original(match.start())], mask.token)
        done = folded.original(match.end())
        places += 1
    return "".join((*pieces, text[done:])), places
