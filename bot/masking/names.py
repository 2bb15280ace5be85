"""Names of people, after words that announce one; names without such a word are for people to catch.

The announcing words are those of DOMAIN.md, "Personal data in free text": *han hedder*, *hendes navn er*,
*my name is*, *named*. The name itself is read word by word behind them.
"""

import re
from collections.abc import Iterator

from bot.masking.full_names import joined_names_at, lower_name_at
from bot.masking.masks import Mask, Span
from bot.masking.persons import Subject, owner_is_person, subject_before
from bot.masking.wordlists import words

_REACH = 40

_OWNER = r"(?:hans|hendes|mit|dit|deres|vores|min|sit|his|her|my|your|their)"
_FORMAL = r"(?:fulde |rigtige |borgerlige |egentlige |full |real |first |last |given |family )?"
_NAME_NOUN = r"(?:(?:for|efter|døbe|mellem|kæle|øge)-?)?navne?|(?:sur|nick|fore|first)?-?names?"
_WHOM = r"(?:han|hun|hen|drengen|pigen|eleven|manden|kvinden|jeg|de|sig|ham|hende)(?: selv)?"
_NAMING = re.compile(
    r"\b(?:"
    # Certain by themselves.
    rf"(?P<sure>{_OWNER} {_FORMAL}(?:{_NAME_NOUN})(?: (?:er|var|is|was)\b|'s\b|[:=])"
    r"|(?:navnet|fornavnet|efternavnet) er|(?:fulde |for|efter)?navn ?[:=]"
    r"|(?:full |first |last |sur)?name ?[:=]"
    rf"|(?:hedder|hed|kaldes|kalder) {_WHOM}\b"
    r"|(?:calls?|called|names?) (?:him|her|me|himself|herself|themselves)"
    r"|goes by(?: the (?:nick)?name(?: of)?)?|i am called|i'm called)"
    # Told by what stands before them.
    r"|(?P<told>hedder|hed|kaldes|(?:bliver|blev) kaldt|kaldet|kaldt|ved navn|med navnet|kendt som"
    r"|går under navnet|(?:(?:is|are|was|am|gets) (?:also )?)?(?:called|known as))"
    r"|(?P<named>named|by the name of|with the name)"
    rf"|(?P<owned>(?P<owner>[^\W\d_]++(?:'s)?) {_FORMAL}(?:{_NAME_NOUN})(?: (?:er|var|is|was)\b|:))"
    r") {0,2}"
)
_FILLER = re.compile(
    r" ?[:=]? ?(?:(?:vist ?nok|vist|nok|faktisk|altså|egentlig|også|bare|så|jo|muligvis|til fornavn"
    r"|til efternavn|i øvrigt|actually|really|apparently|probably|also|simply) ){0,2}[\"'(]?"
)
_STEMS = (
    "hedder", "hed ", "navn", "name", "called", "call him", "call her", "calls h", "calls m", "calls t",
    "kald", "known as", "kendt som", "goes by",
)  # fmt: skip
_STEM = re.compile("|".join(_STEMS))
_TAKES_LOWER = re.compile(r"hedder|hed |navn|names?\b")

_SIGNED = re.compile(
    r"\b(?:m\.?v\.?h\.?|(?:venlig|kærlig|bedste|mange|med venlig|de bedste) hilsen(?:er)?|hilsen|kh|vh"
    r"|(?:kind |best |warm )?regards|best wishes|sincerely|yours)[ ,.\n]{1,4}(?=\S)"
)
_SIGNATURES = ("hilsen", "mvh", "m.v.h", "regards", "wishes", "sincerely", "yours", "kh", "vh")

_TITLES = words("mr mr. mrs mrs. ms ms. hr hr. fru frk frk. dr dr. imam")
_KIN = tuple(
    words("""
    bror søster søn datter kammerat veninde ven fætter kusine kollega elev nabo kæreste kone onkel
    nevø niece lærer chef brother sister son daughter friend cousin colleague pupil student neighbour
    boyfriend girlfriend husband wife uncle aunt nephew teacher boss
""")
)
_DEFINITE_KIN = words("""
    eleven drengen pigen sønnen datteren læreren manden kvinden naboen lederen formanden imamen fyren
    kammeraten vennen veninden borgeren
""")
_POSSESSIVES = words("min mit din vores hans hendes deres my his her our their your en a")
_BEFORE_CAPITAL = re.compile(r" (?=[^\Wa-zæøåéüöä\d_])")


def find(text: str) -> Iterator[Span]:
    """Every name that an announcing word introduces, without the punctuation behind it."""
    lowered = text.lower()
    if any(stem in lowered for stem in _STEMS):
        yield from _after_naming(text, lowered)
    for match in _BEFORE_CAPITAL.finditer(text):
        if _is_form_of_address(text, match.start()):
            yield from _spans(joined_names_at(text, match.end()))
    if any(word in lowered for word in _SIGNATURES):
        for match in _SIGNED.finditer(lowered):
            yield from _spans(
                (start, end)
                for start, end in joined_names_at(text, match.end())
                if text[end : end + 3].strip(" .!,")[:1] in {"", "\n"} and not text[start:end].isupper()
            )


def _after_naming(text: str, lowered: str) -> Iterator[Span]:
    """The names behind naming words; these are looked for only around the stems they share."""
    done = 0
    for stem in _STEM.finditer(lowered):
        start = max(done, stem.start() - _REACH)
        for match in _NAMING.finditer(lowered, start, stem.end() + _REACH):
            if match.start() > stem.start():
                break
            done = match.end()
            if _says_person(lowered, match):
                yield from _announced(text, lowered, match)


def _spans(places: Iterator[tuple[int, int]]) -> Iterator[Span]:
    return (Span(start, end, Mask.NAME) for start, end in places)


def _announced(text: str, lowered: str, match: re.Match[str]) -> Iterator[Span]:
    """The names behind one naming word, in lower case only behind a word that is hardly ever another."""
    filler = _FILLER.match(lowered, match.end())
    at = filler.end() if filler is not None else match.end()
    spans = list(_spans(joined_names_at(text, at)))
    if not spans and _TAKES_LOWER.search(match[0]) is not None:
        spans = list(_spans(lower_name_at(lowered, at)))
    yield from spans


def _says_person(lowered: str, match: re.Match[str]) -> bool:
    """Whether the naming word is said of a person; *named* is, unless a thing stands before it."""
    if match.lastgroup == "owned":
        return owner_is_person(match["owner"])
    if match.lastgroup == "told":
        return subject_before(lowered, match.start()) is Subject.PERSON
    return match.lastgroup != "named" or subject_before(lowered, match.start()) is not Subject.THING


def _is_form_of_address(text: str, end: int) -> bool:
    """Whether the words up to ``end`` are a title, or say whose relative, friend or pupil comes next."""
    said = text[max(0, end - _REACH) : end].split(" ")
    word = said[-1].strip(',("')
    lowered = word.lower()
    if lowered in _TITLES:
        return word in {lowered, lowered.capitalize()}
    if lowered in _DEFINITE_KIN:
        return True
    return lowered.endswith(_KIN) and any(before.lower() in _POSSESSIVES for before in said[-4:-1])
