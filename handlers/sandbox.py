"""The sandbox: the same hotline against a stand-in for Telegram, its cast enrolled and on duty."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from bot import insight as explain
from bot import people, plans, staff_file
from bot.configuration import Configuration, ConfigurationError
from bot.sandbox import STANDING_CAST, PortTaken, SandboxClock, StandIn
from bot.sandbox.client import Client
from bot.settings import Settings
from bot.turn import Turn
from handlers.running import Hotline, until_told_to_stop
from handlers.telegram.render import Renderer
from scheduling.instant import Instant
from scheduling.rota_file import read_plan
from storage.engine import parse_url
from storage.instance import hold_instance
from storage.models import Role
from storage.queries import people as find
from storage.schema import bring_to_newest
from storage.store import Store

_TOKEN = "1:SANDBOX"  # noqa: S105 - the stand-in's own, worth nothing elsewhere
_CAST: tuple[tuple[str, Role, tuple[str, ...], tuple[str, ...]], ...] = (
    ("Mira", Role.RESOURCE_PERSON, ("school", "family"), ("da", "en")),
    ("Tom", Role.RESOURCE_PERSON, ("street_work", "former_extremist"), ("da",)),
    ("Yasmin", Role.RESOURCE_PERSON, ("psychology", "minority_community"), ("da", "en", "ar")),
    ("Lone", Role.SECRETARIAT, (), ("da", "en")),
)
# When each had shown a certificate, in days before the sandbox's Monday; where she gets no cases from.
_FILES: dict[str, tuple[int, tuple[str, ...], str]] = {
    "Mira": (200, (), "Skovlunden Skole"),
    "Tom": (700, (), ""),
    "Yasmin": (330, ("2450",), "Ungdomsklubben Kompasset"),
    "Lone": (90, (), ""),
}

_FIRST_DAY = date(2024, 1, 1)
_ROTA = """
people:
  Mira:
    shifts: [mon-fri 08:00-16:00]
  Tom:
    shifts: ["mon,wed 10:00-20:00", "fri 08:00-14:00"]
  Yasmin:
    shifts: ["mon,thu 08:00-14:00", "tue,wed 12:00-20:00"]
  Lone:
    shifts: [coordinator mon-fri 08:00-16:00]
"""


class HotlineClock:
    """The sandbox's movable clock, as the hotline reads it."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock

    def now(self) -> Instant:
        """Return the sandbox's present moment."""
        return Instant.of(self._clock.now())


