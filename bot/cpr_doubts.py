"""What may be wrong with a CPR number that somebody typed: a doubt is shown, and is never a bar.

The check digit says nothing since 2007, and replacement numbers have 60 added to the day (DOMAIN.md).
"""

from __future__ import annotations

from datetime import date

from stdnum.dk import cpr
from stdnum.exceptions import ValidationError

_LETTERS = 10
_ADDED_TO_DAY = 60


def doubt(written: str, *, today: date) -> str | None:
    """Return what there is to doubt about the number: its shape, its date, or that it stands in for one."""
    number = cpr.compact(written)
    if len(number) != _LETTERS or not (number.isascii() and number.isdigit()):
        return "shape"
    is_replacement = int(number[:2]) > _ADDED_TO_DAY
    if is_replacement:
        number = f"{int(number[:2]) - _ADDED_TO_DAY:02d}{number[2:]}"
    try:
        born = cpr.get_birth_date(number)
    except ValidationError:
        return "date"
    if born > today:
        return "date"
    return "replacement" if is_replacement else None
