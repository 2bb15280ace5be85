"""The enquirer is asked about the referral, and told of it, in words she understands: one click each."""

from __future__ import annotations

from collections.abc import Collection

from bot import candidates
from bot.referral_file import Opened
from bot.referral_review import RefusedError
from bot.turn import Button, Turn, on, word
from storage.models import Chat, Enquiry, Person, Referral, ReferralState, State
from storage.queries import people
from storage.queries import referrals as find

_STILL_OPEN = (ReferralState.DRAFT, ReferralState.REVIEW)
ANSWERS = ("yes", "no")


async def ask(turn: Turn, person: Person, opened: Opened, chat: Chat | None, *, seen: str) -> None:
    """Ask the enquirer in her chat, with a yes and a no, and name the parties; one must be chosen at least.

    Asked again, the earlier question is gone.
    """
    referral = opened.referral
    if referral.state not in _STILL_OPEN or opened.asked != seen:
        raise RefusedError("referral.page_old")
    reached = _reachable(opened.enquiry, chat)
    parties = _named(turn, opened.parties)
    if not parties:
        raise RefusedError("referral.ask_about_whom")
    referral.asked_at, referral.asked_by = turn.now, person.id
    referral.answer = referral.answered_at = None
    post(turn, referral, opened.enquiry, reached, parties)
    turn.record("referral_asked", opened.enquiry, by=person)


def post(turn: Turn, referral: Referral, enquiry: Enquiry, chat: Chat, parties: list[str]) -> None:
    """Post the question, which names these parties, in the place of an earlier one."""
    referral.asked_about = parties
    turn.remove(chat, purpose="referral", subject=enquiry.id)
    row = [Button(f"button.refer_{one}", on(f"refer:{one}", enquiry)) for one in ANSWERS]
    turn.say(
        chat,
        "referral.ask",
        buttons=[row],
        purpose="referral",
        subject=enquiry.id,
        number=enquiry.number or "",
        parties={
            "lines": [{"key": "referral.ask_party", "params": {"party": {"party": one}}} for one in parties]
        },
    )


async def answer(turn: Turn, chat: Chat, enquiry: Enquiry, given: str) -> None:
    """Note her answer, until the referral is submitted the last one; who asked hears that it has come."""
    referral = await find.live_of(turn.unit, enquiry.id)
    if referral is None or referral.asked_at is None or given not in ANSWERS:
        turn.say(chat, "tap.stale")
        return
    if referral.state not in _STILL_OPEN:
        turn.say(chat, "referral.answered_late")
        return
    turn.say(chat, "referral.thanks_yes" if given == "yes" else "referral.thanks_no")
    if referral.answer == given:
        return
    referral.answer, referral.answered_at = given, turn.now
    turn.record("referral_answered", enquiry, by=chat, detail=given)
    await _tell_who_asked(turn, enquiry, referral)


async def tell(turn: Turn, person: Person, opened: Opened, chat: Chat | None) -> None:
    """Tell the enquirer that the referral was submitted, once."""
    if opened.referral.state is not ReferralState.SUBMITTED or opened.referral.told_at is not None:
        raise RefusedError("referral.page_old")
    reached = _reachable(opened.enquiry, chat)
    opened.referral.told_at = turn.now
    turn.say(reached, "referral.told", number=opened.enquiry.number or "")
    turn.record("referral_told", opened.enquiry, by=person)


async def ask_again(turn: Turn) -> None:
    """Post every question that nobody answered anew, with the parties as they are chosen now."""
    for referral, enquiry, chat in await find.asked_and_unanswered(turn.unit):
        parties = _named(turn, await find.parties(turn.unit, referral.id))
        if enquiry.state is not State.HELD and parties:
            post(turn, referral, enquiry, chat, parties)


def _named(turn: Turn, chosen: Collection[str]) -> list[str]:
    """Return the chosen parties in the order of the configuration."""
    return [party for party in turn.rules.parties if party in chosen]


def _reachable(enquiry: Enquiry, chat: Chat | None) -> Chat:
    """Return her chat; raises RefusedError while an emergency is open, or where nothing reaches her."""
    if enquiry.state is State.HELD:
        raise RefusedError("referral.not_while_held")
    if chat is None or chat.unreachable_since is not None:
        raise RefusedError("referral.unreachable")
    return chat


async def _tell_who_asked(turn: Turn, enquiry: Enquiry, referral: Referral) -> None:
    if referral.asked_by is None:
        return
    asker = await people.by_id(turn.unit, referral.asked_by)
    if asker.chat_id is not None and await candidates.may_read(turn, asker, enquiry):
        said = word(f"referral.answer.{referral.answer}")
        turn.say(asker.chat_id, "referral.was_answered", number=enquiry.number or "", said=said)
