"""The rota as a file: checked line by line, put in force, written out and shown."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from bot import absences, plans
from bot import rota as rota_of
from bot.turn import Turn
from handlers.commands import ground
from scheduling.calendars import CalendarError, absences_in
from scheduling.rota import Rota
from scheduling.rota_file import FaultReason, PlanError, read_plan
from scheduling.rota_plan import RotaPlan
from scheduling.rota_writing import write_plan
from scheduling.shifts import Span, Thin
from storage.models import Role
from storage.queries import people as find_people

app = typer.Typer(
    no_args_is_help=True, help="The rota: import, export, show, check, absences from a calendar."
)

_SAID = {
    FaultReason.NOT_YAML: "is not YAML",
    FaultReason.TOO_LARGE: "the file is larger than a megabyte",
    FaultReason.TAB: "a tab; use blanks",
    FaultReason.MARKUP: "anchors, aliases and tags are not read",
    FaultReason.WRONG_SHAPE: "does not belong here",
    FaultReason.UNKNOWN_KEY: "is not known here",
    FaultReason.DUPLICATE_KEY: "stands here twice",
    FaultReason.DUPLICATE_PERSON: "stands in the file twice",
    FaultReason.BAD_NAME: "is not an alias",
    FaultReason.BAD_ZONE: "is not a time zone",
    FaultReason.BAD_DAY: "is not a date such as 2026-12-24",
    FaultReason.BAD_TIME: "is not a time such as 08:00",
    FaultReason.BAD_KIND: 'is not "normal", "holiday" or "closed", with a name if you like',
    FaultReason.BAD_SHIFT: 'is not a shift such as "mon-fri 08:00-16:00 every 2 weeks from 2026-11-02"',
    FaultReason.END_BEFORE_START: "ends before it starts",
}
_OBJECTIONS = {
    "unknown": "nobody is enrolled under this alias",
    "station": "cannot stand at that station: resource persons at panel, the desk as coordinator or backup",
}
_CALENDAR_SAID = {
    "not_a_calendar": "is not a calendar",
    "too_large": "is larger than a megabyte",
    "too_many": "has more than 2,000 entries",
    "bad_time": "has a time or a repetition that cannot be read",
}
_WEEKS_AHEAD = 4
_DAYS_READ = 400

File = Annotated[Path, typer.Argument(help="The rota as a YAML file; see the guide “Running the rota”.")]


@app.command()
def check(file: File) -> None:
    """Say what is wrong with a rota file, line by line, and change nothing."""

    async def work() -> None:
        async with ground.opened() as at, at.turn() as turn:
            plan = await _read(turn, file)
            ground.say(f"{file.name}: {_count(plan)}. Nothing was changed.")

    ground.guarded(work)


@app.command(name="import")
def import_(file: File) -> None:
    """Put a rota file in force for the people and days it names; whoever's shifts change is told."""

    async def work() -> None:
        async with ground.opened() as at, at.turn() as turn:
            plan = await _read(turn, file)
            changed = await plans.put_in_force(turn, plan)
            planned = await rota_of.load(turn)
            lack = rota_of.thin(turn, planned, _ahead(turn))
            ground.say(f"{_count(plan)}; lines added: {changed.added}, removed: {changed.removed}.")
            ground.say(_lack(lack))
            if void := len(planned.void_swaps()):
                ground.say(f"Swaps that hold no more, their shift being gone: {void}.")

    ground.guarded(work)


@app.command()
def export(file: Annotated[Path | None, typer.Argument(help="Where to; the screen without.")] = None) -> None:
    """Write the rota as a file that `rota import` reads."""

    async def work() -> None:
        async with ground.opened() as at, at.turn() as turn:
            written = write_plan(await plans.current(turn))
        if file is None:
            ground.say(written.rstrip("\n"))
        else:
            file.write_text(written, encoding="utf-8")
            ground.say(f"Written to {file}.")

    ground.guarded(work)


