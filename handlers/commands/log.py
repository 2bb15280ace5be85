"""The log's chain, walked link by link."""

from __future__ import annotations

from handlers.commands import ground
from storage import audit


def verify_audit() -> None:
    """Walk the log's chain; exit code 1 and the first broken link where one does not hold."""

    async def work() -> None:
        async with ground.opened() as at:
            with ground.progress("verifying", await audit.count(at.store)) as advance:
                found = await audit.verify(at.store, advance=advance)
            if found.broken_at is not None:
                raise ground.RefusedError(
                    f"The chain is broken at link {found.broken_at}: {found.links} links before it hold."
                )
            ground.say(f"All {found.links} links hold; {found.unsealed} entries wait for their seal.")

    ground.guarded(work)
