"""Links, with and without a scheme; those to the configured public sites are left (DOMAIN.md)."""

import re
from collections.abc import Collection, Iterator

from bot.masking.folding import OPAQUE
from bot.masking.masks import Mask, Span

_HINT = re.compile(r"\.[^\W\d_]|://")
_BREAKS = f' \n\f\v<>"{OPAQUE}'
_BREAK = re.compile(f"[{_BREAKS}]")
_FURTHEST_BACK = 200
_REST = f"[^{_BREAKS}]"
_TLD = r"(?:dk|com|org|net|eu|io|info|gg|xyz|app|ru|link|site|online|chat|tv)"
_LINK = re.compile(
    rf"(?<![\w@.-])(?:[a-z][a-z0-9+.-]{{0,15}}://{_REST}+"
    rf"|www\.{_REST}+"
    rf"|(?:[^\W_][\w-]*\.)+[a-z]{{2,24}}(?::\d{{2,5}})?[/?#]{_REST}*"
    rf"|(?:[^\W_][\w-]*\.)+{_TLD}(?![\w-]|\.\w))"
)
_TRAILING = ".,;:!?)]}'…*"
_HOST = re.compile(r"(?:https?://)?(?P<host>[^/?#:]+)(?::\d{1,5})?(?:[/?#]|$)")


def find(text: str, *, public_hosts: Collection[str] = frozenset()) -> Iterator[Span]:
    """Every link with a scheme, *www*, a path or a usual ending, but those to one of the public hosts."""
    lowered = text.lower()
    done = 0
    for hint in _HINT.finditer(lowered):
        if hint.start() < done:
            continue
        start, end = _run(lowered, hint.start(), done)
        done = end
        for match in _LINK.finditer(lowered, start, end):
            link = match[0].rstrip(_TRAILING)
            if not _is_public(link, public_hosts):
                yield Span(match.start(), match.start() + len(link), Mask.LINK)


def _run(text: str, at: int, floor: int) -> tuple[int, int]:
    """The stretch without blanks around a place, its beginning not before ``floor``."""
    floor = max(floor, at - _FURTHEST_BACK)
    start = at
    while start > floor and text[start - 1] not in _BREAKS:
        start -= 1
    stop = _BREAK.search(text, at)
    return start, len(text) if stop is None else stop.start()


def _is_public(link: str, public_hosts: Collection[str]) -> bool:
    """Whether the link leads to a public host or a part of one, and carries no user information."""
    match = _HOST.match(link)
    if match is None or "@" in link or "\\" in link:
        return False
    host = match["host"].rstrip(".")
    return any(host == public or host.endswith("." + public) for public in public_hosts)
