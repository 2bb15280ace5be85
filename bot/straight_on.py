"""The straight road: a plain text in a chat's only conversation is passed on, and nothing else is loaded.

Most of what is written goes this way. It does what the long way (`relay`) would do, and leaves to it whatever
asks for more than passing on.
"""

from __future__ import annotations

from bot import chats, gates, writing
from bot.incoming import Did, Incoming
from bot.turn import Turn
from storage.models import Author
from storage.queries import lines
from storage.queries.lines import Line


async def pass_straight_on(turn: Turn, incoming: Incoming, address_hash: bytes) -> bool:
    """Pass the text on where nothing else is to be done; False where there is, and then nothing is done."""
    if incoming.did is not Did.TEXT or incoming.shows_emergency or incoming.reply_to is not None:
        return False
    line = await lines.only_one(turn.unit, address_hash)
    if line is None or not _is_clear(turn, line):
        return False
    since, count = line.flood_since, line.flood_count
    limit = turn.rules.limits.flood_messages
    if line.own_account is None and limit:
        since, count = gates.counted(since, count, incoming)
        if count > limit:
            return False
    seen_at = turn.now if chats.is_seen_anew(line.seen_at, turn.now) else line.seen_at
    lines.note_seen(turn.unit, line, seen_at, since, count)
    await _carry(turn, line, incoming)
    return True


def _is_clear(turn: Turn, line: Line) -> bool:
    """Whether neither side asks for more than that the text is passed on."""
    if line.language is None or line.unreachable_since is not None or line.kept_until is not None:
        return False
    if line.own_account is not None and line.awaits is not None:
        return False
    if line.is_adviser:
        return line.answered_at is not None and not line.owes_answer and line.unanswered is None
    is_paused = line.paused_until is not None and line.paused_until > turn.now
    return not is_paused and line.adviser_unreachable_since is None


async def _carry(turn: Turn, line: Line, incoming: Incoming) -> None:
    message_id = await writing.keep(
        turn,
        incoming,
        enquiry_id=line.enquiry_id,
        key_id=line.key_id,
        chat_id=line.chat_id,
        author=Author.RESOURCE_PERSON if line.is_adviser else Author.ENQUIRER,
        person_id=line.adviser_id if line.is_adviser else None,
    )
    if incoming.has_masks:
        writing.echo(turn, line.chat_id, message_id)
    if line.is_adviser:
        writing.copy_to_enquirer(turn, line.enquirer_chat, message_id, number=line.number, alias=line.alias)
    else:
        writing.copy_to_adviser(turn, line.adviser_chat, message_id, number=line.number)
