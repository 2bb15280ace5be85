"""The door: identifies who did what, asks the permission table, and calls one handler in one turn."""

from __future__ import annotations

from dataclasses import replace

from bot import chats, edits, gates, pictures, reach
from bot.incoming import Did, Incoming
from bot.permissions import may
from bot.turn import Turn
from handlers.telegram import console, enquirer, panel, rota, secretariat
from handlers.telegram.visit import Handler, Visit, parse_tap

_PARTS = (enquirer, panel, rota, secretariat, console)
COMMANDS: dict[str, Handler] = {name: handler for part in _PARTS for name, handler in part.COMMANDS.items()}
TAPS: dict[str, Handler] = {name: handler for part in _PARTS for name, handler in part.TAPS.items()}
# What stays open to a chat that is paused.
_ALWAYS = frozenset({"emergency", "urgent", "/emergency", "/privacy", "/delete", "/help", "hide", "card"})


async def enter(turn: Turn, incoming: Incoming, address_hash: bytes) -> None:
    """Do what the person asks for; raises what a use case raises, and then nothing has happened."""
    chat, person = await chats.visitor(turn, incoming, address_hash)
    if incoming.did is Did.BLOCKED:
        await reach.lose(turn, chat)
        return
    await reach.regain(turn, chat)
    if incoming.did is Did.UNBLOCKED:
        return
    chats.assume_language(turn, chat, incoming)
    visit = Visit(turn, chat, person, incoming)
    if visit.person is None and await _is_kept_out(visit):
        return
    await _DOORS[incoming.did](visit)


async def _is_kept_out(visit: Visit) -> bool:
    incoming = visit.incoming
    action = f"/{incoming.command}" if incoming.did is Did.COMMAND else incoming.data.partition(":")[0]
    if action in _ALWAYS or incoming.shows_emergency:
        return False
    return await gates.is_flooding(visit.turn, visit.chat, incoming)


async def _command(visit: Visit) -> None:
    name = visit.incoming.command
    handler = COMMANDS.get(name)
    if handler is None:
        visit.say("command.unknown")
    elif not may(visit.person, f"/{name}"):
        visit.say("forbidden")
    else:
        await handler(visit)


async def _tap(visit: Visit) -> None:
    words, ids = parse_tap(visit.incoming.data)
    name = words[0] if words else ""
    handler = TAPS.get(name)
    if handler is None:
        visit.say("tap.stale")
    elif not may(visit.person, name):
        visit.say("forbidden")
    else:
        await handler(Visit(visit.turn, visit.chat, visit.person, visit.incoming, words, ids))


async def _text(visit: Visit) -> None:
    if visit.person is None or not await panel.take_minutes(visit):
        await enquirer.write(visit)


async def _edit(visit: Visit) -> None:
    if not await edits.edit(visit.turn, visit.chat, visit.incoming):
        visit.say("edit.unknown")


async def _file(visit: Visit) -> None:
    """Ask before a picture is passed on, or say that none is; what was written to it is a message."""
    incoming = visit.incoming
    asks = visit.turn.rules.attachments.mode == "confirmed"
    if incoming.text and (incoming.shows_emergency or not asks):
        if not asks:
            visit.say("strange.caption")
        said = replace(incoming, did=Did.TEXT, file=None)
        await enquirer.write(replace(visit, incoming=said))
        incoming = replace(incoming, text="", shows_emergency=False)
    elif not asks and not _is_more_of_the_album(visit):
        visit.say("strange.file")
    if asks:
        await pictures.ask(visit.turn, visit.chat, incoming)


def _is_more_of_the_album(visit: Visit) -> bool:
    """The pictures of an album come one by one; what is said of the first is said of all."""
    file = visit.incoming.file
    if file is None or file.album is None or (visit.chat.awaits or "").startswith("minutes:"):
        return False
    mark, before = f"album:{file.album}"[:60], visit.chat.awaits
    visit.chat.awaits, visit.chat.awaits_since = mark, visit.turn.now
    return mark == before


async def _strange(visit: Visit) -> None:
    if visit.incoming.kind != "service":
        visit.say(f"strange.{visit.incoming.kind}")


async def _unreadable(visit: Visit) -> None:
    visit.say("strange.unreadable")


async def _nothing(_visit: Visit) -> None:
    return


_DOORS: dict[Did, Handler] = {
    Did.TEXT: _text,
    Did.COMMAND: _command,
    Did.TAP: _tap,
    Did.EDIT: _edit,
    Did.FILE: _file,
    Did.STRANGE: _strange,
    Did.UNREADABLE: _unreadable,
    Did.BLOCKED: _nothing,
    Did.UNBLOCKED: _nothing,
}
