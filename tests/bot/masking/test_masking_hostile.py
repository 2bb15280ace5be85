from time import process_time

import pytest

from bot.masking.folding import THEMSELVES, plain
from tests.bot.masking.masking_cases import MASKER

SIZE = 20_000
GROWTH = 5
#: Twice as linear would be: five times the input may take at most ten times as long.
ALLOWED = GROWTH * 2
UNITS = [
    "1", "1 ", "12 ", "12.", "12-", "1203526004", "120352-", "67 00 00 01 ", "+", "+45", "00", "a",
    "a.", "a@", "@", "@a", "a-", "www.", "http://", "a/", "a:", "_", "a_", "æ", "Aa ", "A ",
    "han hedder ", "hedder hedder ", "navn er ", "named ", "min søn ", "bor på ", "Vej ", "Vej 1 ",
    "Allé 7, st. ", "født ", "født 1", "tlf ", "snap:", "⟦", "⟧", "⟦cpr⟧", "\u200b", "\u0301", "１",
    "(", "\n", " ", ". ", "plade a", "mvh ", "x (at) ", "a's ", "hedder Aa og ",
]  # fmt: skip


def spent(text):
    begun = process_time()
    MASKER.mask(text)
    return process_time() - begun


@pytest.mark.parametrize("unit", UNITS)
def test_time_grows_with_the_size_of_hostile_input(unit):
    small = (unit * SIZE)[:SIZE]
    large = (unit * SIZE * GROWTH)[: SIZE * GROWTH]

    allowed = ALLOWED * max(min(spent(small) for _ in range(3)), 0.002)

    assert any(spent(large) < allowed for _ in range(3))


def test_what_the_view_leaves_out_of_account_is_its_own_view() -> None:
    assert [code for skipped in THEMSELVES for code in skipped if plain(chr(code)) != chr(code)] == []
