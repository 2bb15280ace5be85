"""What every command stands on: its settings and store, how it prints, and faults said in one clear line."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from bot import rota
from bot.configuration import Configuration, ConfigurationError, read_configuration
from bot.settings import Settings, read_settings
from bot.turn import Turn
from scheduling.clock import Clock, SystemClock
from scheduling.instant import Instant
from scheduling.local_time import instant_of
from storage.engine import (
    BrokenReferenceError,
    DatabaseUrlError,
    NewerSchemaError,
    is_sqlite,
    open_writer,
    parse_url,
)
from storage.instance import AlreadyRunningError
from storage.keys import MasterKeyError
from storage.store import Store

REFUSED, WRONG = 1, 2
_WIDTH_OF_FILES = 160

_FAULTS: dict[type[Exception], str] = {
    MasterKeyError: "DATA_KEY: does not fit the key store; it was made with another key.",
    DatabaseUrlError: "DATABASE_URL: must be sqlite:///PATH or postgresql://USER@HOST/NAME.",
    BrokenReferenceError: "In this database something refers to what is not there; nothing was changed. "
    "Restore the last backup, and keep this file for whoever looks into it.",
    AlreadyRunningError: "This hotline is running, in another process on the same data.",
}


_NEWER = (
    "This database was brought to schema {schema} by a newer version, and no version takes it down again: "
    "start the newer one, or restore the backup made before the upgrade."
)


class RefusedError(Exception):
    """The command was understood and is not done; its one line says why."""


def say(line: str) -> None:
    """Print a line as it is."""
    Console(highlight=False).print(line, markup=False, soft_wrap=True)


def complain(line: str) -> None:
    """Print a line where faults go."""
    Console(stderr=True, highlight=False).print(line, markup=False, soft_wrap=True)


def tabulate(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; numbers stand to the right."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for at, column in enumerate(columns):
        are_numbers = all(isinstance(row[at], int) for row in rows)
        table.add_column(column, justify="right" if rows and are_numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*(str(value) for value in row))
    width = None if sys.stdout.isatty() else _WIDTH_OF_FILES
    Console(highlight=False, markup=False, width=width).print(table)


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar where somebody is looking, and yield what moves it on."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415 - rare

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=max(total, 1))
        yield lambda count: bar.advance(task, count)


def stop_with(*faults: str, code: int = WRONG) -> typer.Exit:
    """Print each fault on a line of its own and return the exit; 2 says that something is set wrongly."""
    for fault in faults:
        complain(fault)
    return typer.Exit(code)


def guarded(work: Callable[[], Awaitable[None]]) -> None:
    """Run the work; a fault that a person can mend is one clear line, and exit code 1 or 2."""
    try:
        _run(work)
    except ConfigurationError as error:
        raise stop_with(*error.faults) from None
    except RefusedError as error:
        raise stop_with(str(error), code=REFUSED) from None
    except tuple(_FAULTS) as error:
        raise stop_with(_FAULTS[type(error)]) from None
    except NewerSchemaError as error:
        raise stop_with(_NEWER.format(schema=error)) from None
    except ConnectionError:
        raise stop_with("The database does not answer; is DATABASE_URL right, and KEYS_URL?") from None
    except SQLAlchemyError as error:
        raise stop_with(f"The database cannot be used: {_name_of(error)}.") from None
    except OSError as error:
        raise stop_with(
            f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}"
        ) from None


def _name_of(error: SQLAlchemyError) -> str:
    """Return what the driver calls the fault; its message might name values."""
    found: BaseException | None = getattr(error, "orig", None)
    return type((found.__cause__ if found is not None else None) or found or error).__name__


def _run(work: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        gc.freeze()  # what was read in stays: nothing is found by looking through it
        gc.enable()
        await work()

    if sys.platform == "win32":
        asyncio.run(main())
        return
    import uvloop  # noqa: PLC0415 - not on every platform

    uvloop.run(main())


def settings_and_rules() -> tuple[Settings, Configuration]:
    """Return the environment's settings and the configuration they name."""
    settings = read_settings()
    return settings, read_configuration(settings.hotline_config)


def present() -> Clock:
    """Return the clock that commands go by."""
    return SystemClock()


def open_store(settings: Settings) -> Store:
    """Return the store that the settings name."""
    return Store(
        database_url=settings.database_url,
        keys_url=settings.keys_database_url,
        master_key=settings.master_key(),
        clock=present(),
    )


@dataclass(frozen=True, slots=True)
class Ground:
    """The settings, the rules and the store a command works with."""

    settings: Settings
    rules: Configuration
    store: Store

    @property
    def now(self) -> Instant:
        """The present moment."""
        return self.store.clock.now()

    def local(self, moment: datetime | None) -> str:
        """Return the moment as the hotline's own clocks show it."""
        return "–" if moment is None else moment.astimezone(self.rules.zone).strftime("%Y-%m-%d %H:%M")

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Turn]:
        """Yield a turn in a transaction of its own, committed at the end or not at all."""
        async with self.store.unit() as unit:
            yield Turn(unit, self.rules)
            await unit.commit()


@asynccontextmanager
async def opened() -> AsyncIterator[Ground]:
    """Yield the ground to work on; the databases must be there, at this schema, and the key must fit."""
    settings, rules = settings_and_rules()
    await _refuse_other_schema(settings)
    store = open_store(settings)
    try:
        await store.check_keys()
        async with store.unit() as unit:
            await rota.know_days(Turn(unit, rules))
        yield Ground(settings, rules, store)
    finally:
        await store.close()


async def _refuse_other_schema(settings: Settings) -> None:
    from storage.migrate import refuse_newer, revision  # noqa: PLC0415 - alembic is heavy
    from storage.schema import HOTLINE, KEYS, newest  # noqa: PLC0415 - likewise

    for url_name, written, which in (
        ("DATABASE_URL", settings.database_url, HOTLINE),
        ("KEYS_URL", settings.keys_database_url, KEYS),
    ):
        url = parse_url(written)
        if is_sqlite(url) and not _is_there(url):
            raise ConfigurationError(
                [f"{url_name}: there is no database yet; `python -m bot migrate` makes it."]
            )
        engine = open_writer(url)
        try:
            async with engine.connect() as connection:
                found = await revision(connection)
        finally:
            await engine.dispose()
        refuse_newer(which, found)
        if found != newest(which):
            fault = f"{url_name}: is at schema {found or 'none'}, this version needs {newest(which)};"
            raise ConfigurationError([f"{fault} `python -m bot migrate` brings it there."])


def _is_there(url: URL) -> bool:
    return Path(url.database or "").is_file()


def midnight(day: date, zone: ZoneInfo) -> Instant:
    """Return when the day begins where the hotline is."""
    return instant_of(day, time(0), zone)


def parse_day(written: str | None, option: str) -> date | None:
    """Return the day written as 2026-11-16; raises ConfigurationError, naming the option."""
    if written is None:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise ConfigurationError([f"{option}: is a date such as 2026-11-16, not {written!r}."]) from None


def age(since: datetime, until: datetime) -> str:
    """Return how long it is from the one moment to the other, in its largest unit."""
    minutes = max(int((until - since).total_seconds() // 60), 0)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} d"
