"""What a program that embeds the stand-in may offer to its page."""

from __future__ import annotations

from typing import Protocol


class Host(Protocol):
    """The embedding program, as far as the page is concerned."""

    async def clock_moved(self) -> None:
        """Let everything that fell due happen now."""

    async def reset(self) -> None:
        """Begin anew, as the page's reset button asks."""

    async def insight(self) -> list[dict[str, str]]:
        """Return lines for the side panel: "title", "text" and "tone" (good, warn, bad or empty)."""
        ...


class SilentHost:
    """A host that has nothing to add."""

    async def clock_moved(self) -> None:
        """Do nothing."""

    async def reset(self) -> None:
        """Do nothing."""

    async def insight(self) -> list[dict[str, str]]:
        """Return no lines."""
        return []
