"""Identifiers made by the client, so that a row can be named before it is stored."""

from __future__ import annotations

import base64
import binascii
from uuid import UUID

from uuid_utils.compat import uuid7

_SHORT_LENGTH = 22


def new_id() -> UUID:
    """Return a fresh UUIDv7; never used to order anything by."""
    return uuid7()


def short(identifier: UUID) -> str:
    """Return the identifier as 22 base64url characters, as buttons carry it."""
    return base64.urlsafe_b64encode(identifier.bytes).rstrip(b"=").decode()


def from_short(text: str) -> UUID | None:
    """Return the identifier that `short` wrote, or None where the text is none."""
    if len(text) != _SHORT_LENGTH:
        return None
    try:
        return UUID(bytes=base64.urlsafe_b64decode(text + "=="))
    except (ValueError, binascii.Error):
        return None
