"""Our pages' own files: style, fonts, icons and scripts, named by their content and kept for a year."""

from __future__ import annotations

import hashlib
from pathlib import Path

from aiohttp import web

_FOLDER = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".md": "text/plain; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}


class Files:
    """Everything below `static/`, read once; nothing else can be asked for."""

    def __init__(self, under: str) -> None:
        self._under = under
        found = sorted(path for path in _FOLDER.rglob("*") if path.suffix in _TYPES)
        self._files = {path.relative_to(_FOLDER).as_posix(): path.read_bytes() for path in found}
        whole = hashlib.sha256()
        for name, body in self._files.items():
            whole.update(name.encode() + hashlib.sha256(body).digest())
        self.version = whole.hexdigest()[:16]

    def address(self, name: str) -> str:
        """Return where the file is; another content has another address."""
        if name not in self._files:
            raise KeyError(name)
        return f"{self._under}/{self.version}/{name}"

    async def read(self, request: web.Request) -> web.Response:
        """Answer with the file."""
        name = request.match_info["name"]
        body = self._files.get(name)
        if body is None or request.match_info["version"] != self.version:
            raise web.HTTPNotFound
        headers = {
            "Content-Type": _TYPES[Path(name).suffix],
            "Cache-Control": "public, max-age=31536000, immutable",
        }
        return web.Response(body=body, headers=headers)
