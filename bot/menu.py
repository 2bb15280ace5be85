"""The commands that Telegram shows in a chat's menu: for staff, those of their role."""

from __future__ import annotations

from uuid import UUID

from bot.permissions import PERMITTED
from bot.turn import Turn
from storage import outbox
from storage.models import Chat, Role

OF_STAFF = (
    "rota", "duty", "open", "note", "handover", "contact", "done", "hours",
    "queue", "assign", "invite", "revoke", "pause", "unpause", "console",
    "ask", "help", "emergency", "language",
)  # fmt: skip


def publish(turn: Turn, chat: Chat | UUID, role: Role | None) -> None:
    """Have the chat's menu show the role's commands; with None it is everybody's again."""
    shown = [] if role is None else [name for name in OF_STAFF if role in PERMITTED[f"/{name}"]]
    chat_id = chat.id if isinstance(chat, Chat) else chat
    outbox.queue(turn.unit, chat_id, None, action="menu", params={"commands": shown}, priority=2)
