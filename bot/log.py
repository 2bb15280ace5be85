"""The log in words: who did what to what, and when; never what was written, for nothing of it is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.turn import Turn, word
from scheduling.instant import Instant
from storage.models import AuditEntry, State
from storage.queries import console

AT_ONCE = 100
_STATES = frozenset(State)
FIELDS = (
    "alias", "role", "competences", "languages", "cap", "joins_on", "leaves_on", "trained_on",
    "confidentiality_signed_on", "certificate_on", "own_districts", "own_places",
)  # fmt: skip
ACTIONS = frozenset(
    """
    absences_read absent alarm_opened alarmed asked back calendar_closed calendar_opened
    card_arrived card_link_sent card_opened card_withdrawn certificate_ended contact_asked
    contact_declined cover_asked covered day_changed day_set declined destroyed drafted edited
    emergency_answered enrolled erased erasure_grant erasure_granted erasure_keep erasure_kept
    erasure_requested hours_approved insight_granted insight_kept insight_requested invite_withdrawn
    invited kept linked masked minutes_noted moved not_delivered noted off_duty on_duty
    passkey_enrolled paused person_changed person_forgotten planned reachable read released restored
    resumed revoked rule_added rule_changed rule_ended rule_removed signed_in signed_out
    signin_approved signin_begun signin_refused swap_accepted swap_made swap_offered swap_undone
    unlinked unpaused unreachable urgency_changed withdrew
    """.split()  # noqa: SIM905 - a list of words reads best as one
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the log as it is read: its words by key and parameters."""

    at: Instant
    actor: str
    alias: str | None
    key: str
    params: dict[str, Any]
    subject: str
    number: str | None
    detail: str


def in_words(entry: AuditEntry, alias: str | None, number: str | None = None) -> Entry:
    """Return the entry as it is read; who acted and is not staff is named by her part only."""
    detail = entry.detail or ""
    key = f"log.{entry.action}" if entry.action in ACTIONS else "log.other"
    params: dict[str, Any] = {}
    if entry.action == "moved":
        step, _, detail = detail.partition(" ")
        before, _, after = step.partition(">")
        if before not in _STATES or after not in _STATES:
            key = "log.other"
        else:
            params = {"before": word(f"state.{before}"), "after": word(f"state.{after}")}
    elif entry.action == "person_changed":
        key = key if detail in FIELDS else "log.other"
        params = {"field": word(f"person.field.{detail}")} if detail in FIELDS else {}
    elif entry.action == "card_opened":
        key, params = "log.card_opened", {"reason": word(f"card.reason.{detail}")}
    return Entry(entry.at, entry.actor, alias, key, params, entry.subject, number, detail)


async def read(turn: Turn, *, number: str | None, before: Instant | None) -> list[Entry]:
    """Return the newest entries, or those before the moment; of one case where a number is given."""
    about = None
    if number:
        enquiry = await console.enquiry_of(turn.unit, number)
        if enquiry is None:
            return []
        about = enquiry.id
    found = await console.entries(turn.unit, about=about, before=before, at_most=AT_ONCE)
    return [in_words(entry, alias, of) for entry, alias, of in found]
