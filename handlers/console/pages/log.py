"""The log, for the auditor: who did what, when, with which case; whether it is whole; and a copy of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from aiohttp import web

from bot import log
from bot.people import MOST_ALIAS_LETTERS
from bot.turn import Turn, when
from handlers.console import looked_for, spreadsheet
from handlers.console.desk import READER, Desk
from storage import audit
from storage.queries.log import Sought

_PATH = "/console/log"
_LAST_LETTER = str.maketrans("å", "ÿ")  # in Danish it comes after æ and ø
_FIELDS = ("number", "from", "to", "action", "actor")


class LogPage:
    """A page of entries, the newest first; what is not known is looked for in vain."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: web.Request) -> web.Response:
        """Show entries: all, or those looked for; older ones a page at a time."""
        asked = _asked(request.query)
        before = looked_for.key(request.query.get("before", ""))
        async with self._desk.looking() as turn:
            sought = await self._sought(turn, asked)
            part = log.Part([], None) if sought is None else await log.read(turn, sought, before=before)
        return self._desk.render(
            request,
            "pages/log.html",
            entries=part.entries,
            asked=asked,
            actions=self._actions(request[READER].language),
            blanks=log.BLANKS,
            is_first=before is None,
            older=looked_for.address(_PATH, asked, part.older),
        )

    def _actions(self, language: str) -> list[str]:
        """Return what can be looked for, by the words it is called in the reader's language."""
        words, now = self._desk.words, self._desk.store.clock.now()
        called = {
            one: words.text(f"log.{one}", dict(log.BLANKS), language=language, now=now) for one in log.ACTIONS
        }
        return sorted(called, key=lambda one: called[one].lower().translate(_LAST_LETTER))

    async def verify(self, request: web.Request) -> web.Response:
        """Walk the chain and say what holds; that it was done is logged."""
        found = await audit.verify(self._desk.store)
        async with self._desk.acting(request) as (turn, person, _chat):
            log.note_verified(turn, person, found)
        params = {"links": found.links, "waiting": found.unsealed, "broken": found.broken_at or 0}
        if found.broken_at is not None:
            key = "console.log.broken"
        else:
            key = "console.log.empty" if found.until is None else "console.log.whole"
        at = when(found.until or self._desk.store.clock.now())
        return self._desk.see(request, _PATH, (key, {**params, "at": at}))

    async def export(self, request: web.Request) -> web.Response:
        """Answer with the entries looked for as a file; that they were taken out is logged first."""
        asked = _asked(await request.post())
        async with self._desk.acting(request) as (turn, person, _chat):
            sought = await self._sought(turn, asked)
            if sought is None:
                raise web.HTTPNotFound
            await log.note_export(turn, person, sought)
        rows = self._rows(sought, request[READER].language)
        name = f"log-{self._desk.store.clock.now().astimezone(self._desk.rules.zone):%Y-%m-%d}.csv"
        return web.Response(
            body=spreadsheet.written(spreadsheet.COLUMNS_OF_LOG, rows),
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
            content_type="text/csv",
            charset="utf-8",
        )

    async def _rows(self, sought: Sought, language: str) -> AsyncIterator[spreadsheet.Row]:
        """Yield the rows of the file, read a page at a time."""
        words, zone = self._desk.words, self._desk.rules.zone
        part = log.Part([], None)
        while True:
            async with self._desk.looking() as turn:
                part = await log.read(turn, sought, before=part.older)
            for entry in part.entries:
                said = words.text(entry.key, entry.params, language=language, now=turn.now)
                yield spreadsheet.row_of_log(entry, said, zone)
            if part.older is None:
                return

    async def _sought(self, turn: Turn, asked: Mapping[str, str]) -> Sought | None:
        """Return what is looked for, or None where there is no such case."""
        zone, number = self._desk.rules.zone, asked["number"]
        is_number = looked_for.NUMBER.fullmatch(number) is not None
        about = await log.case_of(turn, number) if is_number else None
        if number and about is None:
            return None
        return Sought(
            about=about,
            since=looked_for.first_moment(asked["from"], zone),
            until=looked_for.after_last_moment(asked["to"], zone),
            action=looked_for.known(asked["action"], log.ACTIONS),
            alias=asked["actor"] or None,
        )


def _asked(given: Mapping[str, object]) -> dict[str, str]:
    return {name: str(given.get(name, "")).strip()[:MOST_ALIAS_LETTERS] for name in _FIELDS}
