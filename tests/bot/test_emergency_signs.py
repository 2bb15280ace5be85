import json
from pathlib import Path

import pytest

from bot.configuration import read_configuration
from bot.emergency_signs import EmergencyWords, shows_emergency

LINES = json.loads((Path(__file__).parent / "masking" / "vectors.json").read_text(encoding="utf-8"))[
    "conversations"
]
WORDS = read_configuration(Path(__file__).parents[2] / "hotline.toml").signs


@pytest.mark.parametrize("line", LINES, ids=lambda line: line["conversation"] + line["written"][:12])
def test_conversation_shows_the_card_only_for_the_acute_threat(line):
    is_acute = line["conversation"] == "C03" and "kniv" in line["written"]

    assert shows_emergency(line["written"], WORDS) is is_acute
    assert shows_emergency(line["masked"], WORDS) is is_acute


@pytest.mark.parametrize(
    "text",
    [
        "Han vil slå ihjel i morgen",
        "HAN TAGER EN KØKKENKNIVEN MED I SKOLE I MORGEN",
        "koekkenkniv ... i aften!",
        "han siger han vil skyde dem",
        "der er en bombe, og det sker i dag",
        "selvmord nu",
        "jeg vil tage mit\neget liv",
        "He talks about suicide, tonight.",
        "he's going to kill them",
        "drab i nat",
        "han slaar hende ihjel i aften",
        "i morgen tager han va\u030abnet med",
        "knivene er pakket til i\u00a0morgen",
        "Han er på vej mod skolen med en kniv",
        "De er på vej ind til byen og har våben med",
        "they are on their way with a gun",
        "Jeg har fundet noget i en elevs taske, tror det er en pistol",
        "han har en kniv med i skole",
        "he brought a knife to school",
    ],
)
def test_acute_words_show_the_card(text):
    assert shows_emergency(text, WORDS)


@pytest.mark.parametrize(
    "text",
    [
        "Han rejser i aften til Syrien",
        "Han viste mig en kniv sidste år",
        "Kan I ringe i morgen?",
        "Politiet er på vej herhen",
        "Han taler om at skaffe et våben",
        "Vi har et kursus i forebyggelse af selvmord til foråret",
        "she has begun today",
        "han slås med politiet",
        "a new stable job tomorrow",
        "Vi må udskyde mødet til i morgen",
        "skills training tomorrow, and the staben meets",
        "",
    ],
)
def test_other_words_do_not_show_the_card(text):
    assert not shows_emergency(text, WORDS)


def test_empty_lists_show_nothing():
    assert not shows_emergency("kniv i morgen", EmergencyWords(phrases=(), objects=(), soon=()))
