"""Words that slipped through are masked in a case, everywhere they stand: kept, copied, or still to come."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from uuid import UUID

from bot import held, referral_masking, relay, transcript, writing
from bot.incoming import Incoming
from bot.masking import Mask
from bot.masking.by_hand import pattern_of, replace
from bot.referral_masking import Holding
from bot.turn import CONVERSATION, Turn
from storage.models import DESK, Author, Chat, Enquiry, Message, Person, State
from storage.queries import chats, messages, people, redaction, referrals
from storage.queries import enquiries as find

_Pattern = re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Masked:
    """In how many places that the person can read the words stood, and which referrals hold them still.

    What she cannot read is masked as well, and whether anything was found there is said to nobody.
    """

    places: int
    holding: Sequence[Holding]
    is_referred: bool


async def mask_everywhere(turn: Turn, person: Person, enquiry: Enquiry, words: str, mask: Mask) -> Masked:
    """Have a mask stand wherever the words stood in the case; raises NotToBeMaskedError.

    The words themselves are neither kept nor logged, nor whether they were found. What was said before an
    edit is masked too, and so is what has come in and has not been placed yet, and what a referral says that
    is not submitted. Copies in chats are changed as far as Telegram allows.
    """
    pattern = pattern_of(words, mask)
    adviser = await find.adviser_of(turn.unit, enquiry.id)
    may_read_held = await held.has_opened(turn, person, enquiry)
    places = 0
    for message in await redaction.everything_of(turn.unit, enquiry.id):
        found = await writing.replace_text(turn, message, partial(replace, pattern=pattern, mask=mask))
        if found and message.withdrawn_at is None:
            await _change_copies(turn, enquiry, message, adviser)
        is_open = may_read_held or enquiry.held_key_id is None or message.key_id != enquiry.held_key_id
        places += found if is_open and message.withdrawn_at is None else 0
    for version in await redaction.versions_of(turn.unit, enquiry.id):
        await writing.replace_text(turn, version, partial(replace, pattern=pattern, mask=mask))
    asker = None if enquiry.chat_id is None else await chats.by_id(turn.unit, enquiry.chat_id)
    for chat in (asker, None if adviser is None else adviser[1]):
        if chat is not None:
            await _mask_what_waits(turn, chat, pattern, mask)
    in_referrals = await referral_masking.mask_in_referrals(turn, enquiry, pattern, mask)
    is_desk = person.role in DESK
    turn.record("masked", enquiry, by=person)
    return Masked(
        places=places + (in_referrals.places if is_desk else 0),
        holding=in_referrals.holding if is_desk else (),
        is_referred=await referrals.is_submitted(turn.unit, enquiry.id),
    )


async def _mask_what_waits(turn: Turn, chat: Chat, pattern: _Pattern, mask: Mask) -> None:
    """Mask what the chat has written and nobody has placed in a case yet."""
    for parked in await messages.parked_in(turn.unit, chat.id):
        body = await relay.read_parked(turn, parked)
        text, found = replace(str(body["text"]), pattern, mask)
        if found:
            await relay.seal_parked(turn, parked, body | {"text": text, "has_masks": True})
    for row in await redaction.not_yet_read(turn.unit, chat.address_hash):
        assert row.body_sealed is not None
        place = f"inbox.body:{row.id}"
        incoming = Incoming.from_bytes(await turn.unit.keys.open(row.key_id, row.body_sealed, place=place))
        text, found = replace(incoming.text, pattern, mask)
        if found:
            body_now = incoming.masked_as(text).to_bytes()
            row.body_sealed = await turn.unit.keys.seal(row.key_id, body_now, place=place)


async def _change_copies(
    turn: Turn, enquiry: Enquiry, message: Message, adviser: tuple[Person, Chat] | None
) -> None:
    # What is still under way is looked for first: meanwhile it can only come to stand somewhere.
    coming = await messages.copies_under_way(turn.unit, message.id)
    echoes = await messages.copies_under_way(turn.unit, message.id, purpose="echo")
    standing = await messages.postings_of(turn.unit, message.id)
    for chat_id in coming | {one.chat_id for one in standing if one.purpose == "copy"}:
        await _change_copy(turn, enquiry, message, chat_id, adviser)
    echoes |= {one.chat_id for one in standing if one.purpose == "echo"}
    for chat_id in echoes:
        turn.say(
            chat_id,
            "echo",
            action="edit",
            message=message.id,
            purpose="echo",
            subject=message.id,
            priority=CONVERSATION,
        )
    is_held = enquiry.state is State.HELD and message.author is Author.ENQUIRER
    too_old = turn.now - timedelta(hours=turn.rules.limits.panel_copies_hours)
    for one in standing:
        is_bare = one.purpose == "original" and one.chat_id not in echoes
        if is_bare and not is_held and one.posted_at > too_old:
            writing.echo(turn, one.chat_id, message.id)


async def _change_copy(
    turn: Turn, enquiry: Enquiry, message: Message, chat_id: UUID, adviser: tuple[Person, Chat] | None
) -> None:
    """Have the copy say it with the mask; whoever may not read the case any more has no copy."""
    if chat_id == enquiry.chat_id:
        if message.author is Author.ENQUIRER:  # which stands there where she was given insight
            _say_anew(turn, enquiry, message, chat_id, "access.yours")
            return
        writer = None if message.person_id is None else await people.by_id(turn.unit, message.person_id)
        alias = "" if writer is None else writer.alias
        _say_anew(turn, enquiry, message, chat_id, "relay.from_panel", alias=alias)
        return
    reader = await people.of_chat(turn.unit, chat_id)
    has_it = adviser is not None and adviser[1].id == chat_id
    if has_it or (reader is not None and reader.role in DESK):
        _say_anew(turn, enquiry, message, chat_id, transcript.LABELS[message.author])
    else:
        turn.remove(chat_id, purpose="copy", subject=message.id)


def _say_anew(
    turn: Turn, enquiry: Enquiry, message: Message, chat_id: UUID, key: str, *, alias: str = ""
) -> None:
    turn.say(
        chat_id,
        key,
        action="edit",
        message=message.id,
        purpose="copy",
        subject=message.id,
        priority=CONVERSATION,
        number=enquiry.number or "–",
        alias=alias,
    )
