"""What every page of the hotline's own server has in common: hard headers, whose address, which language."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from aiohttp import web

from bot.catalogue import LANGUAGES

HARD_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ONLY_BY_TLS = "max-age=31536000; includeSubDomains"


def address_of(request: web.Request) -> str:
    """Return where the request comes from; a proxy on this machine says for whom it asks."""
    remote = request.remote or ""
    told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        is_proxy = ipaddress.ip_address(remote).is_loopback
        return str(ipaddress.ip_address(told)) if is_proxy and told else remote
    except ValueError:
        return remote


def language_of(chosen: str | None, spoken: str | None, headers: Mapping[str, str], first: str) -> str:
    """Return the language chosen here, else the one of her chat, else the browser's, else the hotline's."""
    for one in (chosen, spoken):
        if one in LANGUAGES:
            return one
    for part in headers.get("Accept-Language", "").split(","):
        code = part.partition(";")[0].strip().partition("-")[0].lower()
        if code in LANGUAGES:
            return code
    return first
