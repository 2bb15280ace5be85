"""The worklist of people's wishes about their data: granted, or refused with a reason they are told."""

from __future__ import annotations

from uuid import UUID

from aiohttp import web

from bot import own_data, privacy, wishes
from handlers.console.desk import READER, Desk, form_id
from scheduling.ids import from_short, short
from scheduling.instant import Instant
from storage.queries import requests

_MOST_DIGITS = 17
_GRANT = {privacy.ERASURE: privacy.grant, own_data.INSIGHT: own_data.give}
_REFUSE = {privacy.ERASURE: privacy.keep, own_data.INSIGHT: own_data.refuse}
_REASONS = {privacy.ERASURE: privacy.REASONS, own_data.INSIGHT: own_data.REASONS}


class WishesPage:
    """What is to be answered, the oldest first."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: web.Request) -> web.Response:
        """Show a page of the list."""
        after = _place(request.query.get("after", ""))
        async with self._desk.looking() as turn:
            listed = await wishes.worklist(turn, request[READER].person, after=after)
        last = listed[-1].request if len(listed) == wishes.AT_ONCE else None
        more = None if last is None else f"{last.asked_at.microseconds}-{short(last.id)}"
        return self._desk.render(request, "pages/wishes.html", listed=listed, more=more, reasons=_REASONS)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a wish once; somebody else's answer stands."""
        form = await request.post()
        done, reason = str(form.get("do", "")), str(form.get("reason", ""))
        if done not in ("grant", "keep"):
            raise web.HTTPBadRequest
        async with self._desk.acting(request) as (turn, person, chat):
            wish = await requests.locked(turn.unit, form_id(str(form.get("request", ""))), reader=person)
            if wish is None:
                raise web.HTTPNotFound
            if wish.answered_at is not None:
                turn.answers.append(("request.answered_already", {}))
            elif done == "grant":
                await _GRANT[wish.kind](turn, person, chat, wish)
            elif reason in _REASONS[wish.kind]:
                await _REFUSE[wish.kind](turn, person, chat, wish, reason=reason)
            else:
                turn.answers.append(("request.no_reason", {}))
        return self._desk.see(request, "/console/requests", *turn.answers)


def _place(written: str) -> tuple[Instant, UUID] | None:
    asked, _, last = written.partition("-")
    is_moment = asked.isascii() and asked.isdigit() and len(asked) <= _MOST_DIGITS
    found = from_short(last)
    return (Instant.from_microseconds(int(asked)), found) if is_moment and found is not None else None
