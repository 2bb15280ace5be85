"""The queue of updates that wait for the bot, with Telegram's own rules for losing them."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from bot.sandbox.clock import SandboxClock
    from bot.sandbox.journal import Journal
    from bot.sandbox.parameters import Json

MESSAGE_WAITS = 24 * 3600
TAP_WAITS = 150
QUIET_WEEK = 7 * 24 * 3600
MOST_WAITING = 100_000
LARGEST_FIRST_ID = 2**30
FUTURE_TOLERANCE = 10
ONLY_WHEN_ASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(slots=True)
class Update:
    """One update that waits, and where it came from."""

    id: int
    kind: str
    body: Json
    expires_at: float
    lane: int
    chat_id: int
    message_id: int
    is_delivered: bool = False

    def encoded(self) -> bytes:
        """Return the update as the bot receives it."""
        return orjson.dumps({"update_id": self.id, self.kind: self.body})

    def as_trace(self) -> Json:
        """Return what tells this update from others, without its content."""
        return {
            "update_id": self.id,
            "kind": self.kind,
            "chat_id": self.chat_id,
            "message_id": self.message_id,
            "delivered": self.is_delivered,
        }


class UpdateQueue:
    """Keeps updates in order of their ids until they are confirmed or too old."""

    def __init__(self, clock: SandboxClock, chance: random.Random, journal: Journal) -> None:
        self._clock = clock
        self._chance = chance
        self._journal = journal
        self._waiting: dict[int, Update] = {}
        self._lanes: defaultdict[int, deque[Update]] = defaultdict(deque)
        self._tail = 0
        self._last_added = 0.0
        self._earliest_expiry = float("inf")
        self._arrival = asyncio.Event()
        self.allowed: list[str] = []
        self.confirmed: deque[Json] = deque(maxlen=MOST_WAITING)
        self.confirmed_count = 0
        self.lost: deque[Json] = deque(maxlen=MOST_WAITING)
        self.on_arrival: Callable[[Update], None] | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def waiting(self) -> list[Update]:
        """Return what waits, oldest first."""
        return list(self._waiting.values())

    def head_of(self, lane: int) -> Update | None:
        """Return the oldest update that waits in this lane."""
        updates = self._lanes.get(lane)
        while updates:
            if self.holds(updates[0]):
                return updates[0]
            updates.popleft()
        self._lanes.pop(lane, None)
        return None

    def holds(self, update: Update) -> bool:
        """Return whether this update still waits."""
        return self._waiting.get(update.id) is update

    def allows(self, kind: str) -> bool:
        """Return whether the bot asked for updates of this kind."""
        return kind in self.allowed if self.allowed else kind not in ONLY_WHEN_ASKED

    def allow(self, kinds: list[str]) -> None:
        """Deliver only these kinds from now on; none named means Telegram's usual ones."""
        if kinds != self.allowed:
            self.allowed = kinds
            self._journal.note("allowed", kinds)

    def add(
        self, kind: str, body: Json, *, lane: int, waits: float, since: float | None = None
    ) -> Update | None:
        """Let an update wait for the bot; nothing when the bot does not want its kind or it is too old."""
        now = self._clock.timestamp()
        expires_at = (now if since is None else since) + waits
        if not self.allows(kind) or len(self._waiting) >= MOST_WAITING or expires_at <= now:
            return None
        message = body.get("message") if kind == "callback_query" else body
        chat = (message or {}).get("chat", {})
        update = Update(
            id=self._next_id(now),
            kind=kind,
            body=body,
            expires_at=expires_at,
            lane=lane,
            chat_id=chat.get("id", 0),
            message_id=(message or {}).get("message_id", 0),
        )
        self._put(update)
        self._journal.note("update", update, now)
        self._announce(update)
        return update

    def _next_id(self, now: float) -> int:
        is_quiet = not self._waiting and now - self._last_added > QUIET_WEEK
        if self._tail == 0 or is_quiet:
            self._tail = self._chance.randrange(2 * MOST_WAITING + 1, LARGEST_FIRST_ID)
        else:
            self._tail += 1
        self._last_added = now
        return self._tail

    def _put(self, update: Update) -> None:
        self._waiting[update.id] = update
        self._lanes[update.lane].append(update)
        self._earliest_expiry = min(self._earliest_expiry, update.expires_at)

    def _announce(self, update: Update) -> None:
        self._arrival.set()
        if self.on_arrival is not None:
            self.on_arrival(update)

    def overtake(self, tap: Update) -> bool:
        """Let a tap change places with the newest undelivered message of its chat; say whether it could."""
        for earlier in reversed(self._waiting.values()):
            if earlier is tap or earlier.chat_id != tap.chat_id or earlier.kind != "message":
                continue
            if earlier.is_delivered or tap.is_delivered:
                return False
            earlier.id, tap.id = tap.id, earlier.id
            self._waiting[earlier.id], self._waiting[tap.id] = earlier, tap
            self._journal.note("swapped", earlier.id, tap.id)
            return True
        return False

    def take(self, offset: int, limit: int) -> list[Update]:
        """Confirm what lies before the offset and return what waits after it, oldest first."""
        if offset < 0:
            self.confirm(list(self._waiting)[:offset])
        self.expire()
        is_known = 0 < offset <= self._tail + FUTURE_TOLERANCE and offset >= self._tail - 2 * MOST_WAITING
        if is_known and self._waiting:
            self.confirm(self._before(offset))
        taken: list[Update] = []
        for update in self._waiting.values():
            if len(taken) >= limit:
                break
            update.is_delivered = True
            taken.append(update)
        return taken

    def _before(self, offset: int) -> list[int]:
        ids: list[int] = []
        for update_id in self._waiting:
            if update_id >= offset:
                break
            ids.append(update_id)
        return ids

    def confirm(self, ids: Sequence[int]) -> None:
        """Forget updates for good, because the bot has confirmed them."""
        self._drop(ids, self.confirmed)
        self.confirmed_count += len(ids)

    def lose(self, ids: Sequence[int]) -> None:
        """Forget updates the bot never confirmed."""
        self._drop(ids, self.lost)

    def _drop(self, ids: Sequence[int], log: deque[Json]) -> None:
        if not ids:
            return
        for update_id in ids:
            log.append(self._waiting.pop(update_id).as_trace())
        self._journal.note("gone", list(ids), log is self.lost)

    def expire(self) -> None:
        """Lose what waited longer than Telegram keeps it: messages a day, taps two and a half minutes."""
        now = self._clock.timestamp()
        if now < self._earliest_expiry:
            return
        self.lose([u.id for u in self._waiting.values() if u.expires_at <= now])
        self._earliest_expiry = min((u.expires_at for u in self._waiting.values()), default=float("inf"))

    async def wait(self, seconds: float) -> None:
        """Return when an update arrives, at the latest after so many seconds."""
        self._arrival.clear()
        try:
            await asyncio.wait_for(self._arrival.wait(), seconds)
        except TimeoutError:
            return

    def wake(self) -> None:
        """Let whoever waits look again."""
        self._arrival.set()

    def clear(self) -> None:
        """Forget every update; the kinds the bot asked for stay."""
        self._waiting.clear()
        self._lanes.clear()
        self.confirmed.clear()
        self.lost.clear()
        self.confirmed_count = 0
        self._earliest_expiry = float("inf")

    def replay(self, tag: str, entry: Sequence[object]) -> None:
        """Repeat what the journal says happened to the queue."""
        if tag == "update":
            update = Update(**entry[0])  # type: ignore[arg-type]
            update.is_delivered = False
            self._tail, self._last_added = update.id, float(entry[1])  # type: ignore[arg-type]
            self._put(update)
        elif tag == "swapped":
            first, second = (self._waiting[int(i)] for i in entry)  # type: ignore[call-overload]
            first.id, second.id = second.id, first.id
            self._waiting[first.id], self._waiting[second.id] = first, second
        elif tag == "allowed":
            self.allowed = list(entry[0])  # type: ignore[call-overload]
        elif entry[1]:
            self._drop(entry[0], self.lost)  # type: ignore[arg-type]
        else:
            self.confirm(entry[0])  # type: ignore[arg-type]
