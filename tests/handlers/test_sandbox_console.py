"""The sandbox runs the console too, at an address of its own that is said at the start."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot.configuration import Configuration
from bot.settings import Settings
from handlers.sandbox import Sandbox


@pytest.mark.parametrize("is_taken", [False, True], ids=["port free", "port taken"])
async def test_the_console_answers_where_the_sandbox_says(
    tmp_path: Path, rules: Configuration, is_taken: bool
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        if is_taken:
            other.listen()
        else:
            other.close()
        sandbox = Sandbox(settings=Settings(http_port=port), rules=rules, data=tmp_path)
        await sandbox.start(0)
        try:
            async with ClientSession() as browser, browser.get(f"{sandbox.console_url}/console") as answer:
                text = await answer.text()
            [told] = await sandbox.insight()
        finally:
            await sandbox.stop()

    assert answer.status == 200
    assert str(answer.url) == f"{sandbox.console_url}/console/sign-in"
    assert 'name="alias"' in text
    assert (sandbox.console_url == f"http://localhost:{port}") is not is_taken
    assert f"{sandbox.console_url}/console" in told["text"]
