"""Back after a while away: Telegram has thrown away what was tapped, so open buttons are sent again."""

from __future__ import annotations

from datetime import timedelta

from bot import cards, emergencies, handovers, intake, offering, referral_asking, triage
from bot.turn import Turn
from storage.models import State
from storage.queries import enquiries as find

# Telegram keeps a tap for about 150 seconds for a bot that is down.
TAPS_WAIT = timedelta(seconds=150)


async def send_buttons_again(turn: Turn) -> None:
    """Post every card, offer and question that waits for a tap anew; what stood before is removed."""
    for enquiry, chat in await find.with_chat_in(turn.unit, State.HELD):
        if enquiry.emergency_answer is None:
            await emergencies.remind(turn, chat)
    for offer, person, enquiry in await find.offers_still_open(turn.unit):
        if "digest" not in offer.why:
            offering.show(turn, person, enquiry, offer)
    await referral_asking.ask_again(turn)
    for enquiry in await find.in_triage(turn.unit):
        await triage.show_again(turn, enquiry)
    for handover, enquiry, giver, receiver in await find.handovers_still_open(turn.unit):
        handovers.ask(turn, handover, enquiry, giver=giver, receiver=receiver)
    for draft, chat in await find.with_chat_in(turn.unit, State.DRAFT):
        intake.show_card(turn, chat, draft)
    await cards.show_questions_again(turn)
