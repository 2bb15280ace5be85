"""The activity statement in figures: exact totals, and tables of traits with small cells hidden."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

import typer

from bot import statistics
from bot.configuration import ConfigurationError
from bot.statistics import Trait
from handlers.commands import ground
from storage.models import Enquiry
from storage.queries import overview

_PAIRS = (("role", "outcome"), ("age", "urgency"))


def report(
    since: Annotated[str | None, typer.Option(help="First day, such as 2026-01-01.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day, that day included.")] = None,
    cross: Annotated[
        list[str] | None, typer.Option(help="Two traits, such as role,outcome; repeatable.")
    ] = None,
) -> None:
    """Count concern enquiries: in all, handled, by outcome; and crossed, with small cells hidden."""

    async def work() -> None:
        async with ground.opened() as at:
            pairs = _pairs(cross)
            first, last = ground.parse_day(since, "--since"), ground.parse_day(until, "--until")
            begin = None if first is None else ground.midnight(first, at.rules.zone)
            end = None if last is None else ground.midnight(last + timedelta(days=1), at.rules.zone)
            async with at.store.reading() as session:
                enquiries = await overview.begun_between(session, begin, end)
            _show_totals(f"{first or 'the beginning'} to {last or 'now'}", statistics.summarise(enquiries))
            for row, column in pairs:
                ground.say("")
                _show_crossed(enquiries, row, column)

    ground.guarded(work)


def _pairs(written: list[str] | None) -> list[tuple[Trait, Trait]]:
    pairs = []
    for one in [",".join(pair) for pair in _PAIRS] if written is None else written:
        row, _, column = one.partition(",")
        try:
            pairs.append((Trait(row), Trait(column)))
        except ValueError:
            known = ", ".join(trait.value for trait in Trait)
            raise ConfigurationError([f"--cross: is two of {known}, such as role,outcome."]) from None
    return pairs


def _show_totals(period: str, report: statistics.Report) -> None:
    rows = [
        ("concern enquiries", report.concerns),
        ("  of which handled", report.handled),
        ("  of which still open", report.still_open),
        *((f"  outcome {outcome}", count) for outcome, count in report.by_outcome.items()),
        ("press (not counted above)", report.press),
        ("activity requests (not counted above)", report.activity_requests),
    ]
    ground.tabulate(f"From {period}", ("", ""), rows)


def _show_crossed(enquiries: Sequence[Enquiry], row: Trait, column: Trait) -> None:
    table = statistics.cross(enquiries, row, column)
    title = f"{row.value} by {column.value}"
    if not table.rows:
        ground.say(f"{title}: nothing to count.")
        return
    published = statistics.suppress(table.counts)
    if published is None:
        ground.say(f"{title}: not shown, the counts are too small to hide anybody.")
        return
    rows = [
        (name, *cells, total)
        for name, cells, total in zip(table.rows, published.cells, published.row_totals, strict=True)
    ]
    rows.append(("total", *published.column_totals, sum(published.row_totals)))
    ground.tabulate(title, ("", *table.columns, "total"), rows)
