"""What a person did in a chat, projected and masked: nothing else of an update is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

import orjson

from scheduling.instant import Instant


class Did(StrEnum):
    """What a person did."""

    TEXT = "text"
    COMMAND = "command"
    TAP = "tap"
    EDIT = "edit"
    FILE = "file"
    STRANGE = "strange"  # a kind of message the hotline does not take
    UNREADABLE = "unreadable"  # an update that could not be projected
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"


@dataclass(frozen=True, slots=True)
class File:
    """A picture or document by Telegram's id; its name and content are never taken."""

    kind: str
    file_id: str
    album: str | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing a person did; the text is masked already."""

    did: Did
    address: int
    at: Instant
    telegram_id: int | None = None
    text: str = ""
    has_masks: bool = False
    masks: tuple[str, ...] = ()
    command: str = ""
    data: str = ""
    reply_to: int | None = None
    file: File | None = None
    kind: str = ""
    language: str | None = None
    shows_emergency: bool = False
    postcodes: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """Return the value as the inbox seals it."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        plain["at"] = self.at.microseconds
        return orjson.dumps(plain)  # which writes the file, a dataclass too, as its fields

    def saying(self, text: str) -> Self:
        """Return the same with another text."""
        return replace(self, text=text)

    def masked_as(self, text: str) -> Self:
        """Return the same with a text in which more was masked."""
        return replace(self, text=text, has_masks=True)

    @classmethod
    def from_bytes(cls, sealed: bytes) -> Self:
        """Return the value that `to_bytes` wrote."""
        plain: dict[str, Any] = orjson.loads(sealed)
        plain["did"] = Did(plain["did"])
        plain["at"] = Instant.from_microseconds(plain["at"])
        plain["file"] = File(**plain["file"]) if plain["file"] else None
        plain["masks"] = tuple(plain["masks"])
        plain["postcodes"] = tuple(plain["postcodes"])
        return cls(**plain)

    @classmethod
    def from_parked(cls, body: dict[str, Any], *, address: int) -> Self:
        """Return a text that waited until its writer said where it belongs."""
        file = File(body["kind"], body["file"], body.get("album")) if body.get("file") else None
        return cls(
            did=Did.TEXT if file is None else Did.FILE,
            address=address,
            at=Instant.from_microseconds(body["at"]),
            telegram_id=body.get("telegram_id"),
            reply_to=body.get("reply_to"),
            text=body["text"],
            has_masks=body["has_masks"],
            shows_emergency=body["shows_emergency"],
            file=file,
        )
