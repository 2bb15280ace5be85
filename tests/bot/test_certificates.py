"""How long papers hold, what they are needed for, and which postcodes lie in a district."""

from __future__ import annotations

from datetime import date

import pytest

from bot import certificates, districts
from bot.certificates import Standing
from bot.enquiries import may_involve_child
from bot.sections import PanelSection
from storage.models import Enquiry, Person

RULES = PanelSection(certificate_days=730, certificate_warning_days=60)
MADE_OUT = date(2025, 1, 1)  # holds through 1 January 2027


@pytest.mark.parametrize(
    ("today", "stands", "is_cleared"),
    [
        (date(2026, 11, 1), Standing.HELD, True),
        (date(2026, 11, 2), Standing.ENDS_SOON, True),
        (date(2027, 1, 1), Standing.ENDS_SOON, True),
        (date(2027, 1, 2), Standing.ENDED, False),
    ],
)
def test_a_certificate_holds_through_its_last_day(today: date, stands: Standing, is_cleared: bool) -> None:
    found = certificates.of(Person(certificate_on=MADE_OUT), RULES, today)

    assert (found.certificate, found.last_day) == (stands, date(2027, 1, 1))
    assert certificates.is_cleared(MADE_OUT, RULES, today) is is_cleared


def test_a_certificate_that_is_not_required_is_not_missed() -> None:
    rules = PanelSection(certificate_required=False)

    assert certificates.of(Person(), rules, MADE_OUT).certificate is Standing.HELD
    assert certificates.is_cleared(None, rules, MADE_OUT)
    assert not certificates.is_cleared(None, RULES, MADE_OUT)


def test_a_certificate_without_end_holds_for_ever() -> None:
    rules = PanelSection(certificate_days=0)

    assert certificates.of(Person(certificate_on=MADE_OUT), rules, date(2090, 1, 1)).last_day is None
    assert certificates.is_cleared(MADE_OUT, rules, date(2090, 1, 1))


@pytest.mark.parametrize(
    ("answers", "may"),
    [
        ({"role": "professional", "age": "under15"}, True),
        ({"role": "self", "age": "under15", "writer": "minor"}, True),
        ({"role": "self", "age": "15-17", "writer": "minor"}, False),
        ({"role": "relative", "age": "18-24", "writer": "minor"}, True),
        ({"role": "self", "writer": "minor"}, True),
        ({"role": "professional", "age": "15-17"}, False),
        ({"role": "professional", "age": "unknown"}, False),
        ({"role": "professional", "age": "skipped"}, False),
        ({}, False),
    ],
)
def test_a_case_may_involve_a_child_by_what_was_told_and_not_by_what_was_not(
    answers: dict[str, str], may: bool
) -> None:
    assert may_involve_child(Enquiry(**answers)) is may


def test_districts_are_read_in_one_form_and_what_is_none_is_named() -> None:
    assert districts.parse(" 2450; 2400 - 2405,2450\n2200-2200 ") == (["2200", "2400-2405", "2450"], [])
    assert districts.parse("220 2500-2400 her 2100") == (["2100"], ["220", "2500-2400", "her"])
    assert districts.parse("") == ([], [])


@pytest.mark.parametrize(
    ("postcode", "is_within"),
    [("2400", True), ("2405", True), ("2406", False), ("2450", True), (None, False)],
)
def test_a_postcode_lies_in_a_district_or_it_does_not(postcode: str | None, is_within: bool) -> None:
    assert districts.holds(["2400-2405", "2450"], postcode) is is_within
