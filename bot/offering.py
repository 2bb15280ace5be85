"""What an offer says, alone or with others: nothing of what was written."""

from __future__ import annotations

from collections.abc import Sequence

from bot.turn import DIGEST, Button, Turn, competence, on, when, word
from storage.models import Chat, Enquiry, Offer, Person


def show(turn: Turn, person: Person, enquiry: Enquiry, offer: Offer) -> None:
    """Post the offer; one that stood before is removed."""
    assert person.chat_id is not None
    turn.say(
        person.chat_id,
        "offer.made",
        buttons=_offer_buttons(offer),
        purpose="offer",
        subject=offer.id,
        competence=competence(enquiry.competence),
        urgency=word(f"urgency.{enquiry.urgency.value}"),
        language=word(f"language.{enquiry.spoken or turn.rules.hotline.languages[0]}"),
        by=when(enquiry.promised_by or turn.now),
    )
    turn.remove_earlier(person.chat_id, purpose="offer", subject=offer.id)


def show_together(turn: Turn, chat: Chat, shown: Sequence[tuple[Enquiry, Offer]]) -> None:
    """Post the offers in one message, each with a button of its own."""
    turn.say(
        chat,
        "offer.digest",
        buttons=[[_claim_button(enquiry, offer)] for enquiry, offer in shown],
        priority=DIGEST,
        count=len(shown),
        lines={"lines": [_digest_line(turn, enquiry) for enquiry, _ in shown]},
    )


def _offer_buttons(offer: Offer) -> list[list[Button]]:
    return [
        [Button("button.claim", on("claim", offer.id))],
        [
            Button("button.not_now", on("decline:later", offer.id)),
            Button("button.not_my_field", on("decline:field", offer.id)),
        ],
        [Button("button.conflict", on("decline:conflict", offer.id))],
    ]


def _claim_button(enquiry: Enquiry, offer: Offer) -> Button:
    return Button("button.claim_number", on("claim", offer.id), {"number": enquiry.number or ""})


def _digest_line(turn: Turn, enquiry: Enquiry) -> dict[str, object]:
    params = {
        "number": enquiry.number or "",
        "competence": competence(enquiry.competence),
        "by": when(enquiry.promised_by or turn.now),
    }
    return {"key": "offer.digest_line", "params": params}
