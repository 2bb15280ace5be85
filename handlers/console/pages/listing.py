"""The list of all enquiries, by number, period, state, outcome, field, person and channel."""

from __future__ import annotations

from aiohttp import web

from bot import listing
from handlers.console import looked_for
from handlers.console.desk import READER, Desk
from storage.models import Channel, Outcome, State
from storage.queries.listing import Wanted

_PATH = "/console/enquiries"
_FIELDS = ("number", "from", "to", "state", "outcome", "competence", "channel", "person")
_MOST_LETTERS = 60


class ListPage:
    """Part of the list; what the reader may not see is not on it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: web.Request) -> web.Response:
        """Show what came last of what is looked for, or a later part of it."""
        asked = {name: request.query.get(name, "").strip()[:_MOST_LETTERS] for name in _FIELDS}
        before = looked_for.key(request.query.get("before", ""))
        async with self._desk.looking() as turn:
            page = await listing.show(turn, request[READER].person, self._wanted(asked), before=before)
        return self._desk.render(
            request,
            "pages/list.html",
            page=page,
            asked=asked,
            is_first=before is None,
            older=looked_for.address(_PATH, asked, page.older),
            states=tuple(State),
            outcomes=tuple(Outcome),
            channels=tuple(Channel),
            competences=tuple(self._desk.rules.competences),
        )

    def _wanted(self, asked: dict[str, str]) -> Wanted:
        zone = self._desk.rules.zone
        return Wanted(
            number=asked["number"].upper() or None,
            since=looked_for.first_moment(asked["from"], zone),
            until=looked_for.after_last_moment(asked["to"], zone),
            state=looked_for.one_of(State, asked["state"]),
            outcome=looked_for.one_of(Outcome, asked["outcome"]),
            competence=looked_for.known(asked["competence"], self._desk.rules.competences),
            channel=looked_for.one_of(Channel, asked["channel"]),
            alias=asked["person"] or None,
        )
