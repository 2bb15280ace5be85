"""Entities: what Telegram marks in a text by itself, and how offsets are counted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.sandbox.parameters import Json

FOUND_BY_ITSELF = re.compile(
    r"(?P<url>\bhttps?://[^\s<>\"]+[^\s<>\".,:;!?)]|\bt\.me/[\w/?=&-]+)"
    r"|(?P<email>\b[\w.+-]+@[\w-]+\.[\w.-]*\w)"
    r"|(?<![\w/])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?)(?![\w/])"
    r"|(?<!\w)(?P<mention>@[A-Za-z]\w{3,31})\b"
    r"|(?<!\w)(?P<hashtag>#\w+)"
)
HINTS = frozenset("/@#")


def units(text: str) -> int:
    """Return the length in UTF-16 code units, as the Bot API counts offsets."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def found_in(text: str) -> list[Json]:
    """Return the commands, links, addresses and mentions Telegram marks without being asked."""
    if HINTS.isdisjoint(text):
        return []
    return [
        {"type": found.lastgroup, "offset": units(text[: found.start()]), "length": units(found.group())}
        for found in FOUND_BY_ITSELF.finditer(text)
    ]


def with_found(text: str, marked: list[Json]) -> list[Json]:
    """Return the marked entities together with those found outside them, in reading order."""
    found = [
        entity
        for entity in found_in(text)
        if not any(
            mark["offset"] < entity["offset"] + entity["length"]
            and entity["offset"] < mark["offset"] + mark["length"]
            for mark in marked
        )
    ]
    return sorted([*marked, *found], key=lambda entity: (entity["offset"], -entity["length"]))


def trimmed(text: str, marked: list[Json]) -> tuple[str, list[Json]]:
    """Return the text without blanks at its ends; entities keep marking the same words."""
    kept = text.lstrip()
    cut = units(text) - units(kept)
    kept = kept.rstrip()
    end = units(kept)
    moved: list[Json] = []
    for entity in marked:
        start = max(entity["offset"] - cut, 0)
        stop = min(entity["offset"] - cut + entity["length"], end)
        if stop > start:
            moved.append({**entity, "offset": start, "length": stop - start})
    return kept, moved
