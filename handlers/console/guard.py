"""What every request of the console passes: strict headers, errors as pages, who it is, what she may."""

from __future__ import annotations

from typing import Any

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot import signing_in
from bot.signing_in import SignedIn
from bot.turn import Turn
from handlers.browsers import HARD_HEADERS, ONLY_BY_TLS, language_of
from handlers.console.access import BY_ITSELF, may
from handlers.console.desk import READER, Desk
from handlers.console.reader import Reader
from storage.models import ConsoleSession

_log = structlog.get_logger("console")
_FORM = "application/x-www-form-urlencoded"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    **HARD_HEADERS,
    "Content-Security-Policy": _POLICY,
    "Permissions-Policy": (
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
        "publickey-credentials-create=(self), publickey-credentials-get=(self)"
    ),
}
_KNOWN_ERRORS = {400: "bad", 401: "expired", 403: "forbidden", 404: "missing", 413: "large", 429: "often"}


def middlewares(desk: Desk) -> list[Middleware]:
    """Return them in the order a request passes them."""
    return [_with_headers(desk), _with_reader(desk), _with_errors(desk), _with_access(desk)]


def _with_headers(desk: Desk) -> Middleware:
    @web.middleware
    async def headers(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        response.headers.update(_HEADERS)
        response.headers.setdefault("Cache-Control", "no-store")
        if desk.cookies.is_secure:
            response.headers["Strict-Transport-Security"] = ONLY_BY_TLS
        return response

    return headers


def _with_reader(desk: Desk) -> Middleware:
    @web.middleware
    async def reader(request: web.Request, handler: Handler) -> web.StreamResponse:
        first = desk.rules.hotline.languages[0]
        who = Reader(language_of(request.cookies.get("language"), None, request.headers, first))
        request[READER] = who
        response = await handler(request)
        if who.said and response.content_type == "text/html" and response.status < 300:
            desk.cookies.drop(response, "said")
        return response

    return reader


def _with_errors(desk: Desk) -> Middleware:
    @web.middleware
    async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            return _page(desk, request, error.status)
        except Exception as error:  # noqa: BLE001 - the edge: the fault is logged, and the reader told
            _log.error("page_failed", route=_route(request), error=type(error).__name__)
            return _page(desk, request, 500)

    return errors


def _with_access(desk: Desk) -> Middleware:
    @web.middleware
    async def access(request: web.Request, handler: Handler) -> web.StreamResponse:
        route = _route(request)
        if route == "static":
            return await handler(request)
        await _identify(desk, request, route)
        reader = request[READER]
        if request.method == "POST":
            form = await _form(request)
            if not may(reader.role, route) and reader.role is None:
                raise web.HTTPUnauthorized
            if not reader.is_own_form(str(form.get("csrf", ""))):
                raise web.HTTPForbidden
        if request.match_info.http_exception is not None:
            raise request.match_info.http_exception
        if may(reader.role, route):
            return await handler(request)
        if reader.role is not None:
            raise web.HTTPForbidden
        if request.headers.get("HX-Request"):
            return web.Response(status=401, headers={"HX-Redirect": "/console/sign-in"})
        return web.Response(status=303, headers={"Location": "/console/sign-in"})

    return access


async def _identify(desk: Desk, request: web.Request, route: str) -> None:
    """Fill in who reads: the session's person, and what was left to be said to her."""
    reader = request[READER]
    reader.browser = desk.cookies.get(request, "browser")
    reader.token = desk.cookies.get(request, "session")
    if reader.token is None:
        return
    async with desk.looking() as turn:
        found = await signing_in.identify(turn, reader.token)
    if found is None:
        return
    reader.signed_in = found
    chosen = request.cookies.get("language")
    reader.language = language_of(chosen, found.chat.language, request.headers, reader.language)
    reader.said = reader.unpack(desk.cookies.get(request, "said"))
    if route not in BY_ITSELF:
        await _note_use(desk, found)


async def _note_use(desk: Desk, known: SignedIn) -> None:
    async with desk.store.unit() as unit:
        turn = Turn(unit, desk.rules)
        if signing_in.is_seen_anew(turn, known.session):
            session = await unit.session.get_one(ConsoleSession, known.session.id)
            session.seen_at = turn.now
            await unit.commit()


async def _form(request: web.Request) -> Any:
    """Return what was posted; raises a refusal for what no page of ours sends."""
    if request.content_type != _FORM:
        raise web.HTTPUnsupportedMediaType
    try:
        form = await request.post()
    except (ValueError, LookupError):
        raise web.HTTPBadRequest from None
    if any("\0" in name or "\0" in str(value) for name, value in form.items()):
        raise web.HTTPBadRequest
    return form


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return (resource.name or "") if resource is not None else ""


def _page(desk: Desk, request: web.Request, status: int) -> web.StreamResponse:
    kind = _KNOWN_ERRORS.get(status, "bad" if status < 500 else "fault")
    return desk.render(request, "pages/error.html", status=status, kind=kind)
