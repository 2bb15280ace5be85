"""What every page stands on: the store, the words, the cookies; and a turn that answers on the page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import aiohttp_jinja2
from aiohttp import web

from bot.configuration import Configuration
from bot.turn import Turn, when
from handlers.console.access import may
from handlers.console.files import Files
from handlers.console.reader import Cookies, Reader, Saying
from handlers.words import Words
from scheduling.instant import Instant
from storage.models import Chat, Person
from storage.queries import people
from storage.store import Store

READER = web.RequestKey("reader", Reader)
# Whose buttons the page has itself.
_WITH_BUTTONS_HERE = frozenset({"desk.misuse_noted", "desk.paused", "desk.unpaused", "request.still_open"})


@dataclass(frozen=True, slots=True)
class TurnOnPage(Turn):
    """A turn whose plain answers to the reader herself stand on her page; everything else goes its way."""

    own_chat: UUID
    answers: list[Saying] = field(default_factory=list)

    def say(self, chat: Chat | UUID, key: str, **given: Any) -> None:
        """Keep an answer to the reader for her page; buttons, messages and other people's go to the chat."""
        chat_id = chat.id if isinstance(chat, Chat) else chat
        belongs_in_chat = key not in _WITH_BUTTONS_HERE and any(
            given.get(name) for name in ("buttons", "message", "purpose")
        )
        if chat_id == self.own_chat and not belongs_in_chat:
            own = ("buttons", "message", "purpose", "subject", "reply_to", "priority", "action")
            self.answers.append((key, {name: value for name, value in given.items() if name not in own}))
        else:
            Turn.say(self, chat, key, **given)


class Desk:
    """What the pages share."""

    def __init__(self, *, store: Store, rules: Configuration, words: Words, public_url: str) -> None:
        self.store, self.rules, self.words = store, rules, words
        self.public_url = public_url.rstrip("/")
        self.cookies = Cookies(is_secure=urlsplit(public_url).scheme == "https")
        self.files = Files("/console/static")

    def render(
        self, request: web.Request, template: str, *, status: int = 200, **values: Any
    ) -> web.Response:
        """Return the page in the reader's language."""
        return aiohttp_jinja2.render_template(
            template, request, {**self._given(request), **values}, status=status
        )

    def see(self, request: web.Request, to: str, *said: Saying) -> web.Response:
        """Return the way to another page, where what is said is shown once."""
        response = web.Response(status=303, headers={"Location": to})
        if said:
            self.cookies.put(response, "said", request[READER].pack(list(said)))
        return response

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[Turn]:
        """Yield a turn that only reads."""
        async with self.store.looking() as unit:
            yield Turn(unit, self.rules)

    @asynccontextmanager
    async def acting(self, request: web.Request) -> AsyncIterator[tuple[TurnOnPage, Person, Chat]]:
        """Yield a turn in which the reader does something, committed at the end.

        She is asked for anew, so that an account that was cut off a moment ago does nothing any more.
        """
        known = request[READER].signed_in
        assert known is not None
        async with self.store.unit() as unit:
            turn = TurnOnPage(unit, self.rules, own_chat=known.chat.id)
            person = await people.by_id(unit, known.person.id)
            if person.revoked_at is not None or person.chat_id != known.chat.id:
                raise web.HTTPForbidden
            yield turn, person, await unit.session.get_one(Chat, known.chat.id)
            await unit.commit()

    def _given(self, request: web.Request) -> dict[Any, Any]:
        """Return what every template may use."""
        reader = request[READER]
        now = self.store.clock.now()

        def t(key: str, **params: Any) -> str:
            return self.words.text(key, params, language=reader.language, now=now)

        return {
            "t": t,
            "reader": reader,
            "asset": self.files.address,
            "masked": lambda text: self.words.masked(text, reader.language),
            "may": lambda route: may(reader.role, route),
            "when": when,
            "stamp": lambda at: {"stamp": Instant.of(at).microseconds},
            "ago": lambda at: _ago(at, now),
            "path": request.path,
            "hotline": self.rules.in_language(self.rules.hotline.name, reader.language),
        }


def _ago(at: datetime, now: Instant) -> dict[str, int]:
    """Return a parameter that is read as the time gone by since the moment."""
    return {"age": int((now - Instant.of(at)).total_seconds())}


def form_id(value: str) -> UUID:
    """Return the id that a form or an address carries; what is none is not found."""
    try:
        return UUID(value)
    except ValueError:
        raise web.HTTPNotFound from None
