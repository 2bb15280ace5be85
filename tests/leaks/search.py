"""Finds what was planted, however it may have been written down."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus
from uuid import UUID

import asyncpg
from sqlalchemy import LargeBinary, inspect, select

from scheduling.clock import SystemClock
from storage.models import Base
from storage.store import Store
from tests.databases import Urls
from tests.process import MASTER_KEY

# Where each sealed column says it belongs; a column that is not named here fails the test.
PLACES = {
    "inbox.body_sealed": ("inbox.body", "id"),
    "message.body_sealed": ("message.body", "id"),
    "message_version.body_sealed": ("message.body", "message_id"),
    "parked.body_sealed": ("parked.body", "id"),
    "chat.address_sealed": ("chat.address", "id"),
    "person.own_places_sealed": ("person.own_places", "id"),
    "contact_card.body_sealed": ("contact_card.body", "id"),
}
# Written at a screen: test_leaks_of_referrals.py looks into them.
OF_REFERRALS = {f"referral_version.{name}_sealed" for name in ("body", "identity", "remarks")}
# The one thing these two must know to write back is the chat's own number, sealed.
HOLDS_ITS_CHAT = {"inbox.body_sealed", "chat.address_sealed"}
# The one place where somebody may say who she is.
HOLDS_CARDS = "contact_card.body_sealed"


@dataclass(frozen=True)
class Finding:
    """Something planted, and where it turned up."""

    planted: str
    where: str


@dataclass
class Planted:
    """What must not turn up: identity nowhere; content but sealed or with the adviser; a card but sealed."""

    identity: list[str] = field(default_factory=list)
    content: list[str] = field(default_factory=list)
    card: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    @property
    def in_the_open(self) -> list[str]:
        """Everything that may stand in no file, table, log or figure as it is."""
        return [*self.identity, *self.content, *self.card, *self.links]

    numbers: list[int] = field(default_factory=list)


def in_bytes(hay: bytes, planted: Iterable[str], numbers: Iterable[int], where: str) -> list[Finding]:
    """Return what of the planted stands in the bytes in any form."""
    low = hay.lower()
    found = [Finding(one, where) for one in planted if _holds(low, one)]
    # Or as the databases keep an integer.
    found += [
        Finding(str(number), where)
        for number in numbers
        if number.to_bytes(6, "big") in hay or _holds(low, str(number))
    ]
    return found


def _holds(low: bytes, text: str) -> bool:
    return any(form in low for form in forms(text))


@cache
def forms(text: str) -> frozenset[bytes]:
    """Return, in lower case, how a text may stand in a file: encodings, escapes, hexadecimal, base64."""
    ways: set[bytes] = set()
    for said in {text, text.lower()}:
        encoded = said.encode()
        ways |= {
            encoded,
            said.encode("utf-16-le"),
            said.encode("utf-16-be"),
            said.encode("latin-1", "replace"),
        }
        ways |= {quote(said).encode(), quote_plus(said).encode(), quote(said).lower().encode()}
        ways |= {json.dumps(said)[1:-1].encode(), said.encode("unicode_escape"), encoded.hex().encode()}
        ways |= _in_base64(encoded)
    return frozenset(way.lower() for way in ways)


def _in_base64(encoded: bytes) -> set[bytes]:
    """Return the middle of each of the three ways it stands in a longer text's base64."""
    ways = set()
    for before in range(3):
        written = base64.b64encode(b"\0" * before + encoded)
        middle = written[4 if before else 0 : -4]
        if len(middle) >= 8:
            ways |= {middle, middle.replace(b"+", b"-").replace(b"/", b"_")}
    return ways


def in_files(folder: Path, planted: Planted) -> list[Finding]:
    """Return what stands in any file below the folder: databases, their journals, the key store, logs."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found += in_bytes(_content(path), planted.in_the_open, planted.numbers, path.name)
    return found


def _content(path: Path) -> bytes:
    """Return the file's bytes, read by another process: closing it here would drop SQLite's locks on it."""
    return subprocess.run(["cat", str(path)], capture_output=True, check=True).stdout


async def in_postgres(urls: Urls, planted: Planted) -> list[Finding]:
    """Return what stands in any table of both databases, as COPY hands it out."""
    found = []
    for url in (urls.database, urls.keys):
        connection = await asyncpg.connect(url)
        try:
            tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            for (table,) in tables:
                hay = bytearray()

                async def take(data: bytes, into: bytearray = hay) -> None:
                    into.extend(data)

                await connection.copy_from_table(table, output=take, format="binary")
                found += in_bytes(bytes(hay), planted.in_the_open, planted.numbers, f"table {table}")
        finally:
            await connection.close()
    return found


async def sealed_bodies(urls: Urls) -> list[tuple[str, bytes]]:
    """Return every sealed value that the keys open, with the column it stands in."""
    store = Store(database_url=urls.database, keys_url=urls.keys, master_key=MASTER_KEY, clock=SystemClock())
    opened = []
    try:
        async with store.reading() as session:
            for mapper in Base.registry.mappers:
                for column in inspect(mapper).columns:
                    named = f"{column.table.name}.{column.name}"
                    if column.name.endswith("_sealed") and named not in OF_REFERRALS:
                        place, key = PLACES[named]
                        table: Any = column.table
                        rows = await session.execute(
                            select(table.c[key], table.c.key_id, column).where(column.is_not(None))
                        )
                        opened += [(f"{table.name}.{column.name}", place, *row) for row in rows.all()]
        return [
            (name, await _open(store, key, body, f"{place}:{row}")) for name, place, row, key, body in opened
        ]
    finally:
        await store.close()


async def _open(store: Store, key_id: UUID, body: bytes, place: str) -> bytes:
    return await store.keys.open(key_id, body, place=place)


def in_sealed(bodies: Sequence[tuple[str, bytes]], planted: Planted) -> list[Finding]:
    """Return what of people's identity stands in sealed values, where only masked text may be."""
    found = []
    for column, body in bodies:
        numbers = [] if column in HOLDS_ITS_CHAT else planted.numbers
        identity = [*planted.identity, *([] if column == HOLDS_CARDS else planted.card)]
        found += in_bytes(body, identity, numbers, column)
    return found


def in_requests(requests: Sequence[dict[str, Any]], planted: Planted) -> list[Finding]:
    """Return what of people's identity the bot has sent to anybody, the writer herself included."""
    found = []
    for entry in requests:
        scope = entry["payload"].get("scope") or {}  # of a menu: the chat it is for, and nothing else
        to = entry["payload"].get("chat_id", scope.get("chat_id"))
        payload = {
            name: value for name, value in entry["payload"].items() if name not in ("chat_id", "scope")
        }
        others = [number for number in planted.numbers if number != to]
        identity = [*planted.identity, *planted.card]
        for said in (json.dumps(payload), json.dumps(payload, ensure_ascii=False)):
            found += in_bytes(said.encode(), identity, others, f"{entry['method']}")
    return found


def binary_columns() -> set[str]:
    """Return the columns that hold bytes, so that none escapes the search unnoticed."""
    return {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
