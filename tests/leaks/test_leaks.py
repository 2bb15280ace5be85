"""Nothing that says who somebody is reaches disk, logs, figures or another person; and this test can fail.

Two controls run the same conversation without masking and without encryption: both must be found out.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import delete, insert, select, text

from bot import people
from bot.configuration import read_configuration
from bot.sandbox import StandIn
from bot.sandbox.client import Client, Played
from bot.turn import Turn
from scheduling.clock import SystemClock
from scheduling.ids import new_id
from scheduling.instant import Instant
from storage import inbox, outbox
from storage.models import InboxRow, Person, Progress, Role
from storage.store import Store
from tests.databases import PostgresServer, Urls
from tests.leaks.search import (
    OF_REFERRALS,
    PLACES,
    Finding,
    Planted,
    binary_columns,
    in_bytes,
    in_files,
    in_postgres,
    in_requests,
    in_sealed,
    sealed_bodies,
)
from tests.process import MASTER_KEY, TOKEN, BotProcess, environment, free_port, write_rules
from tests.scene import until

ALWAYS_OPEN = {
    'panel = "mon-fri 08:00-20:00"': 'panel = "always"',
    "flood_messages = 20": "flood_messages = 0",
    "per_chat_per_second = 1": "per_chat_per_second = 0",
}
WITHOUT = "tests.leaks.without"
KAREN, IDRIS, MIRA, STRANGER = 5_412_345_671, 5_412_345_672, 5_412_345_673, 5_412_345_674
MARKER = "den blå giraf står stadig bag gymnastiksalen"
EDITED_MARKER = "den røde elefant sover under svømmehallen"
ANSWER_MARKER = "tre violette pingviner venter på perronen"
PLANTED = Planted(
    identity=[
        "010752-6004",
        "0107526004",
        "120341-6002",
        "67000004",
        "67 00 00 04",
        "+447700900123",
        "Opdigtetgade 41",
        "rasmus.opdigtesen@example.org",
        "Kvistgaard",
        "Opdigtesen",
        "Ravnsborgnæs",
        "Zebulonia",
        "Quistorff",
        "qzebulonia77",
        "Idrisoglu",
        "Miroslavina",
        "Wolkenstein",
        "frederik_skjult",
        "Hemmelighans",
        "AB12345",
    ],
    content=[MARKER, EDITED_MARKER, ANSWER_MARKER],
    card=["Solveig Kortvigtsen", "60 12 34 56", "solveig.kortvigtsen@example.org", "Tyge Aftalesen"],
    numbers=[KAREN, IDRIS, MIRA, STRANGER],
)


@dataclass
class Found:
    """What turned up where: in files, logs, figures and tables; under seal; in what the bot sent."""

    in_the_open: set[Finding] = field(default_factory=set)
    under_seal: set[Finding] = field(default_factory=set)
    sent: set[Finding] = field(default_factory=set)


class Talk:
    """One conversation with everything in it that must not get out, and a search after every part."""

    def __init__(
        self, urls: Urls, folder: Path, command: tuple[str, ...], server: PostgresServer | None
    ) -> None:
        self.urls, self.folder, self.command, self.server = urls, folder, command, server
        self.found = Found()
        self.sealed: set[str] = set()
        self.rules = write_rules(folder.parent, ALWAYS_OPEN)
        self.store = Store(
            database_url=urls.database, keys_url=urls.keys, master_key=MASTER_KEY, clock=SystemClock()
        )
        self.stand_in = StandIn(token=TOKEN, bot_username="test_bot")
        self.stand_in.world.faults.change({"taps_overtake": 0})
        self.telegram: Client
        self.karen: Played
        self.idris: Played
        self.mira: Played

    @asynccontextmanager
    async def on_stage(self) -> AsyncIterator[None]:
        await self.stand_in.start("127.0.0.1", 0)
        async with Client(self.stand_in.url) as self.telegram:
            user = self.telegram.user
            names = {"last_name": "Quistorff", "username": "qzebulonia77", "language_code": "da"}
            self.karen = await user("Zebulonia", id=KAREN, **names)
            self.idris = await user("Idrisoglu", id=IDRIS, language_code="da")
            self.mira = await user("Miroslavina", id=MIRA, language_code="da")
            yield
        await self.stand_in.stop()
        await self.store.close()

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[BotProcess]:
        """Run the bot; afterwards everything it has left behind is searched."""
        variables = environment(
            self.urls, api_url=self.stand_in.url, port=free_port(), rules=self.rules, LOG_LEVEL="debug"
        )
        async with BotProcess(variables, self.folder / "bot.log", command=self.command) as process:
            yield process
            for page in ("/metrics", "/healthz", "/readyz"):
                hay = (await process.text(page)).encode()
                self.found.in_the_open |= set(in_bytes(hay, PLANTED.in_the_open, PLANTED.numbers, page))
            await self.search()  # while it runs: the journals beside the database are full
        await self.search()

    async def search(self) -> None:
        self.found.in_the_open |= set(in_files(self.folder, PLANTED))
        if self.server is not None:
            self.found.in_the_open |= set(await in_postgres(self.urls, PLANTED))
        if self.command != (WITHOUT, "encryption"):
            bodies = await sealed_bodies(self.urls)
            self.sealed |= {column for column, _ in bodies}
            self.found.under_seal |= set(in_sealed(bodies, PLANTED))
        self.found.sent |= set(in_requests(self.stand_in.world.record.after(0), PLANTED))

    async def acknowledged(self) -> None:
        await self.telegram.all_confirmed(timeout=15)

    async def quiet(self) -> None:
        async def is_quiet() -> bool:
            waits = (await inbox.count_waiting(self.store))["waiting"]
            return not waits and not (await outbox.count_waiting(self.store))["waiting"]

        await self.acknowledged()
        await until(is_quiet, 20)

    async def block(self, *addresses: int) -> None:
        """Put a row before everything else these chats write, so that it stays in the inbox, sealed."""
        later = Instant.from_microseconds(2**52)
        for address in addresses:
            row = {"id": new_id(), "update_id": -address, "chat_hash": await self.store.chat_hash(address)}
            row |= {"order_at": 0, "order_number": 0, "key_id": await self.store.daily_key()}
            row |= {"received_at": self.store.clock.now(), "progress": Progress.WAITING, "not_before": later}
            async with self.store.writing() as connection:
                await connection.execute(insert(InboxRow).values(attempts=0, lease=0, **row))

    async def unblock(self) -> None:
        async with self.store.writing() as connection:
            await connection.execute(delete(InboxRow).where(InboxRow.update_id < 0))

    async def rename(self, table: str, name: str) -> None:
        async with self.store.writer.begin() as connection:
            await connection.execute(text(f"ALTER TABLE {table} RENAME TO {name}"))

    async def enrol_mira(self) -> None:
        async with self.store.unit() as unit:
            token = await people.invite(
                Turn(unit, read_configuration(self.rules)),
                role=Role.RESOURCE_PERSON,
                alias="Mira",
                competences=("school",),
                languages=("da",),
            )
            await unit.commit()
        await self.mira.start(token)
        await self.mira.sees("Mira")
        async with self.store.unit() as unit:
            mira = (await unit.session.execute(select(Person).where(Person.alias == "Mira"))).scalar_one()
            mira.key_id = await unit.keys.make("person", now=unit.now)
            place = f"person.own_places:{mira.id}"
            mira.own_places_sealed = await unit.seal(
                mira.key_id, {"text": "Den Opdigtede Skole"}, place=place
            )
            await unit.commit()
        await self.mira.says("/duty on")
        await self.mira.sees("på vagt")

    async def karen_writes_everything(self) -> None:
        karen = self.karen
        await karen.start("Kvistgaard_67000004")
        first = await karen.says(f"Goddag, {MARKER}. Han hedder Rasmus Opdigtesen.")
        await karen.says("Hans CPR er 010752-6004, og mit er 0107526004.")
        await karen.says(
            "Ring på 67 00 00 04 eller +447700900123, eller skriv rasmus.opdigtesen@example.org."
        )
        await karen.says(
            "De bor på Opdigtetgade 41, 3. tv., og kører i AB 12 345 (AB12345). Se @frederik_skjult."
        )
        origin = {"type": "user", "date": 1, "sender_user": {"id": STRANGER, "is_bot": False}}
        origin["sender_user"] |= {"first_name": "Hemmelighans", "username": "frederik_skjult"}
        await karen.says("Det her fik jeg.", raw={"forward_origin": origin})
        quote = {"text": "Wolkenstein og 120341-6002", "position": 0}
        await karen.says("Se citatet.", reply_to=first, raw={"quote": quote})
        user = {"id": STRANGER, "is_bot": False, "first_name": "Hemmelighans", "last_name": "Wolkenstein"}
        mention = {"type": "text_mention", "offset": 3, "length": 4, "user": user}
        link = {
            "type": "text_link",
            "offset": 3,
            "length": 4,
            "url": "https://wolkenstein.example/Kvistgaard",
        }
        await karen.says("Se ham der.", raw={"entities": [mention, link]})
        preview = {"url": "https://wolkenstein.example/"}
        external = {
            "origin": origin,
            "chat": {"id": STRANGER, "type": "private", "first_name": "Wolkenstein"},
        }
        await karen.says("Og her.", raw={"link_preview_options": preview, "external_reply": external})
        await karen.sends(photo=[], caption="Hans CPR er 120341-6002, siger hendes navn er Wolkenstein.")
        await karen.sends(document={"file_name": "Wolkenstein-0107526004.pdf"}, caption="Opdigtetgade 41")
        await karen.sends(
            contact={"phone_number": "+447700900123", "first_name": "Wolkenstein", "user_id": STRANGER}
        )
        await karen.sends(venue={"location": {}, "title": "Wolkenstein", "address": "Opdigtetgade 41"})
        await karen.says("/note Han hedder Rasmus Opdigtesen, 67 00 00 04")
        await karen.says("/Kvistgaard 0107526004")
        await karen.edits(first, f"Goddag, {EDITED_MARKER}. Hun hedder Signe Ravnsborgnæs, 120341-6002.")
        self.unknown_shapes()

    def unknown_shapes(self) -> None:
        """Updates as no Telegram has sent them yet, names in every corner."""
        world = self.stand_in.world
        chat = {"id": KAREN, "type": "private", "first_name": "Zebulonia"}
        shapes: list[dict[str, Any]] = [
            {"message_id": 1, "chat": chat, "date": "Kvistgaard", "text": "0107526004"},
            {"message_id": "Wolkenstein", "chat": chat, "date": 1, "text": {"Han hedder": "Kvistgaard"}},
            {
                "chat": {"id": KAREN, "type": "private"},
                "date": 1,
                "thing": {"inner": ["Opdigtetgade 41", "Kvistgaard"]},
            },
            {"message_id": 2, "chat": {"id": "Kvistgaard", "type": "private"}, "date": 1},
            {"message_id": 3, "chat": chat, "date": 1, "from": "Kvistgaard", "text": "0107526004"},
            {"message_id": 4, "chat": chat, "date": 1, "reply_to_message": {"message_id": "Kvistgaard"}},
        ]
        for shape in shapes:
            world.updates.add("message", shape, lane=KAREN, waits=600)
        edit = {"message_id": 5, "chat": chat, "edit_date": "Wolkenstein", "text": "0107526004"}
        world.updates.add("edited_message", edit, lane=KAREN, waits=600)
        tap = {"id": "7", "from": {"id": KAREN, "first_name": "Zebulonia"}, "data": "Kvistgaard 0107526004"}
        world.updates.add("callback_query", tap, lane=KAREN, waits=600)

    async def idris_has_two_cases_and_says_neither(self) -> None:
        for question in ("Det første.", "Det andet."):
            await self.idris.says(question)
            await self.idris.taps("send")
            await self.quiet()
            await self.idris.taps("continue:new")
            await self.quiet()
        await self.idris.says("Min ven.")
        await self.idris.taps("send")
        await self.quiet()
        await self.idris.says(f"Han hedder Rasmus Opdigtesen, 010752-6004, {MARKER}.")
        await self.quiet()

    async def they_talk(self) -> None:
        await self.karen.taps("send")
        await self.quiet()
        await self.mira.taps("claim")
        await self.mira.sees(EDITED_MARKER[:12])
        answer = await self.mira.says(f"{ANSWER_MARKER}. Hans navn er Rasmus Opdigtesen, 67 00 00 04.")
        await self.karen.sees(ANSWER_MARKER)
        await self.mira.edits(answer, f"{ANSWER_MARKER}. Hendes navn er Signe Ravnsborgnæs, Opdigtetgade 41.")
        await self.mira.says("/note CPR 010752-6004, han hedder Rasmus Opdigtesen")
        await self.quiet()

    async def karen_says_who_she_is(self, process: BotProcess) -> None:
        """Her link and what she fills in: under the card's key alone, and nowhere else."""
        await self.mira.says("/contact")
        await self.karen.taps("card:form")
        sent = (await self.karen.sees("/card/"))["text"]
        path = re.search(r"/card/([\w-]{43})", sent)
        assert path is not None
        PLANTED.links.append(path[1])
        proof = re.search(r'name="proof" value="([^"]+)"', await process.text(path[0]))
        assert proof is not None
        fields = dict(zip(("name", "phone", "email", "about"), PLANTED.card, strict=False))
        async with aiohttp.ClientSession() as browser:
            await browser.post(f"{process.url}{path[0]}", data={**fields, "proof": proof[1]})
        await self.mira.sees("er nået frem til sekretariatet")
        await self.quiet()

    async def _has_failed(self) -> bool:
        return "handling_failed" in (self.folder / "bot.log").read_text(encoding="utf-8")

    async def a_use_case_fails(self) -> None:
        """The table is away: the error itself must not say what was written."""
        await self.rename("message", "message_away")
        await self.karen.says(f"Hun hedder Signe Ravnsborgnæs, 120341-6002, {MARKER}.")
        await self.acknowledged()
        await until(self._has_failed, 10)
        await self.rename("message_away", "message")
        await self.quiet()


