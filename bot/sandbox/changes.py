"""Tells whoever waits that a chat, or the record of requests, has moved on."""

from __future__ import annotations

import asyncio

REQUESTS = 0
"""The topic of the record of requests; every other topic is a chat's id."""


class Changes:
    """Counts revisions; waiting costs nothing until something happens."""

    def __init__(self) -> None:
        self.revision = 0
        self.is_closed = False
        self._waiters: dict[int, list[asyncio.Future[None]]] = {}
        self._listeners: list[asyncio.Queue[int]] = []

    def announce(self, topic: int) -> int:
        """Count one more revision and wake whoever waits for the topic."""
        self.revision += 1
        if self._waiters and (waiters := self._waiters.pop(topic, None)):
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)
        for listener in self._listeners:
            listener.put_nowait(topic)
        return self.revision

    async def wait(self, topic: int, seconds: float) -> None:
        """Return when the topic moves on, at the latest after so many seconds."""
        if self.is_closed or seconds <= 0:
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.setdefault(topic, []).append(waiter)
        try:
            await asyncio.wait_for(waiter, seconds)
        except TimeoutError:
            return
        finally:
            if topic in self._waiters and waiter in self._waiters[topic]:
                self._waiters[topic].remove(waiter)

    def listen(self) -> asyncio.Queue[int]:
        """Return a queue that receives every topic from now on, until `forget`."""
        queue: asyncio.Queue[int] = asyncio.Queue()
        self._listeners.append(queue)
        return queue

    def forget(self, queue: asyncio.Queue[int]) -> None:
        """Stop feeding the queue."""
        if queue in self._listeners:
            self._listeners.remove(queue)

    def close(self) -> None:
        """Wake everybody for good: the stand-in is going down."""
        self.is_closed = True
        for topic in list(self._waiters):
            self.announce(topic)
        for listener in self._listeners:
            listener.put_nowait(-1)

    def open(self) -> None:
        """Allow waiting again after a close."""
        self.is_closed = False
