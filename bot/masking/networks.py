"""Where a person is found in networks: e-mail addresses and handles (DOMAIN.md)."""

import re
from collections.abc import Iterator

from bot.masking.masks import Mask, Span
from bot.masking.wordlists import words

_LABEL = r"[^\W_](?:[\w-]*[^\W_])?"
_LOCAL = r"(?<![\w.+%'-])[\w+%'-][\w.+%'-]*+"
_EMAIL = re.compile(rf"{_LOCAL}@(?=\D){_LABEL}(?:\.{_LABEL})*|{_LOCAL} ?@ ?{_LABEL}(?:\.{_LABEL})+")
_AT = r"(?: ?[\[({<] ?(?:at|snabel-?a|a|@) ?[\])}>] ?| snabel-?a )"
_DOT = r"(?: ?[\[({<] ?(?:dot|punktum|prik|\.) ?[\])}>] ?| (?:dot|punktum|prik) |\.)"
_SPELLED_EMAIL = re.compile(
    rf"{_LOCAL}(?:{_AT}{_LABEL}(?:{_DOT}{_LABEL})+| at {_LABEL}(?: (?:dot|punktum|prik) {_LABEL})+)"
)
_SPELLED_SIGNS = ("snabel", "(a", "[a", "{a", "<a", "( a", "[ a", "(@", "[@", " dot ", "punktum", " prik ")
_HANDLE = re.compile(r"(?<![\w@])@[\w](?:[\w.-]*\w)?")
_REDDIT_USER = re.compile(r"(?<![\w/])/?u/\w[\w-]*")
_SERVICES = (
    r"(?:snap(?:chat)?|insta(?:gram)?|ig|fb|facebook|messenger|telegram|discord|tik ?tok|twitter|steam"
    r"|psn|xbox|skype|kik|wickr|brugernavn(?:et)?|user ?name|nick(?:name|et)?|profil(?:navn|en)?"
    r"|gamertag|handle)"
)
_ANNOUNCED = re.compile(
    rf"\b{_SERVICES}(?: ?(?:navn|name|er|is|hedder))?(?: ?[:=] ?| (?=[\"']))[\"']?"
    r"([^\W_][\w.#-]*\w|_[\w.#-]*\w)"
)
_STEMS = (
    "snap", "insta", "ig:", "ig =", "fb", "facebook", "messenger", "telegram", "discord", "tiktok",
    "tik tok", "twitter", "steam", "psn", "xbox", "skype", "kik", "wickr", "brugernavn", "user", "nick",
    "profil", "gamertag", "handle",
)  # fmt: skip
_ODD_SIGN = re.compile(r"[a-zæøå]\d|_")
_BEFORE_ODD_WORD = re.compile(
    rf"\b(?:{_SERVICES}|hedder|hed|called|is|er|som|as|navn)"
    r"(?: (?:er|is|han|hun|he|she|sig|himself|herself))? [\"']?$"
)
_WORD_SIGN = re.compile(r"[\w.]")
_REACH = 40
_ODD_WORD = re.compile(r"\w[\w.]{0,60}\w")
_NO_HANDLE = words("""
    han hun jeg der de vi den det en et man så og men ikke ja nej he she they the it we you an and but
    no not yes his her my hans hendes min mit alle ingen nogle noget some all there this that
""")


def find(text: str) -> Iterator[Span]:
    """Every e-mail address and every handle, written with their signs or announced in words."""
    lowered = text.lower()
    if "@" in lowered:
        for match in _EMAIL.finditer(lowered):
            yield Span(match.start(), match.end(), Mask.EMAIL)
        for match in _HANDLE.finditer(lowered):
            yield Span(match.start(), match.end(), Mask.HANDLE)
    yield from _spelled(lowered)
    yield from _announced(lowered)


def _spelled(lowered: str) -> Iterator[Span]:
    """E-mail addresses with the signs written out: *far (at) example (dot) org*."""
    if any(sign in lowered for sign in _SPELLED_SIGNS):
        for match in _SPELLED_EMAIL.finditer(lowered):
            yield Span(match.start(), match.end(), Mask.EMAIL)


def _announced(lowered: str) -> Iterator[Span]:
    """Handles after the name of a service, and words no language has after *hedder* or *as*."""
    if any(stem in lowered for stem in _STEMS):
        for match in _ANNOUNCED.finditer(lowered):
            if match[1] not in _NO_HANDLE:
                yield Span(*match.span(1), Mask.HANDLE)
    done = 0
    for sign in _ODD_SIGN.finditer(lowered):
        if sign.start() >= done:
            start = sign.start()
            while start > max(done, sign.start() - _REACH) and _WORD_SIGN.match(lowered, start - 1):
                start -= 1
            word = _ODD_WORD.match(lowered, start)
            done = sign.end() if word is None else word.end()
            if word is not None and _BEFORE_ODD_WORD.search(lowered, max(0, start - _REACH), start):
                yield Span(start, done, Mask.HANDLE)
    if "u/" in lowered:
        for match in _REDDIT_USER.finditer(lowered):
            yield Span(match.start(), match.end(), Mask.HANDLE)
