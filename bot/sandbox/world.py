"""Everything the stand-in knows: people, chats, files, taps, updates. It is all in memory."""

from __future__ import annotations

import random
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.sandbox.changes import Changes
from bot.sandbox.chats import Chat, Message
from bot.sandbox.failures import Unplayable, bad_request, forbidden
from bot.sandbox.faults import Faults
from bot.sandbox.journal import Journal
from bot.sandbox.persons import Person
from bot.sandbox.record import Record
from bot.sandbox.updates import MESSAGE_WAITS, UpdateQueue

if TYPE_CHECKING:
    from pathlib import Path

    from bot.sandbox.clock import SandboxClock
    from bot.sandbox.parameters import Json
    from bot.sandbox.profile import Profile
    from bot.sandbox.updates import Update


@dataclass(slots=True)
class Tap:
    """A press of a button that the bot may still answer."""

    id: str
    chat_id: int
    message_id: int
    data: str
    at: float
    is_answered: bool = False


class World:
    """One bot and the people it talks to."""

    def __init__(self, profile: Profile, clock: SandboxClock, journal: Path | None, seed: int) -> None:
        self.profile = profile
        self.clock = clock
        self.chance = random.Random(seed)  # noqa: S311  a seeded stand-in, no secrets
        self.journal = Journal(journal)
        self.changes = Changes()
        self.record = Record(clock, self.changes)
        self.faults = Faults(self.chance)
        self.updates = UpdateQueue(clock, self.chance, self.journal)
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.taps: dict[str, Tap] = {}
        self.files: dict[str, Json] = {}
        self.held: dict[int, list[Json]] = {}
        self.most_messages = 0
        self.epoch = time.time_ns() // 1_000_000
        self._last_message_id = 0
        self._last_tap = self.chance.randrange(10**15, 10**16)

    def add_person(self, person: Person) -> Person:
        """Let a person exist, or renew what is known of one; the bot hears of nobody before they write."""
        self.people[person.id] = person
        if person.id in self.chats:
            self.chats[person.id].person = person
        self.journal.note("person", person.as_record())
        self.changes.announce(person.id)
        return person

    def new_person_id(self) -> int:
        """Return an id nobody has."""
        return max([7000, *self.people]) + 1

    def person(self, person_id: Any) -> Person:
        """Return the person. Raises Unplayable when there is none."""
        try:
            return self.people[int(person_id)]
        except (KeyError, TypeError, ValueError):
            raise Unplayable(f"There is no user {person_id}.") from None

    def chat_of(self, person: Person) -> Chat:
        """Return the person's private chat with the bot, opened when it was not."""
        chat = self.chats.get(person.id)
        return chat if chat is not None else self.add_chat(Chat(id=person.id, person=person))

    def add_chat(self, chat: Chat) -> Chat:
        """Let a chat exist."""
        self.chats[chat.id] = chat
        self.note_chat(chat)
        return chat

    def note_chat(self, chat: Chat) -> None:
        """Keep what changed about the chat itself, and tell whoever watches it."""
        self.journal.note("chat", chat.as_record())
        chat.revision = self.changes.announce(chat.id)

    def open_chat(self, chat_id: str) -> Chat:
        """Return the chat the bot may write to. Raises the Bot API's own refusals."""
        chat = self.known_chat(chat_id)
        if (closed := chat.why_closed()) is not None:
            raise closed
        return chat

    def known_chat(self, chat_id: str) -> Chat:
        """Return a chat the bot has met. Raises a Bad Request."""
        if not chat_id:
            raise bad_request("chat_id is empty")
        try:
            number = int(chat_id)
        except ValueError:
            raise bad_request("chat not found") from None
        if number == self.profile.bot_id:
            raise forbidden("bot can't send messages to the bot")
        chat = self.chats.get(number)
        if chat is None:
            raise bad_request("chat not found")
        return chat

    def post(
        self, chat: Chat, body: Json, *, is_from_bot: bool, reply_keyboard: Json | None = None
    ) -> Message:
        """Let a message appear in the chat; its id is higher than every earlier one."""
        self._last_message_id += 1
        body["message_id"] = self._last_message_id
        message = Message(self._last_message_id, body, is_from_bot, body["date"], reply_keyboard)
        chat.messages[message.id] = message
        if self.most_messages and len(chat.messages) > self.most_messages:
            del chat.messages[next(iter(chat.messages))]
        self.touch(chat, message)
        return message

    def touch(self, chat: Chat, message: Message) -> None:
        """Keep what changed about the message, and tell whoever watches the chat."""
        chat.revision = message.revision = self.changes.announce(chat.id)
        self.journal.note("message", chat.id, message)

    def notice(self, chat: Chat, notice: Json) -> None:
        """Show a short notice, such as the answer to a tap, to the people in the chat."""
        chat.notices.append({"n": len(chat.notices) + 1, "at": self.clock.now().isoformat(), **notice})
        self.journal.note("notice", chat.id, chat.notices[-1])
        chat.revision = self.changes.announce(chat.id)

    def deliver(self, kind: str, body: Json, since: float | None = None) -> Update | None:
        """Queue an update that waits a day for the bot."""
        lane = body.get("chat", {}).get("id", 0)
        return self.updates.add(kind, body, lane=lane, waits=MESSAGE_WAITS, since=since)

    def new_tap(self, chat: Chat, message_id: int, data: str) -> Tap:
        """Note a press of a button, to be answered within 150 seconds."""
        self._last_tap += self.chance.randrange(1, 1000)
        tap = Tap(str(self._last_tap), chat.id, message_id, data, self.clock.timestamp())
        self.taps[tap.id] = tap
        self.journal.note("tap", asdict(tap))
        return tap

    def new_file(self, kind: str) -> Json:
        """Return an invented file, known from now on by its id."""
        number = len(self.files) + 1
        token = f"{self.chance.getrandbits(96):024x}"
        file: Json = {"file_id": f"AgAC{kind}{token}{number}", "file_unique_id": f"AQAD{token[:10]}{number}"}
        return self.know_file(kind, file)

    def know_file(self, kind: str, file: Json) -> Json:
        """Let a file be sent again by its id."""
        self.files[file["file_id"]] = {"kind": kind, **file}
        self.journal.note("file", file["file_id"], self.files[file["file_id"]])
        return file

    def restore(self) -> None:
        """Bring back what the journal remembers, its last moment included."""
        latest = self.clock.timestamp()
        for tag, *entry in self.journal.entries():
            latest = max(latest, self._replay(tag, entry))
        if latest > self.clock.timestamp():
            self.clock.set(datetime.fromtimestamp(latest, tz=UTC))

    def _replay(self, tag: str, entry: list[Any]) -> float:
        match tag:
            case "clock":
                return float(entry[0])
            case "person":
                self.people[entry[0]["id"]] = Person(**entry[0])
            case "chat":
                self._replay_chat(entry[0])
            case "message":
                self._replay_message(self.chats[entry[0]], Message(**entry[1]))
                return float(entry[1]["date"])
            case "notice":
                self.chats[entry[0]].notices.append(entry[1])
            case "tap":
                self.taps[entry[0]["id"]] = Tap(**entry[0])
                self._last_tap = max(self._last_tap, int(entry[0]["id"]))
            case "file":
                self.files[entry[0]] = entry[1]
            case "profile":
                self.profile.values[entry[0]] = entry[1]
            case _:
                self.updates.replay(tag, entry)
        return 0.0

    def _replay_chat(self, record: Json) -> None:
        kept = self.chats.get(record["id"])
        person = self.people.get(record.pop("person"))
        chat = Chat(**record, person=person)
        if kept is not None:
            chat.messages, chat.notices = kept.messages, kept.notices
        self.chats[chat.id] = chat

    def _replay_message(self, chat: Chat, message: Message) -> None:
        chat.messages[message.id] = message
        self._last_message_id = max(self._last_message_id, message.id)
        chat.revision = message.revision = self.changes.announce(chat.id)

    def clear(self) -> None:
        """Forget everybody and all they said; the clock goes back to where it started.

        What the bot has set up (commands, texts, webhook, kinds of updates) stays: it would not set it again.
        """
        for store in (self.people, self.chats, self.taps, self.files, self.held):
            store.clear()
        self.epoch = time.time_ns() // 1_000_000
        self.updates.clear()
        self.record.clear()
        self.faults.clear()
        self.journal.clear()
        for place, value in self.profile.values.items():
            self.journal.note("profile", place, value)
        self.journal.note("allowed", self.updates.allowed)
        self.clock.set(self.clock.start)
        self.note_clock()

    def note_clock(self) -> None:
        """Keep the present moment, so that a restart does not go back in time."""
        self.journal.note("clock", self.clock.timestamp())
