"""The command line: one command an act, clear errors, exit code 2 where something is set wrongly."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from bot.configuration import Configuration, ConfigurationError, read_configuration
from bot.settings import Settings, read_settings
from handlers import logs
from handlers.running import Hotline, TelegramUnreachableError, TokenNotAcceptedError, until_told_to_stop
from scheduling.clock import SystemClock
from storage.engine import DatabaseUrlError
from storage.instance import AlreadyRunningError, hold_instance
from storage.keys import MasterKeyError
from storage.migrate import migrate as migrate_databases
from storage.store import Store

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
_out, _err = Console(highlight=False), Console(stderr=True, highlight=False)
_WRONG = 2

_FAULTS: dict[type[Exception], str] = {
    TokenNotAcceptedError: "BOT_TOKEN: Telegram does not know this token.",
    TelegramUnreachableError: "TELEGRAM_API_URL: the Bot API does not answer there.",
    MasterKeyError: "DATA_KEY: does not fit the key store; it was made with another key.",
    DatabaseUrlError: "DATABASE_URL: must be sqlite:///PATH or postgresql://USER@HOST/NAME.",
    AlreadyRunningError: "This hotline is running already, in another process on the same data.",
}


def stop_with(*faults: str) -> typer.Exit:
    """Print each fault on a line of its own and return the exit that says the setting is wrong."""
    for fault in faults:
        _err.print(fault, markup=False, soft_wrap=True)
    return typer.Exit(_WRONG)


def guarded(work: Callable[[], Awaitable[None]]) -> None:
    """Run the work; a fault that a person can mend is one clear line and exit code 2."""
    try:
        _run(work)
    except ConfigurationError as error:
        raise stop_with(*error.faults) from None
    except tuple(_FAULTS) as error:
        raise stop_with(_FAULTS[type(error)]) from None
    except SQLAlchemyError as error:
        raise stop_with(f"The database cannot be used: {type(error).__name__}.") from None
    except OSError as error:
        raise stop_with(f"{error.strerror or error}") from None


def _run(work: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
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


def open_store(settings: Settings) -> Store:
    """Return the store that the settings name."""
    return Store(
        database_url=settings.database_url,
        keys_url=settings.keys_database_url,
        master_key=settings.master_key(),
        clock=SystemClock(),
    )


@app.command()
def run() -> None:
    """Run the hotline on Telegram; BOT_TOKEN and DATA_KEY are required."""

    async def work() -> None:
        settings, rules = settings_and_rules()
        if not settings.token:
            raise ConfigurationError(
                ["BOT_TOKEN: is required; without one there is `python -m bot sandbox`."]
            )
        logs.set_up(settings.log_level)
        store = open_store(settings)
        async with hold_instance(store.url):
            await migrate_databases(database_url=settings.database_url, keys_url=settings.keys_database_url)
            hotline = Hotline(settings=settings, rules=rules, store=store)
            try:
                await hotline.start()
                await until_told_to_stop()
            finally:
                await hotline.stop()

    guarded(work)


@app.command()
def migrate() -> None:
    """Bring both databases to the newest schema."""

    async def work() -> None:
        settings, _ = settings_and_rules()
        await migrate_databases(database_url=settings.database_url, keys_url=settings.keys_database_url)
        _out.print("Both databases are at the newest schema.")

    guarded(work)


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(help="Port of the sandbox's page.")] = 8081,
    data: Annotated[Path, typer.Option(help="Where the sandbox keeps its data.")] = Path("data/sandbox"),
) -> None:
    """Run the same bot against a stand-in for Telegram, with a page on which you are everybody."""
    from handlers.sandbox import run_sandbox  # noqa: PLC0415 - only the sandbox needs the stand-in

    async def work() -> None:
        settings, rules = settings_and_rules()
        logs.set_up("warning" if settings.log_level == "info" else settings.log_level)
        await run_sandbox(settings=settings, rules=rules, port=port, data=data, say=_out.print)

    guarded(work)
