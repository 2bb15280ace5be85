"""Who was asked about a case, who was passed over, and why: in words, for the secretariat."""

from __future__ import annotations

from typing import Any

from bot.turn import Turn, when, word
from storage.models import Chat, Enquiry, Offer, OfferState
from storage.queries import dispatch as find_standing

_MOST_LINES = 60


async def show(turn: Turn, chat: Chat, enquiry: Enquiry) -> None:
    """List each person on the panel with what the choice said of her last; nothing of the case itself."""
    last = await find_standing.last_step(turn.unit, enquiry)
    number = enquiry.number or ""
    if last is None:
        turn.say(chat, "why.nobody_yet", number=number)
        return
    offers = {offer.person_id: offer for offer in await find_standing.offers(turn.unit, enquiry)}
    asked, others = [], []
    for one in await find_standing.panel(turn.unit, enquiry):
        said, offer = last.verdicts.get(str(one.person)), offers.get(one.person)
        if offer is not None:
            asked.append(_of_asked(one.alias, offer))
        elif said is not None:
            others.append({"key": f"why.verdict.{said}", "params": {"alias": one.alias}})
    lines = [*asked, *others]
    turn.say(
        chat,
        "why.list",
        number=number,
        at=when(last.at),
        lines={"lines": lines[:_MOST_LINES]},
        more=max(len(lines) - _MOST_LINES, 0),
    )


def _of_asked(alias: str, offer: Offer) -> dict[str, Any]:
    """Return the line of somebody who was asked: how often, last when, what she said, and why she was."""
    said = offer.declined_because if offer.state is OfferState.DECLINED else offer.state.value
    because = "digest" if "digest" in offer.why else "turn"
    if offer.why.get("matches_competence") and offer.why.get("has_field"):
        because = "field"
    params = {
        "alias": alias,
        "count": offer.rings,
        "at": when(offer.rung_at or offer.offered_at),
        "said": word(f"why.said.{said}"),
        "reason": word(f"why.because.{because}"),
    }
    return {"key": "why.asked", "params": params}
