"""The log, for the auditor: who did what, when, with which case."""

from __future__ import annotations

import re

from aiohttp import web

from bot import log
from handlers.console.desk import Desk
from scheduling.instant import Instant

_NUMBER = re.compile(r"[A-Za-z]{1,4}-[0-9]{4}-[0-9]{1,9}")
_MOST_DIGITS = 17


class LogPage:
    """A page of entries, the newest first."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: web.Request) -> web.Response:
        """Show entries: all, or of one case; older ones a page at a time."""
        number = request.query.get("number", "").strip()
        is_number = _NUMBER.fullmatch(number) is not None
        entries: list[log.Entry] = []
        if is_number or not number:
            async with self._desk.looking() as turn:
                before = _moment(request.query.get("before", ""))
                entries = await log.read(turn, number=number or None, before=before)
        older = entries[-1].at.microseconds if len(entries) == log.AT_ONCE else None
        return self._desk.render(
            request,
            "pages/log.html",
            entries=entries,
            number=number,
            is_known=is_number or not number,
            older=older,
        )


def _moment(written: str) -> Instant | None:
    is_moment = written.isascii() and written.isdigit() and len(written) <= _MOST_DIGITS
    return Instant.from_microseconds(int(written)) if is_moment else None
