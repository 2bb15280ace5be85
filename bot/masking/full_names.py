"""Where a name ends: capitalised words, particles between them, and further names joined to it."""

import re
from collections.abc import Iterator

from bot.masking.wordlists import words

_MAX_WORDS = 5
_WORD = re.compile(r"[^\W\d_](?:\w|['-](?=\w))*")
_JOINED = re.compile(r"(?: (?:og|and|&|eller|or)|,) (?=[^\W\d_])", re.IGNORECASE)
_ENDS_CLAUSE = re.compile(r" *(?:[.,;:!?)\"'\n]|$| (?:og|and|men|but|han|hun|jeg|he|she|i)\b)")
_PARTICLES = words("""
    von van de der den la le del da di du al el bin bint ibn abu af zu ten ter dos y ben umm abd ul ud
""")
_NO_NAMES = words("""
    jeg han hun de vi du det den der og and men but i he she they we you it er is the a an en et hans
    hendes min mit mine his her my our their på til fra med som når hvis kan skal vil har cpr så who
    that this in on at from with ikke not også eller or da nu tlf mobil bor lives om af ham hende was
    has to for fordi because siden since efter after hvad what hvor where hvordan how kommune please
    går gik hvem ved if when there here
""")
_NO_LOWER_NAMES = _NO_NAMES | words("""
    noget nogen vist vistnok nok altså bare faktisk egentlig ligesom nemlig kendt ukendt hemmeligt
    vigtigt vigtig known unknown secret important none names all one out up off back by very something
    things racist terrorist into over again every always never ret samme same away irrelevant anonym
    anonymous jo of slet hverken sådan bl fx kun only igen anderledes nævnt mentioned blevet been
    being changed ændret skrevet written
""")


def joined_names_at(text: str, at: int) -> Iterator[tuple[int, int]]:
    """The name beginning at ``at``, and further ones joined to it by *og*, *and* or a comma."""
    for _ in range(_MAX_WORDS):
        end = _name_end(text, at)
        if end is None:
            return
        yield at, end
        joined = _JOINED.match(text, end)
        following = _WORD.match(text, joined.end()) if joined is not None else None
        if joined is None or following is None or not _is_capitalised(following[0]):
            return
        if following[0].isupper() and len(following[0]) > 1 and not text[at:end].isupper():
            return  # an authority's initials: "og SSP"
        at = joined.end()


def lower_name_at(lowered: str, at: int) -> Iterator[tuple[int, int]]:
    """A name typed without capitals: one word, and a second one where the clause ends after it."""
    first = _WORD.match(lowered, at)
    if first is None or first[0] in _NO_LOWER_NAMES or len(first[0]) < 2:
        return
    end = first.end()
    second = _WORD.match(lowered, _after_blank(lowered, end)) if lowered.startswith(" ", end) else None
    if second is not None and second[0] not in _NO_LOWER_NAMES and _ENDS_CLAUSE.match(lowered, second.end()):
        end = second.end()
    yield at, end


def _name_end(text: str, at: int) -> int | None:
    """Where the name beginning at ``at`` ends: up to five words, particles among them."""
    end: int | None = None
    for _ in range(_MAX_WORDS):
        word = _WORD.match(text, at)
        if word is None:
            break
        stop = word.end()
        if _is_capitalised(word[0]):
            if len(word[0]) == 1 and text.startswith(". ", stop) and _is_name_word(text, stop + 2):
                stop += 1
            end = stop
        elif word[0].lower() not in _PARTICLES or not _is_name_word(text, _after_blank(text, stop)):
            break
        at = _after_blank(text, stop)
        if at == stop:
            break
    return end


def _after_blank(text: str, at: int) -> int:
    """The place behind one or two blanks, the same place where there are none."""
    if not text.startswith(" ", at):
        return at
    return at + (2 if text.startswith("  ", at) else 1)


def _is_name_word(text: str, at: int) -> bool:
    word = _WORD.match(text, at)
    return word is not None and (_is_capitalised(word[0]) or word[0].lower() in _PARTICLES)


def _is_capitalised(word: str) -> bool:
    """Whether the word can be part of a name: a capital, *al-Opdigt*, or a script without capitals."""
    if word[0].islower():
        particle = re.split("['-]", word, maxsplit=1)[0]
        return not word.islower() and (particle in _PARTICLES or len(particle) == 1)
    return word.lower() not in _NO_NAMES
