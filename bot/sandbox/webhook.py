"""Delivery to a webhook: in order within a lane, again and again until it is taken."""

from __future__ import annotations

import asyncio
import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import aiohttp
import orjson

from bot.sandbox.failures import BotApiFailure, bad_request
from bot.sandbox.parameters import Parameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox.parameters import Json
    from bot.sandbox.updates import Update
    from bot.sandbox.world import World

SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  a header's name
USUAL_CONNECTIONS = 40
MOST_CONNECTIONS = 100
NOT_CALLABLE = frozenset({"deletewebhook", "setwebhook", "close", "logout"})


@dataclass(slots=True)
class Target:
    """Where updates are posted, and what went wrong there last."""

    url: str
    secret_token: str = ""
    max_connections: int = USUAL_CONNECTIONS
    last_error_date: int = 0
    last_error_message: str = ""
    sent: int = field(default=0, compare=False)


def target_of(given: Parameters) -> Target:
    """Return the target a setWebhook request names. Raises a Bad Request."""
    secret = given.text("secret_token")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if secret and not SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    url = given.text("url")
    if not url.startswith(("https://", "http://")):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    connections = given.number("max_connections", USUAL_CONNECTIONS)
    return Target(url, secret, max(1, min(connections, MOST_CONNECTIONS)))


class Webhook:
    """Posts what waits to the bot's address, as long as one is set."""

    def __init__(self, world: World, call: Callable[[str, Parameters], object]) -> None:
        self._world = world
        self._call = call
        self._session: aiohttp.ClientSession | None = None
        self._lanes: dict[int, asyncio.Task[None]] = {}
        self._queued: dict[int, None] = {}
        self.target: Target | None = None

    def restore(self) -> None:
        """Take up the target a journal remembered."""
        if kept := self._world.profile.values.get("webhook"):
            self.target = Target(**kept)

    def open(self) -> None:
        """Begin to deliver what waits, when a target is set."""
        self._world.updates.on_arrival = self._arrived
        for update in self._world.updates.waiting():
            self._arrived(update)

    async def close(self) -> None:
        """Stop delivering; nothing unconfirmed is lost by it."""
        self._world.updates.on_arrival = None
        await self._stop_lanes()
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _stop_lanes(self) -> None:
        lanes = list(self._lanes.values())
        self._lanes.clear()
        self._queued.clear()
        for lane in lanes:
            lane.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)

    async def aim(self, target: Target | None) -> None:
        """Deliver to this target from now on, or nowhere."""
        await self._stop_lanes()
        self.target = target
        self._note()
        self.open()

    def _note(self) -> None:
        kept = asdict(self.target) if self.target else None
        self._world.profile.values["webhook"] = kept
        self._world.journal.note("profile", "webhook", kept)

    def as_info(self) -> Json:
        """Return what getWebhookInfo tells."""
        updates, target = self._world.updates, self.target
        updates.expire()
        info: Json = {"url": "", "has_custom_certificate": False, "pending_update_count": len(updates)}
        if target is not None:
            info.update(url=target.url, max_connections=target.max_connections, ip_address="127.0.0.1")
            if target.last_error_date:
                info["last_error_date"] = target.last_error_date
                info["last_error_message"] = target.last_error_message
        if updates.allowed:
            info["allowed_updates"] = updates.allowed
        return info

    def _arrived(self, update: Update) -> None:
        if self.target is None or update.lane in self._lanes:
            return
        if len(self._lanes) >= self.target.max_connections:
            self._queued[update.lane] = None
            return
        self._lanes[update.lane] = asyncio.get_running_loop().create_task(self._empty(update.lane))

    async def _empty(self, lane: int) -> None:
        updates = self._world.updates
        try:
            while self.target is not None:
                updates.expire()
                if (update := updates.head_of(lane)) is None:
                    break
                await self._deliver(update, self.target)
        finally:
            if self._lanes.get(lane) is asyncio.current_task():
                del self._lanes[lane]
        self._start_next()

    def _start_next(self) -> None:
        """Let the lane that has waited longest for a connection have this one."""
        while self._queued:
            lane = next(iter(self._queued))
            del self._queued[lane]
            if (update := self._world.updates.head_of(lane)) is not None:
                self._arrived(update)
                return

    async def _deliver(self, update: Update, target: Target) -> None:
        settings = self._world.faults.settings
        failures = 0
        pause = settings.webhook_first_pause
        while self._world.updates.holds(update):
            error = await self._post(update, target)
            if not error:
                self._world.updates.confirm([update.id] if self._world.updates.holds(update) else [])
                return
            target.last_error_message = error
            target.last_error_date = int(self._world.clock.timestamp())
            if failures:
                await asyncio.sleep(pause)
                pause = min(pause * 2, settings.webhook_longest_pause)
            failures += 1
            self._world.updates.expire()

    async def _post(self, update: Update, target: Target) -> str:
        headers = {"Content-Type": "application/json"}
        if target.secret_token:
            headers[SECRET_HEADER] = target.secret_token
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=MOST_CONNECTIONS))
        patience = aiohttp.ClientTimeout(total=self._world.faults.settings.webhook_patience)
        update.is_delivered = True
        target.sent += 1
        try:
            async with self._session.post(
                target.url, data=update.encoded(), headers=headers, timeout=patience, allow_redirects=False
            ) as answer:
                body = await answer.read()
        except TimeoutError:
            return "Read timeout expired"
        except aiohttp.ClientConnectorError:
            return "Connection refused"
        except aiohttp.ClientError:
            return "Webhook connection closed"
        if not 200 <= answer.status < 300:
            return f"Wrong response from the webhook: {answer.status} {answer.reason}"
        self._call_in_answer(body)
        return ""

    def _call_in_answer(self, body: bytes) -> None:
        """Carry out the one method a webhook may name in its answer; nobody hears how it went."""
        if not body.startswith(b"{"):
            return
        try:
            values = orjson.loads(body)
            method = str(values.pop("method", "")).lower()
            if method and method not in NOT_CALLABLE and not method.startswith("get"):
                self._call(method, Parameters(values))
        except (orjson.JSONDecodeError, BotApiFailure):
            return
