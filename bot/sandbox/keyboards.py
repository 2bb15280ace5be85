"""Reply markup: what Telegram accepts as a keyboard, and what it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.failures import bad_request

if TYPE_CHECKING:
    from bot.sandbox.parameters import Json, Parameters

MOST_DATA_BYTES = 64
MOST_BUTTONS = 100
PURPOSES = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "copy_text",
    "pay",
    "callback_game",
)


def inline_keyboard_of(given: Parameters) -> Json | None:
    """Return the inline keyboard asked for, or nothing. Raises a Bad Request when it cannot be."""
    markup = given.structure("reply_markup") if "reply_markup" in given.values else None
    if not isinstance(markup, dict) or "inline_keyboard" not in markup:
        return None
    rows = [_row(row) for row in markup["inline_keyboard"] or []]
    rows = [row for row in rows if row]
    if sum(map(len, rows)) > MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": rows} if rows else None


def reply_keyboard_of(given: Parameters) -> Json | None:
    """Return a keyboard under the input field, its removal or a forced reply, if one is asked for."""
    markup = given.structure("reply_markup") if "reply_markup" in given.values else None
    if not isinstance(markup, dict):
        return None
    if "keyboard" in markup:
        rows = [[b if isinstance(b, dict) else {"text": str(b)} for b in row] for row in markup["keyboard"]]
        return {**markup, "keyboard": rows}
    if markup.get("remove_keyboard") or markup.get("force_reply"):
        return markup
    return None


def _row(row: Any) -> list[Json]:
    if not isinstance(row, list):
        raise bad_request("can't parse inline keyboard: row must be an Array")
    return [_button(button) for button in row]


def _button(button: Any) -> Json:
    if not isinstance(button, dict):
        raise bad_request("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    if not button.get("text"):
        raise bad_request("can't parse inline keyboard button: can't find field \"text\"")
    if not any(purpose in button for purpose in PURPOSES):
        raise bad_request(
            "can't parse inline keyboard button: text buttons are unallowed in the inline keyboard"
        )
    data = button.get("callback_data")
    if data is not None and not 0 < len(str(data).encode()) <= MOST_DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    return button
