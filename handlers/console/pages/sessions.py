"""Where one is signed in, and signing out: here or elsewhere."""

from __future__ import annotations

from aiohttp import web

from bot import signing_in
from handlers.console.desk import READER, Desk, form_id


class SessionsPage:
    """One's own browsers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: web.Request) -> web.Response:
        """List where the reader is signed in."""
        known = request[READER].signed_in
        assert known is not None
        async with self._desk.looking() as turn:
            sessions = await signing_in.sessions_of(turn, known.person)
        return self._desk.render(request, "pages/sessions.html", sessions=sessions, own=known.session.id)

    async def here(self, request: web.Request) -> web.Response:
        """Answer a page whose form is about to be sent who is signed in, and what the form must carry now."""
        reader = request[READER]
        return web.json_response({"who": str(reader.person.id), "csrf": reader.csrf})

    async def end(self, request: web.Request) -> web.Response:
        """Sign a browser out; from one's own one is led to the way in."""
        known = request[READER].signed_in
        assert known is not None
        session_id = form_id(str((await request.post()).get("session", "")))
        async with self._desk.acting(request) as (turn, person, _chat):
            if not await signing_in.end(turn, person, session_id):
                raise web.HTTPNotFound
        if session_id != known.session.id:
            return self._desk.see(request, "/console/sessions", ("console.sessions.ended", {}))
        response = self._desk.see(request, "/console/sign-in")
        self._desk.cookies.drop(response, "session")
        return response
