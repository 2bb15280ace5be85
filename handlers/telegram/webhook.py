"""The webhook: 200 only once the update is committed, else 503 so that Telegram brings it again."""

from __future__ import annotations

import hmac
from typing import Any

import orjson
import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from handlers.telegram.reception import Reception
from storage.group_commit import GroupCommit

_log = structlog.get_logger("webhook")
_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
_MOST_BYTES = 1024 * 1024


class Webhook:
    """Takes one update a request; what arrives together is committed together."""

    def __init__(self, *, reception: Reception, secret: str) -> None:
        self._secret = secret
        self._group: GroupCommit[dict[str, Any]] = GroupCommit(reception.take_in)

    async def handle(self, request: web.Request) -> web.Response:
        """Answer 200 after the commit, 401 to anybody else, 400 to what is no update."""
        given = request.headers.get(_SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            return web.Response(status=401)
        if (request.content_length or 0) > _MOST_BYTES:
            return web.Response(status=413)
        try:
            update = orjson.loads(await request.read())
        except orjson.JSONDecodeError:
            return web.Response(status=400)
        if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
            return web.Response(status=400)
        try:
            await self._group.submit(update)
        except (SQLAlchemyError, OSError) as error:
            _log.error("inbox_not_committed", error=type(error).__name__)
            return web.Response(status=503)
        return web.Response(status=200)
