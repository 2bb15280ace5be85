"""A running hotline on a stand-in Telegram, and the standing cast who use it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from sqlalchemy import select

from bot import people
from bot.configuration import Configuration
from bot.sandbox import SandboxClock, StandIn
from bot.sandbox.client import Client, Played
from bot.settings import Settings
from bot.turn import Turn
from handlers.running import Hotline
from handlers.sandbox import HotlineClock
from storage.models import Enquiry, Role
from storage.queries import people as find_people
from storage.store import Store
from tests.databases import Urls

MONDAY_AT_TEN = datetime(2026, 11, 16, 10, 0, tzinfo=ZoneInfo("Europe/Copenhagen"))
TOKEN = "1:TEST"
A_YEAR_BEFORE = date(2025, 11, 17)

CAST: dict[str, tuple[Role, Sequence[str], Sequence[str]]] = {
    "Mira": (Role.RESOURCE_PERSON, ("school", "family"), ("da", "en")),
    "Tom": (Role.RESOURCE_PERSON, ("street_work", "former_extremist"), ("da",)),
    "Yasmin": (Role.RESOURCE_PERSON, ("psychology", "minority_community"), ("da", "en", "ar")),
    "Lone": (Role.SECRETARIAT, (), ("da", "en")),
    "Ane": (Role.COORDINATOR, (), ("da",)),
    "Dorte": (Role.AUDITOR, (), ("da",)),
    "Asta": (Role.ADMINISTRATOR, (), ("da",)),
}
LANGUAGES = {"Idris": "en", "Karen": "da"}


class Scene:
    """The stand-in, the hotline that runs against it, and whoever has come on stage."""

    def __init__(self, urls: Urls, rules: Configuration, master_key: bytes) -> None:
        self.urls, self.rules, self._master_key = urls, rules, master_key
        self.clock = SandboxClock(MONDAY_AT_TEN)
        self.stand_in = StandIn(token=TOKEN, bot_username="test_bot", clock=self.clock)
        self.telegram: Client
        self.hotline: Hotline
        self.store: Store
        self._played: dict[str, Played] = {}

    async def __aenter__(self) -> Self:
        await self.stand_in.start("127.0.0.1", 0)
        self.telegram = await Client(self.stand_in.url).__aenter__()
        await self.start_hotline()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.hotline.stop()
        await self.telegram.__aexit__(kind, error, trace)
        await self.stand_in.stop()

    async def start_hotline(self, **settings: Any) -> None:
        """Run a hotline on the scene's databases; again after `stop`, it is the same one restarted."""
        self.store = Store(
            database_url=self.urls.database,
            keys_url=self.urls.keys,
            master_key=self._master_key,
            clock=HotlineClock(self.clock),
        )
        made = Settings(
            bot_token=SecretStr(TOKEN),
            telegram_api_url=self.stand_in.url,
            database_url=self.urls.database,
            keys_url=self.urls.keys,
            **{"http_port": 0, **settings},
        )
        self.hotline = Hotline(settings=made, rules=self.rules, store=self.store)
        await self.hotline.start()

    async def person(self, name: str) -> Played:
        """Return a member of the cast who is not staff, such as Karen or Idris."""
        if name not in self._played:
            self._played[name] = await self.telegram.user(name, language_code=LANGUAGES.get(name, "da"))
        return self._played[name]

    async def staff(self, name: str, *, on_duty: bool = True) -> Played:
        """Return a member of staff, enrolled through an invite, and on duty unless told otherwise."""
        role, competences, languages = CAST[name]
        async with self.store.unit() as unit:
            token = await people.invite(
                Turn(unit, self.rules), role=role, alias=name, competences=competences, languages=languages
            )
            await unit.commit()
        played = await self.person(name)
        await played.start(token)
        await played.sees(name)
        await self._show_papers(name)
        if on_duty and role not in (Role.AUDITOR, Role.ADMINISTRATOR):
            await played.says("/duty on")
            await played.sees("på vagt, til")
        return played

    async def _show_papers(self, name: str) -> None:
        """Have her have shown what is asked for, long before anything of it ends."""
        async with self.store.unit() as unit:
            person = await find_people.by_alias(unit, name)
            assert person is not None
            person.trained_on = person.confidentiality_signed_on = person.certificate_on = A_YEAR_BEFORE
            await unit.commit()

    async def skip(self, **duration: float) -> None:
        """Move the clock on once what is under way is done, and do at once what falls due.

        A test speaks of one moment at a time; a jump in the middle of a send has a test of its own.
        """
        with contextlib.suppress(AssertionError):  # what is meant to wait goes on waiting
            await self.quiet(seconds=2)
        self.clock.skip(timedelta(**duration))
        await self.hotline.sweep()
        await self.quiet()

    async def quiet(self, seconds: float = 10) -> None:
        """Return when nothing is waiting to be handled or to be sent."""
        from storage import inbox, outbox

        async def is_quiet() -> bool:
            waiting = (await inbox.count_waiting(self.store))["waiting"]
            return not waiting and not (await outbox.count_waiting(self.store))["waiting"]

        await until(is_quiet, seconds)

    async def enquiries(self) -> list[Enquiry]:
        """Return the log as it stands, the oldest first."""
        async with self.store.reading() as session:
            query = select(Enquiry).order_by(Enquiry.drafted_at)
            return list((await session.execute(query)).scalars())

    async def enquiry(self) -> Enquiry:
        """Return the only enquiry in the log."""
        [one] = await self.enquiries()
        return one


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 10.0) -> None:
    """Return once the condition holds; AssertionError when it does not in time."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not await holds():
        assert asyncio.get_running_loop().time() < deadline, "the condition did not hold in time"
        await asyncio.sleep(0.02)
