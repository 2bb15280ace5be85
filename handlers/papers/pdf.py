"""A paper as a PDF: A4, tagged for screen readers (PDF/UA-1), its words to be searched and copied."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bot.catalogue import words
from bot.paper import Paper
from handlers.papers.lettering import code_points, dated, lettered, rewritten, shares

if TYPE_CHECKING:
    import typst

_HERE = Path(__file__).parent
_LOOK = _HERE / "look.typ"
_ATTEMPTS = 4
_NO_FONT_HAS = re.compile(r'the text `"(.+?)"` could not be displayed')
_ESCAPED = re.compile(r"\\(?:u\{([0-9a-f]+)\}|(.))")


class PaperNotMadeError(Exception):
    """The paper could not be set; what stood on it is not told."""


def render(paper: Paper) -> bytes:
    """Return the paper as a PDF; the same paper gives the same bytes.

    Takes tens of milliseconds, so it is called on a thread of its own. A character that no font has stands as
    its number, such as `[U+16A0]`.
    """
    import typst  # noqa: PLC0415 - heavy, and few processes ever make a paper

    written = lettered(paper)
    for _ in range(_ATTEMPTS):
        try:
            return _set(written)
        except typst.TypstError as fault:
            missing = _without_font(fault.diagnostic)
        if not missing:
            break
        written = _spelled(written, missing)
    raise PaperNotMadeError


def _set(paper: Paper) -> bytes:
    import typst  # noqa: PLC0415 - as above

    day = paper.made_on
    told = asdict(paper) | {
        "sections": [asdict(section) | {"shares": shares(section)} for section in paper.sections],
        "day": (day.year, day.month, day.day),
        "dated": dated(day, paper.language),
        "page": words("paper.page", paper.language),
    }
    del told["made_on"]
    made = typst.compile(
        _LOOK,
        root=_HERE,
        font_paths=_fonts(),
        sys_inputs={"paper": json.dumps(told)},
        format="pdf",
        pdf_standards=["ua-1"],
        timestamp=datetime.combine(day, time(), UTC),
    )
    assert isinstance(made, bytes)
    return made


@cache
def _fonts() -> typst.Fonts:
    import typst  # noqa: PLC0415 - as above

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[_HERE / "fonts"])


def _without_font(diagnostic: str) -> set[str]:
    """Return what typst says it cannot show, out of the notation of its messages."""
    return {
        _ESCAPED.sub(lambda one: chr(int(one[1], 16)) if one[1] else one[2], found)
        for found in _NO_FONT_HAS.findall(diagnostic)
    }


def _spelled(paper: Paper, missing: set[str]) -> Paper:
    """Return the paper with what no font has as its numbers, the longest first."""
    longest_first = sorted(missing, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)))
    return rewritten(paper, lambda text: pattern.sub(lambda found: code_points(found[0]), text))
