"""A paper as a PDF: everything as it was written, for eyes, for screen readers and for a second reader."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdf.generic import StreamObject

from bot.paper import Fact, Paper, Section
from handlers.papers import pdf
from tests import sample_papers as papers

MARKUP = "#[]{}()*_`$@<>\\/~-=+\"'&%|^.:;,"
WRITTEN = st.text(alphabet=MARKUP + "abz Æøå19§»«–…", max_size=30)
ANYTHING = st.text(max_size=40)

needs_poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None and os.environ.get("CI") != "true",
    reason="NOT TESTED: poppler-utils is missing, so no second reader has opened the papers.",
)


def read(made: bytes) -> PdfReader:
    return PdfReader(BytesIO(made))


def words_of(made: bytes) -> str:
    return "\n".join(page.extract_text() for page in read(made).pages)


def packed(text: str) -> str:
    return re.sub(r"\s", "", text)


def poppler(tool: str, made: bytes, tmp_path: Path, *options: str) -> str:
    file = tmp_path / "paper.pdf"
    file.write_bytes(made)
    done = subprocess.run([tool, *options, str(file), "-"], capture_output=True, text=True, check=True)
    return done.stdout


def saying(text: str) -> Paper:
    return Paper(
        "da", "Prøve", "H-1", "Internt", "Bo", (), (Section("Her", (f"→{text}←",)),), "", papers.MADE_ON
    )


@settings(max_examples=60, deadline=None)
@given(text=WRITTEN)
def test_a_text_full_of_markup_comes_out_as_it_was_written(text):
    made = packed(words_of(pdf.render(saying(text))))

    assert re.findall("→(.*)←", made) == [packed(text)]


@settings(max_examples=40, deadline=None)
@given(text=ANYTHING)
def test_any_text_at_all_makes_a_paper(text):
    assert len(read(pdf.render(saying(text))).pages) == 1


def test_markup_in_every_field_stands_as_written():
    nasty = '#panic() *x* $1$ \\u{41} "{page}'
    paper = Paper(
        language="da",
        title=nasty,
        number=nasty,
        classification=nasty,
        recipient=nasty,
        facts=(Fact(nasty, nasty),),
        sections=(Section(nasty, (nasty,), ((nasty,),), (nasty,)),),
        footer=nasty,
        made_on=papers.MADE_ON,
    )

    assert packed(words_of(pdf.render(paper))).count(packed(nasty)) == 11


def test_a_character_without_a_font_stands_as_its_number():
    assert "→ᚠ←" not in words_of(pdf.render(saying("ᚠ")))
    assert "→[U+16A0]←" in words_of(pdf.render(saying("ᚠ")))


def test_what_turns_or_hides_words_stands_as_its_number():
    made = packed(words_of(pdf.render(saying("a\u202eb\x07c"))))

    assert "→a[U+202E]b[U+0007]c←" in made


def test_a_fault_while_setting_tells_nothing_of_the_paper(monkeypatch):
    monkeypatch.setattr(pdf, "_without_font", lambda diagnostic: set())

    with pytest.raises(pdf.PaperNotMadeError) as fault:
        pdf.render(saying("Nord Opdigtesen ᚠ"))

    assert (str(fault.value), fault.value.__cause__, fault.value.__context__) == ("", None, None)


def test_what_the_file_tells_of_itself():
    made = read(pdf.render(papers.register_sheet()))

    told = {name: str(value) for name, value in (made.metadata or {}).items()}
    assert told == {
        "/Title": "Henvisning: registerark",
        "/Creator": told["/Creator"],
        "/CreationDate": "D:20261121000000Z",
        "/ModDate": "D:20261121000000Z",
    }
    assert re.fullmatch(r"Typst \d+\.\d+\.\d+", told["/Creator"])
    xmp = cast("StreamObject", made.root_object["/Metadata"]).get_data().decode()
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert "/work" not in xmp


@pytest.mark.parametrize("language", ["da", "en"])
def test_the_file_is_tagged_in_the_readers_language(language):
    root = read(pdf.render(replace(papers.register_sheet(), language=language))).root_object

    assert (root["/Lang"], root["/MarkInfo"]["/Marked"], root["/ViewerPreferences"]["/DisplayDocTitle"]) == (
        language,
        True,
        True,
    )


def test_each_page_bears_number_recipient_classification_and_its_place():
    paper = papers.meeting_annex()
    pages = [page.extract_text() for page in read(pdf.render(paper)).pages]

    assert len(pages) == 3
    for number, page in enumerate(pages, 1):
        for words in (paper.number, paper.recipient, paper.classification, f"side {number} af 3"):
            assert page.count(words) == 1


def test_headings_can_be_jumped_to():
    paper = papers.meeting_annex()

    outline = read(pdf.render(paper)).outline

    assert [str(entry["/Title"]) for entry in outline] == [section.heading for section in paper.sections]


def test_a_table_that_goes_on_repeats_its_header():
    first, second, _ = (page.extract_text() for page in read(pdf.render(papers.meeting_annex())).pages)

    assert (first.count("Set af"), second.count("Set af")) == (1, 1)


def test_the_same_paper_gives_the_same_bytes():
    assert pdf.render(papers.register_sheet()) == pdf.render(papers.register_sheet())


def test_an_english_paper_is_dated_and_counted_in_english():
    paper = replace(papers.register_sheet(), language="en", made_on=date(2026, 12, 1))

    made = words_of(pdf.render(paper))

    assert "1 December 2026" in made
    assert "page 1 of 1" in made


def test_rows_of_unequal_length_are_filled_up():
    section = Section("Skæv", (), (("en",), ("to", "tre", "fire")), ("A", "B"))

    made = words_of(pdf.render(replace(papers.register_sheet(), sections=(section,))))

    assert [word for word in made.split() if word in {"en", "to", "tre", "fire"}][-4:] == [
        "en",
        "to",
        "tre",
        "fire",
    ]


@needs_poppler
def test_a_second_reader_finds_the_words_in_their_order(tmp_path):
    paper = papers.register_sheet()

    made = packed(poppler("pdftotext", pdf.render(paper), tmp_path))

    wanted = [paper.title, "21. november 2026"]
    wanted += [part for fact in paper.facts for part in (fact.label, fact.value)]
    wanted += [part for section in paper.sections for part in (section.heading, *section.paragraphs)]
    found = [made.find(packed(words)) for words in wanted]
    assert -1 not in found
    assert found == sorted(found)


@needs_poppler
@pytest.mark.parametrize("paper", [papers.register_sheet, papers.meeting_annex, papers.danish_letters])
def test_nothing_runs_out_of_the_page(paper, tmp_path):
    """The right edge of every word, in points, as a second reader measures it."""
    made = poppler("pdftotext", pdf.render(paper()), tmp_path, "-bbox")

    edges = [float(edge) for edge in re.findall(r'xMax="([\d.]+)"', made)]
    assert len(edges) > 50
    assert max(edges) <= 595.28 - 26 / 25.4 * 72 + 1


@needs_poppler
def test_headings_and_table_headers_are_told_to_a_screen_reader(tmp_path):
    file = tmp_path / "paper.pdf"
    file.write_bytes(pdf.render(papers.meeting_annex()))

    told = subprocess.run(["pdfinfo", "-struct", str(file)], capture_output=True, check=True).stdout

    kinds = [line.split()[0] for line in told.splitlines() if line.strip()]
    assert [kinds.count(kind) for kind in (b"H1", b"TH", b"TR")] == [4, 3, 26]
