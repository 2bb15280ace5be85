"""The form of a contact card, at a one-time link: looking spends nothing, sending does; and what was sent."""

from __future__ import annotations

import hmac
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import aiohttp_jinja2
import structlog
from aiohttp import web
from aiohttp.typedefs import Handler
from jinja2 import FileSystemLoader, StrictUndefined

from bot import card_form, card_links, own_data
from bot.card_form import ContactCard
from bot.card_links import Link, LinkClosedError, Standing
from bot.catalogue import LANGUAGES
from bot.configuration import Configuration
from bot.turn import Turn, when
from handlers.browsers import HARD_HEADERS, ONLY_BY_TLS, address_of, language_of
from handlers.card.turnstile import Turnstile
from handlers.console.files import Files
from handlers.words import Words
from storage.store import Store

PATH = "/card"
_log = structlog.get_logger("card")
_TEMPLATES = Path(__file__).parent / "templates"
_TOKEN = "{token:[A-Za-z0-9_-]{43}}"  # noqa: S105 - the shape of one, in an address
_KEPT = "kept/{request:[0-9a-f]{32}}/" + _TOKEN
_MOST_BYTES = 16 * 1024
_MOST_REQUESTS = 60
_FORM = "application/x-www-form-urlencoded"
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    **HARD_HEADERS,
    "Content-Security-Policy": _POLICY,
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Robots-Tag": "noindex, nofollow",
}
_GONE = {Standing.SPENT: 410, Standing.EXPIRED: 410, Standing.UNKNOWN: 404}
_ERRORS = {404: "unknown", 413: "large"}


