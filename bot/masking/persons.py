"""Words by which a sentence says that it speaks of a person, or of something that is none.

``han hedder`` and ``min storebror hedder`` introduce a person's name, ``gruppen hedder`` does not
(DOMAIN.md, "Personal data in free text").
"""

import re
from enum import Enum, auto

from bot.masking.wordlists import words

PRONOUNS = words("""
    han hun hen jeg du vi de he she they we you
""")
_RELATIVES = frozenset({"der", "som", "who", "that", "også", "vist", "nok", "vistnok", "egentlig", "also"})

_PERSON_ENDINGS = tuple(
    words("""
    bror broren broder brødre brødrene søster søsteren søstre søstrene søn sønnen sønner datter
    datteren døtre dreng drengen drenge drengene pige pigen piger pigerne elev eleven elever eleverne
    mand manden mænd kvinde kvinden ven vennen venner veninde veninden fyr fyren lærer læreren
    kammerat kammeraten kammerater kollega kollegaen barn barnet børn børnene fætter fætteren kusine
    kusinen faren faderen moren moderen onkel tante forælder forældre forældrene unge chef chefen
    leder lederen kæreste kæresten kone borger borgeren beboer beboeren klient klienten patient
    patienten studerende nabo naboen formand formanden træner træneren imam imamen præst præsten
    vejleder pædagog pædagogen bekendt niece nevø person personen lærling lærlingen praktikant
    medarbejder medarbejderen årig årige teenager tvilling stedfar stedmor bedstefar bedstemor
    storebror mor farfar morfar mormor farmor kontaktperson knægt knægten gut gutten svoger svigerinde
    deltager deltageren kunde kunden rekrutterer lillebror brother sister daughter cousin friend
    boyfriend girlfriend pupil student teacher colleague father mother uncle aunt nephew husband wife
    neighbour neighbor client child children parent resident classmate brothers sisters daughters
    cousins friends pupils students flatmate roommate coach
""")
)
_PERSONS = frozenset(_PERSON_ENDINGS) | words("""
    far ham hende ung en hans boy girl man woman son guy kid boys girls men sons lad bloke mum mom dad
    boss partner person someone somebody him her one nogen vedkommende imam stepson grandson tenant
""")
_THING_ENDINGS = tuple(
    words("""
    gruppe gruppen grupper skole skolen klub klubben forening foreningen parti partiet kanal kanalen
    hjemmeside hjemmesiden siden film filmen bogen sang sangen spil spillet app appen organisation
    organisationen bevægelse bevægelsen moské moskeen moskéen virksomhed virksomheden firma firmaet
    projekt projektet butik butikken sted stedet hund hunden kat katten program programmet server
    serveren bandet band bandegruppe gade gaden bydel bydelen forum forummet chat chatten tråd tråden
    avis avisen netværk netværket fagforening kommune kommunen blog bloggen video videoen konto
    kontoen institution institutionen klasse klassen bande banden boligforening podcast magasin
    menighed menigheden group groups school club channel party place company page game movement
    organization mosque town village street book song website site project gang account platform
    thread network community church shop store newspaper magazine profile militia cell training kursus
    kurset forløb forløbet
""")
)
_THINGS = frozenset(_THING_ENDINGS) | words("""
    by byen bog ord city dog cat thing something noget det den it this series brand mobile phone
    profil profilen
""")
_FROM = frozenset({"fra", "from", "of", "af", "hos"})
_IN = frozenset({"i", "på", "in", "at", "ved", "til", "the", "our", "vores"})
_WORD = re.compile(r"[^\W\d_][\w'-]*|\d+-årige?")
_SENTENCE_END = re.compile(r"[!?\n;]|\.(?= +[^\W\d_])")


class Subject(Enum):
    """What the words before a naming verb speak of."""

    PERSON = auto()
    THING = auto()
    UNSAID = auto()


def subject_before(lowered: str, end: int, *, reach: int = 70) -> Subject:
    """What the clause up to ``end`` speaks of: a pronoun right before, else the nearest telling noun."""
    clause = lowered[max(0, end - reach) : end]
    sentence = 0
    for stop in _SENTENCE_END.finditer(clause):
        sentence = stop.end()
    said = _WORD.findall(clause, sentence)
    passed_over = _FROM | _IN
    while said and said[-1] in _RELATIVES:
        said.pop()
        passed_over = _FROM
    if said and said[-1] in PRONOUNS:
        return Subject.PERSON
    for position in range(len(said) - 1, -1, -1):
        kind = _kind(said[position])
        if kind is Subject.THING and position and said[position - 1] in passed_over:
            continue
        if kind is not Subject.UNSAID:
            return kind
    return Subject.UNSAID


def owner_is_person(genitive: str) -> bool:
    """Whether the owner of a name is a person: *elevens*, *my brother's*, but not *gruppens*."""
    forms = (genitive, genitive.removesuffix("s"), genitive.removesuffix("'s"), genitive.removesuffix("'"))
    return any(_kind(form) is Subject.PERSON for form in forms)


def _kind(word: str) -> Subject:
    word = word.removesuffix("'s")
    if word in _PERSONS:
        return Subject.PERSON
    if word in _THINGS or word.endswith(_THING_ENDINGS):
        return Subject.THING
    if word.endswith(_PERSON_ENDINGS):
        return Subject.PERSON
    return Subject.UNSAID
