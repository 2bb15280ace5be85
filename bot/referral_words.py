"""What a referral's fields are called and say, in the reader's language."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date

from bot.catalogue import words
from bot.configuration import Configuration
from bot.masking import Mask, localise
from bot.referral_form import Field, Kind


def label(field: Field, language: str) -> str:
    """Return what the field is called."""
    return words(f"referral.field.{field.name}", language)


def in_words(field: Field, text: str, *, language: str, rules: Configuration) -> str:
    """Return what the field says as it is read: a choice by its name, a day written out, masks in words."""
    if field.kind is Kind.DAY:
        return written_out(date.fromisoformat(text), language)
    if field.kind is not Kind.CHOICE:
        return localise(text, {mask: words(f"mask.{mask.value}", language) for mask in Mask})
    if field.listed_under is None:
        return words(".".join((*field.worded, text)), language)
    named = rules.referral.named(field.listed_under)
    return rules.in_language(named[text], language) if text in named else text


def written_out(day: date, language: str) -> str:
    """Return the day as it stands on a paper, such as 1. december 2026."""
    return format_date(day, "d. MMMM y" if language == "da" else "d MMMM y", locale=language)


def neutral(text: str, language: str) -> str:
    """Return the text with the reader's words for masks as the neutral tokens they stand for."""
    for mask in Mask:
        text = text.replace(words(f"mask.{mask.value}", language), mask.token)
    return text
