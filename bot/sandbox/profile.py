"""What the bot is called and what it says about itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.sandbox.parameters import Json


@dataclass(slots=True)
class Profile:
    """The bot's account; `values` holds what the bot itself has set, by name, scope and language."""

    token: str
    username: str
    name: str
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def bot_id(self) -> int:
        """Return the bot's own id, which every token begins with."""
        return int(self.token.split(":", 1)[0])

    def as_user(self) -> Json:
        """Return the account as the Bot API shows it in a message."""
        return {"id": self.bot_id, "is_bot": True, "first_name": self.name, "username": self.username}

    def as_me(self) -> Json:
        """Return the account as getMe shows it."""
        return {
            **self.as_user(),
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }
