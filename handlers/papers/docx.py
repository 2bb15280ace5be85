"""A paper as a DOCX on the municipality's own template; only words are put in, and nothing in them is run."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from io import BytesIO
from pathlib import Path

from docx import Document
from docx.document import Document as Opened
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.parts.story import StoryPart
from docx.text.paragraph import Paragraph

from bot.catalogue import words
from bot.paper import Paper
from handlers.papers.blocks import Blocks
from handlers.papers.lettering import dated, lettered
from handlers.papers.placeholders import (
    Elements,
    field_elements,
    fill,
    places,
    stands_alone,
    text_elements,
    written,
)
from handlers.papers.template_error import TemplateError, TemplateFault

_DEFAULT = Path(__file__).parent / "default.docx"
_BLOCKS = ("facts", "sections")
_REQUIRED = ("title", "number", "classification", "recipient", *_BLOCKS)
_PLACED = (*_REQUIRED, "made_on", "footer", "page")
_FIELDS = {"page": "PAGE", "pages": "NUMPAGES"}
_CULTURES = {"da": "da-DK", "en": "en-GB"}
_TELL_TALE = (
    RELATIONSHIP_TYPE.EXTENDED_PROPERTIES,
    RELATIONSHIP_TYPE.CUSTOM_PROPERTIES,
    RELATIONSHIP_TYPE.THUMBNAIL,
)


def render(paper: Paper, template: Path | None) -> bytes:
    """Return the paper on the template, or on our own where there is none; equal papers give equal bytes.

    Raises TemplateError where the template has a placeholder that is not known, lacks one that a paper must
    show, or carries what must not leave the house. Reads a file: called on a thread of its own.
    """
    shown = lettered(paper)
    document = _opened(template or _DEFAULT)
    paragraphs = [found for part in _stories(document) for found in part.element.iter(qn("w:p"))]
    _check(document, paragraphs)
    _put_in(document, paragraphs, shown)
    _say_what_it_is(document, shown)
    return _packed(document, shown.made_on)


def _opened(template: Path) -> Opened:
    try:
        return Document(str(template))
    except (PackageNotFoundError, OSError, ValueError, KeyError, SyntaxError, zipfile.BadZipFile) as fault:
        raise TemplateError(TemplateFault.UNREADABLE, template.name) from fault


def _stories(document: Opened) -> list[StoryPart]:
    """Return the text, and every header and footer."""
    return [part for part in document.part.package.iter_parts() if isinstance(part, StoryPart)]


def _check(document: Opened, paragraphs: list[BaseOxmlElement]) -> None:
    found = [(paragraph, place) for paragraph in paragraphs for place in places(paragraph)]
    for paragraph, place in found:
        if place.name not in _PLACED:
            raise TemplateError(TemplateFault.UNKNOWN, written(place.name))
        is_in_text = paragraph.getparent() is document.element.body
        if place.name in _BLOCKS and not (is_in_text and stands_alone(paragraph, place)):
            raise TemplateError(TemplateFault.CROWDED, written(place.name))
    names = [place.name for _, place in found]
    for name in _REQUIRED:
        if name not in names:
            raise TemplateError(TemplateFault.LACKING, written(name))
    for part in _stories(document):
        _check_for_strangers(part)


def _check_for_strangers(part: StoryPart) -> None:
    """Refuse what names its writer, or is fetched from elsewhere by whoever opens the paper."""
    if any(qn("w:author") in element.attrib for element in part.element.iter()):
        raise TemplateError(TemplateFault.ANNOTATED)
    for relation in part.rels.values():
        if relation.is_external and relation.reltype != RELATIONSHIP_TYPE.HYPERLINK:
            raise TemplateError(TemplateFault.LINKED)


def _put_in(document: Opened, paragraphs: list[BaseOxmlElement], paper: Paper) -> None:
    values = _values(paper)
    blocks = Blocks(document)
    for paragraph in paragraphs:
        names = [place.name for place in places(paragraph)]
        if "facts" in names:
            blocks.put_facts(Paragraph(paragraph, document), paper.facts)
        elif "sections" in names:
            blocks.put_sections(Paragraph(paragraph, document), paper.sections)
        elif names:
            fill(paragraph, lambda name: _value(values, name, paper.language))


def _values(paper: Paper) -> Mapping[str, str]:
    return {
        "title": paper.title,
        "number": paper.number,
        "classification": paper.classification,
        "recipient": paper.recipient,
        "footer": paper.footer,
        "made_on": dated(paper.made_on, paper.language),
    }


def _value(values: Mapping[str, str], name: str, language: str) -> Elements:
    return _page(language) if name == "page" else text_elements(values[name])


def _page(language: str) -> list[BaseOxmlElement]:
    """Return the words for the number of the page, with fields that Word counts."""
    made: list[BaseOxmlElement] = []
    for piece in words("paper.page", language).replace("}", "{").split("{"):
        made += field_elements(_FIELDS[piece]) if piece in _FIELDS else text_elements(piece)
    return made


def _say_what_it_is(document: Opened, paper: Paper) -> None:
    """Leave title, language and day in the document's properties, and nothing of who made the template."""
    moment = datetime.combine(paper.made_on, time(), UTC)
    known = document.core_properties
    known.title, known.language = paper.title[:255], paper.language
    known.author = known.last_modified_by = known.comments = known.subject = known.keywords = ""
    known.category = known.content_status = known.identifier = known.version = ""
    known.created = known.modified = known.last_printed = moment
    known.revision = 1
    relations = document.part.package.rels
    for key in [key for key, relation in relations.items() if relation.reltype in _TELL_TALE]:
        del relations[key]
    settings = document.part.part_related_by(RELATIONSHIP_TYPE.SETTINGS)
    for element in list(document.settings.element.iter(qn("w:attachedTemplate"), qn("w:rsids"))):
        element.getparent().remove(element)
    for key in [key for key, relation in settings.rels.items() if relation.is_external]:
        del settings.rels[key]
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), _CULTURES.get(paper.language, paper.language))


def _packed(document: Opened, made_on: date) -> bytes:
    """Return the file with the paper's day on each of its parts; the machine's own time is not in it."""
    saved, packed = BytesIO(), BytesIO()
    document.save(saved)
    with zipfile.ZipFile(saved) as parts, zipfile.ZipFile(packed, "w") as file:
        for name in parts.namelist():
            part = zipfile.ZipInfo(name, (made_on.year, made_on.month, made_on.day, 0, 0, 0))
            file.writestr(part, parts.read(name), zipfile.ZIP_DEFLATED)
    return packed.getvalue()
