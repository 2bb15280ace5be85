"""Signing in at a PC: an alias, a number that the chat asks about, and a passkey."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import orjson
from aiohttp import web

from bot import signing_in
from bot.catalogue import LANGUAGES
from bot.signing_in import PasskeyRefusedError, TooManyAttemptsError
from bot.turn import Turn
from handlers.browsers import address_of
from handlers.console.desk import READER, Desk

_HOME = "/console"
_PAGE = "/console/sign-in"

_MOST_ALIAS_LETTERS = 60


class SignInPage:
    """The way in."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: web.Request) -> web.Response:
        """Show where the sign-in of this browser stands; whoever is in already is sent on."""
        reader = request[READER]
        if reader.signed_in is not None:
            return self._desk.see(request, _HOME)
        is_new = reader.browser is None
        if is_new:
            reader.browser = signing_in.new_token()
        response = self._desk.render(request, "pages/sign_in.html", **await self._standing(request))
        if is_new:
            self._desk.cookies.put(response, "browser", reader.browser or "")
        return response

    async def progress(self, request: web.Request) -> web.Response:
        """Answer the page that waits."""
        return self._desk.render(request, "parts/sign_in.html", **await self._standing(request))

    async def begin(self, request: web.Request) -> web.Response:
        """Begin a sign-in; the page is the same whether or not there is somebody of this alias."""
        form = await request.post()
        alias = str(form.get("alias", "")).strip()[: _MOST_ALIAS_LETTERS + 1]
        if not alias:
            return self._desk.see(request, _PAGE)
        browser = signing_in.new_token()
        try:
            async with self._desk.store.unit() as unit:
                turn = Turn(unit, self._desk.rules)
                await signing_in.begin(turn, alias, browser=browser, address=address_of(request))
                await unit.commit()
        except TooManyAttemptsError:
            raise web.HTTPTooManyRequests from None
        response = self._desk.see(request, _PAGE)
        self._desk.cookies.put(response, "browser", browser)
        return response

    async def options(self, request: web.Request) -> web.Response:
        """Answer what the browser is to do with its passkeys, once the chat has said yes."""
        async with self._desk.store.unit() as unit:
            turn = Turn(unit, self._desk.rules)
            begun = await signing_in.approved(turn, request[READER].browser or "")
            if begun is None:
                return _json({"again": _PAGE}, status=409)
            asked = await signing_in.ceremony(turn, begun, public_url=self._desk.public_url)
            await unit.commit()
        return _json({"enrols": asked.enrols, "options": orjson.loads(asked.options)})

    async def prove(self, request: web.Request) -> web.Response:
        """Sign in whoever proves her passkey."""
        form = await request.post()
        try:
            async with self._desk.store.unit() as unit:
                turn = Turn(unit, self._desk.rules)
                begun = await signing_in.approved(turn, request[READER].browser or "")
                if begun is None:
                    return _json({"again": _PAGE}, status=409)
                token = await signing_in.prove(
                    turn, begun, str(form.get("credential", "")), public_url=self._desk.public_url
                )
                await unit.commit()
        except PasskeyRefusedError:
            return _json({"refused": True}, status=403)
        response = _json({"to": _HOME})
        self._desk.cookies.put(response, "session", token)
        self._desk.cookies.drop(response, "browser")
        return response

    async def choose_language(self, request: web.Request) -> web.Response:
        """Show the console in the language, in this browser."""
        code, back = request.match_info["code"], request.query.get("back", "")
        if code not in LANGUAGES:
            raise web.HTTPNotFound
        response = self._desk.see(request, back if _is_ours(back) else _HOME)
        is_secure = self._desk.cookies.is_secure
        response.set_cookie("language", code, path="/", samesite="Strict", secure=is_secure, httponly=True)
        return response

    async def _standing(self, request: web.Request) -> dict[str, Any]:
        async with self._desk.looking() as turn:
            stands, begun = await signing_in.progress(turn, request[READER].browser or "")
        return {
            "stands": stands.value,
            "number": None if begun is None else begun.number,
            "minutes": signing_in.MINUTES,
        }


def _is_ours(path: str) -> bool:
    """Whether this is a path of the console and nothing else."""
    parts = urlsplit(path)
    is_whole = path.isascii() and path.isprintable() and "\\" not in path and " " not in path
    return is_whole and not parts.scheme and not parts.netloc and (parts.path + "/").startswith("/console/")


def _json(body: dict[str, Any], *, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")
