"""The console's part in the chat: where it is, and whether a sign-in at a screen is one's own."""

from __future__ import annotations

from bot import signing_in
from handlers.telegram.visit import Handler, Visit


async def say_where(visit: Visit) -> None:
    """Say where the console is."""
    visit.say("console.where", address={"console": ""})


async def sign_in(visit: Visit) -> None:
    """Take the answer to a sign-in that was begun at a screen."""
    if not visit.ids or visit.word(1) not in ("yes", "no"):
        visit.say("tap.stale")
        return
    is_hers = visit.word(1) == "yes"
    await signing_in.decide(visit.turn, visit.staff, visit.chat, visit.ids[0], is_hers=is_hers)


COMMANDS: dict[str, Handler] = {"console": say_where}
TAPS: dict[str, Handler] = {"signin": sign_in}
