"""The one type for a moment that has happened or falls due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Self

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NaiveInstantError(ValueError):
    """A moment needs a time zone."""


class Instant(datetime):
    """A moment with a time zone, kept in UTC; arithmetic with a timedelta yields an Instant again."""

    def __new__(cls, *args: object, **kwargs: object) -> Self:
        """Reject a moment that names no zone."""
        made = super().__new__(cls, *args, **kwargs)  # type: ignore[arg-type]  # datetime's own signature
        if made.tzinfo is None:
            raise NaiveInstantError
        return made

    @classmethod
    def of(cls, moment: datetime) -> Instant:
        """Return the same moment in UTC; raises NaiveInstantError for a naive one."""
        if moment.tzinfo is None:
            raise NaiveInstantError
        utc = moment.astimezone(UTC)
        return cls(utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second, utc.microsecond, UTC)

    @classmethod
    def from_microseconds(cls, count: int) -> Instant:
        """Return the moment so many microseconds after 1970-01-01T00:00Z."""
        return _START + timedelta(microseconds=count)

    @property
    def microseconds(self) -> int:
        """Whole microseconds since 1970-01-01T00:00Z."""
        since = datetime.__sub__(self, _EPOCH)
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


_START = Instant.of(_EPOCH)
