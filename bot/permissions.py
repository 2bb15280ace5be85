"""Who may do what in the chat: what is not named here for a role is denied."""

from __future__ import annotations

from storage.models import Person, Role

_EVERYBODY = frozenset({None, *Role})
_PANEL = frozenset({Role.RESOURCE_PERSON, Role.SECRETARIAT, Role.COORDINATOR})
_DESK = frozenset({Role.SECRETARIAT, Role.COORDINATOR})
_STAFF = frozenset(Role)

# None is somebody who is not staff. The enquirer's own doors are open to staff too: they ask with /ask.
PERMITTED: dict[str, frozenset[Role | None]] = {
    "/start": _EVERYBODY,
    "/help": _EVERYBODY,
    "/language": _EVERYBODY,
    "/emergency": _EVERYBODY,
    "/privacy": _EVERYBODY,
    "/status": _EVERYBODY,
    "/withdraw": _EVERYBODY,
    "/close": _EVERYBODY,
    "/delete": _EVERYBODY,
    "/new": _EVERYBODY,
    "/duty": _PANEL,
    "/rota": _PANEL,
    "/open": _PANEL,
    "/note": _PANEL,
    "/handover": _PANEL,
    "/contact": _PANEL,
    "/done": _PANEL,
    "/hours": _PANEL,
    "/ask": _STAFF,
    "/queue": _DESK,
    "/assign": _DESK,
    "/invite": _DESK,
    "/revoke": _DESK,
    "/pause": _DESK,
    "/unpause": _DESK,
    "/console": _STAFF,
    "language": _EVERYBODY,
    "answer": _EVERYBODY,
    "skip": _EVERYBODY,
    "send": _EVERYBODY,
    "emergency": _EVERYBODY,
    "urgent": _EVERYBODY,
    "tonight": _EVERYBODY,
    "continue": _EVERYBODY,
    "helped": _EVERYBODY,
    "hide": _EVERYBODY,
    "close": _EVERYBODY,
    "delete": _EVERYBODY,
    "insight": _EVERYBODY,
    "switch": _EVERYBODY,
    "picture": _EVERYBODY,
    "refer": _EVERYBODY,
    "card": _EVERYBODY,
    "claim": frozenset({Role.RESOURCE_PERSON}),
    "decline": frozenset({Role.RESOURCE_PERSON}),
    "duty": _PANEL,
    "handover": _PANEL,
    "done": _PANEL,
    "contact": _PANEL,
    "open": _PANEL,
    "shift": _PANEL,
    "rota": _PANEL,
    "swap": _PANEL,
    "cover": _PANEL,
    "kept": _EVERYBODY,
    "triage": _DESK,
    "alarm": _DESK,
    "assign": _DESK,
    "pause": _DESK,
    "unpause": _DESK,
    "request": _DESK,
    "hours": _DESK,
    "why": _DESK,
    "signin": _STAFF,
}


def may(person: Person | None, action: str) -> bool:
    """Whether the person, or somebody who is not staff, may do it."""
    return (None if person is None else person.role) in PERMITTED.get(action, frozenset())
