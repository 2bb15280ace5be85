"""The worklist of people's wishes about their own data: what is to be answered, and by when."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from bot.privacy import ERASURE
from bot.turn import Turn
from scheduling.instant import Instant
from storage.models import DataRequest, Enquiry, Person, State
from storage.queries import requests

AT_ONCE = 25


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish nobody has answered, and the cases it is about that the reader may know of."""

    request: DataRequest
    cases: tuple[Enquiry, ...]
    answer_by: Instant
    is_late: bool

    @property
    def still_open(self) -> int:
        """How many of the cases are not closed, and so not deleted by granting it."""
        return sum(enquiry.state is not State.CLOSED for enquiry in self.cases)

    @property
    def can_be_granted(self) -> bool:
        """Whether granting it would do anything: no deletion does where each case is still open."""
        is_all_open = bool(self.cases) and self.still_open == len(self.cases)
        return self.request.kind != ERASURE or not is_all_open


async def worklist(turn: Turn, reader: Person, *, after: tuple[Instant, UUID] | None = None) -> list[Wish]:
    """Return what is to be answered, the oldest first, a page at a time, as far as it is hers to answer."""
    found = await requests.worklist(turn.unit, after=after, at_most=AT_ONCE, reader=reader)
    cases: defaultdict[UUID, list[Enquiry]] = defaultdict(list)
    for enquiry in await requests.kept_of(turn.unit, [request.chat_id for request in found]):
        if enquiry.chat_id is not None:
            cases[enquiry.chat_id].append(enquiry)
    return [_wish(turn, request, cases[request.chat_id]) for request in found]


def _wish(turn: Turn, request: DataRequest, cases: list[Enquiry]) -> Wish:
    answer_by = Instant.of(request.asked_at + timedelta(days=turn.rules.limits.request_days))
    return Wish(request, tuple(cases), answer_by, is_late=answer_by < turn.now)
