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
ACTIONS = frozenset(
    """
    absences_read absent alarm_opened alarmed asked back calendar_closed calendar_opened cover_asked
    covered day_changed day_set declined destroyed drafted edited emergency_answered enrolled erased
    erasure_grant erasure_keep erasure_requested hours_approved invite_withdrawn invited kept
    minutes_noted moved not_delivered noted off_duty on_duty passkey_enrolled paused planned
    reachable read released restored resumed revoked rule_added rule_changed rule_ended rule_removed
    signed_in signed_out signin_approved signin_begun signin_refused swap_accepted swap_made
    swap_offered swap_undone unpaused unreachable withdrew
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
