"""A month of advice on the screen and as a file for a spreadsheet: no case is in it."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Annotated

import typer

from bot import hours
from bot.configuration import ConfigurationError
from bot.hours import Line
from handlers.commands import ground

_COLUMNS = (
    "alias",
    "month",
    "cases",
    "minutes",
    "hours",
    "rate",
    "amount",
    "approved by",
    "approved at",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ORE = Decimal("0.01")


def show_hours(
    month: Annotated[str, typer.Option(help="The month, such as 2026-11.")],
    file: Annotated[
        Path | None, typer.Option("--csv", help="Write the month here, as Danish spreadsheets read it.")
    ] = None,
) -> None:
    """List each person's minutes of a month, and what of them was approved."""

    async def work() -> None:
        async with ground.opened() as at:
            first = hours.parse_month(month)
            if first is None:
                raise ConfigurationError([f"--month: is a month such as 2026-11, not {month!r}."])
            if file is not None and file.exists():
                raise ground.RefusedError(f"{file} exists already.")
            async with at.turn() as turn:
                lines = await hours.statement_of(turn, first)
            _show(at, f"{first:%Y-%m}", lines)
            if file is not None:
                _write(file, [_row(at, f"{first:%Y-%m}", line) for line in lines])
                ground.say(f"Written: {file}")

    ground.guarded(work)


def _show(at: ground.Ground, month: str, lines: Sequence[Line]) -> None:
    if not lines:
        ground.say(f"Nobody has anything in {month}.")
        return
    columns = (*_COLUMNS, "without minutes", "changed since")
    rows = [(*_row(at, month, line), line.worked.missing, _change(line)) for line in lines]
    ground.tabulate(f"Hours in {month}", columns, rows)


def _row(at: ground.Ground, month: str, line: Line) -> tuple[object, ...]:
    """What was approved, as it was approved; where nothing was, what stands now."""
    stands = line.worked if line.approved is None else line.approved
    rate = at.rules.hours_pay.rate
    return (
        line.worked.person.alias,
        month,
        stands.cases,
        stands.minutes,
        f"{stands.minutes // 60}:{stands.minutes % 60:02}",
        "" if rate is None else _kroner(rate),
        "" if rate is None else _kroner(rate * stands.minutes / 60),
        line.approver or "",
        "" if line.approved is None else at.local(line.approved.approved_at),
    )


def _change(line: Line) -> str:
    if line.approved is None or line.is_settled:
        return ""
    cases = line.worked.cases - line.approved.cases
    return f"{line.change:+d} min" + (f", {cases:+d} cases" if cases else "")


def _kroner(amount: Decimal) -> str:
    return str(amount.quantize(_ORE, ROUND_HALF_UP)).replace(".", ",")


def _write(path: Path, rows: Sequence[tuple[object, ...]]) -> None:
    """Write a new file that only its owner may read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(_COLUMNS)
        writer.writerows([_harmless(value) for value in row] for row in rows)


def _harmless(value: object) -> object:
    """Return the value, with what a spreadsheet would take for a formula made text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
