"""`python -m tests.faults.sweeper`: handles what has fallen due, and ends when nothing is left."""

from __future__ import annotations

import asyncio
import sys

from bot.configuration import read_configuration
from handlers import logs
from handlers.telegram.worker import Worker
from scheduling.clock import SystemClock
from storage.store import Store
from tests.process import MASTER_KEY, ROOT


async def main(database: str, keys: str) -> None:
    store = Store(database_url=database, keys_url=keys, master_key=MASTER_KEY, clock=SystemClock())
    try:
        await Worker(store=store, rules=read_configuration(ROOT / "hotline.toml")).sweep()
    finally:
        await store.close()


if __name__ == "__main__":
    logs.set_up("error")
    asyncio.run(main(*sys.argv[1:]))
