"""When the hotline was last alive, so that it knows at its start how long it was away."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from sqlalchemy import Table, insert, select, update

from scheduling.instant import Instant
from storage.models import Switch
from storage.store import Store

_NAME = "alive"
_table = cast("Table", Switch.__table__)


async def note(store: Store) -> timedelta | None:
    """Note that the hotline is alive now, and return how long ago it last was; None the first time.

    Of several processes that start at once, one is told how long it was; the others hear zero.
    """
    now = store.clock.now()
    async with store.writing() as connection:
        query = select(_table.c.turned_at).where(_table.c.name == _NAME)
        before = (await connection.execute(query.with_for_update())).scalar_one_or_none()
        if before is None:
            await connection.execute(insert(_table).values(name=_NAME, value="", turned_at=now))
            return None
        await connection.execute(update(_table).where(_table.c.name == _NAME).values(turned_at=now))
    return max(timedelta(0), now - Instant.of(before))
