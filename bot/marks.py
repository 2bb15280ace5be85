"""Short marks by which a form or a button tells what was shown on it, without showing it twice."""

from __future__ import annotations

import hashlib

_LETTERS = 8  # a button's data has room for no more


def mark_of(shown: str) -> str:
    """Return eight letters that are others as soon as what is shown is another."""
    return hashlib.sha256(shown.encode()).hexdigest()[:_LETTERS]
