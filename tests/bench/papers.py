"""`python -m tests.bench.papers`: how long a paper takes to make, and whether memory grows."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time

from rich.console import Console
from rich.progress import track
from rich.table import Table

from bot.paper import Paper
from handlers.papers import docx, pdf
from tests import sample_papers as papers

_ROUNDS = 100
_PAGE = 4096


def memory() -> float:
    """Resident memory of this process in megabytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE / 1e6


def taken(render: Callable[[Paper], bytes], paper: Paper) -> tuple[float, float]:
    """Milliseconds by the clock, and of the processor."""
    began, worked = perf_counter(), process_time()
    render(paper)
    return (perf_counter() - began) * 1000, (process_time() - worked) * 1000


def main() -> None:
    ways: tuple[tuple[str, Callable[[Paper], bytes], Paper], ...] = (
        ("PDF, one page", pdf.render, papers.register_sheet()),
        ("PDF, three pages", pdf.render, papers.meeting_annex()),
        ("DOCX, one page", lambda paper: docx.render(paper, None), papers.register_sheet()),
        ("DOCX, three pages", lambda paper: docx.render(paper, None), papers.meeting_annex()),
    )
    shown = Table("paper", "first", "median", "p99", "processor", "MB after 100", "MB after 200")
    for name, render, paper in ways:
        first, _ = taken(render, replace(paper, number="H-2026-0000"))
        took: list[tuple[float, float]] = []
        kept = []
        for run in range(2):
            numbers = track(range(_ROUNDS), description=name, transient=True)
            took += [taken(render, replace(paper, number=f"H-2026-{run}-{number}")) for number in numbers]
            kept.append(f"{memory():.0f}")
        clock, worked = zip(*took, strict=True)
        figures = (first, statistics.median(clock), statistics.quantiles(clock, n=100)[98])
        shown.add_row(name, *(f"{each:.0f}" for each in (*figures, statistics.median(worked))), *kept)
    Console().print(shown)


if __name__ == "__main__":
    main()
