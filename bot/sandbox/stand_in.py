"""The stand-in as a program embeds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.clock import SandboxClock
from bot.sandbox.control import Control
from bot.sandbox.host import SilentHost
from bot.sandbox.profile import Profile
from bot.sandbox.server import Server
from bot.sandbox.world import World

if TYPE_CHECKING:
    from pathlib import Path

    from bot.sandbox.host import Host
    from bot.sandbox.persons import Person


class StandIn:
    """A Bot API on this machine, with a page on which one person plays everybody."""

    def __init__(
        self,
        *,
        token: str = "1:TEST",  # noqa: S107  an invented token for an invented bot
        bot_username: str = "hotline_bot",
        bot_name: str = "Hotline",
        clock: SandboxClock | None = None,
        journal: Path | None = None,
        host: Host | None = None,
        seed: int = 0,
        page_language: str = "da",
        zone: str = "Europe/Copenhagen",
        people: tuple[Person, ...] = (),
    ) -> None:
        """Bring back what the journal remembers; a clock that lags behind it is moved on."""
        self.clock = clock or SandboxClock()
        self.world = World(Profile(token, bot_username, bot_name), self.clock, journal, seed)
        self.control = Control(
            self.world, host or SilentHost(), zone=zone, language=page_language, people=people
        )
        self._server = Server(self.world, self.control)
        self.world.restore()
        self._server.door.webhook.restore()

    @property
    def port(self) -> int:
        """Return the port it listens on, once started."""
        return self._server.port

    @property
    def url(self) -> str:
        """Return the address of the page, which is also the base of the Bot API."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self, host: str = "127.0.0.1", port: int = 8081) -> None:
        """Listen, with the people given at the start; port 0 picks a free one. Raises PortTaken."""
        await self._server.start(host, port)
        self.world.journal.open()
        self.control.seat()

    async def stop(self) -> None:
        """Let go of the port; with a journal, nothing that was said is lost."""
        await self._server.stop()
        self.world.note_clock()
        self.world.journal.close()
