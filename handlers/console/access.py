"""Who may open which page of the console: what is not named here for a role is denied.

To be read by a data protection officer. Left the route's name, right who may use it.
"""

from __future__ import annotations

from storage.models import Role

_EVERYBODY = frozenset({None, *Role})
_STAFF = frozenset(Role)
_DESK = frozenset({Role.SECRETARIAT, Role.COORDINATOR})
# A resource person opens the cases that are hers now; which those are, the use case decides.
_DESK_AND_PANEL = frozenset({Role.SECRETARIAT, Role.COORDINATOR, Role.RESOURCE_PERSON})
_AUDIT = frozenset({Role.AUDITOR})
# Whom of the people they may change, `people.manages` decides.
_KEEPS_PANEL = frozenset({Role.SECRETARIAT, Role.ADMINISTRATOR})
_READS_PANEL = _KEEPS_PANEL | {Role.COORDINATOR}

PERMITTED: dict[str, frozenset[Role | None]] = {
    # Before anybody is signed in: nothing of any case.
    "static": _EVERYBODY,
    "language": _EVERYBODY,
    "signin": _EVERYBODY,
    "signin-begin": _EVERYBODY,
    "signin-progress": _EVERYBODY,
    "signin-options": _EVERYBODY,
    "signin-prove": _EVERYBODY,
    # One's own browsers.
    "home": _STAFF,
    "sessions": _STAFF,
    "session-end": _STAFF,
    "here": _STAFF,
    # What waits and who has what: numbers, ages and states, no content.
    "now-live": _DESK,
    "now-assign": _DESK,
    "cases": frozenset({Role.RESOURCE_PERSON}),
    "handover-answer": frozenset({Role.RESOURCE_PERSON}),
    # What was written in a case; every opening is logged.
    "enquiry": _DESK_AND_PANEL,
    "enquiry-close": _DESK_AND_PANEL,
    "enquiry-note": _DESK_AND_PANEL,
    "enquiry-mask-ask": _DESK_AND_PANEL,
    "enquiry-mask": _DESK_AND_PANEL,
    "enquiry-handover": _DESK_AND_PANEL,
    "enquiry-assign": _DESK,
    "enquiry-sort": _DESK,
    "enquiry-pause": _DESK,
    "enquiry-urgency": _DESK,
    "enquiry-link": _DESK,
    # What is held as an emergency: shown to who has opened its alarm, and each opening is logged.
    "alarm": _DESK,
    "alarm-open": _DESK,
    "alarm-decide": _DESK,
    # Wishes about one's own data.
    "requests": _DESK,
    "request-answer": _DESK,
    # The formal referral: an adviser sees in her case that there is one, and no more.
    "referral-make": _DESK,
    "referral": _DESK,
    "referral-save": _DESK,
    "cpr-doubt": _DESK,
    "referral-review": _DESK,
    "referral-word": _DESK,
    "referral-parties": _DESK,
    "referral-json": _DESK,
    "referral-paper": _DESK,
    "referral-schema": _DESK,
    # The people of the hotline, and the ways in: nothing of any case but how many each has.
    "panel": _READS_PANEL,
    "person": _READS_PANEL,
    "person-change": _KEEPS_PANEL,
    "person-pause": _KEEPS_PANEL,
    "person-resume": _KEEPS_PANEL,
    "person-close-ask": _KEEPS_PANEL,
    "person-close": _KEEPS_PANEL,
    "person-again": _KEEPS_PANEL,
    "invites": _KEEPS_PANEL,
    "invite-make": _KEEPS_PANEL,
    "invite-withdraw": _KEEPS_PANEL,
    # Contact cards: who reads a case may have its enquirer be asked; what came, the desk alone opens.
    "card-ask": _DESK_AND_PANEL,
    "card-open": _DESK,
    "card-typed": _DESK,
    "card-take-back": _DESK,
    # Who is on duty when. A resource person changes what is her own; what that is, the use case decides.
    "rota": _DESK_AND_PANEL,
    "rota-month": _DESK_AND_PANEL,
    "rota-shift": _DESK_AND_PANEL,
    "rota-person": _DESK_AND_PANEL,
    "rota-change": _DESK_AND_PANEL,
    "rota-make": _DESK_AND_PANEL,
    "rota-days": _DESK,
    "rota-file": _DESK,
    "rota-read": _DESK,
    "rota-export": _DESK,
    # Addresses that calendar programs read: one's own, and at the desk the panel's.
    "rota-calendars": _DESK_AND_PANEL,
    "rota-calendar-open": _DESK_AND_PANEL,
    "rota-calendar-close": _DESK_AND_PANEL,
    # What came by telephone, e-mail or visit, typed in and passed on.
    "new": _DESK,
    "new-keep": _DESK,
    "enquiry-passed-on": _DESK,
    # Every enquiry there ever was, by what stands in the log: no content.
    "list": _DESK,
    # What the operator has decided: names, numbers, hours and limits.
    "settings": _DESK | {Role.ADMINISTRATOR},
    # Who did what, when, with which case: never what was written.
    "log": _AUDIT,
    "log-verify": _AUDIT,
    "log-export": _AUDIT,
}

# Asked for by a page that lies open: such a request does not keep a session alive.
BY_ITSELF = frozenset({"now-live", "signin-progress"})


def may(role: Role | None, route: str) -> bool:
    """Whether the role, or somebody who is not signed in, may use the route."""
    return role in PERMITTED.get(route, frozenset())
