"""What is not permitted to a role is denied: every command and every tap, by every role and by nobody."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot import chats
from bot.configuration import Configuration
from bot.incoming import Did, Incoming
from bot.permissions import PERMITTED, may
from bot.turn import Turn
from handlers.telegram import door
from scheduling.ids import new_id
from storage.models import OutboxRow, Person, Role
from storage.store import Store

ADDRESS = 4711
ROLES = (None, *Role)
ENQUIRERS = frozenset(
    [
        "/start",
        "/help",
        "/language",
        "/emergency",
        "/privacy",
        "/status",
        "/withdraw",
        "/close",
        "/delete",
        "/new",
        "language",
        "answer",
        "skip",
        "send",
        "emergency",
        "urgent",
        "tonight",
        "continue",
        "helped",
        "hide",
        "close",
        "delete",
        "insight",
        "switch",
        "picture",
        "refer",
        "kept",
        "card",
    ]
)
PANELS = frozenset(
    [
        "/duty",
        "/rota",
        "/open",
        "/note",
        "/handover",
        "/contact",
        "/done",
        "/hours",
        "/ask",
        "duty",
        "handover",
        "contact",
        "done",
        "open",
        "rota",
        "shift",
        "swap",
        "cover",
        "claim",
        "decline",
    ]
)
DESKS = frozenset(
    [
        "/queue",
        "/assign",
        "/invite",
        "/revoke",
        "/pause",
        "/unpause",
        "triage",
        "alarm",
        "assign",
        "pause",
        "unpause",
        "request",
        "hours",
        "why",
    ]
)
STAFFS = frozenset(["/ask", "/console", "signin"])
GRANTED: dict[Role | None, frozenset[str]] = {
    None: ENQUIRERS,
    Role.RESOURCE_PERSON: ENQUIRERS | PANELS | STAFFS,
    Role.SECRETARIAT: ENQUIRERS | STAFFS | DESKS | PANELS - {"claim", "decline"},
    Role.COORDINATOR: ENQUIRERS | STAFFS | DESKS | PANELS - {"claim", "decline"},
    Role.AUDITOR: ENQUIRERS | STAFFS,
    Role.ADMINISTRATOR: ENQUIRERS | STAFFS,
}


def every_action() -> list[str]:
    return sorted({*(f"/{name}" for name in door.COMMANDS), *door.TAPS, *PERMITTED})


def test_every_command_and_tap_stands_in_the_table_and_nothing_else_does() -> None:
    assert {*(f"/{name}" for name in door.COMMANDS), *door.TAPS} == set(PERMITTED)


@pytest.mark.parametrize("role", ROLES)
def test_the_table_grants_what_was_agreed(role: Role | None) -> None:
    person = None if role is None else Person(role=role)

    assert {action for action in every_action() if may(person, action)} == GRANTED[role]


@pytest.mark.parametrize("role", ROLES)
async def test_whatever_is_not_granted_is_denied_at_the_door(
    store: Store, rules: Configuration, role: Role | None
) -> None:
    wrong = {}
    for action in every_action():
        said = await told(store, rules, role, action)
        is_denied = said == ["forbidden"]
        if is_denied is (action in GRANTED[role]):
            wrong[action] = said

    assert wrong == {}


async def told(store: Store, rules: Configuration, role: Role | None, action: str) -> list[str]:
    """Return what somebody in this role is told who does it; nothing of it is committed."""
    did = {"did": Did.TAP, "data": action}
    if action.startswith("/"):
        did = {"did": Did.COMMAND, "command": action[1:]}
    address_hash = await store.chat_hash(ADDRESS)
    async with store.unit() as unit:
        turn = Turn(unit, rules)
        incoming = Incoming(address=ADDRESS, at=unit.now, **did)  # type: ignore[arg-type]
        chat = await chats.find_or_open(turn, incoming, address_hash)
        if role is not None:
            unit.session.add(
                Person(
                    id=new_id(),
                    alias="Mira",
                    role=role,
                    chat_id=chat.id,
                    competences=[],
                    languages=["da"],
                    enrolled_at=unit.now,
                )
            )
            await unit.session.flush()
        await door.enter(turn, incoming, address_hash)
        await unit.write_out()
        query = select(OutboxRow.key).where(OutboxRow.chat_id == chat.id)
        return [key for key in (await unit.session.execute(query)).scalars() if key is not None]