class Sandbox:
    """The stand-in with its page, and the hotline that runs against it."""

    def __init__(self, *, settings: Settings, rules: Configuration, data: Path) -> None:
        # Telegram's limits on sending are the stand-in's to play, and off there unless asked for.
        unlimited = rules.delivery.model_copy(update={"per_second": 0.0, "per_chat_per_second": 0.0})
        # Lone is alone at the desk there: nobody else could review her referrals.
        unreviewed = rules.referral.model_copy(update={"review": False})
        rules = rules.model_copy(update={"delivery": unlimited, "referral": unreviewed})
        self._settings, self._rules, self._data = settings, rules, data
        data.mkdir(parents=True, exist_ok=True)
        self.stand_in = StandIn(
            token=_TOKEN,
            bot_username="raadgivning_bot",
            bot_name=rules.in_language(rules.hotline.name, rules.hotline.languages[0]),
            clock=SandboxClock(monday_at_ten(rules.zone)),
            journal=data / "telegram.journal",
            host=self,
            page_language=rules.hotline.languages[0],
            zone=rules.hotline.zone,
            people=STANDING_CAST,
        )
        self._hotline: Hotline | None = None
        self.console_url = ""

    async def start(self, port: int) -> None:
        """Listen, run the hotline, and enrol the cast where nobody is enrolled."""
        await self.stand_in.start("127.0.0.1", port)
        # Passkeys are made for one address: it is the same at every start, unless somebody else has it.
        self.console_url = f"http://localhost:{_free_port(self._settings.http_port)}"
        await self._start_hotline()

    async def stop(self) -> None:
        """Stop the hotline and then the stand-in; chats and data stay."""
        if self._hotline is not None:
            await self._hotline.stop()
        await self.stand_in.stop()

    async def clock_moved(self) -> None:
        """Do at once what fell due when the clock was moved."""
        if self._hotline is not None:
            await self._hotline.sweep()

    async def reset(self) -> None:
        """Begin anew: the hotline's data are deleted and the cast is enrolled again."""
        if self._hotline is not None:
            await self._hotline.stop()
        for name in ("hotline.db", "keys.db"):
            for suffix in ("", "-wal", "-shm"):
                (self._data / f"{name}{suffix}").unlink(missing_ok=True)
        self.stand_in.clock.set(monday_at_ten(self._rules.zone))
        await self._start_hotline()

    async def insight(self) -> list[dict[str, str]]:
        """Say where each open question stands, and why nobody was asked where that is so."""
        if self._hotline is None:
            return []
        renderer = Renderer(self._rules, bot_name="", public_url=self.console_url)
        now = self._hotline.store.clock.now()
        language = self._rules.hotline.languages[0]
        async with self._hotline.store.unit() as unit:
            lines = await explain.explain(Turn(unit, self._rules))
        where = renderer.text("console.where", {"address": {"console": ""}}, language=language, now=now)
        return [{"title": "/console", "text": where, "tone": ""}] + [
            {
                "title": line.number,
                "text": renderer.text(line.key, line.params, language=language, now=now),
                "tone": "warn" if line.is_warning else "",
            }
            for line in lines
        ]

    async def _start_hotline(self) -> None:
        database, keys = f"sqlite:///{self._data}/hotline.db", f"sqlite:///{self._data}/keys.db"
        await bring_to_newest(database_url=database, keys_url=keys)
        settings = self._settings.model_copy(
            update={
                "bot_token": SecretStr(_TOKEN),
                "telegram_api_url": self.stand_in.url,
                "webhook_url": None,
                "http_host": "127.0.0.1",
                "http_port": urlsplit(self.console_url).port,
                "public_url": self.console_url,
                "database_url": database,
                "keys_url": keys,
            }
        )
        store = Store(
            database_url=database,
            keys_url=keys,
            master_key=own_key(self._data / "key"),
            clock=HotlineClock(self.stand_in.clock),
        )
        self._hotline = Hotline(settings=settings, rules=self._rules, store=store)
        await self._hotline.start()
        await self._enrol_cast(store)

    async def _enrol_cast(self, store: Store) -> None:
        tokens = {}
        async with store.unit() as unit:
            turn = Turn(unit, self._rules)
            if await people.is_anybody_enrolled(turn):
                return
            for alias, role, competences, languages in _CAST:
                known = [name for name in competences if name in self._rules.competences]
                tokens[alias] = await people.invite(
                    turn, role=role, alias=alias, competences=known, languages=languages
                )
            await unit.commit()
        async with Client(self.stand_in.url) as telegram:
            for person in STANDING_CAST:
                if person.first_name in tokens:
                    played = await telegram.user(person.first_name, id=person.id)
                    await played.start(tokens[person.first_name])
                    await played.sees(person.first_name)
        await self._file_papers(store)
        await self._plan(store)

    async def _file_papers(self, store: Store) -> None:
        """Have the cast have shown their papers; Tom's certificate will soon run out."""
        monday = monday_at_ten(self._rules.zone).date()
        async with store.unit() as unit:
            turn = Turn(unit, self._rules)
            for alias, (days, districts, places) in _FILES.items():
                person = await find.by_alias(unit, alias)
                assert person is not None
                shown = monday - timedelta(days=days)
                wished = replace(
                    await staff_file.read(turn, person),
                    trained_on=shown,
                    confidentiality_signed_on=shown,
                    certificate_on=shown,
                    own_districts=districts,
                    own_places=places,
                )
                await staff_file.change(turn, person, wished, by=None, seen=person.version)
            await unit.commit()

    async def _plan(self, store: Store) -> None:
        """Put the cast on a rota that has everybody on duty on a Monday at ten, and thin evenings."""
        async with store.unit() as unit:
            turn = Turn(unit, self._rules)
            plan = read_plan(_ROTA, zone=self._rules.zone, today=_FIRST_DAY)
            await plans.put_in_force(turn, plan)
            await unit.commit()


def monday_at_ten(zone: ZoneInfo) -> datetime:
    """Return ten o'clock, local time, on this week's Monday."""
    today = datetime.now(UTC).astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    return datetime.combine(monday, time(10), zone)


def _free_port(wanted: int) -> int:
    """Return the port that is wanted where nobody listens there, or another."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ConfigurationError(["HTTP_PORT: no port is free on this machine"])


def own_key(path: Path) -> bytes:
    """Return the sandbox's own data key, made at the first start, readable to its owner only."""
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(32)))
    return base64.b64decode(path.read_bytes())


async def run_sandbox(
    *, settings: Settings, rules: Configuration, port: int, data: Path, say: Callable[[str], None]
) -> None:
    """Run the sandbox until it is told to stop; a port that is taken is said plainly."""
    sandbox = Sandbox(settings=settings, rules=rules, data=data)
    async with hold_instance(parse_url(f"sqlite:///{data}/hotline.db")):
        try:
            await sandbox.start(port)
        except PortTaken as error:
            raise ConfigurationError([str(error)]) from None
        page = f"http://localhost:{sandbox.stand_in.port}"
        say(f"The sandbox is ready: {page}  the console: {sandbox.console_url}/console")
        try:
            await until_told_to_stop()
        finally:
            await asyncio.shield(sandbox.stop())
