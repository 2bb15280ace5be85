"""/readyz answers that an inbox row can be sealed and committed, or that it cannot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from http import HTTPStatus

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from handlers.health import Health
from storage.store import Store


@pytest.fixture
async def asking(store: Store) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    app = web.Application()
    Health(store).add_to(app)
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_nobody_is_ready_who_can_seal_nothing(
    asking: TestClient[web.Request, web.Application], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def is_gone(*_: object, **__: object) -> None:
        raise OSError

    before = (await asking.get("/readyz")).status
    monkeypatch.setattr(store.keys, "named", is_gone)

    assert (before, (await asking.get("/readyz")).status) == (HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE)
