"""The placeholders of a Word template: found although Word cut them up, and filled once, with words only."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.oxml.xmlchemy import BaseOxmlElement

from handlers.papers.template_error import TemplateError, TemplateFault

_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_REMNANT = re.compile(r"\{\{.*|.*?\}\}|\{[%#].*", re.DOTALL)
_PARAGRAPH, _TEXT = qn("w:p"), qn("w:t")

Elements = Sequence[BaseOxmlElement]


def written(name: str) -> str:
    """Return the placeholder as it stands in a template."""
    return f"{{{{ {name} }}}}"


@dataclass(frozen=True, slots=True)
class Place:
    """A placeholder in a paragraph, by where it begins and ends in the paragraph's text."""

    name: str
    begins: int
    ends: int


def places(paragraph: BaseOxmlElement) -> list[Place]:
    """Return the placeholders of the paragraph; raises TemplateError where one is begun and not ended."""
    text = "".join(piece.text or "" for piece in _pieces(paragraph))
    remnant = _REMNANT.search(_PLACEHOLDER.sub("", text))
    if remnant:
        raise TemplateError(TemplateFault.BROKEN, remnant[0].strip()[:60])
    return [Place(found[1], *found.span()) for found in _PLACEHOLDER.finditer(text)]


def stands_alone(paragraph: BaseOxmlElement, place: Place) -> bool:
    """Tell whether the paragraph holds nothing but the placeholder."""
    text = "".join(piece.text or "" for piece in _pieces(paragraph))
    return not (text[: place.begins] + text[place.ends :]).strip()


def fill(paragraph: BaseOxmlElement, value: Callable[[str], Elements]) -> None:
    """Put the value of each placeholder in its place, in the letters of the place's first character."""
    for place in reversed(places(paragraph)):
        pieces = _pieces(paragraph)
        ends = list(accumulate(len(piece.text or "") for piece in pieces))
        first = next(index for index, end in enumerate(ends) if end > place.begins)
        last = next(index for index, end in enumerate(ends) if end >= place.ends)
        before = (pieces[first].text or "")[: place.begins - (ends[first - 1] if first else 0)]
        after = (pieces[last].text or "")[place.ends - (ends[last - 1] if last else 0) :]
        for piece in pieces[first + 1 : last + 1]:
            _write(piece, "")
        if first != last:
            _write(pieces[last], after)
            after = ""
        _write(pieces[first], before)
        for element in reversed([*value(place.name), text_element(after)]):
            pieces[first].addnext(element)


def text_elements(text: str) -> list[BaseOxmlElement]:
    """Return the words as Word keeps them within a run, a break for each new line."""
    made: list[BaseOxmlElement] = []
    for number, line in enumerate(text.split("\n")):
        made += [OxmlElement("w:br")] if number else []
        made.append(text_element(line))
    return made


def text_element(text: str) -> BaseOxmlElement:
    """Return the words as they stand, blanks at their ends kept."""
    made = OxmlElement("w:t")
    _write(made, text)
    return made


def field_elements(instruction: str) -> list[BaseOxmlElement]:
    """Return a field that Word works out, such as the number of the page."""
    begins, ends = OxmlElement("w:fldChar"), OxmlElement("w:fldChar")
    begins.set(qn("w:fldCharType"), "begin")
    ends.set(qn("w:fldCharType"), "end")
    told = OxmlElement("w:instrText")
    told.text = f" {instruction} "
    return [begins, told, ends]


def _write(piece: BaseOxmlElement, text: str) -> None:
    piece.text = text
    piece.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _pieces(paragraph: BaseOxmlElement) -> list[BaseOxmlElement]:
    """Return the paragraph's own pieces of text, not those of a text box anchored in it."""
    return [piece for piece in paragraph.iter(_TEXT) if next(piece.iterancestors(_PARAGRAPH)) is paragraph]
