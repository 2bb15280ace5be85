"""A file for a spreadsheet, written a row at a time; nothing in it is taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Sequence
from zoneinfo import ZoneInfo

from bot.log import Entry

Row = Sequence[str]
COLUMNS_OF_LOG = ("when", "who", "alias", "action", "words", "subject", "number", "id", "detail")
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
_MARK = "\ufeff"  # by which spreadsheets know UTF-8
_ROWS_AT_ONCE = 100


async def written(columns: Row, rows: AsyncIterator[Row]) -> AsyncIterator[bytes]:
    """Yield the file as Danish spreadsheets read it, a hundred rows at a time."""
    held = io.StringIO()
    writer = csv.writer(held, delimiter=";")
    held.write(_MARK)
    writer.writerow(columns)
    count = 0
    async for row in rows:
        writer.writerow([harmless(value) for value in row])
        count += 1
        if count % _ROWS_AT_ONCE == 0:
            yield _taken(held)
    yield _taken(held)


def row_of_log(entry: Entry, said: str, zone: ZoneInfo) -> Row:
    """Return an entry of the log as a row."""
    return (
        entry.at.astimezone(zone).isoformat(timespec="seconds"),
        entry.actor,
        entry.alias or "",
        entry.action,
        said,
        entry.subject,
        entry.number or "",
        str(entry.about),
        entry.detail,
    )


def harmless(value: str) -> str:
    """Return the value, with what a spreadsheet would take for a formula made text."""
    return f"'{value}" if value.startswith(_FORMULAS) else value


def _taken(held: io.StringIO) -> bytes:
    taken = held.getvalue().encode()
    held.seek(0)
    held.truncate()
    return taken
