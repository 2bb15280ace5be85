"""The page's files, read once and served from memory."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = Path(__file__).parent / "page"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class PageFiles:
    """Serves exactly the files in the page's folder."""

    def __init__(self) -> None:
        self._files = {f"/{file.name}": file.read_bytes() for file in FOLDER.iterdir() if file.is_file()}
        self._files["/"] = self._files["/index.html"]

    def open(self, path: str) -> web.Response | None:
        """Return the file under this path, or nothing."""
        body = self._files.get(path)
        if body is None:
            return None
        kind = mimetypes.guess_type("index.html" if path == "/" else path)[0] or "application/octet-stream"
        kind = "text/javascript" if path.endswith(".js") else kind
        charset = "utf-8" if kind.startswith("text/") or kind == "application/json" else None
        return web.Response(body=body, content_type=kind, charset=charset, headers=HEADERS)
