"""The programs that are measured, each a process of its own, as an operator would run it."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

TOKEN = "1:BENCH"
ROOT = Path(__file__).parent.parent.parent


class Contestant:
    """A running process and how long it took to be ready."""

    def __init__(self, process: asyncio.subprocess.Process, seconds_to_ready: float) -> None:
        self.process, self.seconds_to_ready = process, seconds_to_ready

    def memory_mb(self) -> float:
        """Return the process' resident memory now, in MB."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def cpu_seconds(self) -> float:
        """Return the processor time the process has used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def running(
    *arguments: str, environment: Mapping[str, str], ready_url: str | None
) -> AsyncIterator[Contestant]:
    """Run a program until the block ends; it is ready when its address answers 200."""
    begun = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=ROOT,
        env=os.environ | environment | {"TOKEN_CHECK": ""},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        if ready_url is not None:
            await _answers(ready_url, process)
        yield Contestant(process, time.monotonic() - begun)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def _answers(url: str, process: asyncio.subprocess.Process) -> None:
    async with aiohttp.ClientSession() as session:
        while True:
            assert process.returncode is None, "the program ended before it was ready"
            try:
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.01)
