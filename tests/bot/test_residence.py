import pytest

from bot.residence import PostcodeTable, PostcodeTableError, Residence, postcodes_in

TABLE = PostcodeTable.parse({
    Residence.COPENHAGEN: ["1000-1500", "1550-1799", "2100", "2150", "2400", "2450", "2700"],
    Residence.ELSEWHERE: ["1800-1809", "1811-1974"],
    Residence.SHARED: [
        "0000-0999", "1532-1533", "1810", "2000", "2200", "2300", "2500", "2610",
        "2720", "2770", "2860", "2900",
    ],
})  # fmt: skip


@pytest.mark.parametrize(
    ("postcode", "expected"),
    [
        ("1000", Residence.COPENHAGEN),
        ("1500", Residence.COPENHAGEN),
        ("1501", Residence.ELSEWHERE),
        ("1532", Residence.SHARED),
        ("1550", Residence.COPENHAGEN),
        ("1799", Residence.COPENHAGEN),
        ("1800", Residence.ELSEWHERE),
        ("1810", Residence.SHARED),
        ("1974", Residence.ELSEWHERE),
        ("2000", Residence.SHARED),
        ("2300", Residence.SHARED),
        ("2400", Residence.COPENHAGEN),
        (" DK-2400 ", Residence.COPENHAGEN),
        ("2650", Residence.ELSEWHERE),
        ("0800", Residence.SHARED),
        ("9990", Residence.ELSEWHERE),
        ("240", Residence.UNKNOWN),
        ("24000", Residence.UNKNOWN),
        ("", Residence.UNKNOWN),
        ("abcd", Residence.UNKNOWN),
    ],
)
def test_postcode_is_classified_by_the_table(postcode, expected):
    assert TABLE.classify(postcode) == expected


@pytest.mark.parametrize("text", ["", "21", "2100-2000", "2100-", "a"])
def test_table_with_an_unreadable_range_is_refused(text):
    with pytest.raises(PostcodeTableError):
        PostcodeTable.parse({Residence.SHARED: [text]})


def test_table_with_overlapping_ranges_is_refused():
    with pytest.raises(PostcodeTableError):
        PostcodeTable.parse({Residence.SHARED: ["2100"], Residence.COPENHAGEN: ["2000-2200"]})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("vi bor i 2650 Hvidovre.", ("2650",)),
        ("han bor i 2400, hun i 2300 København S, begge i 2400", ("2400", "2300")),
        ("⟦address⟧, 2400 København NV", ("2400",)),
        ("Opdigtetgade 4 2200 København N", ("2200",)),
        ("2000 Frederiksberg", ("2000",)),
        ("postnr. 2000", ("2000",)),
        ("DK-2100", ("2100",)),
        ("2400 nv", ("2400",)),
        ("lives in 2300 København S", ("2300",)),
        ("i 2010 og 2025 startede han", ()),
        ("kl. 1430 Hvidovre", ()),
        ("2400 kr. eller 2400 kroner", ()),
        ("sag 2010-1717, sag 2400", ()),
        ("2400 medarbejdere", ()),
        ("i 2400 timer", ()),
        ("2010-2014", ()),
        ("10.02.2026", ()),
        ("67 00 2400", ()),
        ("", ()),
    ],
)
def test_postcodes_are_found_and_other_numbers_left(text, expected):
    assert postcodes_in(text) == expected
