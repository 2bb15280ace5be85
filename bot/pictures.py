"""Pictures and documents: passed on, by Telegram's id, only once the writer has said so."""

from __future__ import annotations

from bot import relay
from bot.incoming import Incoming
from bot.turn import CONVERSATION, Button, Turn
from storage.models import Chat
from storage.queries import messages

YES = "yes"  # what is kept until its writer has said that it is passed on


async def ask(turn: Turn, chat: Chat, incoming: Incoming) -> None:
    """Keep the picture until its writer says Yes; an album is asked about once, with its count."""
    await relay.keep(turn, chat, incoming, until=YES)
    await turn.unit.session.flush()
    rows = [[Button("button.pass_on", "picture:yes")], [Button("button.do_not_pass_on", "picture:no")]]
    turn.say(
        chat,
        "picture.ask",
        buttons=rows,
        purpose="picture",
        subject=chat.id,
        priority=CONVERSATION,
        count=await _count(turn, chat),
    )
    turn.remove_earlier(chat, purpose="picture", subject=chat.id)
    await turn.set_timer("picture", chat.id, turn.after(minutes=turn.rules.limits.quiet_minutes))


async def confirmed(turn: Turn, chat: Chat) -> list[Incoming]:
    """Return what the writer has said Yes to, in the order it was sent; it is kept here no more."""
    taken = await forget(turn, chat)
    if not taken:
        turn.say(chat, "tap.stale")
    return taken


async def refuse(turn: Turn, chat: Chat) -> None:
    """The writer said No: nothing of it is kept, and that is said."""
    if await forget(turn, chat):
        turn.say(chat, "picture.dropped", priority=CONVERSATION)
    else:
        turn.say(chat, "tap.stale")


async def drop(turn: Turn, chat: Chat) -> None:
    """Nobody said Yes in time: nothing of it is kept, and that is said."""
    if await forget(turn, chat):
        turn.say(chat, "picture.dropped")


async def forget(turn: Turn, chat: Chat) -> list[Incoming]:
    """Return the pictures that were asked about; they are kept no more, nor is the question shown."""
    taken = await relay.take_out(turn, chat, until=YES)
    await turn.cancel_timer("picture", chat.id)
    turn.remove(chat, purpose="picture", subject=chat.id)
    return taken


async def _count(turn: Turn, chat: Chat) -> int:
    kept = [await relay.read_parked(turn, one) for one in await messages.parked_in(turn.unit, chat.id)]
    return sum(body.get("until") == YES for body in kept)
