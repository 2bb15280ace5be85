"""Keys: what one sealed only it opens, in its own place, and never again once it is destroyed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from cryptography.exceptions import InvalidTag

from scheduling.clock import SetClock
from storage import keys as key_store
from storage.engine import open_writer, parse_url
from storage.keys import KeyDestroyedError, KeyStore, MasterKeyError
from tests.databases import Urls

MASTER, ANOTHER = bytes(range(32)), bytes(range(1, 33))


@pytest.fixture
async def keys(urls: Urls) -> AsyncIterator[KeyStore]:
    made = KeyStore(open_writer(parse_url(urls.keys)), MASTER)
    yield made
    await made.close()


@pytest.fixture
async def elsewhere(urls: Urls) -> AsyncIterator[KeyStore]:
    """The same key store, in another process."""
    made = KeyStore(open_writer(parse_url(urls.keys)), MASTER)
    yield made
    await made.close()


async def test_what_was_sealed_is_opened_in_its_own_place_only(keys: KeyStore, clock: SetClock) -> None:
    key = await keys.make("enquiry", now=clock.now())
    sealed = await keys.seal(key, b"a secret", place="message.body:1")

    assert b"a secret" not in sealed
    assert await keys.open(key, sealed, place="message.body:1") == b"a secret"
    with pytest.raises(InvalidTag):
        await keys.open(key, sealed, place="message.body:2")


async def test_another_key_does_not_open_it(keys: KeyStore, clock: SetClock) -> None:
    mine, other = [await keys.make("enquiry", now=clock.now()) for _ in range(2)]
    sealed = await keys.seal(mine, b"a secret", place="p")

    with pytest.raises(InvalidTag):
        await keys.open(other, sealed, place="p")


async def test_the_same_text_is_sealed_differently_each_time(keys: KeyStore, clock: SetClock) -> None:
    key = await keys.make("enquiry", now=clock.now())

    assert await keys.seal(key, b"x", place="p") != await keys.seal(key, b"x", place="p")


async def test_a_destroyed_key_opens_nothing(keys: KeyStore, clock: SetClock) -> None:
    key = await keys.make("enquiry", now=clock.now())
    sealed = await keys.seal(key, b"a secret", place="p")

    await keys.destroy([key])

    with pytest.raises(KeyDestroyedError):
        await keys.open(key, sealed, place="p")
    with pytest.raises(KeyDestroyedError):
        await keys.seal(key, b"more", place="p")


async def test_a_key_destroyed_elsewhere_is_forgotten_in_time(
    keys: KeyStore, elsewhere: KeyStore, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = await keys.make("enquiry", now=clock.now())
    sealed = await keys.seal(key, b"a secret", place="p")
    await elsewhere.destroy([key])
    monkeypatch.setattr(key_store, "_CACHE_SECONDS", 0.0)

    with pytest.raises(KeyDestroyedError):
        await keys.open(key, sealed, place="p")


async def test_two_processes_that_want_the_same_named_key_get_the_same(
    keys: KeyStore, elsewhere: KeyStore, clock: SetClock
) -> None:
    assert await keys.named("chat-hash", now=clock.now()) == await elsewhere.named(
        "chat-hash", now=clock.now()
    )


async def test_the_wrong_master_key_is_told(keys: KeyStore, urls: Urls, clock: SetClock) -> None:
    key = await keys.make("enquiry", now=clock.now())
    await keys.named("chat-hash", now=clock.now())
    wrong = KeyStore(open_writer(parse_url(urls.keys)), ANOTHER)

    with pytest.raises(MasterKeyError):
        await wrong.named("chat-hash", now=clock.now())
    with pytest.raises(MasterKeyError):
        await wrong.open(key, bytes(40), place="p")
    await wrong.close()


async def test_a_rewrapped_key_opens_what_it_sealed_under_the_new_master_alone(
    keys: KeyStore, urls: Urls, clock: SetClock
) -> None:
    key = await keys.make("enquiry", now=clock.now())
    await keys.named("chat-hash", now=clock.now())
    sealed = await keys.seal(key, b"a secret", place="p")

    assert await keys.rewrap(ANOTHER) == 2

    new, old = (KeyStore(open_writer(parse_url(urls.keys)), master) for master in (ANOTHER, MASTER))
    assert await new.open(key, sealed, place="p") == b"a secret"
    with pytest.raises(MasterKeyError):
        await old.open(key, sealed, place="p")
    await new.close()
    await old.close()
