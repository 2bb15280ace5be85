"""Many small writes in one transaction: each caller returns once its own is committed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class GroupCommit(Generic[T]):
    """Hands what gathered while the last group was being written to `write`, as one group."""

    def __init__(self, write: Callable[[list[T]], Awaitable[None]], *, at_most: int = 256) -> None:
        self._write = write
        self._at_most = at_most
        self._gathered: list[tuple[T, asyncio.Future[None]]] = []
        self._running: asyncio.Task[None] | None = None

    async def submit(self, item: T) -> None:
        """Return when the item is durable; raises what the write of its group raised."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._gathered.append((item, done))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._run())
        await done

    async def _run(self) -> None:
        while self._gathered:
            group, self._gathered = self._gathered[: self._at_most], self._gathered[self._at_most :]
            try:
                await self._write([item for item, _ in group])
            except Exception as error:  # noqa: BLE001 - every caller of the group gets it
                _settle(group, error)
            else:
                _settle(group, None)


def _settle(group: list[tuple[T, asyncio.Future[None]]], error: Exception | None) -> None:
    for _, done in group:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
