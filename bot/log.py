"""The log in words: who did what to what, and when; never what was written, for nothing of it is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bot.turn import Turn, word
from scheduling.instant import Instant
from storage.audit import Verified
from storage.models import AuditEntry, Enquiry, Person, State
from storage.queries import console
from storage.queries import log as find
from storage.queries.log import Sought

Key = tuple[Instant, UUID]

AT_ONCE = 100
_MOST_DETAIL = 80
_STATES = frozenset(State)
FIELDS = (
    "alias", "role", "competences", "languages", "cap", "joins_on", "leaves_on", "trained_on",
    "confidentiality_signed_on", "certificate_on", "own_districts", "own_places",
)  # fmt: skip
ACTIONS = frozenset(
    """
    absences_read absent alarm_opened alarmed asked back calendar_closed calendar_opened
    card_arrived card_link_sent card_opened card_typed_in card_withdrawn certificate_ended contact_asked
    contact_declined cover_asked covered day_changed day_set declined destroyed drafted edited
    emergency_answered enrolled erased erasure_granted erasure_kept erasure_requested hours_approved
    insight_granted insight_kept insight_requested invite_withdrawn invited kept linked log_exported
    log_verified masked minutes_noted moved not_delivered noted off_duty on_duty passed_on
    passkey_enrolled paused person_changed person_forgotten planned reachable read referral_answered
    referral_asked referral_corrected referral_exported referral_made referral_moved
    referral_party_chosen referral_party_dropped referral_read referral_reference referral_saved
    referral_sent referral_submitted referral_told referral_withdrawn released restored resumed
    revoked rule_added rule_changed rule_ended rule_removed signed_in signed_out signin_approved
    signin_begun signin_refused swap_accepted swap_made swap_offered swap_undone unlinked unpaused
    unreachable urgency_changed withdrew
    """.split()  # noqa: SIM905 - a list of words reads best as one
)

# What an action's words leave open where no entry fills it.
BLANKS = dict.fromkeys(("before", "after", "field", "reason", "role"), "…")


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
    action: str
    about: UUID


@dataclass(frozen=True, slots=True)
class Part:
    """Entries, the newest first, and after which the next part begins."""

    entries: list[Entry]
    older: Key | None


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
    elif entry.action in ("invited", "invite_withdrawn"):
        params = {"role": word(f"console.role.{detail}")}
    return Entry(
        entry.at,
        entry.actor,
        alias,
        key,
        params,
        entry.subject,
        number,
        detail,
        entry.action,
        entry.subject_id,
    )


async def read(turn: Turn, sought: Sought, *, before: Key | None) -> Part:
    """Return the newest entries of those looked for, or those before the key."""
    found = await find.newest(turn.unit, sought, before=before, at_most=AT_ONCE + 1)
    shown = found[:AT_ONCE]
    entries = [in_words(entry, alias, of) for entry, alias, of in shown]
    older = (shown[-1][0].at, shown[-1][0].id) if len(found) > AT_ONCE else None
    return Part(entries, older)


async def case_of(turn: Turn, number: str) -> UUID | None:
    """Return whose entries are those about the case of this number; None where there is no such case."""
    enquiry = await console.enquiry_of(turn.unit, number)
    return None if enquiry is None else enquiry.id


async def note_export(turn: Turn, reader: Person, sought: Sought) -> None:
    """Enter in the log that its entries were taken out, and which."""
    about = None if sought.about is None else await turn.unit.session.get(Enquiry, sought.about)
    days = [None if one is None else one.astimezone(turn.rules.zone) for one in (sought.since, sought.until)]
    told = (
        None if about is None else about.number,
        None if days[0] is None else f"from {days[0]:%Y-%m-%d}",
        None if days[1] is None else f"before {days[1]:%Y-%m-%d}",
        sought.action,
        None if sought.alias is None else "one person",
    )
    detail = " ".join(one for one in told if one is not None) or "everything"
    turn.record("log_exported", reader, by=reader, detail=detail[:_MOST_DETAIL])


def note_verified(turn: Turn, reader: Person, found: Verified) -> None:
    """Enter in the log that its chain was walked, and what was found."""
    whole = f"whole {found.links}"
    turn.record(
        "log_verified",
        reader,
        by=reader,
        detail=whole if found.broken_at is None else f"broken {found.broken_at}",
    )
