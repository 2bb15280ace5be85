"""What the outbox carries as Telegram shows it: words, buttons as a keyboard, and parts that fit."""

from __future__ import annotations

import re
from typing import Any

from handlers.words import Words
from scheduling.instant import Instant

MOST_CHARACTERS = 4096
MOST_IN_CAPTION = 1024
_LONGEST_JOINED = 40
_MODIFIER = re.compile("[\u0300-\u036f\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]")


class Renderer(Words):
    """Renders what the outbox carries for one reader."""

    def keyboard(self, rows: list[Any] | None, *, language: str, now: Instant) -> dict[str, Any] | None:
        """Return the inline keyboard, or None where there are no buttons."""
        if not rows:
            return None
        return {
            "inline_keyboard": [
                [
                    {"text": self.text(key, params, language=language, now=now), "callback_data": data}
                    for key, data, params in row
                ]
                for row in rows
            ]
        }


def split(text: str, *, first: int = MOST_CHARACTERS) -> list[str]:
    """Return the text in parts that Telegram takes, in UTF-16 units, cut at a line or a word.

    The first part may be shorter: what stands under a picture.
    """
    parts: list[str] = []
    most = first
    while _units(text) > most:
        end = _longest(text, most)
        cut = max(text.rfind("\n", end // 2, end), text.rfind(" ", end // 2, end))
        end = cut if cut > 0 else end
        parts.append(text[:end].rstrip())
        text, most = text[end:].lstrip(), MOST_CHARACTERS
    return [*parts, text] if text or not parts else parts


def _units(text: str) -> int:
    return len(text) + sum(1 for character in text if ord(character) > 0xFFFF)


def _longest(text: str, most: int) -> int:
    units = 0
    for position, character in enumerate(text):
        units += 2 if ord(character) > 0xFFFF else 1
        if units > most:
            return _before_joined(text, position)
    return len(text)


def _before_joined(text: str, end: int) -> int:
    """Move a cut to before signs that are shown as one, such as an emoji with its skin colour."""
    at = end
    while at > end - _LONGEST_JOINED and (_joins(text[at]) or _joins(text[at - 1], is_before=True)):
        at -= 1
    return at if at > max(end - _LONGEST_JOINED, 0) else end


def _joins(character: str, *, is_before: bool = False) -> bool:
    is_joiner = character == "\u200d"
    return is_joiner if is_before else is_joiner or bool(_MODIFIER.match(character))