@pytest.fixture
def folder(urls: Urls, tmp_path: Path) -> Path:
    """Where the data lies, on SQLite beside the log; what the test itself writes lies elsewhere."""
    made = tmp_path / "data"
    made.mkdir()
    return made


@pytest.fixture
def data(urls: Urls, folder: Path) -> Urls:
    """The databases, moved into the folder that is searched."""
    if urls.database.startswith("postgresql"):
        return urls
    for name in ("hotline.db", "keys.db"):
        (folder.parent / name).rename(folder / name)
    return Urls(f"sqlite:///{folder}/hotline.db", f"sqlite:///{folder}/keys.db")


async def _whole(data: Urls, folder: Path, server: PostgresServer | None, *command: str) -> Talk:
    is_postgres = data.database.startswith("postgresql")
    talk = Talk(data, folder, command, server if is_postgres else None)
    async with talk.on_stage():
        await talk.block(KAREN)
        async with talk.bot():
            await talk.karen_writes_everything()
            await talk.acknowledged()
        await talk.unblock()
        async with talk.bot() as process:
            await talk.enrol_mira()
            await talk.idris_has_two_cases_and_says_neither()
            await talk.they_talk()
            await talk.karen_says_who_she_is(process)
            await talk.a_use_case_fails()
    return talk


