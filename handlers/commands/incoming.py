"""What came in and waits, or was set aside because it failed again and again."""

from __future__ import annotations

from typing import Annotated

import typer

from handlers.commands import ground
from storage import inbox


def count_incoming(
    *, retry: Annotated[bool, typer.Option("--retry", help="Have what was set aside tried again.")] = False
) -> None:
    """Count the incoming messages that wait or were set aside."""

    async def work() -> None:
        async with ground.opened() as at:
            if retry:
                ground.say(f"{await inbox.retry_aside(at.store)} set aside before are tried again.")
            counted = await inbox.count_waiting(at.store)
            ground.say(f"{counted['waiting']} wait, {counted['aside']} set aside.")

    ground.guarded(work)