@app.command()
def show(
    week: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Any day of the week; this week without.")
    ] = None,
) -> None:
    """Show a week: every shift, and the hours that lack somebody."""

    async def work() -> None:
        async with ground.opened() as at, at.turn() as turn:
            day = rota_of.today(turn) if week is None else week.date()
            monday = day - timedelta(days=day.weekday())
            window = rota_of.days(turn, monday, 7)
            planned = await rota_of.load(turn)
            rows = await _rows(turn, planned, window)
            ground.tabulate(f"Week of {monday}", ("from", "to", "station", "who"), rows)
            for one in rota_of.thin(turn, planned, window):
                ground.say(f"{_hours(turn, one.span)}: {one.on_duty} of {one.needed}, {one.station.value}")

    ground.guarded(work)


@app.command(name="absences")
def read_absences(
    alias: Annotated[str, typer.Argument(help="Whose calendar it is.")],
    file: Annotated[Path, typer.Argument(help="An .ics file.")],
) -> None:
    """Have a person's absences be the busy times of her calendar; absences typed in chat stay."""

    async def work() -> None:
        async with ground.opened() as at, at.turn() as turn:
            person = await find_people.by_alias(turn.unit, alias)
            if person is None or person.revoked_at is not None:
                raise ground.RefusedError(f"Nobody is enrolled as {alias}.")
            window = Span(turn.now, turn.after(days=_DAYS_READ))
            try:
                away = absences_in(_bytes(file), zone=turn.rules.zone, window=window)
            except CalendarError as error:
                raise ground.RefusedError(f"{file.name}: {_CALENDAR_SAID[error.reason.value]}.") from None
            count = await absences.replace_from_calendar(turn, person, away, by=None)
            ground.say(f"{person.alias} is away {count} times in the next {_DAYS_READ} days, by {file.name}.")

    ground.guarded(work)


async def _read(turn: Turn, file: Path) -> RotaPlan:
    """Return the plan in the file; raises RefusedError with a line for each fault."""
    try:
        text = _bytes(file).decode("utf-8-sig")
        plan = read_plan(text, zone=turn.rules.zone, today=rota_of.today(turn))
    except UnicodeDecodeError:
        raise ground.RefusedError(f"{file.name}: is not text in UTF-8.") from None
    except PlanError as error:
        lines = [f"{file.name}:{f.line}: {f.text!r} {_SAID[f.reason]}." for f in error.faults]
        raise ground.RefusedError("\n".join(lines)) from None
    against = await plans.objections(turn, plan)
    if against:
        lines = [f"{file.name}: {one.alias}: {_OBJECTIONS[one.reason]}." for one in against]
        raise ground.RefusedError("\n".join(lines))
    return plan


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ground.RefusedError(f"{file.name}: cannot be read: {error.strerror}.") from None


def _count(plan: RotaPlan) -> str:
    shifts = sum(len(one.shifts) + len(one.extra) for one in plan.people)
    return f"{len(plan.people)} people, {shifts} shifts, {len(plan.days)} days"


def _ahead(turn: Turn) -> Span:
    return Span(turn.now, turn.after(days=7 * _WEEKS_AHEAD))


def _lack(lack: list[Thin]) -> str:
    counted = Counter("gaps" if one.on_duty == 0 else "thin" for one in lack)
    return f"In the next {_WEEKS_AHEAD} weeks: {counted['gaps']} gaps, {counted['thin']} thin stretches."


async def _rows(turn: Turn, planned: Rota, window: Span) -> list[tuple[str, str, str, str]]:
    aliases = {one.id: one.alias for one in await find_people.in_roles(turn.unit, tuple(Role))}
    return [
        (_local(turn, s.span.starts), _local(turn, s.span.ends), s.station.value, aliases.get(s.person, "–"))
        for s in planned.shifts(window)
    ]


def _hours(turn: Turn, span: Span) -> str:
    return f"{_local(turn, span.starts)} to {_local(turn, span.ends)}"


def _local(turn: Turn, moment: datetime) -> str:
    return f"{moment.astimezone(turn.rules.zone):%a %Y-%m-%d %H:%M}"
