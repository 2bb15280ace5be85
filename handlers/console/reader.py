"""Who reads a page of the console: signed in or not, in which language, with which secrets in her cookies."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from bot.signing_in import SignedIn
from storage.models import Person, Role

Saying = tuple[str, dict[str, Any]]
_MOST_SAID = 8


@dataclass(slots=True)
class Cookies:
    """The console's cookies: out of reach of scripts and other sites, tied to the host where it has TLS."""

    is_secure: bool

    def name(self, of: str) -> str:
        """Return the cookie's whole name."""
        return f"__Host-{of}" if self.is_secure else of

    def get(self, request: web.Request, of: str) -> str | None:
        """Return what the browser holds under the name."""
        return request.cookies.get(self.name(of)) or None

    def put(self, response: web.StreamResponse, of: str, value: str) -> None:
        """Have the browser hold the value until it is closed."""
        response.set_cookie(
            self.name(of), value, path="/", httponly=True, samesite="Strict", secure=self.is_secure
        )

    def drop(self, response: web.StreamResponse, of: str) -> None:
        """Have the browser forget the value."""
        response.del_cookie(self.name(of), path="/", httponly=True, samesite="Strict", secure=self.is_secure)


@dataclass(slots=True)
class Reader:
    """Who reads, as far as the request tells."""

    language: str
    browser: str | None = None
    token: str | None = None
    signed_in: SignedIn | None = None
    said: list[Saying] = field(default_factory=list)

    @property
    def role(self) -> Role | None:
        """Her role; None where nobody is signed in."""
        return None if self.signed_in is None else self.signed_in.person.role

    @property
    def person(self) -> Person:
        """The member of staff; only asked where the table has let her in."""
        assert self.signed_in is not None
        return self.signed_in.person

    @property
    def csrf(self) -> str:
        """What a form must carry: made from the secret that only this browser holds."""
        secret = self.token if self.signed_in is not None else self.browser
        return _keyed(secret or "", b"csrf")

    def is_own_form(self, shown: str) -> bool:
        """Whether the form came from a page that this browser was given."""
        has_secret = bool(self.token if self.signed_in is not None else self.browser)
        return has_secret and hmac.compare_digest(shown.encode(), self.csrf.encode())

    def pack(self, said: list[Saying]) -> str:
        """Return what is to be said on the next page, so that only this session can have written it."""
        body = base64.urlsafe_b64encode(orjson.dumps(said[-_MOST_SAID:])).decode()
        return f"{body}.{_keyed(self.token or '', body.encode())}"

    def unpack(self, packed: str | None) -> list[Saying]:
        """Return what was packed; what somebody else wrote is nothing."""
        body, _, seal = (packed or "").partition(".")
        if not hmac.compare_digest(seal.encode(), _keyed(self.token or "", body.encode()).encode()):
            return []
        try:
            return [(key, params) for key, params in orjson.loads(base64.urlsafe_b64decode(body))]
        except (ValueError, binascii.Error):
            return []


def _keyed(secret: str, value: bytes) -> str:
    return hmac.new(secret.encode(), value, hashlib.sha256).hexdigest()
