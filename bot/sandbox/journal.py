"""An append-only file from which the sandbox's chats come back after a restart."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Journal:
    """Writes entries in the order they were noted; without a path it remembers nothing.

    Entries reach the operating system at the end of the event loop's present turn, so they survive
    the death of the process. They are not forced to the disk: this is a sandbox.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._pending: list[bytes] = []

    def entries(self) -> Iterator[list[Any]]:
        """Yield what was noted before, oldest first; a torn last line is passed over."""
        if self._path is None or not self._path.exists():
            return
        with self._path.open("rb") as lines:
            for line in lines:
                if line.endswith(b"\n"):
                    yield orjson.loads(line)

    def open(self) -> None:
        """Make the journal ready to be written, after a torn last line as well."""
        if self._path is None:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._mend()
        self._file = self._path.open("ab", buffering=0)

    def _mend(self) -> None:
        if self._path is None or not self._path.exists():
            return
        whole = self._path.read_bytes()
        if whole and not whole.endswith(b"\n"):
            self._path.write_bytes(whole[: whole.rfind(b"\n") + 1])

    def note(self, *entry: object) -> None:
        """Remember one entry."""
        if self._file is None:
            return
        if not self._pending:
            try:
                asyncio.get_running_loop().call_soon(self.flush)
            except RuntimeError:
                self._pending.append(orjson.dumps(entry) + b"\n")
                self.flush()
                return
        self._pending.append(orjson.dumps(entry) + b"\n")

    def flush(self) -> None:
        """Hand what is pending to the operating system."""
        if self._file is not None and self._pending:
            self._file.write(b"".join(self._pending))
        self._pending.clear()

    def clear(self) -> None:
        """Forget everything noted so far."""
        self._pending.clear()
        if self._file is not None:
            self._file.truncate(0)

    def close(self) -> None:
        """Flush and let go of the file."""
        self.flush()
        if self._file is not None:
            self._file.close()
            self._file = None
