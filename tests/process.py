"""The bot as an operator runs it: a process of its own, started, watched, stopped and killed."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from tests.databases import Urls
from tests.nursery import Forked, Nursery

ROOT = Path(__file__).parent.parent
TOKEN = "1:TEST"
MASTER_KEY = bytes(range(32))
_NO_LIMITS = {
    "flood_messages = 20": "flood_messages = 0",
    "per_second = 30": "per_second = 0",
    "per_chat_per_second = 1": "per_chat_per_second = 0",
    "cap = 5 ": "cap = 200 ",
}


@dataclass(frozen=True)
class Ended:
    """A process that has come to its end by itself."""

    code: int
    out: str
    errors: str


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_rules(folder: Path, changes: Mapping[str, str] = _NO_LIMITS) -> Path:
    """Write the shipped configuration with the lines changed, by default without any limit."""
    written = (ROOT / "hotline.toml").read_text(encoding="utf-8")
    for line, instead in changes.items():
        assert line in written, f"hotline.toml no longer says {line!r}"
        written = written.replace(line, instead, 1)
    path = folder / "hotline.toml"
    path.write_text(written, encoding="utf-8")
    return path


def environment(urls: Urls, *, api_url: str, port: int, rules: Path, **more: str) -> dict[str, str]:
    """Return the run contract's variables, and nothing else of this test's own environment but PATH."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONFAULTHANDLER": "1",
        "BOT_TOKEN": TOKEN,
        "TELEGRAM_API_URL": api_url,
        "DATABASE_URL": urls.database,
        "KEYS_URL": urls.keys,
        "DATA_KEY": base64.b64encode(MASTER_KEY).decode(),
        "HTTP_PORT": str(port),
        "HOTLINE_CONFIG": str(rules),
        **more,
    }


class BotProcess:
    """`python -m bot run`, or a runner of a test's own; what it prints is kept in a file."""

    def __init__(
        self,
        variables: Mapping[str, str],
        log: Path,
        *,
        command: Sequence[str] = ("bot", "run"),
        nursery: Nursery | None = None,
    ) -> None:
        self.variables, self.log, self.command = dict(variables), log, command
        self.url = f"http://127.0.0.1:{variables.get('HTTP_PORT', '8080')}"
        self._nursery = nursery
        self._process: asyncio.subprocess.Process | Forked | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        await self.ready()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start it; it need not be ready yet."""
        if self._nursery is not None:
            self._process = await self._nursery.start(self.command, self.variables, self.log)
            return
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", *self.command, cwd=ROOT, env=self.variables, stdout=log, stderr=log
            )

    async def ready(self, seconds: float = 30.0) -> None:
        """Return once an inbox row can be committed and the bot listens."""
        deadline = asyncio.get_running_loop().time() + seconds
        while await self.status("/readyz") != 200:
            assert self._process is not None
            assert self._process.returncode is None, f"it has ended:\n{self.told()}"
            assert asyncio.get_running_loop().time() < deadline, f"it is not ready:\n{self.told()}"
            await asyncio.sleep(0.02)

    async def status(self, path: str) -> int:
        """Return the status of a page, 0 where nothing listens."""
        timeout = aiohttp.ClientTimeout(total=20)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(self.url + path) as said,
            ):
                return said.status
        except (aiohttp.ClientError, TimeoutError):
            return 0

    async def text(self, path: str) -> str:
        """Return a page."""
        async with aiohttp.ClientSession() as session, session.get(self.url + path) as said:
            return await said.text()

    async def kill(self) -> None:
        """End it with SIGKILL, in the middle of whatever it does."""
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def stop(self) -> int:
        """Ask it to stop, and return its exit code."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return await asyncio.wait_for(self._process.wait(), 20)
        except TimeoutError:
            self._process.send_signal(signal.SIGABRT)  # Python then says where it stands
            await self._process.wait()
            raise AssertionError(f"it did not stop:\n{self.told()}") from None

    def told(self) -> str:
        """Return everything it has printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")


async def run_to_the_end(variables: Mapping[str, str], *arguments: str, seconds: float = 30.0) -> Ended:
    """Run a command that ends by itself; one that does not is killed, and that is an AssertionError."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=ROOT,
        env=dict(variables),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, errors = await asyncio.wait_for(process.communicate(), seconds)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise AssertionError("it did not end") from None
    return Ended(process.returncode or 0, out.decode(), errors.decode())