class CardDoor:
    """Serves the form to whoever holds its link, and takes what is sent once."""

    def __init__(self, *, store: Store, rules: Configuration, words: Words, public_url: str) -> None:
        self._store, self._rules, self._words = store, rules, words
        self._is_secure = urlsplit(public_url).scheme == "https"
        self._files = Files(f"{PATH}/static")
        self._turnstile = Turnstile(most=_MOST_REQUESTS)

    def add_to(self, app: web.Application) -> None:
        """Mount the door under its path."""
        made = web.Application(middlewares=[self._guarded])
        aiohttp_jinja2.setup(
            made,
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        made.router.add_get("/static/{version}/{name:.+}", self._files.read, name="static")
        made.router.add_get("/thanks/{language:[a-z]{2}}", self.thank, name="thanks")
        made.router.add_get(f"/{_KEPT}", self.ask_to_show, name="kept")
        made.router.add_post(f"/{_KEPT}", self.show_kept, name="show-kept")
        made.router.add_get(f"/{_TOKEN}", self.show, name="form")
        made.router.add_post(f"/{_TOKEN}", self.take, name="send")
        app.add_subapp(PATH, made)

    async def show(self, request: web.Request) -> web.Response:
        """Show the form, or say kindly why there is none."""
        link = await self._look(request)
        if link.standing is not Standing.OPEN:
            return self._closed(request, link)
        return self._form(request, link, ContactCard(wants_call=link.wants_call))

    async def take(self, request: web.Request) -> web.Response:
        """Keep what was sent, and say thank you; what is missing or looks mistyped is asked about first."""
        form = await _read(request)
        link = await self._look(request)
        if link.standing is not Standing.OPEN:
            return self._closed(request, link)
        if not hmac.compare_digest(str(form.get("proof", "")).encode(), link.proof.encode()):
            raise web.HTTPBadRequest
        card = card_form.filled_in(form, wants_call=link.wants_call)
        faults = card_form.faults(card)
        if faults:
            return self._form(request, link, card, faults=faults)
        doubts = card_form.doubts(card, country=self._rules.hotline.holiday_country)
        if doubts and form.get("sure") != "yes":
            return self._form(request, link, card, doubts=doubts)
        try:
            async with self._store.unit() as unit:
                await card_links.take(Turn(unit, self._rules), request.match_info["token"], card)
                await unit.commit()
        except LinkClosedError:
            return self._closed(request, await self._look(request))
        thanks = f"{PATH}/thanks/{self._language(request, link.language)}"
        return web.Response(status=303, headers={"Location": thanks})

    async def thank(self, request: web.Request) -> web.Response:
        """Say that it has come; the address holds no secret."""
        language = request.match_info["language"]
        if language not in LANGUAGES:
            raise web.HTTPNotFound
        return self._render(request, "said.html", language=language, kind="thanks")

    async def ask_to_show(self, request: web.Request) -> web.Response:
        """Ask for a click before anything is shown: previews look at links, but click nothing."""
        async with self._store.looking() as unit:
            chat = await own_data.asker(Turn(unit, self._rules), *_link_of(request))
        if chat is None:
            raise web.HTTPNotFound
        language = self._language(request, chat.language)
        return self._render(request, "kept.html", language=language, cards=None)

    async def show_kept(self, request: web.Request) -> web.Response:
        """Show her own contact cards to whoever asked what is kept; that is logged."""
        _must_be_ours(request)
        async with self._store.unit() as unit:
            turn = Turn(unit, self._rules)
            chat = await own_data.asker(turn, *_link_of(request))
            if chat is None:
                raise web.HTTPNotFound
            cards = await own_data.her_cards(turn, chat)
            await unit.commit()
        language, fields = self._language(request, chat.language), tuple(card_form.MOST_CHARACTERS)
        return self._render(request, "kept.html", language=language, cards=cards, fields=fields)

    async def _look(self, request: web.Request) -> Link:
        async with self._store.looking() as unit:
            return await card_links.look(Turn(unit, self._rules), request.match_info["token"])

    def _form(
        self,
        request: web.Request,
        link: Link,
        card: ContactCard,
        *,
        faults: dict[str, str] | None = None,
        doubts: dict[str, str] | None = None,
    ) -> web.Response:
        return self._render(
            request,
            "form.html",
            status=422 if faults or doubts else 200,
            language=self._language(request, link.language),
            link=link,
            card=card,
            faults=faults or {},
            doubts=doubts or {},
            most=card_form.MOST_CHARACTERS,
            days=self._rules.retention.advice_only,
        )

    def _closed(self, request: web.Request, link: Link) -> web.Response:
        return self._said(request, link.standing.value, status=_GONE[link.standing], spoken=link.language)

    def _said(
        self, request: web.Request, kind: str, *, status: int, spoken: str | None = None
    ) -> web.Response:
        language = self._language(request, spoken)
        return self._render(request, "said.html", status=status, language=language, kind=kind)

    def _render(
        self, request: web.Request, template: str, *, language: str, status: int = 200, **values: Any
    ) -> web.Response:
        now = self._store.clock.now()

        def t(key: str, **params: Any) -> str:
            return self._words.text(key, params, language=language, now=now)

        hotline = self._rules.in_language(self._rules.hotline.name, language)
        given = {"t": t, "language": language, "asset": self._files.address, "when": when, "hotline": hotline}
        return aiohttp_jinja2.render_template(template, request, {**given, **values}, status=status)

    def _language(self, request: web.Request, spoken: str | None) -> str:
        return language_of(None, spoken, request.headers, self._rules.hotline.languages[0])

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count, answer, and put the headers on."""
        response = await self._answer(request, handler)
        response.headers.update(_HEADERS)
        response.headers.setdefault("Cache-Control", "no-store")
        if self._is_secure:
            response.headers["Strict-Transport-Security"] = ONLY_BY_TLS
        return response

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Return the page; what goes wrong is a page as well, and the log never says at which link."""
        now = self._store.clock.now()
        if _name(request) != "static" and not self._turnstile.lets_through(address_of(request), now=now):
            return self._said(request, "often", status=429)
        try:
            return await handler(request)
        except web.HTTPException as error:
            return self._said(request, _ERRORS.get(error.status, "bad"), status=error.status)
        except Exception as error:  # noqa: BLE001 - the edge: the fault is logged, and the reader told
            _log.error("card_failed", route=_name(request), error=type(error).__name__)
            return self._said(request, "fault", status=500)


def _link_of(request: web.Request) -> tuple[UUID, str]:
    return UUID(hex=request.match_info["request"]), request.match_info["token"]


def _name(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return (resource.name or "") if resource is not None else ""


def _must_be_ours(request: web.Request) -> None:
    """Raise a refusal for what was sent from a page of another site."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise web.HTTPForbidden


async def _read(request: web.Request) -> dict[str, object]:
    """Return what was sent; raises a refusal for what no page of ours sends."""
    if request.content_type != _FORM:
        raise web.HTTPUnsupportedMediaType
    _must_be_ours(request)
    try:
        form = await request.clone(client_max_size=_MOST_BYTES).post()
    except (ValueError, LookupError):
        raise web.HTTPBadRequest from None
    return dict(form)
