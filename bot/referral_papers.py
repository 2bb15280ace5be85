"""A submitted referral as what leaves the house: the register sheet, the meeting annex, and JSON.

The register sheet says who is meant and what is asked, and nothing of the matter; the annex says the matter
and nothing of who is meant. Both are pure functions of the submitted version.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.catalogue import words
from bot.configuration import Configuration
from bot.paper import Fact, Paper, Section
from bot.referral_form import BY_NAME, FIELDS, Field, Kind, Part, Sheet, of_part
from bot.referral_values import Values
from bot.referral_words import in_words, label, written_out


@dataclass(frozen=True, slots=True)
class Submitted:
    """A version of a referral that was submitted, with its values; it never changes."""

    number: str
    version: int
    submitted_on: date
    values: Values


@dataclass(frozen=True, slots=True)
class Recipient:
    """A party that gets it, and on what legal basis."""

    party: str
    basis: str


@dataclass(frozen=True, slots=True)
class _Writing:
    """One paper being written: whose words, in which language, for whom."""

    submitted: Submitted
    recipient: Recipient
    rules: Configuration
    language: str

    def say(self, key: str, **params: str) -> str:
        return words(key, self.language).format_map(params)

    def fact(self, field: Field) -> Fact | None:
        value = self.submitted.values.get(field.name)
        if value is None:
            return None
        said = in_words(field, value.text, language=self.language, rules=self.rules)
        return Fact(label(field, self.language), said)

    def facts(self, *names: str) -> tuple[Fact, ...]:
        found = (self.fact(BY_NAME[name]) for name in names)
        return tuple(fact for fact in found if fact is not None)

    @property
    def basis(self) -> Fact:
        # A basis that was taken out of the configuration since stands by its code.
        named = self.rules.referral.bases.get(self.recipient.basis)
        said = self.recipient.basis if named is None else self.rules.in_language(named, self.language)
        return Fact(label(BY_NAME["basis"], self.language), said)

    def paper(
        self, title: str, *, facts: tuple[Fact, ...], sections: tuple[Section, ...], made_on: date
    ) -> Paper:
        of, say = self.submitted, self.rules.in_language
        version = Fact(
            self.say("referral.paper.version"),
            f"{of.version} · {written_out(of.submitted_on, self.language)}",
        )
        return Paper(
            language=self.language,
            title=title,
            number=of.number,
            classification=say(self.rules.referral.classification, self.language),
            recipient=say(self.rules.parties[self.recipient.party].name, self.language),
            facts=(version, *facts),
            sections=sections,
            footer=self.say("referral.paper.footer", sender=say(self.rules.hotline.name, self.language)),
            made_on=made_on,
        )


def register_sheet(
    submitted: Submitted, recipient: Recipient, *, rules: Configuration, language: str, made_on: date
) -> Paper:
    """Return who is meant, why and by when the party is asked to look into its own registers."""
    to = _Writing(submitted, recipient, rules, language)
    who = tuple(
        (fact.label, fact.value)
        for field in of_part(Part.IDENTITY)
        if Sheet.REGISTER_SHEET in field.goes_to and (fact := to.fact(field)) is not None
    )
    asked = tuple(to.say(f"referral.paper.asked_{what}") for what in ("look", "answer", "free"))
    return to.paper(
        to.say("referral.paper.register_sheet"),
        facts=(*to.facts("purpose"), to.basis, *to.facts("urgency", "answer_by")),
        sections=(
            Section(to.say("referral.paper.who"), rows=who),
            Section(to.say("referral.paper.asked"), paragraphs=asked),
        ),
        made_on=made_on,
    )


def meeting_annex(
    submitted: Submitted, recipient: Recipient, *, rules: Configuration, language: str, made_on: date
) -> Paper:
    """Return the matter, concern and protection alike, as far as the form has it go to the meeting."""
    to = _Writing(submitted, recipient, rules, language)
    sections = [
        section for part in Part if part not in (Part.LEGAL, Part.IDENTITY) for section in _sections(to, part)
    ]
    return to.paper(
        to.say("referral.paper.meeting_annex"),
        facts=(*to.facts("purpose"), to.basis, *to.facts("urgency")),
        sections=tuple(sections),
        made_on=made_on,
    )


def _sections(to: _Writing, part: Part) -> list[Section]:
    """Return a part of the matter: what is said in a word as a table, each longer text under its label."""
    short: list[tuple[str, str]] = []
    long: list[Section] = []
    for field in of_part(part):
        fact = to.fact(field) if Sheet.MEETING_ANNEX in field.goes_to else None
        if fact is None or field.name == "urgency":
            continue
        if field.kind is Kind.TEXT:
            long.append(Section(fact.label, paragraphs=tuple(fact.value.split("\n"))))
        else:
            short.append((fact.label, fact.value))
    head = [Section(to.say(f"referral.part.{part.value}"), rows=tuple(short))] if short else []
    return head + long


MAKERS = {Sheet.REGISTER_SHEET: register_sheet, Sheet.MEETING_ANNEX: meeting_annex}


def as_json(submitted: Submitted) -> dict[str, Any]:
    """Return the whole version for the municipality's own case system, as the published schema has it."""
    said: dict[str, dict[str, Any]] = {"matter": {}, "identity": {}}
    for field in FIELDS:
        value = submitted.values.get(field.name)
        if value is not None:
            said["identity" if field.is_identity else "matter"][field.name] = {
                "value": value.text,
                "origin": value.origin.value,
                "rewritten": value.is_rewritten,
            }
    return {
        "number": submitted.number,
        "version": submitted.version,
        "submitted_on": submitted.submitted_on.isoformat(),
        **said,
    }
