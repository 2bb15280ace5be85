"""Lets so many requests from one address through, and remembers no address."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from datetime import timedelta

from scheduling.instant import Instant

_WINDOW = timedelta(minutes=10)
_MOST_ADDRESSES = 20_000


class Turnstile:
    """Counts requests by a hash of their address under a key that lives as long as the process."""

    def __init__(self, *, most: int) -> None:
        self._most, self._key = most, secrets.token_bytes(32)
        self._counted: OrderedDict[bytes, tuple[Instant, int]] = OrderedDict()

    def lets_through(self, address: str, *, now: Instant) -> bool:
        """Whether one more request may come from the address; it is counted."""
        who = hmac.new(self._key, address.encode(), hashlib.sha256).digest()
        since, count = self._counted.pop(who, (now, 0))
        if now - since >= _WINDOW:
            since, count = now, 0
        self._counted[who] = since, count + 1
        if len(self._counted) > _MOST_ADDRESSES:
            self._counted.popitem(last=False)
        return count < self._most
