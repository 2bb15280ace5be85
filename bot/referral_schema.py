"""The JSON schema of a submitted referral, made from the table of its fields."""

from __future__ import annotations

from typing import Any

from bot.referral_form import FIELDS, Field, Kind
from bot.referral_values import Origin

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """Return what `referral_papers.as_json` keeps to; purposes and legal bases are the operator's."""
    matter = [field for field in FIELDS if not field.is_identity]
    identity = [field for field in FIELDS if field.is_identity]
    return {
        "$schema": _DIALECT,
        "title": "A formal referral, as it was submitted",
        "type": "object",
        "additionalProperties": False,
        "required": ["number", "version", "submitted_on", "matter", "identity"],
        "properties": {
            "number": {"type": "string", "pattern": "^[A-Z]{1,4}-[0-9]{4}-[0-9]{5,}$"},
            "version": {"type": "integer", "minimum": 1},
            "submitted_on": {"type": "string", "format": "date"},
            "matter": _group(matter),
            "identity": _group(identity),
        },
    }


def _group(fields: list[Field]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "required": [field.name for field in fields if field.is_required],
        "properties": {field.name: _field(field) for field in fields},
    }
    conditions = [_condition(field) for field in fields if field.needed_if is not None]
    return made | ({"allOf": conditions} if conditions else {})


def _field(field: Field) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["value", "origin", "rewritten"],
        "properties": {
            "value": _value(field),
            "origin": {"enum": [origin.value for origin in Origin]},
            "rewritten": {"type": "boolean"},
        },
    }


def _value(field: Field) -> dict[str, Any]:
    if field.kind is Kind.CHOICE and field.choices:
        return {"enum": list(field.choices)}
    if field.kind is Kind.DAY:
        return {"type": "string", "format": "date"}
    return {"type": "string", "minLength": 1, "maxLength": field.most_letters}


def _condition(field: Field) -> dict[str, Any]:
    """Return that the field is there where the one it depends on says so."""
    assert field.needed_if is not None
    other, value = field.needed_if
    is_so = {"properties": {other: {"properties": {"value": {"const": value}}}}, "required": [other]}
    return {"if": is_so, "then": {"required": [field.name]}}