async def test_nothing_planted_gets_out(
    data: Urls, folder: Path, postgres_server: PostgresServer | None
) -> None:
    talk = await _whole(data, folder, postgres_server, "bot", "run")

    assert talk.found == Found()
    assert talk.sealed == set(PLACES), "not every sealed column held something: the search has shown nothing"


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)  # masking is done before either
async def test_without_masking_it_is_found_out(
    data: Urls, folder: Path, postgres_server: PostgresServer | None
) -> None:
    talk = await _whole(data, folder, postgres_server, WITHOUT, "masking")

    assert {finding.planted for finding in talk.found.under_seal} >= {"Opdigtesen", "010752-6004"}
    assert {finding.planted for finding in talk.found.sent} >= {"Opdigtesen", "010752-6004"}
    assert not talk.found.in_the_open, "encryption is another lock, and was not taken away"


async def test_without_encryption_it_is_found_out(
    data: Urls, folder: Path, postgres_server: PostgresServer | None
) -> None:
    talk = await _whole(data, folder, postgres_server, WITHOUT, "encryption")

    found = {finding.planted for finding in talk.found.in_the_open}
    assert found >= {MARKER, ANSWER_MARKER, str(KAREN), PLANTED.card[0]}
    assert not talk.found.sent, "masking is another lock, and was not taken away"


def test_every_column_of_bytes_is_known_to_the_search() -> None:
    hashes = {"chat.address_hash", "inbox.chat_hash", "invite.token_hash", "rota_feed.token_hash"}
    hashes |= {"sign_in.alias_hash", "sign_in.address_hash", "sign_in.browser_hash"}
    hashes |= {"console_session.token_hash", "contact_card.token_hash"}
    passkeys = {"sign_in.challenge", "passkey.credential_id", "passkey.public_key"}
    links = {"audit_seal.hmac", "audit_sealer.last_hmac", "audit_sealer.checkpoint_hmac"}

    assert binary_columns() == set(PLACES) | OF_REFERRALS | hashes | passkeys | links
