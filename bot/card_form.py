"""What a contact card says, and what its form takes: a telephone number or an e-mail address is enough."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass

MOST_CHARACTERS = {"name": 120, "phone": 40, "email": 200, "about": 120, "relation": 120, "hours": 200}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}")
_REACHED_BY = ("phone", "email")  # a name alone reaches nobody


@dataclass(frozen=True, slots=True)
class ContactCard:
    """What somebody has written of herself, and of whom it is about if she wished to; empty is not said."""

    name: str = ""
    phone: str = ""
    email: str = ""
    about: str = ""
    relation: str = ""
    hours: str = ""
    wants_call: bool = False

    def plain(self) -> dict[str, object]:
        """Return the card as it is sealed."""
        return asdict(self)


def filled_in(form: Mapping[str, object], *, wants_call: bool) -> ContactCard:
    """Return the card as it was filled in, on one line each; a wish to be called has a number and hours."""
    asked = ("phone", "hours") if wants_call else tuple(MOST_CHARACTERS)
    return ContactCard(**{name: _line(form.get(name, "")) for name in asked}, wants_call=wants_call)


def restored(body: Mapping[str, object]) -> ContactCard:
    """Return the card that was sealed."""
    return ContactCard(
        **{name: str(body.get(name, "")) for name in MOST_CHARACTERS},
        wants_call=body.get("wants_call") is True,
    )


def faults(card: ContactCard) -> dict[str, str]:
    """Return, by field, why the card cannot be sent; none where it can."""
    found = {name: "too_long" for name, most in MOST_CHARACTERS.items() if len(getattr(card, name)) > most}
    if card.wants_call and not card.phone:
        found["phone"] = "no_phone"
    elif not any(getattr(card, name) for name in _REACHED_BY):
        found["phone"] = "nothing"
    return found


def doubts(card: ContactCard, *, country: str) -> dict[str, str]:
    """Return, by field, what looks mistyped: it is said once, and is no bar."""
    found = {}
    if card.phone and not _is_phone(card.phone, country):
        found["phone"] = "phone"
    if card.email and _EMAIL.fullmatch(card.email) is None:
        found["email"] = "email"
    return found


def _is_phone(written: str, country: str) -> bool:
    import phonenumbers  # noqa: PLC0415 - heavy, and only needed where a card is filled in

    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(written, country))
    except phonenumbers.NumberParseException:
        return False


def _line(written: object) -> str:
    """Return the words with single blanks between them, and nothing that is no character to be read."""
    readable = (" " if unicodedata.category(one).startswith(("C", "Z")) else one for one in str(written))
    return " ".join("".join(readable).split())
