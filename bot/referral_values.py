"""A referral's values, each with where it came from; and what two people's savings come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum, auto
from typing import Any
from uuid import UUID

from bot.marks import mark_of
from bot.referral_form import BY_NAME


class Origin(StrEnum):
    """Where a value came from."""

    HAND = auto()
    MESSAGE = auto()
    ANSWER = auto()
    CHAT = auto()
    RULES = auto()
    CARD = auto()


@dataclass(frozen=True, slots=True)
class Value:
    """What a field says: written, put together from messages, ticked, or off the contact card."""

    text: str
    origin: Origin
    by: UUID
    messages: tuple[UUID, ...] = ()
    is_rewritten: bool = False

    def plain(self) -> dict[str, object]:
        """Return the value as it is sealed."""
        return {
            "text": self.text,
            "origin": self.origin.value,
            "by": self.by.hex,
            "messages": [one.hex for one in self.messages],
            "rewritten": self.is_rewritten,
        }


Values = Mapping[str, Value]


def read_plain(kept: Mapping[str, Any]) -> dict[str, Value]:
    """Return the values that were sealed."""
    return {
        name: Value(
            one["text"],
            Origin(one["origin"]),
            UUID(one["by"]),
            tuple(UUID(message) for message in one["messages"]),
            one["rewritten"],
        )
        for name, one in kept.items()
        if name in BY_NAME
    }


def said(values: Values) -> dict[str, str]:
    """Return what each field says, by name."""
    return {name: value.text for name, value in values.items() if value.text}


def written(before: Value | None, text: str, *, by: UUID) -> Value:
    """Return the value after somebody wrote over it: what came from messages stays so, as rewritten."""
    if before is not None and before.text == text:
        return before
    if before is not None and before.messages and text:
        return replace(before, text=text, by=by, is_rewritten=True)
    return Value(text, Origin.HAND, by)


def put(before: Value | None, pieces: str, *, messages: tuple[UUID, ...], by: UUID) -> Value:
    """Return the value with pieces of the conversation added below what stands there."""
    if before is None or not before.text:
        return Value(pieces, Origin.MESSAGE, by, messages)
    known = tuple(dict.fromkeys((*before.messages, *messages)))
    return Value(
        f"{before.text}\n{pieces}",
        Origin.MESSAGE,
        by,
        known,
        is_rewritten=before.is_rewritten or not before.messages,
    )


@dataclass(frozen=True, slots=True)
class Saving:
    """What a form brings: what stands in its fields now, and marks of what it had shown in them."""

    fields: Mapping[str, str]
    shown: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Merged:
    """What a saving comes to; a clash is what the later of two wrote where they wrote different things."""

    values: dict[str, Value]
    clashes: dict[str, str]


def merge(standing: Values, saving: Saving, *, by: UUID) -> Merged:
    """Return the values with what somebody changed; what another changed meanwhile stays."""
    values, clashes = dict(standing), {}
    for name, text in saving.fields.items():
        before = standing.get(name)
        theirs = "" if before is None else before.text
        shown = saving.shown.get(name, mark_of(theirs))
        if text == theirs or mark_of(text) == shown:
            continue
        if mark_of(theirs) != shown:
            clashes[name] = text
        else:
            values[name] = written(before, text, by=by)
    return Merged({name: value for name, value in values.items() if value.text}, clashes)
