"""Looks words up in the catalogues; a word that is missing is an error, never an empty line."""

from __future__ import annotations

import string
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

_TEXTS = Path(__file__).parent / "texts"
LANGUAGES = ("da", "en")


class MissingWordError(KeyError):
    """The catalogue has no such word."""


@cache
def catalogue(language: str) -> dict[str, str]:
    """Return the words of the language by key."""
    with (_TEXTS / f"{language}.po").open("rb") as file:
        read = read_po(file, locale=language, abort_invalid=True)
    return {str(message.id): str(message.string) for message in read if message.id and message.string}


def words(key: str, language: str) -> str:
    """Return the words of the key, with their placeholders still in them."""
    known = catalogue(language if language in LANGUAGES else LANGUAGES[0])
    if key not in known:
        raise MissingWordError(key)
    return known[key]


def placeholders(text: str) -> frozenset[str]:
    """Return the names of the placeholders in the words."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)
