"""The control API under /_control/: what the page and the tests do in everybody's name."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot.sandbox import play
from bot.sandbox.changes import REQUESTS
from bot.sandbox.failures import Unplayable
from bot.sandbox.load import inject
from bot.sandbox.methods.account import commands_for
from bot.sandbox.persons import STANDING_CAST, Person

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.sandbox.chats import Chat
    from bot.sandbox.host import Host
    from bot.sandbox.parameters import Json
    from bot.sandbox.world import World

    Action = Callable[[Json], object | Awaitable[object]]

LONGEST_WAIT = 55.0
PERSON_FIELDS = ("first_name", "last_name", "username", "language_code", "label", "role")


class Control:
    """Plays people, faults and time. Every action takes one JSON object and returns one value."""

    def __init__(
        self, world: World, host: Host, *, zone: str, language: str, people: tuple[Person, ...]
    ) -> None:
        self._world = world
        self._host = host
        self._zone = ZoneInfo(zone)
        self._language = language
        self._people = people
        self._loads: set[asyncio.Task[None]] = set()
        self.posts: dict[str, Action] = {
            "users": self.add_user,
            "cast": self.add_cast,
            "say": self.say,
            "send": self.send,
            "tap": self.tap,
            "edit": self.edit,
            "delete": self.delete,
            "start": self.start,
            "release": lambda w: {
                "released": play.release(world, world.chat_of(world.person(w.get("user"))))
            },
            "block": lambda w: play.block(world, world.person(w.get("user"))),
            "unblock": lambda w: play.unblock(world, world.person(w.get("user"))),
            "deactivate": lambda w: play.deactivate(world, world.person(w.get("user"))),
            "group": self.group,
            "kick": lambda w: play.remove_from_group(world, self._actor(w), self._chat(w)),
            "migrate": lambda w: play.migrate(world, self._actor(w), self._chat(w)).as_chat(),
            "faults": world.faults.change,
            "clock": self.move_clock,
            "reset": self.reset,
            "recording": self.recording,
            "load": self.load,
        }
        self.gets: dict[str, Action] = {
            "about": self.about,
            "users": lambda _: [person.as_record() for person in world.people.values()],
            "requests": self.requests,
            "acknowledged": self.acknowledged,
            "faults": lambda _: world.faults.change({}),
            "clock": lambda _: self._clock(),
            "insight": lambda _: self._host.insight(),
        }

    async def perform(self, name: str, wish: Json, *, is_change: bool) -> object:
        """Return what the action gives. Raises Unplayable, and KeyError when there is no such action."""
        if not is_change and name.startswith("chat/"):
            return await self.chat(name.removeprefix("chat/"), wish)
        result = (self.posts if is_change else self.gets)[name](wish)
        return await result if asyncio.iscoroutine(result) else result

    def close(self) -> None:
        """Stop what still injects messages."""
        for task in self._loads:
            task.cancel()

    def seat(self) -> None:
        """Let the people given at the start exist, unless they do already."""
        for person in self._people:
            if person.id not in self._world.people:
                self._world.add_person(Person(**person.as_record()))

    def _actor(self, wish: Json) -> Person:
        return self._world.person(wish.get("user") or next(iter(self._world.people), 0))

    def _chat(self, wish: Json) -> Chat:
        try:
            return self._world.chats[int(wish["chat"])]
        except (KeyError, TypeError, ValueError):
            raise Unplayable(f"There is no chat {wish.get('chat')}.") from None

    # What the page needs to know of its surroundings.

    def about(self, _: Json) -> Json:
        """Return the bot's name, the page's language and the zone its times are shown in."""
        profile = self._world.profile
        return {
            "bot": {"id": profile.bot_id, "name": profile.name, "username": profile.username},
            "description": profile.values.get("description|", ""),
            "language": self._language,
            "zone": self._zone.key,
            "revision": self._world.changes.revision,
        }

    # People and what they do.

    def add_user(self, wish: Json) -> Json:
        """Let a person exist and return them."""
        person_id = int(wish.get("id") or self._world.new_person_id())
        given = {name: str(wish[name]) for name in PERSON_FIELDS if wish.get(name)}
        given.setdefault("first_name", f"Person {person_id}")
        given.setdefault("label", given["first_name"])
        return self._world.add_person(Person(id=person_id, **given)).as_record()  # type: ignore[arg-type]

    def add_cast(self, _: Json) -> list[Json]:
        """Let the standing cast exist and return them."""
        return [self._world.add_person(Person(**person.as_record())).as_record() for person in STANDING_CAST]

    def say(self, wish: Json) -> Json:
        """Write a text in a person's name."""
        content: Json = {"text": str(wish.get("text", "")), **(wish.get("raw") or {})}
        content.update({name: wish[name] for name in ("reply_to", "hold") if wish.get(name)})
        return self._write(wish, content)

    def send(self, wish: Json) -> Json:
        """Send a photo, sticker, voice message or anything else in a person's name."""
        message = wish.get("message")
        if not isinstance(message, dict) or not message:
            raise Unplayable("A message needs fields, for example a photo or a sticker.")
        return self._write(wish, dict(message))

    def _write(self, wish: Json, content: Json) -> Json:
        person = self._world.person(wish.get("user"))
        chat = self._chat(wish) if wish.get("chat") else None
        message = play.write(self._world, person, content, chat=chat, at=wish.get("at"))
        return {"message_id": message.id, "date": message.date}

    def tap(self, wish: Json) -> Json:
        """Press a button in a person's name."""
        person = self._world.person(wish.get("user"))
        message_id, data = int(wish.get("message_id", 0)), str(wish.get("data", ""))
        tap = play.tap(self._world, person, message_id, data, overtake=wish.get("overtake"))
        return {"callback_query_id": tap.id}

    def edit(self, wish: Json) -> Json:
        """Edit a person's own message."""
        person, text = self._world.person(wish.get("user")), str(wish.get("text", ""))
        message = play.edit(self._world, person, int(wish.get("message_id", 0)), text, wish.get("raw"))
        return {"message_id": message.id}

    def delete(self, wish: Json) -> None:
        """Delete a message from a person's screen, or for both sides."""
        person, message_id = self._world.person(wish.get("user")), int(wish.get("message_id", 0))
        play.delete(self._world, person, message_id, for_both=bool(wish.get("for_both")))

    def start(self, wish: Json) -> Json:
        """Press Start in a person's name."""
        message = play.start(
            self._world, self._world.person(wish.get("user")), str(wish.get("payload") or "")
        )
        return {"message_id": message.id, "date": message.date}

    def group(self, wish: Json) -> Json:
        """Add the bot to a new group."""
        return play.add_to_group(self._world, self._actor(wish), str(wish.get("title") or "Group")).as_chat()

    # What is to be seen.

    async def chat(self, person_id: str, wish: Json) -> Json:
        """Return a chat as its person sees it; with `revision` and `timeout`, wait until it has moved on."""
        number = int(person_id) if person_id.lstrip("-").isdigit() else 0
        if number not in self._world.chats:
            self._world.person(number)
        seen, seconds = int(wish.get("revision", -1)), min(float(wish.get("timeout", 0)), LONGEST_WAIT)
        until = asyncio.get_running_loop().time() + seconds
        while self._revision(number) <= seen and (left := until - asyncio.get_running_loop().time()) > 0:
            await self._world.changes.wait(number, left)
            if self._world.changes.is_closed:
                break
        return self._shown(number, wish)

    def _revision(self, number: int) -> int:
        chat = self._world.chats.get(number)
        return chat.revision if chat else 0

    def _shown(self, number: int, wish: Json) -> Json:
        chat = self._world.chats.get(number)
        if chat is None:
            return {
                "epoch": self._world.epoch,
                "id": number,
                "revision": 0,
                "is_blocked": False,
                "messages": [],
                "notices": [],
                "commands": [],
            }
        after, since = int(wish.get("after", 0)), int(wish.get("since", 0))
        messages = [m.as_seen() for m in chat.messages.values() if m.id > after and m.revision > since]
        language = chat.person.language_code if chat.person else ""
        return {
            "id": chat.id,
            "epoch": self._world.epoch,
            "revision": chat.revision,
            "is_blocked": chat.is_blocked,
            "is_deactivated": bool(chat.person and chat.person.is_deactivated),
            "messages": messages,
            "notices": [n for n in chat.notices if n["n"] > int(wish.get("notices_after", 0))],
            "commands": commands_for(self._world, chat.id, language),
        }

    async def requests(self, wish: Json) -> Json:
        """Return the bot's requests after a number; with `timeout`, wait for the first."""
        after, until = (
            int(wish.get("after", 0)),
            asyncio.get_running_loop().time() + float(wish.get("timeout", 0)),
        )
        while not (found := self._world.record.after(after)):
            left = min(until - asyncio.get_running_loop().time(), LONGEST_WAIT)
            if left <= 0 or self._world.changes.is_closed:
                break
            await self._world.changes.wait(REQUESTS, left)
        return {"count": self._world.record.count, "requests": found}

    def acknowledged(self, wish: Json) -> Json:
        """Return which updates the bot has confirmed, which wait and which were lost; or only how many."""
        updates = self._world.updates
        updates.expire()
        if wish.get("counts"):
            return {"confirmed": updates.confirmed_count, "waiting": len(updates), "lost": len(updates.lost)}
        waiting: list[Any] = [update.as_trace() for update in updates.waiting()]
        return {"confirmed": list(updates.confirmed), "waiting": waiting, "lost": list(updates.lost)}

    # Time, faults, beginnings.

    def _clock(self) -> Json:
        now = self._world.clock.now()
        return {
            "now": now.isoformat(),
            "zone": self._zone.key,
            "local": now.astimezone(self._zone).isoformat(),
        }

    async def move_clock(self, wish: Json) -> Json:
        """Move the clock, tell the embedding program, and return the new time."""
        clock = self._world.clock
        if seconds := wish.get("skip_seconds"):
            clock.skip(timedelta(seconds=float(seconds)))
        elif moment := wish.get("set"):
            clock.set(self._moment(str(moment)))
        elif hour := wish.get("next"):
            clock.set(self._next(str(hour)))
        self._world.note_clock()
        self._world.updates.wake()
        await self._host.clock_moved()
        self._world.changes.announce(-1)
        return self._clock()

    def _moment(self, text: str) -> datetime:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise Unplayable(f"{text} is not an ISO time.") from None
        return moment if moment.tzinfo else moment.replace(tzinfo=self._zone)

    def _next(self, hour: str) -> datetime:
        """Return the next time the local clock shows this hour, today or tomorrow."""
        local = self._world.clock.now().astimezone(self._zone)
        try:
            hours, minutes = (int(part) for part in hour.split(":"))
            moment = local.replace(hour=hours, minute=minutes, second=0, microsecond=0)
        except ValueError:
            raise Unplayable(f"{hour} is not a time of day such as 08:00.") from None
        return moment if moment > local else moment + timedelta(days=1)

    async def reset(self, _: Json) -> Json:
        """Forget everything, tell the embedding program, and bring back the people given at the start."""
        self.close()
        revisions = list(self._world.chats)
        self._world.clear()
        self.seat()
        await self._host.reset()
        for topic in [*revisions, -1]:
            self._world.changes.announce(topic)
        return {"revision": self._world.changes.revision}

    def recording(self, wish: Json) -> None:
        """Change how many requests, and how many messages a chat, are kept; a load test needs few."""
        if "requests" in wish:
            self._world.record.keep(int(wish["requests"]))
        if "messages_per_chat" in wish:
            self._world.most_messages = int(wish["messages_per_chat"])

    async def load(self, wish: Json) -> Json:
        """Inject many messages; with a rate they come spread over time, and this returns at once."""
        task = asyncio.get_running_loop().create_task(inject(self._world, wish))
        if wish.get("rate"):
            self._loads.add(task)
            task.add_done_callback(self._loads.discard)
        else:
            await task
        return {"count": int(wish.get("count", 0)), "waiting": len(self._world.updates)}
