"""A backup: one file with the tables of a database as they stood at one moment, the same for both kinds.

A zip with one file of JSON lines a table, and a manifest that names the schema, counts the rows and carries
a checksum of each table. What is sealed stays sealed: the keys are never part of a backup of the hotline.
"""

from __future__ import annotations

import base64
import hashlib
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, time
from pathlib import Path
from typing import IO, Any, Self
from uuid import UUID

import orjson
from sqlalchemy import JSON, Column, Date, LargeBinary, MetaData, Table, Time, TypeDecorator, Uuid, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from scheduling.instant import Instant

_MANIFEST = "manifest.json"
_PRIVATE = 0o600
_LAYOUT = 1

Advance = Callable[[int], None]


class ArchiveBrokenError(Exception):
    """The file is no whole backup: it is cut off, damaged or something else."""


@dataclass(frozen=True, slots=True)
class Part:
    """One table in a backup."""

    table: str
    columns: tuple[str, ...]
    rows: int
    checksum: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself; `proof` and `seal` are keyed hashes by the key store it belongs to."""

    kind: str
    made_at: int
    revision: str
    parts: tuple[Part, ...]
    expires_at: int | None = None
    proof: str = ""
    seal: str = ""
    layout: int = _LAYOUT

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(part.rows for part in self.parts)

    def unsealed(self) -> bytes:
        """Return what the seal is over."""
        return orjson.dumps(asdict(replace(self, seal="")), option=orjson.OPT_SORT_KEYS)


def plain(table: Table) -> Table:
    """Return the table as the database keeps it: numbers and words instead of moments and enums."""
    return Table(table.name, MetaData(), *(Column(c.name, _plain_type(c.type)) for c in table.columns))


class Writer:
    """Writes a backup beside its place and puts it there once it is whole; readable to its owner only."""

    def __init__(self, path: Path) -> None:
        self._path, self._unfinished = path, path.with_name(f"{path.name}.unfinished")
        descriptor = os.open(self._unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE)
        self._file = os.fdopen(descriptor, "wb")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED)

    def abandon(self) -> None:
        """Leave nothing behind."""
        self._file.close()
        self._unfinished.unlink(missing_ok=True)

    async def add(self, connection: AsyncConnection, table: Table, advance: Advance) -> Part:
        """Write every row of the table and return what the manifest says of it."""
        as_kept = plain(table)
        checksum, rows = hashlib.sha256(), 0
        with self._zip.open(_name(table.name), "w", force_zip64=True) as file:
            async for row in await connection.stream(select(as_kept)):
                line = orjson.dumps([_written(value) for value in row]) + b"\n"
                file.write(line)
                checksum.update(line)
                rows += 1
                advance(1)
        return Part(table.name, tuple(as_kept.columns.keys()), rows, checksum.hexdigest())

    def finish(self, manifest: Manifest) -> None:
        """Close the backup with its manifest and put it in its place, durably."""
        self._zip.writestr(_MANIFEST, orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2))
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._unfinished.replace(self._path)


class Archive:
    """A backup opened for reading; use it in a `with`."""

    def __init__(self, path: Path, *, kind: str) -> None:
        self._file: IO[bytes] = path.open("rb")
        try:
            self._zip = zipfile.ZipFile(self._file)
            self.manifest = _parse(self._zip.read(_MANIFEST))
        except (zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError, zlib.error) as error:
            self._file.close()
            raise ArchiveBrokenError from error
        if self.manifest.kind != kind or self.manifest.layout != _LAYOUT:
            self._file.close()
            raise ArchiveBrokenError

    def __enter__(self) -> Self:
        """Keep the file open."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._zip.close()
        self._file.close()

    def verify(self, advance: Advance) -> None:
        """Read all of it once; raises ArchiveBrokenError where a table is not what the manifest says."""
        for part in self.manifest.parts:
            checksum, rows = hashlib.sha256(), 0
            for line in self._lines(part.table):
                checksum.update(line)
                rows += 1
                advance(1)
            if checksum.hexdigest() != part.checksum or rows != part.rows:
                raise ArchiveBrokenError

    def batches(self, part: Part, table: Table, *, size: int) -> Iterator[list[dict[str, Any]]]:
        """Yield the table's rows, as `plain` tables take them, so many at once."""
        as_kept = plain(table)
        if set(part.columns) != set(as_kept.columns.keys()):
            raise ArchiveBrokenError
        readers = [_reader(as_kept.columns[name].type) for name in part.columns]
        batch: list[dict[str, Any]] = []
        for line in self._lines(part.table):
            values = orjson.loads(line)
            batch.append(
                {
                    name: None if value is None else read(value)
                    for name, read, value in zip(part.columns, readers, values, strict=True)
                }
            )
            if len(batch) == size:
                yield batch
                batch = []
        if batch:
            yield batch

    def _lines(self, table: str) -> Iterator[bytes]:
        try:
            with self._zip.open(_name(table)) as file:
                yield from file
        except (zipfile.BadZipFile, KeyError, EOFError, zlib.error, OSError) as error:
            raise ArchiveBrokenError from error


def _name(table: str) -> str:
    return f"{table}.jsonl"


def _parse(written: bytes) -> Manifest:
    said = orjson.loads(written)
    parts = tuple(
        Part(one["table"], tuple(one["columns"]), one["rows"], one["checksum"]) for one in said.pop("parts")
    )
    return Manifest(**said, parts=parts)


def _plain_type(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    if isinstance(kind, TypeDecorator):
        return _plain_type(kind.impl_instance)
    # Both databases keep a JSON column that holds nothing as NULL.
    return JSON(none_as_null=True) if isinstance(kind, JSON) else kind


def _written(value: object) -> object:
    match value:
        case UUID():
            return value.hex
        case bytes():
            return base64.b64encode(value).decode()
        case date() | time():
            return value.isoformat()
        case _:
            return value


def _reader(kind: TypeEngine[Any]) -> Callable[[Any], Any]:
    readers: Sequence[tuple[type[TypeEngine[Any]], Callable[[Any], Any]]] = (
        (Uuid, UUID),
        (LargeBinary, base64.b64decode),
        (Date, date.fromisoformat),
        (Time, time.fromisoformat),
    )
    return next((read for of, read in readers if isinstance(kind, of)), lambda value: value)


def moment(microseconds: int) -> Instant:
    """Return a moment that a manifest names."""
    return Instant.from_microseconds(microseconds)
