"""What the journeys have in common: asking a question by taps, waiting, and the words to look for."""

from __future__ import annotations

import string
from typing import Any

from sqlalchemy import func, select

from bot.catalogue import words
from bot.sandbox.client import Played
from storage.models import Enquiry, Message
from tests.scene import Scene

_QUESTIONS = ("role", "profession", "relation", "topic", "age", "writer", "alarm", "residence", "spoken")


def phrase(key: str, language: str = "da", **params: Any) -> str:
    """Return the longest stretch of the words of this key that is known without the missing parameters."""
    stretches = [""]
    for literal, name, _, _ in string.Formatter().parse(words(key, language)):
        stretches[-1] += literal
        if name is not None and name in params:
            stretches[-1] += str(params[name])
        elif name is not None:
            stretches.append("")
    return max(stretches, key=len).strip()


async def settled(scene: Scene) -> None:
    """Return when the bot has taken everything in, handled it and said what it has to say."""
    await scene.telegram.all_confirmed()
    await scene.quiet()


async def ask(scene: Scene, person: Played, text: str, **answers: str) -> Enquiry:
    """Have the person ask a new question with these answers, the others skipped, and return it as sent."""
    await person.says("/new")
    if answers:
        role = answers.get("role")
        applies = {"profession": role == "professional", "relation": role == "relative"}
        applies["writer"] = role != "professional"
        for question in (q for q in _QUESTIONS if applies.get(q, True)):
            if not answers:
                break
            given = answers.pop(question, "none" if question == "alarm" else None)
            await person.taps(f"skip:{question}" if given is None else f"answer:{question}:{given}")
    await person.says(text)
    await person.taps("send")
    await settled(scene)
    return (await scene.enquiries())[-1]


async def claimed(scene: Scene, adviser: Played, person: Played, text: str) -> Enquiry:
    """Have the person ask and the adviser claim it; return it as it stands then."""
    await ask(scene, person, text)
    await adviser.taps("claim")
    await adviser.sees(text)
    await settled(scene)
    return (await scene.enquiries())[-1]


async def messages_in(scene: Scene) -> list[int]:
    """Return how many messages stand in each enquiry, the oldest first; withdrawn ones are not counted."""
    async with scene.store.reading() as session:
        counted = []
        for enquiry in await scene.enquiries():
            query = select(func.count()).where(
                Message.enquiry_id == enquiry.id, Message.withdrawn_at.is_(None)
            )
            counted.append((await session.execute(query)).scalar_one())
    return counted


async def shown(person: Played) -> list[str]:
    """Return what of the bot's the person can still read, oldest first."""
    return [
        f"{message['text']}{message['caption']}"
        for message in await person.messages()
        if message["from_bot"] and not message["deleted"]
    ]


async def buttons(person: Played, prefix: str) -> list[tuple[int, str]]:
    """Return message and data of every button of this kind that stands in the person's chat."""
    found = []
    for message in await person.messages():
        for row in [] if message["deleted"] else message["keyboard"]:
            found += [(message["message_id"], b["callback_data"]) for b in row]
    return [(at, data) for at, data in found if data.startswith(prefix)]
