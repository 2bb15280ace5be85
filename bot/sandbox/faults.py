"""Limits and faults the stand-in plays on demand; all are off until they are asked for."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING

from bot.sandbox.failures import AnswerWithheld, BotApiFailure, Unplayable, too_many

if TYPE_CHECKING:
    import random

    from bot.sandbox.parameters import Json

SPARED = frozenset({"getupdates"})
"""Methods no fault touches unless it names them."""
KINDS = frozenset({"429", "5xx", "drop_before", "drop_after", "400", "403"})


@dataclass(slots=True)
class Settings:
    """What is played at present. Probabilities lie between 0 and 1, times are seconds."""

    p429: float = 0.0
    p5xx: float = 0.0
    pdrop_before: float = 0.0
    pdrop_after: float = 0.0
    retry_after: int = 1
    latency: float = 0.0
    deny_all: bool = False
    limits: bool = False
    overall_per_second: float = 30.0
    chat_per_second: float = 1.0
    chat_burst: int = 1
    taps_overtake: float = 0.02
    webhook_first_pause: float = 1.0
    webhook_longest_pause: float = 60.0
    webhook_patience: float = 60.0
    methods: list[str] = field(default_factory=list)
    next: list[Json] = field(default_factory=list)


class Faults:
    """Decides, request by request, whether something goes wrong; the same seed goes wrong the same way."""

    def __init__(self, chance: random.Random) -> None:
        self.settings = Settings()
        self._chance = chance
        self._recent: deque[float] = deque()
        self._by_chat: dict[str, deque[float]] = {}

    def change(self, wishes: Json) -> Json:
        """Change the settings named, leave the others, and return all of them. Raises Unplayable."""
        known = {f.name for f in fields(Settings)}
        if unknown := set(wishes) - known:
            raise Unplayable(
                f"Unknown faults: {', '.join(sorted(unknown))}. Known: {', '.join(sorted(known))}."
            )
        for fault in wishes.get("next", []):
            if fault.get("kind") not in KINDS:
                raise Unplayable(f"A next fault is one of {', '.join(sorted(KINDS))}.")
        for name, value in wishes.items():
            setattr(self.settings, name, value)
        self.settings.methods = [method.lower() for method in self.settings.methods]
        return asdict(self.settings)

    def clear(self) -> None:
        """Let everything go well again."""
        self.settings = Settings()
        self._recent.clear()
        self._by_chat.clear()

    async def before(self, method: str, chat_id: str) -> bool:
        """Play what happens before the request is carried out; say whether its answer gets lost."""
        settings = self.settings
        if settings.deny_all:
            raise BotApiFailure(502, "Bad Gateway")
        planned = self._planned(method)
        if planned is not None:
            return self._play(planned)
        if method in settings.methods if settings.methods else method not in SPARED:
            if settings.latency:
                await asyncio.sleep(settings.latency)
            if kind := self._drawn():
                return self._play({"kind": kind})
        if settings.limits and chat_id and method.startswith(("send", "copy", "forward")):
            self._count(chat_id)
        return False

    def _planned(self, method: str) -> Json | None:
        for index, fault in enumerate(self.settings.next):
            if fault.get("method", "").lower() in {"", method} and (
                fault.get("method") or method not in SPARED
            ):
                return self.settings.next.pop(index)
        return None

    def _drawn(self) -> str:
        settings = self.settings
        for kind, probability in (
            ("drop_before", settings.pdrop_before),
            ("429", settings.p429),
            ("5xx", settings.p5xx),
            ("drop_after", settings.pdrop_after),
        ):
            if probability and self._chance.random() < probability:
                return kind
        return ""

    def _play(self, fault: Json) -> bool:
        match fault["kind"]:
            case "429":
                raise too_many(int(fault.get("retry_after", self.settings.retry_after)))
            case "5xx":
                raise BotApiFailure(500, fault.get("description", "Internal Server Error"))
            case "400" | "403":
                raise BotApiFailure(int(fault["kind"]), fault.get("description", "Bad Request: made to fail"))
            case "drop_before":
                raise AnswerWithheld
        return True

    def _count(self, chat_id: str) -> None:
        settings, now = self.settings, time.monotonic()
        self._admit(self._recent, now, most=int(settings.overall_per_second), window=1.0)
        mine = self._by_chat.setdefault(chat_id, deque())
        self._admit(
            mine, now, most=settings.chat_burst, window=settings.chat_burst / settings.chat_per_second
        )
        self._recent.append(now)
        mine.append(now)

    @staticmethod
    def _admit(times: deque[float], now: float, *, most: int, window: float) -> None:
        while times and times[0] <= now - window:
            times.popleft()
        if len(times) >= most:
            raise too_many(max(1, round(times[0] + window - now)))
