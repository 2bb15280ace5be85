"""The masker as the hotline configures it, the Danish words for its tokens, and the copied vectors."""

import json
from pathlib import Path

from bot.masking import Mask, Masker, localise

WORDS = {
    Mask.CPR: "[CPR]",
    Mask.PHONE: "[TELEFON]",
    Mask.ADDRESS: "[ADRESSE]",
    Mask.EMAIL: "[E-MAIL]",
    Mask.HANDLE: "[BRUGERNAVN]",
    Mask.LINK: "[LINK]",
    Mask.PLATE: "[NUMMERPLADE]",
    Mask.BIRTH_DATE: "[FØDSELSDATO]",
    Mask.NAME: "[NAVN]",
}
MASKER = Masker(
    public_numbers=["112", "114", "41 74 90 90", "+45 33 17 29 29", "116 111", "70 201 201", "1813"],
    public_hosts=["borger.dk", "kk.dk"],
)
VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))


def masked(text: str) -> str:
    return localise(MASKER.mask(text).text, WORDS)
