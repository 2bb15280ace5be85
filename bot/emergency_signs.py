"""Whether a text holds words that should bring up the emergency card.

The words only *show* the card; the person who writes decides what it is (DOMAIN.md, "Urgency and routing").
The lists are configuration.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+")
#: Danish letters typed on another keyboard are the same letters: "doe", "dø"; "slaa", "slå".
_SPELLINGS = str.maketrans({"å": "aa", "æ": "ae", "ä": "ae", "ø": "oe", "ö": "oe"})
_APOSTROPHES = re.compile("['\u2019\u02bc]")
#: Danish and English endings a noun may carry: kniv, knive, kniven, knivene, knivens; gun, guns.
_ENDINGS = r"(?:s|e|es|en|ens|et|ets|er|ers|ne|ene|enes|erne|ernes|n|ns|r|rne|t|ts)?"
_LEAST_IN_COMPOUND = 4


@dataclass(frozen=True)
class EmergencyWords:
    """Phrases that show the card alone, and objects that do together with a word for *soon*."""

    phrases: tuple[str, ...]
    objects: tuple[str, ...]
    soon: tuple[str, ...]


def shows_emergency(text: str, words: EmergencyWords) -> bool:
    """True if a phrase stands in the text, or an object and a *soon* word, as whole words.

    Upper and lower case, accents typed apart, punctuation and line ends make no difference. An object of
    four letters or more also counts inflected and as the last part of a compound: *kniv* in *køkkenkniven*;
    one written ``=skyde`` counts as that very word alone, because *udskyde* means to postpone.
    """
    said = _said(text)
    phrases, objects, soon = _patterns(words)
    if phrases.search(said) is not None:
        return True
    return objects.search(said) is not None and soon.search(said) is not None


def _said(text: str) -> str:
    """The words of a text in one line, with one blank before and after each."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_SPELLINGS)
    visible = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    return f" {' '.join(_WORD.findall(_APOSTROPHES.sub('', visible)))} "


@lru_cache(maxsize=16)
def _patterns(words: EmergencyWords) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """The three lists, each as one pattern over what ``_said`` gives; an empty list matches nothing."""
    return (
        _any_of([f" {re.escape(_said(phrase).strip())} " for phrase in words.phrases]),
        _any_of([_object(thing) for thing in words.objects]),
        _any_of([f" {re.escape(_said(word).strip())} " for word in words.soon]),
    )


def _object(configured: str) -> str:
    thing = re.escape(_said(configured).strip())
    if configured.startswith("="):
        return f" {thing} "
    before = "" if len(thing) >= _LEAST_IN_COMPOUND else " "
    return f"{before}{thing}{_ENDINGS} "


def _any_of(alternatives: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(alternatives) if alternatives else r"(?!)")
