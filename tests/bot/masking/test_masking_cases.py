import pytest

from bot.masking import Mask, Masked, Masker, localise
from tests.bot.masking.masking_cases import MASKER, masked

MASKED = [
    ("cpr 1203526004", "cpr [CPR]"),
    ("12 03 52 6004", "[CPR]"),
    ("12/03/52-6001", "[CPR]"),
    ("12.03.1952-6001", "[CPR]"),
    ("120352 - 6001", "[CPR]"),
    ("120352-\n6001", "[CPR]"),
    ("1 2 0 3 5 2 - 6 0 0 4", "[CPR]"),
    ("4️⃣ gange: 1️⃣2️⃣0️⃣3️⃣5️⃣2️⃣-6004 😀", "4️⃣ gange: [CPR] 😀"),
    ("2010171721", "[CPR]"),
    ("120352-xxxx", "[FØDSELSDATO]"),
    ("CVR 12345678", "CVR [TELEFON]"),
    ("tlf 670 00 001 tak", "tlf [TELEFON] tak"),
    ("mobil 6700 0001, 2200 København N", "mobil [TELEFON], 2200 København N"),
    ("call 070 123 45 67 please", "call [TELEFON] please"),
    ("0046 70 123 45 67", "[TELEFON]"),
    ("(+45) 67 00 00 01.", "[TELEFON]."),
    ("ring 116 111, ikke 67 000 001", "ring 116 111, ikke [TELEFON]"),
    ("41 74 90 90 67 00 00 01", "41 74 90 90 [TELEFON]"),
    ("Gl. Opdigtetvej 12, 3. tv, 1850 Frederiksberg", "[ADRESSE], 1850 Frederiksberg"),
    ("opdigtetgade 4b 2200 København N", "[ADRESSE] 2200 København N"),
    ("Opdigtet Alle\u0301 7B, 2400 Kbh", "[ADRESSE], 2400 Kbh"),
    ("lives at 12 Fiction Road, London", "lives at [ADRESSE], London"),
    ("født d. 12.03.2010, startede 20.11.2025", "født d. [FØDSELSDATO], startede 20.11.2025"),
    ("DOB: 12/03/2010", "DOB: [FØDSELSDATO]"),
    ("born on March 12, 2010 in", "born on [FØDSELSDATO] in"),
    ("bil ab12345, nummerplade XYZ 987", "bil [NUMMERPLADE], nummerplade [NUMMERPLADE]"),
    ("far+x@exämple.dk!", "[E-MAIL]!"),
    ("far (at) example (dot) org", "[E-MAIL]"),
    ("far snabel-a example punktum dk", "[E-MAIL]"),
    ("insta: nordopd, hans snap er nord_123", "insta: [BRUGERNAVN], hans snap er [BRUGERNAVN]"),
    ("t.me/abc_def og www.example.com/abc.", "[LINK] og [LINK]."),
    ("http://user@borger.dk/x", "[LINK]"),
    ("https://evil-kk.dk/abc", "[LINK]"),
    ("Min søn, som er 17, hedder Nord og går", "Min søn, som er 17, hedder [NAVN] og går"),
    ("eleven hedder Nord Opdigtesen-Frantz.", "eleven hedder [NAVN]."),
    ("his name is Sander von Fiction and he", "his name is [NAVN] and he"),
    ("en dreng ved navn Ali al-Opdigt, som", "en dreng ved navn [NAVN], som"),
    ("mit navn er Karen O’Fictional", "mit navn er [NAVN]"),
    ("jeg hedder karen", "jeg hedder [NAVN]"),
    ("HAN HEDDER NORD OPDIGTESEN OG BOR", "HAN HEDDER [NAVN] OG BOR"),
    ("Han hedder Nord og Mira", "Han hedder [NAVN] og [NAVN]"),
    ("a boy named Sander Fictionsen", "a boy named [NAVN]"),
    ("he is called Sander", "he is called [NAVN]"),
    ("min bror Nord Opdigtesen er 25", "min bror [NAVN] er 25"),
]
KEPT = [
    "Gruppen hedder Nordfront, og skolen hedder Opdigtet Skole",
    "the group is called Iron Wolf",
    "a group named Iron Wolf",
    "gruppen, han er med i, hedder Jernulven",
    "min søns skole hedder Fiktiv Skole",
    "Hvad hedder han? Det ved jeg ikke",
    "ring 14.30-16.00 eller den 20.11.2025",
    "sagsnummer 2010-171721",
    "25.000.000 kr. og 25 000 000 kroner, ca 12 345 kr",
    "på vej 2 gange, fra 2010 til 2014",
    "se https://www.borger.dk/underretning og kk.dk",
    "ring til +45 41 74 90 90 i dag",
    "han er født i 2010",
    "2026-02-03T14:30, 9. klasse, § 115",
    "1 2 3 4 5 6 7 8 9",
]


@pytest.mark.parametrize(("written", "expected"), MASKED)
def test_personal_data_is_masked(written, expected):
    assert masked(written) == expected


@pytest.mark.parametrize("written", KEPT)
def test_text_without_personal_data_is_unchanged(written):
    assert masked(written) == written


def test_result_names_the_classes_found():
    assert MASKER.mask("cpr 120352-6004, @example_handle") == Masked(
        "cpr ⟦cpr⟧, ⟦handle⟧", frozenset({Mask.CPR, Mask.HANDLE})
    )


def test_brackets_typed_by_a_writer_become_ordinary_ones():
    assert masked("⟦ 120352-6004 ⟧ ⟦foo⟧ ⟦⟦cpr⟧⟧") == "[ [CPR] ] [foo] [[CPR]]"


def test_number_that_is_public_elsewhere_is_masked_without_configuration():
    bare = Masker(public_numbers=(), public_hosts=())

    assert bare.mask("41 74 90 90 https://kk.dk/a").text == "⟦phone⟧ ⟦link⟧"


def test_localised_word_is_not_read_as_a_token_again():
    assert localise("⟦cpr⟧", {Mask.CPR: "⟦name⟧", Mask.NAME: "x"}) == "⟦name⟧"


def test_token_without_a_word_stays():
    assert localise("⟦cpr⟧", {}) == "⟦cpr⟧"
