"""How the bot gets its updates: by asking, or by having them posted."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import orjson

from bot.sandbox.failures import BotApiFailure
from bot.sandbox.webhook import target_of

if TYPE_CHECKING:
    from bot.sandbox.parameters import Parameters
    from bot.sandbox.updates import Update
    from bot.sandbox.webhook import Webhook
    from bot.sandbox.world import World

MOST_UPDATES = 100
LONGEST_POLL = 50
OTHER_POLLER = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)
WEBHOOK_IS_SET = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)
WEBHOOK_CAME = "Conflict: terminated by setWebhook request"


class Receiving:
    """Lets one poller at a time wait, or none while a webhook is set."""

    def __init__(self, world: World, webhook: Webhook) -> None:
        self._world = world
        self._webhook = webhook
        self._poll = 0
        self._why_ended = OTHER_POLLER
        self._is_closed = False

    def open(self) -> None:
        """Allow polls to wait."""
        self._is_closed = False

    def close(self) -> None:
        """Answer the waiting poll now."""
        self._is_closed = True
        self._world.updates.wake()

    async def get_updates(self, given: Parameters) -> list[orjson.Fragment]:
        """Return what waits, at once when there is something, else as soon as it comes.

        The poll that waited longest is the one that is ended by a second poller.
        """
        if self._webhook.target is not None:
            raise BotApiFailure(409, WEBHOOK_IS_SET)
        self._allow(given)
        self._end_polls(OTHER_POLLER)
        mine = self._poll
        limit = max(1, min(given.number("limit", MOST_UPDATES), MOST_UPDATES))
        offset = given.number("offset")
        deadline = asyncio.get_running_loop().time() + max(0, min(given.number("timeout"), LONGEST_POLL))
        while True:
            taken = self._world.updates.take(offset, limit)
            left = deadline - asyncio.get_running_loop().time()
            if taken or left <= 0 or self._is_closed:
                return _encoded(taken)
            await self._world.updates.wait(left)
            if mine != self._poll:
                raise BotApiFailure(409, self._why_ended)
            offset = max(offset, 0)

    def _end_polls(self, why: str) -> None:
        self._poll += 1
        self._why_ended = why
        self._world.updates.wake()

    def _allow(self, given: Parameters) -> None:
        kinds = given.structure("allowed_updates")
        if isinstance(kinds, list):
            self._world.updates.allow(kinds)

    async def set_webhook(self, given: Parameters) -> str:
        """Post updates to the address given from now on; an empty one goes back to polling."""
        if not given.text("url"):
            return await self.delete_webhook(given)
        target = target_of(given)
        self._allow(given)
        self._drop(given)
        if target == self._webhook.target:
            return "Webhook is already set"
        self._end_polls(WEBHOOK_CAME)
        await self._webhook.aim(target)
        return "Webhook was set"

    async def delete_webhook(self, given: Parameters) -> str:
        """Go back to polling."""
        self._drop(given)
        if self._webhook.target is None:
            return "Webhook is already deleted"
        await self._webhook.aim(None)
        return "Webhook was deleted"

    def _drop(self, given: Parameters) -> None:
        if given.flag("drop_pending_updates"):
            self._world.updates.lose([update.id for update in self._world.updates.waiting()])


def _encoded(updates: list[Update]) -> list[orjson.Fragment]:
    return [orjson.Fragment(update.encoded()) for update in updates]
