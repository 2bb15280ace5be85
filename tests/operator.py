"""The operator at the command line: each command in this process, on a test's own databases."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot import closing, enquiries
from bot.configuration import Configuration
from bot.incoming import Did, Incoming
from bot.settings import Settings
from bot.turn import Turn
from bot.writing import write_down
from handlers.command_line import app
from handlers.commands import ground
from scheduling.clock import SetClock
from scheduling.instant import Instant
from storage.models import Author, Enquiry, Outcome
from storage.queries import chats
from storage.queries import enquiries as find
from storage.store import Store
from tests.databases import Urls
from tests.scene import MONDAY_AT_TEN
from tests.stage import set_pairs

MASTER_KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))
_NOTHING_OF_OURS = {name.upper(): None for name in Settings.model_fields}


class Operator:
    """Runs commands on the databases, at the moment her clock shows."""

    def __init__(
        self, urls: Urls, patch: pytest.MonkeyPatch, rules: Configuration, at: datetime = MONDAY_AT_TEN
    ) -> None:
        self.urls, self.rules, self.clock = urls, rules, SetClock(at)
        self.variables = {
            "DATABASE_URL": urls.database,
            "KEYS_URL": urls.keys,
            "DATA_KEY": base64.b64encode(MASTER_KEY).decode(),
        }
        patch.setattr(ground, "present", lambda: self.clock)

    def on(self, urls: Urls) -> None:
        """Go on with other databases."""
        self.urls = urls
        self.variables |= {"DATABASE_URL": urls.database, "KEYS_URL": urls.keys}

    def later(self, **duration: float) -> None:
        self.clock.at = Instant.of(self.clock.at + timedelta(**duration))

    async def does(self, *arguments: object, **variables: str) -> Result:
        """Return what the command printed and how it ended; a traceback is never an answer."""
        words = [str(one) for one in arguments]
        environment = _NOTHING_OF_OURS | self.variables | variables
        done = await asyncio.to_thread(CliRunner().invoke, app, words, env=environment)
        assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
        return done

    @asynccontextmanager
    async def store(self, key: bytes = MASTER_KEY) -> AsyncIterator[Store]:
        made = Store(
            database_url=self.urls.database, keys_url=self.urls.keys, master_key=key, clock=self.clock
        )
        try:
            yield made
        finally:
            await made.close()

    async def given_cases(self, count: int, *, text: str = "") -> list[str]:
        """Have so many cases be assigned, with a text written in each, and return their numbers."""
        async with self.store() as store:
            pairs = await set_pairs(store, self.rules, count)
            async with store.unit() as unit:
                turn = Turn(unit, self.rules)
                for pair in pairs if text else ():
                    enquiry = await _case(turn, pair.number)
                    chat = await chats.by_id(unit, enquiry.chat_id)
                    incoming = Incoming(Did.TEXT, pair.enquirer, turn.now, text=text)
                    await write_down(turn, enquiry, incoming, author=Author.ENQUIRER, chat=chat)
                await unit.commit()
        return [pair.number for pair in pairs]

    async def given_closed(self, number: str, outcome: Outcome = Outcome.ADVICE_ONLY) -> None:
        """Have the case be closed with the outcome."""
        async with self.store() as store, store.unit() as unit:
            turn = Turn(unit, self.rules)
            enquiry = await _case(turn, number)
            assignment = await find.active_assignment(unit, enquiry.id)
            assert assignment is not None
            closing.end_assignment(turn, enquiry, assignment, because="done")
            await enquiries.close(turn, enquiry, outcome)
            await unit.commit()


async def _case(turn: Turn, number: str) -> Enquiry:
    enquiry = await find.by_number(turn.unit, number)
    assert enquiry is not None
    return enquiry
