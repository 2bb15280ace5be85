"""The door for calendars: a secret address that a calendar program reads, and nothing else."""

from __future__ import annotations

from aiohttp import web

from bot import feeds
from bot.configuration import Configuration
from bot.turn import Turn
from storage.store import Store

PATH = "/calendar/{token}.ics"


class Feeds:
    """Serves calendars by their secret; an unknown or revoked one is simply not there."""

    def __init__(self, store: Store, rules: Configuration) -> None:
        self._store, self._rules = store, rules

    def add_to(self, app: web.Application) -> None:
        """Add the route."""
        app.router.add_get(PATH, self.read)

    async def read(self, request: web.Request) -> web.Response:
        """Answer with the calendar, never kept by anything on the way."""
        async with self._store.unit() as unit:
            found = await feeds.calendar(Turn(unit, self._rules), request.match_info["token"])
        if found is None:
            raise web.HTTPNotFound
        headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
        return web.Response(body=found, content_type="text/calendar", charset="utf-8", headers=headers)
