"""Wakes the hotline: a sweep at a steady beat, by APScheduler; what is due is rows, not jobs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler


class Clockwork:
    """Calls each callable it was handed at its beat; late or doubled beats melt into one."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    def every(self, seconds: float, wake: Callable[[], Awaitable[None]], *, name: str) -> None:
        """Wake the callable at this beat from `start` on."""
        self._scheduler.add_job(
            wake,
            "interval",
            seconds=seconds,
            id=name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    def start(self) -> None:
        """Begin to beat; needs a running event loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Beat no more; a callable already running goes on."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
