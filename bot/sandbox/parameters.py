"""The parameters of one Bot API request, whichever way they were sent."""

from __future__ import annotations

from typing import Any

import orjson

from bot.sandbox.failures import bad_request

Json = dict[str, Any]


class Parameters:
    """Reads typed values from JSON bodies, forms and multipart alike."""

    __slots__ = ("values",)

    def __init__(self, values: Json) -> None:
        self.values = values

    def text(self, name: str) -> str:
        """Return the value as text, empty when absent."""
        value = self.values.get(name)
        if value is None:
            return ""
        return value if isinstance(value, str) else str(value)

    def number(self, name: str, otherwise: int = 0) -> int:
        """Return the value as a whole number; what is absent or unreadable is `otherwise`."""
        value = self.values.get(name)
        if isinstance(value, int):
            return int(value)
        try:
            return int(str(value)) if value is not None else otherwise
        except ValueError:
            return otherwise

    def flag(self, name: str) -> bool:
        """Return whether the value says yes."""
        value = self.values.get(name)
        if isinstance(value, str):
            return value.lower() in {"true", "yes", "1"}
        return bool(value)

    def structure(self, name: str) -> Any:
        """Return an object or a list, which forms carry as JSON text. Raises a Bad Request."""
        value = self.values.get(name)
        if not isinstance(value, (str, bytes)):
            return value
        if not value:
            return None
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError as error:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from error
