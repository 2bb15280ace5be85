"""How words come onto a paper: as they were written, and nothing invisible among them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from itertools import zip_longest

from babel.dates import format_date

from bot.paper import Fact, Paper, Section

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# What prints nothing and may not stand in a document, and what turns the direction of the words after it.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff]"
)


def lettered(paper: Paper) -> Paper:
    """Return the paper without characters that would print nothing: they stand as `[U+0007]`."""
    return rewritten(paper, _printable)


def rewritten(paper: Paper, write: Callable[[str], str]) -> Paper:
    """Return the paper with each of its strings written anew."""
    return Paper(
        paper.language,
        write(paper.title),
        write(paper.number),
        write(paper.classification),
        write(paper.recipient),
        tuple(Fact(write(fact.label), write(fact.value)) for fact in paper.facts),
        tuple(_section(section, write) for section in paper.sections),
        write(paper.footer),
        paper.made_on,
    )


def code_points(text: str) -> str:
    """Return the text as the numbers of its characters, for what no font can show."""
    return "".join(f"[U+{ord(character):04X}]" for character in text)


def shares(section: Section) -> tuple[float, ...]:
    """Return each column's share of the table's width: as its longest words ask for, within reason."""
    columns = zip_longest(section.header, *section.rows, fillvalue="")
    longest = [max(map(len, column)) for column in columns]
    asked = [min(max(length, 8), 44) + 4 for length in longest]
    return tuple(one / sum(asked) for one in asked)


def dated(day: date, language: str) -> str:
    """Return the day with its month in letters, as a letter is dated."""
    return format_date(day, "d. MMMM y" if language == "da" else "d MMMM y", locale=language)


def _printable(text: str) -> str:
    plain = _LINE_ENDS.sub("\n", text).replace("\t", " ")
    return _UNPRINTABLE.sub(lambda found: code_points(found[0]), plain)


def _section(section: Section, write: Callable[[str], str]) -> Section:
    return Section(
        write(section.heading),
        tuple(write(paragraph) for paragraph in section.paragraphs),
        tuple(tuple(write(cell) for cell in row) for row in section.rows),
        tuple(write(cell) for cell in section.header),
    )
