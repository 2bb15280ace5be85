"""What a page's address says is looked for: days, words of a list, and where a part of a list begins."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date, time, timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from scheduling.instant import Instant
from scheduling.local_time import instant_of

Key = tuple[Instant, UUID]
NUMBER = re.compile(r"[A-Za-z]{1,4}-[0-9]{4}-[0-9]{1,9}")
_MOST_DIGITS = 17
_FIRST_YEAR, _LAST_YEAR = 2000, 2200
E = TypeVar("E", bound=StrEnum)


def one_of(kind: type[E], written: str) -> E | None:
    """Return the word of the list, or None for one that is not there."""
    return next((one for one in kind if one.value == written), None)


def known(written: str, among: Collection[str]) -> str | None:
    """Return what was written where it is known, else None."""
    return written if written in among else None


def first_moment(written: str, zone: ZoneInfo) -> Instant | None:
    """Return when the day begins; None for what is no day."""
    day = _day(written)
    return None if day is None else instant_of(day, time(0), zone)


def after_last_moment(written: str, zone: ZoneInfo) -> Instant | None:
    """Return when the day is over; None for what is no day."""
    day = _day(written)
    return None if day is None else instant_of(day + timedelta(days=1), time(0), zone)


def key(written: str) -> Key | None:
    """Return after what the part begins; None for the first part, and for what is no such place."""
    at, _, last = written.partition(".")
    if not (at.isascii() and at.isdigit() and len(at) <= _MOST_DIGITS):
        return None
    try:
        return Instant.from_microseconds(int(at)), UUID(last)
    except ValueError:
        return None


def address(path: str, looked_for: Mapping[str, str], after: Key | None) -> str | None:
    """Return the address of the part after the key, with everything that is looked for; None for no key."""
    if after is None:
        return None
    at, last = after
    asked = {name: value for name, value in looked_for.items() if value}
    return f"{path}?{urlencode({**asked, 'before': f'{at.microseconds}.{last}'})}"


def _day(written: str) -> date | None:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return day if _FIRST_YEAR <= day.year <= _LAST_YEAR else None
