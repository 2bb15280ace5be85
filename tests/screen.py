"""A screen with the console on it: a browser without a picture, for tests of its routes."""

from __future__ import annotations

import re
from types import TracebackType
from typing import Any, Self

from aiohttp import ClientResponse, CookieJar, web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from bot import chats, signing_in
from bot.configuration import Configuration
from bot.incoming import Did, Incoming
from bot.turn import Turn
from handlers.card.door import CardDoor
from handlers.console.door import Console
from handlers.words import Words
from scheduling.ids import new_id
from storage.models import Chat, ConsoleSession, OutboxRow, Person, Role, SignIn
from storage.store import Store
from tests.passkeys import Authenticator
from tests.scene import A_YEAR_BEFORE

PUBLIC_URL = "http://localhost:8080"


class Screen:
    """A PC at which somebody may sign in."""

    def __init__(self, store: Store, rules: Configuration, *, public_url: str = PUBLIC_URL) -> None:
        self.store, self.rules = store, rules
        app = web.Application()
        words = Words(rules, bot_name="test_bot", public_url=public_url)
        self.console = Console(store=store, rules=rules, words=words, public_url=public_url)
        self.console.add_to(app)
        CardDoor(store=store, rules=rules, words=words, public_url=public_url).add_to(app)
        self.client = TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True))
        self.csrf = ""

    async def __aenter__(self) -> Self:
        await self.client.start_server()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.close()

    async def get(self, path: str, **more: Any) -> tuple[ClientResponse, str]:
        """Return the answer and its text; redirects are not followed."""
        answer = await self.client.get(path, allow_redirects=False, **more)
        text = await answer.text()
        if found := re.search(r'name="csrf" value="([0-9a-f]+)"', text):
            self.csrf = found[1]
        return answer, text

    async def post(self, path: str, **fields: str) -> tuple[ClientResponse, str]:
        """Return the answer to a form; it carries the secret of the page seen last unless told otherwise."""
        answer = await self.client.post(path, data={"csrf": self.csrf, **fields}, allow_redirects=False)
        return answer, await answer.text()

    async def begins(self, alias: str) -> SignIn:
        """Begin to sign in, and return what the chat is asked about."""
        await self.get("/console/sign-in")
        await self.post("/console/sign-in/begin", alias=alias)
        await self.get("/console/sign-in")
        async with self.store.reading() as session:
            query = select(SignIn).order_by(SignIn.asked_at.desc(), SignIn.id.desc()).limit(1)
            return (await session.execute(query)).scalar_one()

    async def answers(self, person: Person, begun: SignIn, *, is_hers: bool = True) -> None:
        """Have the person tap in her chat."""
        async with self.store.unit() as unit:
            chat = await unit.session.get_one(Chat, person.chat_id)
            mine = await unit.session.get_one(Person, person.id)
            await signing_in.decide(Turn(unit, self.rules), mine, chat, begun.id, is_hers=is_hers)
            await unit.commit()

    async def options(self) -> dict[str, Any]:
        """Return what the browser is asked to do with its passkeys."""
        asked, _ = await self.post("/console/sign-in/options")
        return dict(await asked.json())

    async def signs_in(self, person: Person, device: Authenticator | None = None) -> Authenticator:
        """Sign the person in, and return the device her passkey is on."""
        device = device or Authenticator(PUBLIC_URL)
        await self.answers(person, await self.begins(person.alias))
        _, text = await self.post("/console/sign-in/prove", credential=device.answers(await self.options()))
        assert '"to"' in text, text
        await self.get("/console/sessions")
        return device


async def enrolled(
    store: Store, rules: Configuration, alias: str, role: Role, *, address: int, **more: Any
) -> Person:
    """Return a member of staff with a chat of her own."""
    async with store.unit() as unit:
        turn = Turn(unit, rules)
        incoming = Incoming(Did.TEXT, address, turn.now)
        chat = await chats.find_or_open(turn, incoming, await store.chat_hash(address))
        chat.language, chat.welcomed_at = more.pop("language", "en"), turn.now
        given = {"competences": ["school"], "languages": ["da"], "certificate_on": A_YEAR_BEFORE, **more}
        person = Person(
            id=new_id(), alias=alias, role=role, chat_id=chat.id, cap=5, enrolled_at=turn.now, **given
        )
        unit.session.add(person)
        await unit.commit()
    return person


async def signed_in(store: Store, alias: str) -> dict[str, str]:
    """Return the cookies of a browser at which the person is signed in."""
    token = signing_in.new_token()
    async with store.unit() as unit:
        person = (await unit.session.execute(select(Person).where(Person.alias == alias))).scalar_one()
        unit.session.add(
            ConsoleSession(
                id=new_id(),
                person_id=person.id,
                token_hash=signing_in.hash_token(token),
                began_at=unit.now,
                seen_at=unit.now,
            )
        )
        await unit.commit()
    return {"session": token}


async def told(store: Store, person: Person) -> list[str]:
    """Return the keys of what was said in the person's chat, in order."""
    async with store.reading() as session:
        query = select(OutboxRow.key).where(OutboxRow.chat_id == person.chat_id).order_by(OutboxRow.seq)
        return [key for key in (await session.execute(query)).scalars() if key is not None]
