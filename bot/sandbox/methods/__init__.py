"""The Bot API's methods, one noun per module, gathered in one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.methods import account, chats, copies, deletions, edits, files, messages, taps

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox.parameters import Parameters
    from bot.sandbox.world import World

METHODS: dict[str, Callable[[World, Parameters], object]] = {
    **account.METHODS,
    **chats.METHODS,
    **copies.METHODS,
    **deletions.METHODS,
    **edits.METHODS,
    **files.METHODS,
    **messages.METHODS,
    **taps.METHODS,
}
"""Method name in small letters → what it does; getUpdates and the webhook's methods live in `receiving`."""
