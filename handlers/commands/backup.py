"""Backups of the hotline and, apart from them, of its keys; and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot import restoring
from bot.configuration import ConfigurationError
from bot.turn import Turn
from handlers.commands import ground
from scheduling.instant import Instant
from storage import archive, outbox
from storage import backup as backups
from storage.archive import Archive, ArchiveBrokenError, Manifest
from storage.engine import parse_url
from storage.instance import hold_alone
from storage.queries import restored
from storage.store import Store

_PATH = typer.Argument(help="The file to write; a folder gets a file named after the moment.")
_FROM = typer.Argument(help="The file that was written.")


def backup(path: Annotated[Path, _PATH]) -> None:
    """Write the hotline's database into one file, also while it runs; the keys are never in it.

    Without the key store (`keys-backup`) nothing that people wrote can be read from it.
    """

    async def work() -> None:
        async with ground.opened() as at:
            async with at.store.snapshot() as connection:
                total = await backups.count_rows(connection, backups.hotline_tables())
            target = _target(path, "hotline", at)
            with ground.progress("writing", total) as advance:
                made = await backups.write_hotline(at.store, target, advance=advance)
            ground.say(f"{target}: {made.rows} rows. The keys are not in it; `keys-backup` writes them.")

    ground.guarded(work)


def restore(
    path: Annotated[Path, _FROM],
    replace: Annotated[bool, typer.Option("--replace", help="Delete what the database holds.")] = False,
) -> None:
    """Put a backup back, all of it or nothing; delivery is then held until `release`."""

    async def work() -> None:
        settings, _ = ground.settings_and_rules()
        with _open(path, backups.HOTLINE_BACKUP) as source:
            _verify(source)
            async with hold_alone(parse_url(settings.database_url)):
                await _migrate()
                erased = await _restore(source, replace=replace)
        ground.say(f"Restored {source.manifest.rows} rows.")
        if erased:
            ground.say(f"{erased} enquiries were erased since; they are closed and cannot be read.")
        ground.say("Delivery is HELD: look at `status`, then let it go with `python -m bot release`.")

    ground.guarded(work)


def release() -> None:
    """Let delivery go on after a restore; what is queued goes out."""

    async def work() -> None:
        async with ground.opened() as at:
            if not await outbox.is_held(at.store):
                ground.say("Delivery is not held.")
                return
            waiting = (await outbox.count_waiting(at.store))["waiting"]
            async with at.turn() as turn:
                restoring.record_release(turn)
            await outbox.release(at.store)
            ground.say(f"Delivery goes on; {waiting} queued go out as soon as the hotline runs.")

    ground.guarded(work)


def keys_backup(path: Annotated[Path, _PATH]) -> None:
    """Write the key store into one file, still wrapped by DATA_KEY, to be used within seven days.

    Keep it apart from the hotline's backups, and delete it when it has expired: until then it can still
    open what was erased meanwhile.
    """

    async def work() -> None:
        async with ground.opened() as at:
            target = _target(path, "keys", at)
            with ground.progress("writing", await at.store.keys.count()) as advance:
                made = await backups.write_keys(at.store, target, advance=advance)
            ground.say(
                f"{target}: {made.rows} keys. Delete it by {at.local(_expiry(made))}: it expires then."
            )

    ground.guarded(work)


def keys_restore(
    path: Annotated[Path, _FROM],
    replace: Annotated[bool, typer.Option("--replace", help="Delete the keys there are.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Use it although it has expired.")] = False,
) -> None:
    """Put the keys back; an expired file is refused, for it would open what was erased since."""

    async def work() -> None:
        settings, rules = ground.settings_and_rules()
        with _open(path, backups.KEYS_BACKUP) as source:
            _verify(source)
            expired = _expiry(source.manifest)
            if expired < ground.present().now() and not force:
                at = expired.astimezone(rules.zone).strftime("%Y-%m-%d %H:%M")
                raise ground.RefusedError(
                    f"It expired {at}: it would open what was erased since. --force uses it."
                )
            async with hold_alone(parse_url(settings.database_url)):
                await _migrate()
                await _restore_keys(source, replace=replace)
        ground.say(f"Restored {source.manifest.rows} keys.")

    ground.guarded(work)


def rotate_keys() -> None:
    """Wrap every key with NEW_DATA_KEY (or NEW_DATA_KEY_FILE); DATA_KEY opens nothing afterwards."""

    async def work() -> None:
        async with ground.opened() as at:
            new = at.settings.new_master_key()
            if new == at.settings.master_key():
                raise ConfigurationError(["NEW_DATA_KEY: is the key in use already."])
            async with hold_alone(at.store.url):
                with ground.progress("wrapping", await at.store.keys.count()) as advance:
                    count = await at.store.keys.rewrap(new, advance=advance)
            ground.say(
                f"{count} keys are wrapped anew. Put NEW_DATA_KEY in DATA_KEY's place before the start."
            )
            ground.say("Key backups made before still need the old key, until they expire.")

    ground.guarded(work)


def _target(path: Path, what: str, at: ground.Ground) -> Path:
    if path.is_dir():
        path = path / f"{what}-{at.now.strftime('%Y%m%dT%H%M%SZ')}.zip"
    if path.exists():
        raise ground.RefusedError(f"{path} exists already.")
    return path


def _open(path: Path, kind: str) -> Archive:
    try:
        return Archive(path, kind=kind)
    except ArchiveBrokenError:
        raise ground.RefusedError(
            f"{path}: is no whole {kind.replace('-', ' ')}; nothing was changed."
        ) from None


def _verify(source: Archive) -> None:
    try:
        with ground.progress("verifying", source.manifest.rows) as advance:
            source.verify(advance)
        backups.check_schema(source.manifest)
    except ArchiveBrokenError:
        raise ground.RefusedError("The file is damaged; nothing was changed.") from None
    except backups.SchemaDiffersError as error:
        raise ground.RefusedError(
            f"The backup is at schema {error}; restore it with the version that made it, then migrate."
        ) from None


async def _migrate() -> None:
    from storage.migrate import migrate  # noqa: PLC0415 - alembic is heavy

    settings, _ = ground.settings_and_rules()
    await migrate(database_url=settings.database_url, keys_url=settings.keys_database_url)


async def _restore(source: Archive, *, replace: bool) -> int:
    settings, rules = ground.settings_and_rules()
    store = ground.open_store(settings)
    try:
        await _check_key_store(store, source.manifest)
        async with store.unit() as unit:
            connection = await unit.session.connection()
            if not replace:
                await backups.refuse_data(connection)
            await backups.clear_hotline(connection)
            with ground.progress("restoring", source.manifest.rows) as advance:
                await backups.load_hotline(connection, source, advance=advance)
            turn = Turn(unit, rules)
            await restoring.settle(turn)
            gone = await store.keys.missing(await restored.used_keys(unit))
            erased = await restoring.note_destroyed(turn, gone)
            await unit.commit()
            return erased
    except backups.NotEmptyError:
        raise ground.RefusedError(
            "The database is not empty; --replace deletes what it holds. Nothing was changed."
        ) from None
    except ArchiveBrokenError:
        raise ground.RefusedError(
            "The file was changed after it was made; nothing was changed here."
        ) from None
    finally:
        await store.close()


async def _check_key_store(store: Store, manifest: Manifest) -> None:
    try:
        await backups.check_key_store(store, manifest)
    except backups.ForeignKeyStoreError:
        raise ground.RefusedError(
            "The backup belongs to another key store: put that one back first (`keys-restore`)."
        ) from None


async def _restore_keys(source: Archive, *, replace: bool) -> None:
    settings, _ = ground.settings_and_rules()
    store = ground.open_store(settings)
    try:
        async with store.keys.replacing() as connection:
            if not replace:
                await backups.refuse_keys(connection)
            await backups.clear_keys(connection)
            with ground.progress("restoring", source.manifest.rows) as advance:
                await backups.load_keys(connection, source, advance=advance)
    except backups.NotEmptyError:
        raise ground.RefusedError(
            "The key store is not empty; --replace deletes its keys. Nothing was changed."
        ) from None
    finally:
        await store.close()


def _expiry(manifest: Manifest) -> Instant:
    assert manifest.expires_at is not None, "a key backup says when it expires"
    return archive.moment(manifest.expires_at)
