"""A view of a text in which look-alike signs are alike, and the way back to the original positions.

People write digits full-width or Arabic-Indic, join them with any of a dozen dashes and hide invisible
signs between them without knowing it. Finders see the view only; what is replaced is the original.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from bot.masking.masks import TOKEN

#: Stands for a whole token in the view: no letter, no digit, no blank.
OPAQUE = "\ufffc"

_FIRST_ODD, _LAST_BASIC = 0x80, 0xFFFF
_MATHEMATICAL = range(0x1D400, 0x1D800)
_TAGS = range(0xE0000, 0xE01F0)
#: Ideographs, Hangul, halves of signs and what is for private use: tens of thousands, and each its own view.
THEMSELVES = (range(0x3400, 0xA000), range(0xAC00, 0xD7A4), range(0xD800, 0xF900))
_DASHES = "\u2212\u2043\u02d7\u00ac\u30fc\u2500\u2501"
_OTHERS = {
    **dict.fromkeys(map(ord, "\u2018\u2019\u201b\u02bc\u00b4\u2032"), "'"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u00ab\u00bb"), '"'),
    **dict.fromkeys(map(ord, "\u2044\u2215\u29f8"), "/"),
    **dict.fromkeys(map(ord, "\u2024\u00b7\u2022\u2027\u2219\u22c5\u30fb\u3002\uff61"), "."),
    **dict.fromkeys(map(ord, "\u2028\u2029\u0085"), "\n"),
    ord("\u0130"): "I",
    ord("⟦"): "[",
    ord("⟧"): "]",
}


def plain(sign: str) -> str:
    """The sign a finder should see, "" for one it should not see at all."""
    category = unicodedata.category(sign)
    if category in {"Cf", "Mn", "Me"}:
        return ""
    if category == "Zs":
        return " "
    if category == "Pd" or sign in _DASHES:
        return "-"
    digit = unicodedata.digit(sign, None)
    if digit is not None:
        return str(digit)
    compatible = unicodedata.normalize("NFKC", sign)
    return compatible if len(compatible) == 1 else sign


def _table() -> dict[str, str]:
    """Every sign whose view differs from itself."""
    table = {sign: view for sign in map(chr, _codes()) if (view := plain(sign)) != sign}
    return table | {chr(code): view for code, view in _OTHERS.items()} | {"\t": " ", "\r": "\n"}


def _codes() -> Iterator[int]:
    begin = _FIRST_ODD
    for skipped in THEMSELVES:
        yield from range(begin, skipped.start)
        begin = skipped.stop
    yield from (*range(begin, _LAST_BASIC + 1), *_MATHEMATICAL, *_TAGS)


_TABLE = _table()
_BASIC = "".join(sign for sign in _TABLE if ord(sign) <= _LAST_BASIC)
#: Signs beyond the basic plane are taken one by one: named singly they would slow every search.
_ODD_SIGN = re.compile(f"[{re.escape(_BASIC)}\U00010000-\U0010ffff]")
_ODD = re.compile(f"{TOKEN.pattern}|{_ODD_SIGN.pattern}")


@dataclass(frozen=True, slots=True)
class Folded:
    """The view, and how far each stretch of it is shifted against the original."""

    text: str
    starts: tuple[int, ...] = (0,)
    origins: tuple[int, ...] = (0,)

    def original(self, position: int) -> int:
        """Where a position of the view lies in the original; invisible signs belong to what precedes them."""
        stretch = bisect_right(self.starts, position) - 1
        return self.origins[stretch] + position - self.starts[stretch]


def fold(text: str) -> Folded:
    """The view of a text: same signs for the same meaning, composed letters, tokens opaque."""
    if _ODD_SIGN.search(text) is None:
        return Folded(text)
    pieces: list[str] = []
    starts, origins = [0], [0]
    length = done = 0
    for match in _ODD.finditer(text):
        begin, end = match.span()
        if begin > done:
            pieces.append(text[done:begin])
            length += begin - done
        done = end
        sign = match[0]
        view = OPAQUE if end - begin > 1 else _TABLE.get(sign, sign)
        if view:
            pieces.append(view)
            length += 1
        elif pieces and unicodedata.combining(sign):
            pieces[-1] = _composed(pieces[-1], sign)
        if len(view) != end - begin:
            starts.append(length)
            origins.append(end)
    pieces.append(text[done:])
    return Folded("".join(pieces), tuple(starts), tuple(origins))


def _composed(piece: str, mark: str) -> str:
    """The piece with the mark joined to its last letter, or without the mark where no such letter exists."""
    letter = unicodedata.normalize("NFC", piece[-1] + mark)
    return piece[:-1] + letter if len(letter) == 1 else piece
