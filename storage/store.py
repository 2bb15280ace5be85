"""The store: both databases opened, units of work handed out, waiters woken on every commit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum, auto
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from scheduling.clock import Clock
from storage.engine import is_sqlite, open_leaser, open_reader, open_writer, parse_url
from storage.keys import KeyStore
from storage.unit_of_work import Unit


class Queue(Enum):
    """What a commit may have left something in."""

    INBOX = auto()
    OUTBOX = auto()


CHAT_HASH_KEY = "chat-hash"
AUDIT_CHAIN_KEY = "audit-chain"


class Store:
    """Everything the hotline remembers, behind units of work."""

    def __init__(self, *, database_url: str, keys_url: str, master_key: bytes, clock: Clock) -> None:
        self.url = parse_url(database_url)
        self.is_sqlite = is_sqlite(self.url)
        self.writer = open_writer(self.url)
        self._each_alone = self.writer.execution_options(isolation_level="AUTOCOMMIT")  # of the same pool
        self.reader = open_reader(self.url)
        self._leaser = None if self.is_sqlite else open_leaser(self.url)
        self.keys = KeyStore(open_writer(parse_url(keys_url)), master_key)
        self.clock = clock
        self._waiters: list[tuple[Queue, asyncio.Event]] = []

    def listen(self, queue: Queue) -> asyncio.Event:
        """Return an event that is set whenever something for the queue was committed here."""
        event = asyncio.Event()
        self._waiters.append((queue, event))
        return event

    def wake(self, queue: Queue | None = None) -> None:
        """Set the event of everybody who listens to the queue, or to any."""
        for listens_to, event in self._waiters:
            if queue is None or listens_to is queue:
                event.set()

    def unit(self) -> Unit:
        """Return a unit of work of its own transaction."""
        return Unit(self.writer, self.keys, self.clock, lambda: self.wake(Queue.OUTBOX))

    def looking(self) -> Unit:
        """Return a unit that only reads, beside whoever writes; it is never committed."""
        return Unit(self.reader, self.keys, self.clock, lambda: None)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection whose statements are committed at the end, or none of them."""
        async with self.writer.begin() as connection:
            yield connection
        self.wake()

    @asynccontextmanager
    async def at_once(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection for one statement, durable once done: on PostgreSQL it needs no transaction."""
        if self.is_sqlite:
            async with self.writer.begin() as connection:
                yield connection
        else:
            async with self._each_alone.connect() as connection:
                yield connection

    @asynccontextmanager
    async def leasing(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection for one statement that leases.

        What is leased need not outlive a power cut, nor wait for the disk.
        """
        if self._leaser is not None:
            async with self._leaser.connect() as connection:
                yield connection
            return
        async with self.writer.connect() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None, "it was just connected"
            driver.execute("PRAGMA synchronous=NORMAL")
            try:
                async with connection.begin():
                    yield connection
            finally:
                driver.execute("PRAGMA synchronous=FULL")

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Yield a session that only reads."""
        async with AsyncSession(self.reader, expire_on_commit=False) as session:
            yield session

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection that sees one moment only, however long it reads and whoever writes."""
        async with self.reader.connect() as connection:
            if not self.is_sqlite:  # SQLite's reader sees one moment anyway
                await connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    async def chat_hash(self, address: int) -> bytes:
        """Return the keyed hash by which a chat is found."""
        return await self.keys.keyed_hash(CHAT_HASH_KEY, str(address).encode(), now=self.clock.now())

    async def daily_key(self) -> UUID:
        """Return the key of the day for bodies on their way in."""
        now = self.clock.now()
        key_id, _ = await self.keys.named(f"daily:{now.date().isoformat()}", now=now)
        return key_id

    async def check_keys(self) -> None:
        """Raise MasterKeyError where the data key does not fit the key store."""
        for name in (CHAT_HASH_KEY, AUDIT_CHAIN_KEY):
            await self.keys.named(name, now=self.clock.now())

    async def is_writable(self) -> bool:
        """Whether something can be sealed and a transaction committed now."""
        await self.daily_key()
        async with self.writer.begin() as connection:
            await connection.execute(text("DELETE FROM switch WHERE name = 'probe'"))
            await connection.execute(
                text("INSERT INTO switch (name, value, turned_at) VALUES ('probe', '', :at)"),
                {"at": self.clock.now().microseconds},
            )
        return True

    async def close(self) -> None:
        """Let both databases go."""
        await self.writer.dispose()
        await self.reader.dispose()
        if self._leaser is not None:
            await self._leaser.dispose()
        await self.keys.close()
