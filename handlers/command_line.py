"""The command line: one command an act, clear errors, exit code 2 where something is set wrongly."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated

import typer

from bot.configuration import ConfigurationError
from handlers import logs
from handlers.commands import (
    backup,
    dispatch_bench,
    enquiries,
    hours,
    incoming,
    log,
    people,
    report,
    retention,
    rota,
    service_level,
    standing,
)
from handlers.commands.ground import guarded, open_store, say, settings_and_rules

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

_HELD = "Delivery is HELD since a restore; `python -m bot release` lets it go."


@app.command()
def run() -> None:
    """Run the hotline on Telegram; BOT_TOKEN and DATA_KEY are required."""
    from handlers.running import (  # noqa: PLC0415 - the whole of Telegram
        Hotline,
        TelegramUnreachableError,
        TokenNotAcceptedError,
        until_told_to_stop,
    )
    from storage import outbox, schema  # noqa: PLC0415 - likewise
    from storage.instance import hold_instance  # noqa: PLC0415 - likewise

    async def work() -> None:
        settings, rules = settings_and_rules()
        if not settings.token:
            raise ConfigurationError(
                ["BOT_TOKEN: is required; without one there is `python -m bot sandbox`."]
            )
        logs.set_up(settings.log_level)
        store = open_store(settings)
        async with hold_instance(store.url):
            await schema.bring_to_newest(
                database_url=settings.database_url, keys_url=settings.keys_database_url
            )
            hotline = Hotline(settings=settings, rules=rules, store=store)
            try:
                await hotline.start()
                gc.collect()
                gc.freeze()  # what is left stays while it runs: no pause to look through it
                if await outbox.is_held(store):
                    say(_HELD)
                await until_told_to_stop()
            except TokenNotAcceptedError:
                raise ConfigurationError(["BOT_TOKEN: Telegram does not know this token."]) from None
            except TelegramUnreachableError:
                raise ConfigurationError(["TELEGRAM_API_URL: the Bot API does not answer there."]) from None
            finally:
                await hotline.stop()

    guarded(work)


@app.command()
def migrate() -> None:
    """Bring both databases to the newest schema."""
    from storage.migrate import migrate as migrate_databases  # noqa: PLC0415 - alembic is heavy

    async def work() -> None:
        settings, _ = settings_and_rules()
        await migrate_databases(database_url=settings.database_url, keys_url=settings.keys_database_url)
        say("Both databases are at the newest schema.")

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
        await run_sandbox(settings=settings, rules=rules, port=port, data=data, say=say)

    guarded(work)


app.command()(people.invite)
app.command()(people.revoke)
app.command("people")(people.list_people)
app.add_typer(enquiries.app, name="enquiries")
app.add_typer(rota.app, name="rota")
app.command()(report.report)
app.command("service-level")(service_level.service_level)
app.command("hours")(hours.show_hours)
app.command()(retention.retention)
app.command()(retention.erase)
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(backup.release)
app.command("keys-backup")(backup.keys_backup)
app.command("keys-restore")(backup.keys_restore)
app.command("rotate-keys")(backup.rotate_keys)
app.command("verify-audit")(log.verify_audit)
app.command()(standing.status)
app.command("inbox")(incoming.count_incoming)
app.command("dispatch-bench")(dispatch_bench.dispatch_bench)
