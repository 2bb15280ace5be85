from hypothesis import given
from hypothesis import strategies as st

from bot.masking import Mask, localise
from tests.bot.masking.masking_cases import MASKER, VECTORS, WORDS, masked

FRAGMENTS = st.sampled_from([
    *(vector["written"] for vector in VECTORS["must_mask"]), *VECTORS["must_keep"],
    "han hedder", "Nord Opdigtesen", "my name is", "født", "tlf", "⟦cpr⟧", "⟦", "⟧", "cpr", "name", "+", "00",
    "(", "https://", "t.me/", "@", ".dk", "\u200b", "\u0301", "－", "٣", "kr", "og", ",", ".", "\n",
    "hans snap:", "bor på",
])  # fmt: skip
MESSAGES = st.lists(FRAGMENTS | st.text(max_size=6), max_size=14).flatmap(
    lambda parts: st.sampled_from(["", " "]).map(lambda gap: gap.join(parts))
)
DATE_SEPARATORS = st.sampled_from(["", " ", ".", "-", "/"])
SERIAL_HYPHENS = st.sampled_from(["-", " - ", "–", "—", "‑", "−", "－"])
DIGIT_SIGNS = st.sampled_from(["0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"])
SURROUNDINGS = st.text(max_size=30) | MESSAGES


@st.composite
def cpr_numbers(draw):
    day = draw(st.integers(1, 31)) + draw(st.sampled_from([0, 60]))
    month, year, serial = draw(st.integers(1, 12)), draw(st.integers(0, 99)), draw(st.integers(0, 9999))
    separator = draw(DATE_SEPARATORS)
    before_serial = draw(SERIAL_HYPHENS | st.just(separator) | st.just(" "))
    written = separator.join(f"{part:02}" for part in (day, month, year)) + before_serial + f"{serial:04}"
    return written.translate(str.maketrans("0123456789", draw(DIGIT_SIGNS)))


@given(MESSAGES)
def test_masking_a_masked_text_changes_nothing(text):
    once = MASKER.mask(text).text

    assert MASKER.mask(once).text == once
    assert MASKER.mask(once).found == frozenset()


@given(st.text())
def test_masking_arbitrary_text_never_raises_and_is_idempotent(text):
    once = MASKER.mask(text).text

    assert MASKER.mask(once).text == once


@given(SURROUNDINGS, cpr_numbers(), SURROUNDINGS)
def test_cpr_in_any_form_and_surroundings_is_gone(before, cpr, after):
    result = MASKER.mask(f"{before} Q{cpr}Q {after}").text

    assert f"Q{cpr}" not in result
    assert cpr[-4:] + "Q" not in result


@given(st.integers(0, 3), cpr_numbers())
def test_cpr_with_invisible_signs_between_its_digits_is_gone(width, cpr):
    assert masked(("\u200b" * width).join(cpr)) == "[CPR]"


@given(st.lists(st.sampled_from(VECTORS["must_keep"]), min_size=1, max_size=6))
def test_what_must_survive_is_kept_in_any_company(parts):
    text = "; ".join(parts)

    assert masked(text) == text


@given(MESSAGES)
def test_brackets_of_the_tokens_stand_only_in_whole_tokens(text):
    result = localise(MASKER.mask(text).text, WORDS)

    assert "⟦" not in result
    assert "⟧" not in result


@given(st.sampled_from(list(Mask)))
def test_token_typed_by_a_writer_is_no_find(mask):
    assert MASKER.mask(mask.token).found == frozenset()
