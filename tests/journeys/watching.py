"""What the journeys look at behind the scenes: what is stored, what was sent to whom, and what stands."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from bot import writing
from bot.catalogue import words
from bot.masking import Mask, localise
from bot.sandbox.client import Played
from bot.turn import Turn
from storage.keys import KeyDestroyedError
from storage.models import Enquiry, Message
from storage.queries import messages
from tests.scene import Scene

_SAYING = frozenset({"sendmessage", "editmessagetext"})


async def stored(scene: Scene, enquiry: Enquiry, language: str = "da") -> list[str]:
    """Return what can still be read of what was written, in order, its masks in the language."""
    masks = {mask: words(f"mask.{mask.value}", language) for mask in Mask}
    texts = []
    async with scene.store.unit() as unit:
        for message in await messages.of_enquiry(unit, enquiry.id):
            try:
                body = await writing.read(Turn(unit, scene.rules), message)
            except KeyDestroyedError:
                continue
            texts.append(localise(str(body["text"]), masks))
    return texts


async def keys_of(scene: Scene, enquiry: Enquiry) -> list[UUID]:
    """Return the key each message of the enquiry is sealed under, in order."""
    async with scene.store.unit() as unit:
        return [message.key_id for message in await messages.of_enquiry(unit, enquiry.id)]


async def count_stored(scene: Scene) -> int:
    """Return how many messages are stored in all."""
    async with scene.store.reading() as session:
        return len((await session.execute(select(Message.id))).all())


async def sent(scene: Scene, person: Played | None = None) -> list[str]:
    """Return every text the bot ever sent or edited, to the person or to anybody, oldest first."""
    requests: list[Any] = await scene.telegram.requests()
    said = [request for request in requests if request["method"] in _SAYING]
    return [str(r["payload"]["text"]) for r in said if person is None or r["chat_id"] == person.id]


async def is_deleted(person: Played, message_id: int) -> bool:
    """Whether the message is gone from the person's chat."""
    [found] = [one for one in await person.messages() if one["message_id"] == message_id]
    return bool(found["deleted"])


async def labels(person: Played) -> list[str]:
    """Return what the buttons under the newest message of the bot's that stands say."""
    standing = [m for m in await person.messages() if m["from_bot"] and not m["deleted"]]
    return [button["text"] for row in standing[-1]["keyboard"] for button in row]


async def notes_of(scene: Scene, person: Played, key: str, language: str = "da") -> int:
    """Return how often the words of this key, up to their first parameter, were sent to the person."""
    beginning = words(key, language).partition("{")[0]
    return sum(text.startswith(beginning) for text in await sent(scene, person))
