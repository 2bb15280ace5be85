"""The Bot API's MarkdownV2 style: signs become entities, and reserved signs must be escaped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.sandbox.entities import units
from bot.sandbox.failures import bad_request

if TYPE_CHECKING:
    from bot.sandbox.parameters import Json

PIECES = re.compile(
    r"\\(?P<escaped>[\x01-\x7e])"
    r"|```(?P<language>\w*)\n?(?P<pre>.*?)```"
    r"|`(?P<code>[^`]+)`"
    r"|\]\((?P<url>[^)]*)\)"
    r"|(?P<sign>\|\||__|[*_~\[])"
    r"|(?P<quote>^>)"
    r"|(?P<reserved>[\]()`>#+\-=|{}.!])",
    re.DOTALL | re.MULTILINE,
)
TYPES = {
    "*": "bold",
    "_": "italic",
    "__": "underline",
    "~": "strikethrough",
    "||": "spoiler",
    "[": "text_link",
}
NAMES = {"*": "Bold", "_": "Italic", "__": "Underline", "~": "Strikethrough", "||": "Spoiler", "[": "TextUrl"}
ESCAPES = re.compile(r"\\([\x01-\x7e])")


def _fail(problem: str) -> Exception:
    return bad_request(f"can't parse entities: {problem}")


class _Reader:
    """Walks through the source once, keeping the plain text and the open signs."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.text: list[str] = []
        self.length = 0
        self.open: list[tuple[str, int, int]] = []
        self.entities: list[Json] = []

    def add(self, text: str) -> None:
        self.text.append(text)
        self.length += units(text)

    def mark(self, kind: str, text: str, **extra: str) -> None:
        entity: Json = {"type": kind, "offset": self.length, "length": units(text)}
        entity.update({name: value for name, value in extra.items() if value})
        self.entities.append(entity)
        self.add(text)

    def sign(self, sign: str, position: int) -> None:
        if self.open and self.open[-1][0] == sign and sign != "[":
            _, offset, _ = self.open.pop()
            if self.length > offset:
                self.entities.append({"type": TYPES[sign], "offset": offset, "length": self.length - offset})
            return
        self.open.append((sign, self.length, position))

    def link(self, url: str, position: int) -> None:
        if not self.open or self.open[-1][0] != "[":
            self.reserved("]", position)
        _, offset, _ = self.open.pop()
        if self.length > offset:
            entity: Json = {"type": "text_link", "offset": offset, "length": self.length - offset, "url": url}
            self.entities.append(entity)

    def reserved(self, sign: str, position: int) -> None:
        del position
        raise _fail(f"Character '{sign}' is reserved and must be escaped with the preceding '\\'")

    def take(self, piece: re.Match[str]) -> None:
        match piece.lastgroup:
            case "escaped":
                self.add(piece["escaped"])
            case "pre":
                self.mark("pre", ESCAPES.sub(r"\1", piece["pre"]), language=piece["language"])
            case "code":
                self.mark("code", ESCAPES.sub(r"\1", piece["code"]))
            case "url":
                self.link(ESCAPES.sub(r"\1", piece["url"]), piece.start())
            case "sign":
                self.sign(piece["sign"], piece.start())
            case "quote":
                line = self.source[piece.end() :].split("\n", 1)[0]
                self.entities.append({"type": "blockquote", "offset": self.length, "length": units(line)})
            case _:
                self.reserved(piece.group(), piece.start())


def read_markdown(source: str) -> tuple[str, list[Json]]:
    """Return the plain text and its entities. Raises a Bad Request that names what is wrong."""
    reader = _Reader(source)
    position = 0
    for piece in PIECES.finditer(source):
        reader.add(source[position : piece.start()])
        position = piece.end()
        reader.take(piece)
    reader.add(source[position:])
    if reader.open:
        sign, _, start = reader.open[-1]
        raise _fail(f"Can't find end of {NAMES[sign]} entity at byte offset {len(source[:start].encode())}")
    reader.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return "".join(reader.text), reader.entities
