"""A contact card as the desk typed it in for somebody without a chat, and what is still wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot import card_form
from bot.card_form import ContactCard
from bot.configuration import Configuration

_BEGINS = "card."  # of the fields' names: the page of a new enquiry has others


@dataclass(frozen=True, slots=True)
class TypedCard:
    """The fields as they were typed; `faults` and `doubts` say by field what is to be looked at again."""

    card: ContactCard = field(default_factory=ContactCard)
    has_agreed: bool = False
    faults: dict[str, str] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed or ticked."""
        return self.card == ContactCard() and not self.has_agreed

    @property
    def is_settled(self) -> bool:
        """Whether nothing of it is to be looked at again."""
        return not self.faults and not self.doubts


def read(rules: Configuration, form: Mapping[str, object]) -> TypedCard:
    """Return what was typed; what looks mistyped is doubted once."""
    given = {name.removeprefix(_BEGINS): form[name] for name in form if name.startswith(_BEGINS)}
    card = card_form.filled_in(given, wants_call=False)
    typed = TypedCard(card, given.get("agreed") == "yes")
    return typed if typed.is_empty else looked_over(rules, typed, is_sure=given.get("sure") == "yes")


def looked_over(rules: Configuration, typed: TypedCard, *, is_sure: bool = False) -> TypedCard:
    """Return the same with what is still wrong with it; nothing at all is wrong as well."""
    card = typed.card
    faults = card_form.faults(card)
    if not typed.has_agreed:
        faults["agreed"] = "not_agreed"
    doubts = {} if faults or is_sure else card_form.doubts(card, country=rules.hotline.holiday_country)
    return TypedCard(card, typed.has_agreed, faults, doubts)
