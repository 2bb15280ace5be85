"""The referral's table of fields, what two savings come to, and what leaves the house."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema
import pytest

from bot import cpr_doubts
from bot.configuration import Configuration
from bot.marks import mark_of
from bot.paper import Paper
from bot.referral_form import BY_NAME, FIELDS, Kind, Sheet, lacking
from bot.referral_papers import MAKERS, Recipient, Submitted, as_json
from bot.referral_schema import schema
from bot.referral_values import Origin, Saving, Value, merge, put, written
from tests.referring import WRITTEN

LONE, MIRA = UUID(int=1), UUID(int=2)
A_MESSAGE = UUID(int=3)
MATTER = ("behaviour", "protective", "wish", "urgency_reason")
ROOT = Path(__file__).parents[2]


def submitted(**said: str) -> Submitted:
    values = {name: Value(text, Origin.HAND, LONE) for name, text in {**WRITTEN, **said}.items()}
    return Submitted("R-2026-00001", 1, date(2026, 11, 16), values)


def paper(sheet: Sheet, rules: Configuration, language: str = "da", **said: str) -> Paper:
    to = Recipient("social", "consent")
    return MAKERS[sheet](submitted(**said), to, rules=rules, language=language, made_on=date(2026, 11, 17))


def words_of(made: Paper) -> str:
    parts = [fact.label + fact.value for fact in made.facts]
    for section in made.sections:
        parts += [section.heading, *section.paragraphs, *(" ".join(row) for row in section.rows)]
    return "\n".join(parts)


def test_the_register_sheet_says_who_and_nothing_of_the_matter(rules: Configuration) -> None:
    made = paper(Sheet.REGISTER_SHEET, rules)
    said = words_of(made)

    assert (made.number, made.recipient) == ("R-2026-00001", "Socialforvaltningen")
    assert [fact.value for fact in made.facts][1:] == [
        "Forebyggelse af kriminalitet, der udspringer af radikalisering",
        "Samtykke fra den, det handler om",
        "Høj",
        "1. december 2026",
    ]
    assert made.sections[0].rows == (("Navn", "Nord Opdigtesen"), ("CPR-nummer", "610190-0000"))
    assert [name for name in MATTER if WRITTEN[name] in said] == []


def test_the_meeting_annex_says_concern_and_protection_and_nothing_of_who(rules: Configuration) -> None:
    said = words_of(paper(Sheet.MEETING_ANNEX, rules))

    assert [name for name in MATTER if WRITTEN[name] in said] == list(MATTER)
    assert [name for name in ("name", "cpr", "told") if WRITTEN[name] in said] == []


def test_masks_stand_on_a_paper_in_its_readers_words(rules: Configuration) -> None:
    said = words_of(paper(Sheet.MEETING_ANNEX, rules, "en", behaviour="⟦name⟧ siger det"))

    assert "[NAME] siger det" in said


def test_what_is_who_goes_to_no_annex() -> None:
    in_annex = [field for field in FIELDS if Sheet.MEETING_ANNEX in field.goes_to]

    assert [field.name for field in in_annex if field.is_identity] == []


def test_the_published_schema_is_the_tables() -> None:
    kept = json.loads((ROOT / "docs/schema/referral.schema.json").read_text(encoding="utf-8"))

    assert kept == schema()


def test_a_submitted_referral_keeps_to_the_schema() -> None:
    jsonschema.validate(as_json(submitted()), schema(), cls=jsonschema.Draft202012Validator)


@pytest.mark.parametrize(
    "change",
    [
        {"considered": "found", "protective": ""},
        {"asked": "not_asked"},
        {"travel": "perhaps"},
        {"name": ""},
    ],
)
def test_what_is_not_whole_does_not_keep_to_the_schema(change: dict[str, str]) -> None:
    said: dict[str, Any] = as_json(submitted(**change))
    for part in ("matter", "identity"):
        said[part] = {name: one for name, one in said[part].items() if one["value"]}

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(said, schema(), cls=jsonschema.Draft202012Validator)


def test_protective_factors_must_be_considered_one_way_or_the_other() -> None:
    none_known = {**WRITTEN, "considered": "none", "protective": ""}

    assert lacking(WRITTEN) == lacking(none_known) == ()
    assert lacking({**WRITTEN, "considered": ""}) == (BY_NAME["considered"],)
    assert lacking({**WRITTEN, "protective": ""}) == (BY_NAME["protective"],)


def test_no_field_takes_anything_it_does_not_list() -> None:
    assert [f.name for f in FIELDS if f.kind is Kind.CHOICE and not (f.choices or f.listed_under)] == []
    assert not {"religion", "ethnicity", "ideology", "nationality", "score"} & set(BY_NAME)


def test_only_what_somebody_changed_is_taken_and_what_both_changed_clashes() -> None:
    theirs = {"wish": "hers", "event": "new"}
    standing = {name: Value(text, Origin.HAND, MIRA) for name, text in theirs.items()}
    fields = {"wish": "mine", "event": "old", "online": "mine too"}
    shown = {"wish": mark_of("old"), "event": mark_of("old"), "online": mark_of("")}
    merged = merge(standing, Saving(fields, shown), by=LONE)

    assert merged.clashes == {"wish": "mine"}
    assert {name: (one.text, one.by) for name, one in merged.values.items()} == {
        "wish": ("hers", MIRA),
        "event": ("new", MIRA),
        "online": ("mine too", LONE),
    }


def test_a_value_from_a_message_stays_so_when_it_is_rewritten() -> None:
    first = put(None, "Han siger det.", messages=(A_MESSAGE,), by=LONE)
    after = written(first, "Eleven siger det.", by=MIRA)

    assert (first.origin, first.is_rewritten) == (Origin.MESSAGE, False)
    assert (after.messages, after.is_rewritten, after.by) == ((A_MESSAGE,), True, MIRA)
    assert written(after, "", by=MIRA).messages == ()


@pytest.mark.parametrize(
    ("number", "doubt"),
    [
        ("010190-0000", None),
        ("0101900000", None),
        ("610190-0000", "replacement"),
        ("310290-0000", "date"),
        ("010130-4000", "date"),
        ("010190-AB00", "shape"),
        ("0101", "shape"),
    ],
)
def test_a_cpr_number_is_doubted_by_its_shape_and_date_never_by_its_check_digit(
    number: str, doubt: str | None
) -> None:
    assert cpr_doubts.doubt(number, today=date(2026, 11, 16)) == doubt
