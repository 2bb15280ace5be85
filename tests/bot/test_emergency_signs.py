import json
from pathlib import Path

import pytest

from bot.emergency_signs import EmergencyWords, shows_emergency

LINES = json.loads((Path(__file__).parent / "masking" / "vectors.json").read_text(encoding="utf-8"))[
    "conversations"
]
WORDS = EmergencyWords(
    phrases=(
        "slå ham ihjel nu", "vil slå ihjel", "vil slå nogen ihjel", "vil slå folk ihjel",
        "vil slå ham ihjel", "vil slå hende ihjel", "vil slå dem ihjel", "vil slå mig ihjel",
        "vil slå sig selv ihjel", "truer med at slå", "truer mig med", "truer os med", "vil dræbe",
        "skal dræbe", "vil skyde", "vil begå et drab", "vil sprænge", "har en bombe",
        "har lavet en bombe", "er ved at lave en bombe", "bygger en bombe", "med en kniv i hånden",
        "trukket en kniv", "tage mit eget liv", "tager mit eget liv", "tage sit eget liv",
        "tager sit eget liv", "tage sit liv", "tage livet af mig", "tage livet af sig",
        "tager livet af sig", "begå selvmord nu", "selvmord nu", "vil begå selvmord",
        "vil ikke leve mere", "vil ikke leve længere", "gøre en ende på det hele", "er bevæbnet",
        "holder os som gidsler", "going to kill", "gonna kill", "will kill", "wants to kill",
        "want to kill", "threatened to kill", "threatens to kill", "threatening to kill",
        "going to shoot", "gonna shoot", "wants to shoot", "going to stab", "going to bomb",
        "going to blow up", "has a bomb", "have a bomb", "building a bomb", "made a bomb",
        "kill myself", "kill himself", "kill herself", "killing myself", "end my life", "end his life",
        "end her life", "take my own life", "take his own life", "take her own life",
        "commit suicide now", "suicide now", "want to die tonight", "is armed", "pulled a knife",
        "pulled a gun",
    ),
    objects=(
        "kniv", "pistol", "gevær", "våben", "våbn", "økse", "machete", "bombe", "sprængstof", "granat",
        "attentat", "massakre", "selvmord", "molotovcocktail", "=skyde", "=skyder", "=skudt",
        "=skyderi", "=drab", "=drabet", "=dræbe", "=dræber", "=ihjel", "=angreb", "=angribe",
        "=likvidere", "knife", "knives", "gun", "=rifle", "shotgun", "weapon", "axe", "=bomb",
        "=bombs", "explosive", "grenade", "=shoot", "=shooting", "=stabbing", "=kill", "=killing",
        "=murder", "=attack", "=massacre", "=suicide",
    ),
    soon=(
        "i dag", "i aften", "i nat", "i morgen", "imorgen", "iaften", "idag", "inat", "lige nu",
        "om lidt", "nu her", "om en time", "om få timer", "inden i morgen", "på vej derhen",
        "på vej hen", "i eftermiddag", "i formiddag", "i weekenden", "på mandag", "på tirsdag",
        "på onsdag", "på torsdag", "på fredag", "på lørdag", "på søndag", "today", "tonight",
        "tomorrow", "right now", "this morning", "this afternoon", "this evening", "in an hour",
        "in a few hours", "on his way", "on her way", "on my way", "this weekend", "on monday",
        "on tuesday", "on wednesday", "on thursday", "on friday", "on saturday", "on sunday",
    ),
)  # fmt: skip


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
