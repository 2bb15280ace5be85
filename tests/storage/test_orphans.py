"""A key that no row names is destroyed once it is a day old."""

from datetime import timedelta

import pytest

from bot import chats, enquiries
from bot.incoming import Did, Incoming
from bot.turn import Turn
from scheduling.instant import Instant
from storage.keys import KeyDestroyedError
from storage.orphans import destroy_orphans


async def test_only_keys_that_no_row_names_are_destroyed(store, rules, clock) -> None:
    async with store.unit() as unit:
        turn = Turn(unit, rules)
        incoming = Incoming(Did.TEXT, 1, turn.now)
        chat = await chats.find_or_open(turn, incoming, await store.chat_hash(1))
        kept, doomed = await enquiries.open_draft(turn, chat), await store.keys.make("held", now=turn.now)
        await unit.commit()
    never_came = await store.keys.make("enquiry", now=clock.now())
    assert await destroy_orphans(store) == 0, "a young key may belong to a transaction under way"

    clock.at = Instant.of(clock.at + timedelta(days=2))
    assert await destroy_orphans(store) == 2

    assert await store.keys.seal(kept.key_id, b"x", place="p")
    assert await store.keys.seal(chat.key_id, b"x", place="p")
    for gone in (never_came, doomed):
        with pytest.raises(KeyDestroyedError):
            await store.keys.open(gone, bytes(40), place="p")
