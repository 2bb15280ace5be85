"""The panel: everybody who works here, and whose papers want seeing to."""

from __future__ import annotations

from aiohttp import web

from bot import panel
from handlers.console.desk import Desk


class PanelPage:
    """People by alias, a page at a time: those who are here, or those whose accounts were closed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: web.Request) -> web.Response:
        """List them."""
        is_closed = request.query.get("closed") == "yes"
        after = request.query.get("after") or None
        if after is not None and "\0" in after:
            raise web.HTTPBadRequest
        async with self._desk.looking() as turn:
            shown = panel.show_closed if is_closed else panel.show
            page = await shown(turn, after=after)
        return self._desk.render(request, "pages/panel.html", page=page, is_closed=is_closed, after=after)
