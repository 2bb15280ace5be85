"""The Bot API's HTML style: tags become entities."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from bot.sandbox.entities import units
from bot.sandbox.failures import bad_request

if TYPE_CHECKING:
    from bot.sandbox.parameters import Json

PIECES = re.compile(
    r"<(?P<close>/)?(?P<tag>[A-Za-z][\w-]*)(?P<rest>[^>]*)>|(?P<stray><)|(?P<entity>&[#\w]+;)"
)
ATTRIBUTE = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))")
TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}


def _fail(problem: str) -> Exception:
    return bad_request(f"can't parse entities: {problem}")


class _Reader:
    """Walks through the source once, keeping the plain text and the open tags."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.text: list[str] = []
        self.length = 0
        self.open: list[tuple[str, int, Json]] = []
        self.entities: list[Json] = []

    def add(self, text: str) -> None:
        self.text.append(text)
        self.length += units(text)

    def at(self, position: int) -> int:
        return len(self.source[:position].encode())

    def start(self, tag: str, rest: str, position: int) -> None:
        if tag not in TYPES:
            raise _fail(f'Unsupported start tag "{tag}" at byte offset {self.at(position)}')
        given = {name.lower(): a or b or c for name, a, b, c in ATTRIBUTE.findall(rest)}
        if tag == "span" and given.get("class") != "tg-spoiler":
            raise _fail(f'Tag "span" must have class "tg-spoiler" at byte offset {self.at(position)}')
        extra: Json = {}
        if tag == "a":
            extra["url"] = html.unescape(given.get("href", ""))
        elif tag == "tg-emoji":
            extra["custom_emoji_id"] = given.get("emoji-id", "")
        self.open.append((tag, self.length, extra))

    def end(self, tag: str, position: int) -> None:
        if not self.open:
            raise _fail(f"Unexpected end tag at byte offset {self.at(position)}")
        expected, offset, extra = self.open.pop()
        if tag != expected:
            raise _fail(
                f"Unmatched end tag at byte offset {self.at(position)}, "
                f'expected "</{expected}>", found "</{tag}>"'
            )
        if self.length > offset and (tag != "a" or extra["url"]):
            entity = {"type": TYPES[tag], "offset": offset, "length": self.length - offset, **extra}
            self.entities.append(entity)


def read_html(source: str) -> tuple[str, list[Json]]:
    """Return the plain text and its entities. Raises a Bad Request that names what is wrong, and where."""
    reader = _Reader(source)
    position = 0
    for piece in PIECES.finditer(source):
        reader.add(source[position : piece.start()])
        position = piece.end()
        if piece["entity"]:
            reader.add(html.unescape(piece["entity"]))
        elif piece["stray"]:
            raise _fail(f'Unsupported start tag "" at byte offset {reader.at(piece.start())}')
        elif piece["close"]:
            reader.end(piece["tag"].lower(), piece.start())
        else:
            reader.start(piece["tag"].lower(), piece["rest"], piece.start())
    reader.add(source[position:])
    if reader.open:
        raise _fail(f'Can\'t find end tag corresponding to start tag "{reader.open[-1][0]}"')
    reader.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return "".join(reader.text), reader.entities
