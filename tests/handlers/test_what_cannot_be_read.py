"""Rows that were leased, and whose surroundings then could not be read, are sent once they can be."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from storage.outbox import Claimed
from storage.queries import delivery
from storage.queries.delivery import Background
from storage.store import Store
from tests.journeys.acting import phrase
from tests.scene import Scene


async def test_a_row_whose_surroundings_could_not_be_read_is_sent_afterwards(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    karen = await scene.person("Karen")
    read, failures = delivery.background, [OSError(), OSError()]

    async def fails_at_first(store: Store, rows: Sequence[Claimed]) -> Background:
        if failures:
            raise failures.pop()
        return await read(store, rows)

    monkeypatch.setattr(delivery, "background", fails_at_first)
    await karen.says("/status")

    await karen.sees(phrase("status.nothing"))
    assert not failures
    await scene.quiet()
    asked = await scene.telegram.requests(method="sendMessage")
    assert len(asked) == 1
