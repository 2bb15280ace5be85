"""/healthz, /readyz and /metrics: alive, able to commit an inbox row, and the figures."""

from __future__ import annotations

import asyncio

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from handlers import metrics
from storage import inbox, outbox
from storage.queries import enquiries
from storage.store import Store

_PATIENCE_SECONDS = 2.0


class Health:
    """Answers what a supervisor asks."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add_to(self, app: web.Application) -> None:
        """Put the three routes into the application."""
        app.router.add_get("/healthz", self.alive)
        app.router.add_get("/readyz", self.ready)
        app.router.add_get("/metrics", self.figures)

    async def alive(self, _request: web.Request) -> web.Response:
        """Answer as long as the process runs."""
        return web.json_response({"alive": True})

    async def ready(self, _request: web.Request) -> web.Response:
        """Answer 200 where an inbox row can be committed within two seconds, else 503."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._store.is_writable()
        except (SQLAlchemyError, OSError) as error:
            return web.json_response({"ready": False, "because": type(error).__name__}, status=503)
        return web.json_response({"ready": True})

    async def figures(self, _request: web.Request) -> web.Response:
        """Answer with the metrics in Prometheus' format."""
        await self._count()
        return web.Response(
            body=generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    async def _count(self) -> None:
        for state, count in (await inbox.count_waiting(self._store)).items():
            metrics.inbox_rows.labels(state).set(count)
        for state, count in (await outbox.count_waiting(self._store)).items():
            metrics.outbox_rows.labels(state).set(count)
        metrics.held.set(await outbox.is_held(self._store))
        async with self._store.unit() as unit:
            for state, count in (await enquiries.count_by_state(unit)).items():
                metrics.enquiries.labels(state.value).set(count)
