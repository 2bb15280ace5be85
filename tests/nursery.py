"""A process that has read the program in, and forks it whenever it is wanted: a restart without the reading.

`python -m tests.nursery` takes a line of JSON a wish, and answers each with a line.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import runpy
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_ROOT = Path(__file__).parent.parent
_READ_IN = ("handlers.command_line", "handlers.running", "storage.instance", "storage.migrate", "uvloop")


class Nursery:
    """Starts programs as its own forks."""

    async def __aenter__(self) -> Self:
        """Have the program read in."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.nursery",
            cwd=_ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it; what it has started goes on."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

    async def start(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Forked:
        """Start `python -m …` with this environment and nothing else; what it prints goes to the log."""
        wish = {"arguments": list(arguments), "environment": dict(environment), "log": str(log)}
        return Forked(self, await self.ask(wish))

    async def ask(self, wish: Mapping[str, Any]) -> int:
        """Return the answer to a wish."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(wish).encode() + b"\n")
        return int(await self._process.stdout.readline())


class Forked:
    """A started program, held on to as asyncio's own processes are."""

    def __init__(self, nursery: Nursery, pid: int) -> None:
        self._nursery, self.pid = nursery, pid
        self._handle = os.pidfd_open(pid)
        self.returncode: int | None = None

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        signal.pidfd_send_signal(self._handle, number)

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        """Return how it ended, once it has."""
        if self.returncode is None:
            ended, loop = asyncio.Event(), asyncio.get_running_loop()
            loop.add_reader(self._handle, ended.set)
            await ended.wait()
            loop.remove_reader(self._handle)
            os.close(self._handle)
            self.returncode = await self._nursery.ask({"ended": self.pid})
        return self.returncode


def _serve() -> None:
    gc.disable()
    for name in _READ_IN:
        importlib.import_module(name)
    gc.freeze()
    for line in sys.stdin:
        wish = json.loads(line)
        answer = _how_it_ended(wish["ended"]) if "ended" in wish else _fork(wish)
        print(answer, flush=True)


def _fork(wish: Mapping[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        _become(wish)
    return pid


def _become(wish: Mapping[str, Any]) -> None:
    log = os.open(wish["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for place, instead in ((0, nothing), (1, log), (2, log)):
        os.dup2(instead, place)
    os.environ.clear()
    os.environ.update(wish["environment"])
    module, *sys.argv[1:] = wish["arguments"]
    code = 1
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as asked:
        code = asked.code if isinstance(asked.code, int) else int(asked.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _how_it_ended(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    _serve()
