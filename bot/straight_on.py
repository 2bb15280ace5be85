"""The straight road: plain texts in their chats' only conversations are passed on, many at once.

Most of what is written goes this way. It does what the long way (`relay`) would do, and leaves to it whatever
asks for more than passing on.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot import chats, gates, writing
from bot.incoming import Did, Incoming
from bot.turn import Turn
from storage.models import Author
from storage.queries import lines
from storage.queries.lines import Line


async def pass_straight_on(turn: Turn, came: Mapping[bytes, Incoming]) -> set[bytes]:
    """Pass on, all at once and the earliest first, what asks for nothing else; return the chats it came from.

    Of each chat, by its hash, there is one thing that came. Nothing is done about the others.
    """
    plain = {chat: incoming for chat, incoming in came.items() if _is_plain(incoming)}
    if not plain:
        return set()
    found = await lines.only_ones(turn.unit, plain)
    found.sort(key=lambda line: plain[line.address_hash].at)
    return {line.address_hash for line in found if await _passes(turn, line, plain[line.address_hash])}


def _is_plain(incoming: Incoming) -> bool:
    return incoming.did is Did.TEXT and not incoming.shows_emergency and incoming.reply_to is None


async def _passes(turn: Turn, line: Line, incoming: Incoming) -> bool:
    if not _is_clear(turn, line):
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
