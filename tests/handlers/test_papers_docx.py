"""A paper as a DOCX: the municipality's template filled, no value run, nothing told of who made it."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as Opened
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.paper import Fact, Section
from handlers.papers import docx
from handlers.papers.lettering import lettered
from handlers.papers.template_error import TemplateError, TemplateFault
from tests import sample_papers as papers

PLACED = ("title", "number", "classification", "recipient")


def opened(made: bytes) -> Opened:
    return Document(BytesIO(made))


def template() -> Opened:
    """A template such as a municipality makes: what must be there, and nothing else."""
    made = Document()
    made.sections[0].header.paragraphs[0].text = "{{ classification }}"
    for name in ("title", "number", "recipient", "facts", "sections"):
        made.add_paragraph(f"{{{{ {name} }}}}")
    return made


def kept(made: Opened, tmp_path: Path) -> Path:
    file = tmp_path / "skabelon.docx"
    made.save(str(file))
    return file


def fault_of(file: Path) -> tuple[TemplateFault, str]:
    with pytest.raises(TemplateError) as fault:
        docx.render(papers.register_sheet(), file)
    return fault.value.fault, fault.value.name


def words_of(made: Opened) -> str:
    return "".join(piece.text or "" for piece in made.element.body.iter(qn("w:t")))


def test_our_own_template_shows_all_that_a_paper_says():
    paper = papers.register_sheet()

    made = opened(docx.render(paper, None))

    assert [paragraph.text for paragraph in made.paragraphs] == [
        paper.title,
        "21. november 2026",
        paper.sections[0].heading,
        *paper.sections[0].paragraphs,
    ]
    assert [[cell.text for cell in row.cells] for row in made.tables[0].rows] == [
        [fact.label, fact.value] for fact in paper.facts
    ]
    section = made.sections[0]
    assert [paragraph.text for paragraph in section.header.paragraphs] == [
        f"{paper.number}\t{paper.classification}",
        paper.recipient,
    ]
    assert section.footer.paragraphs[0].text == paper.footer


@pytest.mark.parametrize(("language", "counted"), [("da", ["side ", " af "]), ("en", ["page ", " of "])])
def test_pages_are_counted_by_word_in_the_readers_language(language, counted):
    made = opened(docx.render(replace(papers.register_sheet(), language=language), None))

    last = made.sections[0].footer.paragraphs[-1]._p
    assert [piece.text for piece in last.iter(qn("w:t")) if piece.text] == counted
    assert [piece.text for piece in last.iter(qn("w:instrText"))] == [" PAGE ", " NUMPAGES "]
    spoken = {each.get(qn("w:val")) for each in made.styles.element.iter(qn("w:lang"))}
    assert spoken == {{"da": "da-DK", "en": "en-GB"}[language]}


def test_a_long_table_repeats_its_header_and_keeps_its_rows_whole():
    paper = papers.meeting_annex()

    table = opened(docx.render(paper, None)).tables[1]

    rows = table._tbl.findall(qn("w:tr"))
    assert [bool(list(row.iter(qn("w:tblHeader")))) for row in rows] == [True] + [False] * 25
    assert all(list(row.iter(qn("w:cantSplit"))) for row in rows)
    assert [cell.text for cell in table.rows[25].cells] == list(paper.sections[2].rows[-1])


def test_a_placeholder_that_word_cut_into_pieces_is_filled(tmp_path):
    own = template()
    cut = own.add_paragraph("Til: ")
    for piece, is_bold in (
        ("{", False),
        ("{ rec", True),
        ("ipient ", False),
        ("}} · nr. {{number", True),
        ("}}", False),
    ):
        cut.add_run(piece).bold = is_bold

    made = opened(docx.render(papers.register_sheet(), kept(own, tmp_path)))

    assert made.paragraphs[-1].text == "Til: Socialforvaltningen, Borgercenter Børn og Unge · nr. H-2026-0007"


def test_a_value_of_several_lines_keeps_them(tmp_path):
    paper = replace(papers.register_sheet(), recipient="SSP København\r\nRåd  og dåd")

    made = opened(docx.render(paper, kept(template(), tmp_path)))

    assert made.paragraphs[2].text == "SSP København\nRåd  og dåd"


def test_placeholders_in_a_table_and_a_text_box_are_filled(tmp_path):
    own = template()
    own.add_table(1, 1).cell(0, 0).text = "Nr. {{ number }}"
    box, inner, run, text = (OxmlElement(name) for name in ("w:txbxContent", "w:p", "w:r", "w:t"))
    text.text = "{{ classification }}"
    run.append(text)
    inner.append(run)
    box.append(inner)
    own.add_paragraph("Boks {{ title }}").runs[0]._r.append(box)

    made = opened(docx.render(papers.register_sheet(), kept(own, tmp_path)))

    assert made.tables[1].cell(0, 0).text == "Nr. H-2026-0007"
    assert words_of(made).endswith(f"Boks Henvisning: registerark{papers.CLASSIFICATION}")


@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=40))
def test_any_text_comes_out_as_it_was_written(text):
    paper = replace(
        papers.register_sheet(),
        title=text,
        facts=(Fact("her", text),),
        sections=(Section("her", (text,), ((text,),), (text,)),),
    )

    made = opened(docx.render(paper, None))

    wanted = lettered(paper).title
    found = [made.paragraphs[0].text, made.tables[0].cell(0, 1).text, made.paragraphs[3].text]
    assert [*found, *(row.cells[0].text for row in made.tables[1].rows)] == [wanted] * 5


def test_template_markup_in_a_value_stands_as_written(tmp_path):
    nasty = "{{ number }} {% for x in y %} {{ 1 + 1 }} <w:p/> &amp; {{ sections }}"
    paper = replace(papers.register_sheet(), title=nasty, recipient=nasty)

    made = opened(docx.render(paper, kept(template(), tmp_path)))

    assert (made.paragraphs[0].text, made.paragraphs[2].text) == (nasty, nasty)


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ("{{ cpr }}", "The template has a placeholder that does not exist: {{ cpr }}"),
        ("{{ number", "The template has a placeholder that is not whole: {{ number"),
        ("number }}", "The template has a placeholder that is not whole: number }}"),
        ("{% if x %}", "The template has a placeholder that is not whole: {% if x %}"),
        (
            "Her: {{ facts }}",
            "This placeholder must stand alone in a paragraph of the text itself: {{ facts }}",
        ),
    ],
)
def test_a_faulty_placeholder_is_named(added, said, tmp_path):
    own = template()
    own.add_paragraph(added)

    with pytest.raises(TemplateError) as fault:
        docx.render(papers.register_sheet(), kept(own, tmp_path))

    assert fault.value.said("en") == said


@pytest.mark.parametrize("name", [*PLACED, "facts", "sections"])
def test_a_template_that_leaves_out_what_must_be_shown_is_refused(name, tmp_path):
    own = template()
    for paragraph in (*own.paragraphs, *own.sections[0].header.paragraphs):
        paragraph.text = paragraph.text.replace(f"{{{{ {name} }}}}", "")

    with pytest.raises(TemplateError) as fault:
        docx.render(papers.register_sheet(), kept(own, tmp_path))

    assert fault.value.said("en") == f"The template lacks the placeholder {{{{ {name} }}}}"


def test_a_block_in_a_header_is_refused(tmp_path):
    own = template()
    own.sections[0].header.add_paragraph("{{ sections }}")

    assert fault_of(kept(own, tmp_path)) == (TemplateFault.CROWDED, "{{ sections }}")


def test_a_template_without_the_heading_style_is_refused(tmp_path):
    own = template()
    own.styles["Heading 2"].delete()

    assert fault_of(kept(own, tmp_path)) == (TemplateFault.UNSTYLED, "Heading 2")


def test_a_template_with_comments_is_refused(tmp_path):
    own = template()
    own.add_comment(own.paragraphs[0].runs, "Husk at spørge Bo", author="Lone")

    assert fault_of(kept(own, tmp_path)) == (TemplateFault.ANNOTATED, "")


def test_a_template_that_fetches_something_is_refused(tmp_path):
    own = template()
    own.part.relate_to("https://eksempel.invalid/logo.png", RELATIONSHIP_TYPE.IMAGE, is_external=True)

    assert fault_of(kept(own, tmp_path)) == (TemplateFault.LINKED, "")


@pytest.mark.parametrize("body", [b"", b"not a document"])
def test_a_file_that_is_no_document_is_refused(body, tmp_path):
    file = tmp_path / "skabelon.docx"
    file.write_bytes(body)

    assert fault_of(file) == (TemplateFault.UNREADABLE, "skabelon.docx")


def test_a_document_that_is_torn_is_refused(tmp_path):
    torn = tmp_path / "skabelon.docx"
    with zipfile.ZipFile(kept(template(), tmp_path)) as whole:
        bodies = {name: whole.read(name) for name in whole.namelist()}
    with zipfile.ZipFile(torn, "w") as file:
        for name, body in bodies.items():
            file.writestr(name, body[:500] if name == "word/document.xml" else body)

    assert fault_of(torn) == (TemplateFault.UNREADABLE, "skabelon.docx")


def test_a_template_that_is_missing_is_told(tmp_path):
    assert fault_of(tmp_path / "borte.docx") == (TemplateFault.UNREADABLE, "borte.docx")


def test_nothing_is_told_of_who_made_the_template(tmp_path):
    own = template()
    known = own.core_properties
    known.author = known.last_modified_by = known.comments = known.keywords = "Lone Sekretærsen"
    attached = own.settings.element
    attached.append(OxmlElement("w:attachedTemplate"))

    made = docx.render(papers.register_sheet(), kept(own, tmp_path))

    with zipfile.ZipFile(BytesIO(made)) as parts:
        bodies = {name: parts.read(name) for name in parts.namelist()}
        moments = {part.date_time for part in parts.infolist()}
    told = opened(made).core_properties
    assert not any(b"Lone" in body or b"attachedTemplate" in body for body in bodies.values())
    assert {name for name in bodies if name.startswith("docProps")} == {"docProps/core.xml"}
    assert moments == {(2026, 11, 21, 0, 0, 0)}
    assert (told.title, told.author, told.created, told.modified) == (
        "Henvisning: registerark",
        "",
        told.modified,
        told.created,
    )
    assert told.created is not None
    assert told.created.date() == papers.MADE_ON


def test_the_same_paper_gives_the_same_bytes():
    assert docx.render(papers.meeting_annex(), None) == docx.render(papers.meeting_annex(), None)


def test_a_paper_without_facts_has_no_table_for_them():
    made = opened(docx.render(replace(papers.register_sheet(), facts=()), None))

    assert made.tables == []


def test_a_paper_that_ends_in_a_table_can_be_opened_by_word():
    section = Section("Her", (), (("en", "to"),))
    made = opened(docx.render(replace(papers.register_sheet(), sections=(section,)), None))

    kinds = [child.tag.rpartition("}")[2] for child in made.element.body]
    assert kinds[-4:] == ["p", "tbl", "p", "sectPr"]
