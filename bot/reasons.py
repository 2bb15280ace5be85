"""Who was asked about a case, who was passed over, and why: in words, for the secretariat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.turn import Turn, when, word
from scheduling.instant import Instant
from storage.models import Chat, Enquiry, Offer, OfferState
from storage.queries import dispatch as find_standing

_MOST_LINES = 60


@dataclass(frozen=True, slots=True)
class Reasons:
    """When the choice was made last, and a line on each person on the panel; nothing of the case itself."""

    at: Instant
    lines: list[dict[str, Any]]


async def of(turn: Turn, enquiry: Enquiry) -> Reasons | None:
    """Return who was asked and who was not, with why; None where nobody could be asked yet."""
    last = await find_standing.last_step(turn.unit, enquiry)
    if last is None:
        return None
    offers = {offer.person_id: offer for offer in await find_standing.offers(turn.unit, enquiry)}
    asked, others = [], []
    for one in await find_standing.panel(turn.unit, enquiry):
        said, offer = last.verdicts.get(str(one.person)), offers.get(one.person)
        if offer is not None and not _is_barred_since(offer, said):
            asked.append(_of_asked(one.alias, offer))
        elif said is not None:
            others.append({"key": f"why.verdict.{said}", "params": {"alias": one.alias}})
    return Reasons(last.at, [*asked, *others])


async def show(turn: Turn, chat: Chat, enquiry: Enquiry) -> None:
    """List each person on the panel with what the choice said of her last."""
    reasons, number = await of(turn, enquiry), enquiry.number or ""
    if reasons is None:
        turn.say(chat, "why.nobody_yet", number=number)
        return
    turn.say(
        chat,
        "why.list",
        number=number,
        at=when(reasons.at),
        lines={"lines": reasons.lines[:_MOST_LINES]},
        more=max(len(reasons.lines) - _MOST_LINES, 0),
    )


def _is_barred_since(offer: Offer, said: str | None) -> bool:
    """Whether the offer was taken back for a reason the choice has named since."""
    return offer.state is OfferState.WITHDRAWN and said not in (None, "rung", "next")


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
    return {"key": "why.asked" if offer.rings == 1 else "why.asked_again", "params": params}
