"""The bot with one of its protections taken away: what shows that the leak test can fail.

Run as `python -m tests.leaks.without masking` or `… encryption`.
"""

from __future__ import annotations

import sys

from bot.masking.masker import Masker
from bot.masking.masks import Masked
from handlers.command_line import app
from storage.keys import KeyStore


def without_masking() -> None:
    def mask(_self: Masker, text: str) -> Masked:
        return Masked(text, frozenset())

    Masker.mask = mask  # type: ignore[method-assign]  # that is the point


def without_encryption() -> None:
    async def seal(_self: KeyStore, _key_id: object, value: bytes, *, place: str) -> bytes:
        return value

    async def as_it_is(_self: KeyStore, _key_id: object, sealed: bytes, *, place: str) -> bytes:
        return sealed

    KeyStore.seal = seal  # type: ignore[assignment]  # that is the point
    KeyStore.open = as_it_is  # type: ignore[assignment]  # likewise


if __name__ == "__main__":
    {"masking": without_masking, "encryption": without_encryption}[sys.argv[1]]()
    sys.argv = ["bot", "run"]
    app()
