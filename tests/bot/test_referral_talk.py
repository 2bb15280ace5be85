"""A message falls into the sentences that somebody would tick one by one."""

from __future__ import annotations

import pytest

from bot.referral_talk import sentences


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Han er 15. Hun er 12.", ["Han er 15.", "Hun er 12."]),
        (
            "Jeg er bekymret for en dreng i min 10. klasse. Han siger intet.",
            ["Jeg er bekymret for en dreng i min 10. klasse.", "Han siger intet."],
        ),
        (
            "Det var den 3. december! Hvad nu?\nIngen ved det",
            ["Det var den 3. december!", "Hvad nu?", "Ingen ved det"],
        ),
    ],
)
def test_a_text_is_split_at_the_ends_of_its_sentences(text: str, found: list[str]) -> None:
    assert sentences(text) == found
