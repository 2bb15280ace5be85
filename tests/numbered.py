"""Numbered messages in many conversations at once, and the proof that each went where it should."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.catalogue import words
from bot.configuration import Configuration
from bot.sandbox import StandIn, play
from bot.sandbox.persons import Person
from scheduling.clock import SystemClock
from storage.store import Store
from tests.databases import Urls
from tests.process import MASTER_KEY
from tests.stage import Pair, set_pairs

_SAYS = "Besked nummer "
_NOT_DELIVERED = words("not_delivered", "da").partition("{")[0]


@dataclass(frozen=True)
class Written:
    """One numbered message: who wrote it, for whom."""

    number: int
    writer: int
    reader: int
    message_id: int


@dataclass
class Course:
    """Everything written so far, and where each kill fell among the messages of all chats."""

    stand_in: StandIn
    pairs: Sequence[Pair]
    written: list[Written] = field(default_factory=list)
    kills: list[int] = field(default_factory=list)

    @classmethod
    async def begin(cls, stand_in: StandIn, urls: Urls, rules: Configuration, pairs: int) -> Course:
        """Return a course over so many pairs, each an enquirer and the adviser who has her case."""
        store = Store(
            database_url=urls.database, keys_url=urls.keys, master_key=MASTER_KEY, clock=SystemClock()
        )
        made = await set_pairs(store, rules, pairs)
        await store.close()
        for pair in made:
            for number in (pair.enquirer, pair.adviser):
                person = stand_in.world.add_person(Person(number, f"P{number}"))
                stand_in.world.chat_of(person)
        return cls(stand_in, made)

    def write(self, count: int) -> None:
        """Have so many more messages be written, in turn, in both directions."""
        for _ in range(count):
            number = len(self.written)
            pair = self.pairs[number // 2 % len(self.pairs)]
            writer, reader = pair.enquirer, pair.adviser
            if number % 2:
                writer, reader = reader, writer
            person = self.stand_in.world.people[writer]
            message = play.write(self.stand_in.world, person, {"text": f"{_SAYS}{number}."})
            self.written.append(Written(number, writer, reader, message.id))

    def note_kill(self) -> None:
        """Remember that the bot was killed now."""
        self.kills.append(self.stand_in.world._last_message_id)

    async def has_arrived(self, *, seconds: float) -> None:
        """Return once everything is acknowledged and accounted for; AssertionError when it is not in time."""
        deadline = asyncio.get_running_loop().time() + seconds
        while self.stand_in.world.updates.waiting() or self.unaccounted():
            if asyncio.get_running_loop().time() > deadline:
                missing = self.unaccounted()
                waiting = len(self.stand_in.world.updates)
                raise AssertionError(f"{waiting} updates wait, {len(missing)} messages lost: {missing[:10]}")
            await asyncio.sleep(0.25)

    def unaccounted(self) -> list[Written]:
        """Return what stands in no reader's chat, and whose writer was not told so."""
        standing = {user: set(self.seen_by(user)) for user in self._users()}
        missing = [one for one in self.written if one.number not in standing[one.reader]]
        told = {user: self._told(user) for user in {one.writer for one in missing}}
        return [one for one in missing if one.message_id not in told[one.writer]]

    def seen_by(self, user: int) -> list[int]:
        """Return the numbers of the messages the bot has posted in the chat, in order, repeats included."""
        return [number for number, _ in self._posted(user)]

    def check(self) -> None:
        """Raise AssertionError for what was acknowledged but lost, for disorder, or for a wrong chat."""
        updates = self.stand_in.world.updates
        confirmed = {entry["message_id"] for entry in updates.confirmed}
        assert not updates.lost
        assert confirmed == {one.message_id for one in self.written}, "not all was acknowledged"
        assert self.unaccounted() == []
        readers = {one.number: one.reader for one in self.written}
        for user in self._users():
            numbers = self.seen_by(user)
            assert {readers[number] for number in numbers} <= {user}, f"a wrong chat: {user}"
            assert numbers == sorted(numbers), f"out of order in chat {user}: {numbers}"

    def check_repeats_after_kills(self) -> int:
        """Return how many repeats there are; AssertionError for two in one chat after the same kill."""
        repeats: Counter[tuple[int, int]] = Counter()
        for user in self._users():
            seen: set[int] = set()
            for number, message_id in self._posted(user):
                if number in seen:
                    repeats[user, sum(1 for kill in self.kills if kill < message_id)] += 1
                seen.add(number)
        assert all(lives > 0 for _, lives in repeats), "a repeat without any kill"
        assert all(count == 1 for count in repeats.values()), "two repeats in one chat after one kill"
        return sum(repeats.values())

    def check_repeats_after_lost_answers(self) -> int:
        """Return how many repeats there are; AssertionError unless each follows an answer that got lost."""
        lost: Counter[int] = Counter()
        for entry in self.stand_in.world.record.after(0):
            is_lost = entry["method"] == "sendmessage" and entry["outcome"].get("answer") == "lost"
            if is_lost and entry["outcome"].get("ok"):
                lost[int(entry["chat_id"])] += 1
        repeats = {user: len(seen) - len(set(seen)) for user in self._users() if (seen := self.seen_by(user))}
        assert repeats == {user: lost[user] for user in repeats}
        return sum(repeats.values())

    def _users(self) -> list[int]:
        return [user for pair in self.pairs for user in (pair.enquirer, pair.adviser)]

    def _posted(self, user: int) -> list[tuple[int, int]]:
        posted = []
        for message in self.stand_in.world.chats[user].messages.values():
            _, found, rest = str(message.body.get("text", "")).rpartition(_SAYS)
            if message.is_from_bot and found:
                posted.append((int(rest.rstrip(".")), message.id))
        return posted

    def _told(self, user: int) -> set[int]:
        """Return which of her messages the user was told were not delivered."""
        return {
            int((message.body.get("reply_to_message") or {}).get("message_id", 0))
            for message in self.stand_in.world.chats[user].messages.values()
            if message.is_from_bot and str(message.body.get("text", "")).startswith(_NOT_DELIVERED)
        }
