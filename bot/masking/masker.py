"""The masker: all finders over one text, and the neutral tokens in place of what they found."""

import re
from collections.abc import Collection, Iterator, Sequence

from bot.masking import addresses, birth_dates, cpr, links, names, networks, phones, plates
from bot.masking.folding import Folded, fold
from bot.masking.masks import Mask, Masked, Span, without_stray_signs

#: Replacing one thing may lay bare another beside it. Ordinary text settles in two rounds; a text that has
#: not settled after this many was made to resist, and nothing of it is kept but the tokens.
_ROUNDS = 8
_PRECEDENCE = {mask: rank for rank, mask in enumerate(Mask)}
_HAS_DIGITS = re.compile(r"\d\D{0,4}\d")


class Masker:
    """Masks personal data in free text; knows the public numbers and hosts that stay readable."""

    def __init__(self, *, public_numbers: Collection[str], public_hosts: Collection[str]) -> None:
        self._public_numbers = frozenset(map(phones.bare, public_numbers))
        self._public_hosts = frozenset(host.lower().strip(". ") for host in public_hosts)

    def mask(self, text: str) -> Masked:
        """The text with every find replaced by its token; masking the result again changes nothing."""
        text = without_stray_signs(text)
        found: set[Mask] = set()
        for _ in range(_ROUNDS):
            folded = fold(text)
            spans = merged(self._find(folded.text))
            if not spans:
                return Masked(text, frozenset(found))
            found.update(span.mask for span in spans)
            text = _replaced(text, folded, spans)
        return Masked(" ".join(sorted(mask.token for mask in found)), frozenset(found))

    def _find(self, text: str) -> Iterator[Span]:
        if _HAS_DIGITS.search(text) is not None:
            yield from cpr.find(text)
            yield from phones.find(text, public=self._public_numbers)
            yield from plates.find(text)
            yield from birth_dates.find(text)
        yield from addresses.find(text)
        yield from networks.find(text)
        yield from links.find(text, public_hosts=self._public_hosts)
        yield from names.find(text)


def merged(spans: Iterator[Span]) -> list[Span]:
    """Spans in order, overlapping ones joined under the mask that takes precedence."""
    result: list[Span] = []
    for span in sorted(spans):
        if result and span.start < result[-1].end:
            last = result[-1]
            mask = min(last.mask, span.mask, key=_PRECEDENCE.__getitem__)
            result[-1] = Span(last.start, max(last.end, span.end), mask)
        else:
            result.append(span)
    return result


def _replaced(text: str, folded: Folded, spans: Sequence[Span]) -> str:
    """The original with a token in place of each span of the view."""
    pieces: list[str] = []
    done = 0
    for start, end, mask in spans:
        pieces += (text[done : folded.original(start)], mask.token)
        done = folded.original(end)
    pieces.append(text[done:])
    return "".join(pieces)
