"""The parts of a DOCX that grow: the table of facts, and the sections with their tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy

from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Length
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph

from bot.paper import Fact, Section
from handlers.papers.lettering import shares
from handlers.papers.placeholders import text_elements
from handlers.papers.template_error import TemplateError, TemplateFault

_HEADING = "Heading 2"
_FACTS, _TABLE = ("Paper Facts", "Table Grid"), ("Paper Table", "Table Grid")
_CELL, _LABEL = ("Paper Cell",), ("Paper Label", "Paper Cell")
_LABEL_SHARES = (0.3, 0.7)


class Blocks:
    """Builds what takes the place of a paragraph, in the styles that the template has."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._styles = {style.name for style in document.styles}

    def put_facts(self, place: Paragraph, facts: Sequence[Fact]) -> None:
        """Put the facts where the paragraph stood: names to the left, values to the right."""
        if facts:
            table = self._table(len(facts), 2, _FACTS)
            _share(table, _LABEL_SHARES)
            for row, fact in zip(table.rows, facts, strict=True):
                self._fill(row.cells[0], fact.label, _LABEL)
                self._fill(row.cells[1], fact.value, _CELL)
            place._p.addprevious(table._tbl)
        _empty(place)

    def put_sections(self, place: Paragraph, sections: Sequence[Section]) -> None:
        """Put the sections where the paragraph stood; their paragraphs look as it did."""
        for section in sections:
            for element in self._section(place, section):
                place._p.addprevious(element)
        _empty(place)

    def _section(self, place: Paragraph, section: Section) -> Iterator[BaseOxmlElement]:
        yield self._heading(section.heading)
        for words in section.paragraphs:
            yield _paragraph_like(place, words)
        if section.rows:
            yield self._rows(section)._tbl
            yield _paragraph_like(place, "")

    def _heading(self, words: str) -> BaseOxmlElement:
        if _HEADING not in self._styles:
            raise TemplateError(TemplateFault.UNSTYLED, _HEADING)
        heading = self._document.add_paragraph(style=_HEADING)
        _say(heading, words)
        return heading._p

    def _rows(self, section: Section) -> Table:
        rows = ((section.header,) if section.header else ()) + section.rows
        wide = shares(section)
        table = self._table(len(rows), len(wide), _TABLE)
        _share(table, wide)
        for row, cells in zip(table.rows, rows, strict=True):
            for cell, words in zip(row.cells, cells, strict=False):
                self._fill(cell, words, _CELL)
            row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        if section.header:
            _repeat(table.rows[0])
        return table

    def _table(self, rows: int, columns: int, wanted: tuple[str, ...]) -> Table:
        table: Table = self._document.add_table(rows, columns)
        style = self._first_known(wanted)
        if style is not None:
            table.style = style
        return table

    def _fill(self, cell: _Cell, words: str, wanted: tuple[str, ...]) -> None:
        paragraph = cell.paragraphs[0]
        style = self._first_known(wanted)
        if style is not None:
            paragraph.style = style
        _say(paragraph, words)

    def _first_known(self, wanted: tuple[str, ...]) -> str | None:
        return next((name for name in wanted if name in self._styles), None)


def _repeat(header: _Row) -> None:
    """Have the row stand, in bold, at the top of each page that the table goes on to."""
    header._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for cell in header.cells:
        for run in cell.paragraphs[0].runs:
            run.bold = True


def _say(paragraph: Paragraph, words: str) -> None:
    run = paragraph.add_run()
    for element in text_elements(words):
        run._r.append(element)


def _paragraph_like(place: Paragraph, words: str) -> BaseOxmlElement:
    made = Paragraph(OxmlElement("w:p"), place._parent)
    if place._p.pPr is not None:
        made._p.append(deepcopy(place._p.pPr))
    _say(made, words)
    looks = place.runs[0]._r.rPr if place.runs else None
    if looks is not None:
        made.runs[0]._r.insert(0, deepcopy(looks))
    return made._p


def _share(table: Table, parts: Sequence[float]) -> None:
    """Give each column its share of the width."""
    whole = sum(column.width or 0 for column in table.columns)
    for column, share in zip(table.columns, parts, strict=True):
        column.width = Length(int(whole * share))
        for cell in column.cells:
            cell.width = Length(int(whole * share))


def _empty(place: Paragraph) -> None:
    """Take the placeholder's paragraph away; where a table ends the text, Word needs one after it."""
    before, after = place._p.getprevious(), place._p.getnext()
    is_needed = before is not None and before.tag == qn("w:tbl") and (after is None or after.tag != qn("w:p"))
    if is_needed:
        for run in place.runs:
            run.text = ""
    else:
        place._p.getparent().remove(place._p)
