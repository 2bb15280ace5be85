"""Words a person marks: found as whole words, however they are written, and nothing beside them."""

from __future__ import annotations

import pytest

from bot.masking import Mask, NotToBeMaskedError
from bot.masking.by_hand import pattern_of, replace


@pytest.mark.parametrize(
    ("words", "mask", "text", "expected"),
    [
        ("Opdigtesen", Mask.NAME, "OPDIGTESEN og opdigtesen.", "⟦name⟧ og ⟦name⟧."),
        ("Opdigtesen", Mask.NAME, "Opdigtesens mor, Opdigtesen's far", "⟦name⟧ mor, ⟦name⟧ far"),
        ("Ali", Mask.NAME, "Ali er her. Alibi, Italien, vitali.", "⟦name⟧ er her. Alibi, Italien, vitali."),
        ("Nord  Opdigtesen", Mask.NAME, "Nord\nOpdigtesen", "⟦name⟧"),
        ("Øster Å", Mask.ADDRESS, "bor ved Øster A\u030a nu", "bor ved ⟦address⟧ nu"),
        ("67000004", Mask.PHONE, "67 00 00 04, 6700-0004", "⟦phone⟧, ⟦phone⟧"),
        ("67000004", Mask.PHONE, "167000004", "167000004"),
        ("010752 6004", Mask.CPR, "010752-6004", "⟦cpr⟧"),
        ("den røde bil (stor)", Mask.OTHER, "Den røde bil (stor) kom", "⟦other⟧ kom"),
        ("name", Mask.OTHER, "⟦name⟧ og name", "⟦name⟧ og ⟦other⟧"),
        (".*", Mask.OTHER, "alt", None),
        ("x", Mask.OTHER, "x", None),
        ("⟦name⟧", Mask.NAME, "⟦name⟧", None),
        ("a" * 201, Mask.NAME, "a", None),
    ],
)  # fmt: skip
def test_marked_words_are_masked_and_nothing_beside_them(
    words: str, mask: Mask, text: str, expected: str | None
) -> None:
    if expected is None:
        with pytest.raises(NotToBeMaskedError):
            pattern_of(words, mask)
    else:
        masked, places = replace(text, pattern_of(words, mask), mask)
        assert masked == expected
        assert places == expected.count(mask.token) - text.count(mask.token)
