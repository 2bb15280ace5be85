"""The contact card is taken into a referral: who wrote it and whom it is about, where nothing stands yet."""

from __future__ import annotations

from bot import cards, referrals
from bot.card_form import ContactCard
from bot.referral_file import Opened
from bot.referral_review import RefusedError
from bot.referral_values import Origin, Value
from bot.turn import Turn
from storage.models import Person, ReferralState

_SELF = "self"


async def use(turn: Turn, person: Person, opened: Opened) -> None:
    """Open the card for the referral, which is logged, and keep what it says where the draft says nothing."""
    is_standing = opened.referral.state is not ReferralState.WITHDRAWN
    if not is_standing or opened.version.state is not ReferralState.DRAFT:
        raise RefusedError("referral.page_old")
    card = await cards.read(turn, person, opened.enquiry, cards.Reason.REFERRAL)
    if card is None:
        raise RefusedError("referral.card_gone")
    offered = said(card, is_about_herself=opened.enquiry.role == _SELF)
    new = {name: text for name, text in offered.items() if text and name not in opened.values}
    if not new:
        raise RefusedError("referral.card_nothing")
    taken = {name: Value(text, Origin.CARD, person.id) for name, text in new.items()}
    await referrals.keep(turn, person, opened, {**opened.values, **taken})


def said(card: ContactCard, *, is_about_herself: bool) -> dict[str, str]:
    """Return what the card says, by the referral's fields.

    Its name, telephone and e-mail are the enquirer's; they say who is meant only where she wrote of herself.
    How the two know each other stands in her own words, which say *my*, and so in quotation marks.
    """
    how = f"”{card.relation}”" if card.relation else ""
    known = f"{card.about}: {how}" if how and card.about else how
    lines = (card.name, card.phone, card.email, card.hours, known)
    contact = "\n".join(line for line in lines if line)
    if is_about_herself and not card.about:
        return {"name": card.name, "phone": card.phone, "contact": contact}
    return {"name": card.about, "contact": contact}
