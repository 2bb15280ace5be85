"""Rules of the whole house, read from its source: who imports whom, who asks the time, who sends."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import MetaData

from storage.keys import KeysBase
from storage.models import Base

ROOT = Path(__file__).parent.parent.parent
ROOMS = ("bot", "handlers", "scheduling", "storage")
SANDBOX = ROOT / "bot" / "sandbox"


def sources(*rooms: str) -> Iterator[tuple[str, ast.Module]]:
    """Every module of the rooms but the stand-in for Telegram, which owns its own time."""
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            if SANDBOX not in path.parents:
                yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def test_nothing_looks_up() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert re.search(r"Contracts: [1-9]\d* kept, 0 broken", done.stdout)


@pytest.mark.parametrize(
    ("room", "forbidden"),
    [
        ("scheduling", {"sqlalchemy", "alembic", "telegram", "aiohttp", "asyncpg"}),
        ("storage", {"telegram", "aiohttp", "apscheduler"}),
        ("bot", {"telegram", "aiohttp", "sqlalchemy", "asyncpg", "apscheduler"}),
    ],
)
def test_a_room_does_not_speak_another_rooms_language(room: str, forbidden: set[str]) -> None:
    found = [
        (path, name)
        for path, tree in sources(room)
        for node in ast.walk(tree)
        for name in _imported(node)
        if name.partition(".")[0] in forbidden
    ]

    assert found == []


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


def test_the_time_comes_from_the_injected_clock() -> None:
    asks = re.compile(r"(datetime|date|Instant)\.(now|utcnow|today)|time\.(time|time_ns|localtime|gmtime)")
    found = {path for path, tree in sources(*ROOMS) for name, _ in calls(tree) if asks.fullmatch(name)}
    taken = {
        path
        for path, tree in sources(*ROOMS)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "time"
        for alias in node.names
        if alias.name in ("time", "time_ns", "localtime", "gmtime")
    }

    # time.monotonic measures how long something took: that is no moment, and free to all.
    # The sandbox asks once, for the Monday its own movable clock begins on.
    assert found | taken == {"scheduling/clock.py", "handlers/sandbox.py"}


def test_nothing_is_sent_outside_the_outbox() -> None:
    """Only the postman sends; an update is fetched, a tap answered, a group left, the bot set up."""
    found: dict[str, set[str]] = {}
    for path, tree in sources(*ROOMS):
        for name, call in calls(tree):
            if name.rpartition(".")[2] in ("call", "_call_quietly") and call.args:
                method = ast.unparse(call.args[0])
                found.setdefault(path, set()).add(method.strip("'"))

    assert set(found) <= {
        f"handlers/{name}.py"
        for name in (
            "commands/people",
            "running",
            "telegram/poller",
            "telegram/posting",
            "telegram/reception",
        )
    }
    assert found.get("handlers/commands/people.py", set()) <= {"getMe"}
    assert found["handlers/telegram/poller.py"] == {"getUpdates"}
    assert found["handlers/telegram/reception.py"] == {"answerCallbackQuery", "leaveChat"}
    assert found["handlers/running.py"] <= {
        "getMe",
        "getWebhookInfo",
        "setWebhook",
        "deleteWebhook",
        "setMyCommands",
        "setMyDescription",
        "setMyShortDescription",
        "setChatMenuButton",
    }


def test_only_the_transport_speaks_to_telegram() -> None:
    """The library's own Bot would send past the outbox."""
    found = {
        path
        for path, tree in sources(*ROOMS)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and (node.module == "telegram.ext" or (node.module == "telegram" and _names(node) & {"Bot"}))
    }

    assert found == set()


def _names(node: ast.ImportFrom) -> set[str]:
    return {alias.name for alias in node.names}


def test_a_suppression_carries_its_reason() -> None:
    bare = re.compile(r"#\s*(?:type:\s*ignore(?:\[[^\]]*\])?|noqa(?::\s*[A-Z0-9, ]+)?)\s*$")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        if SANDBOX not in path.parents
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if bare.search(line)
    ]

    assert found == []


@pytest.mark.parametrize("metadata", [Base.metadata, KeysBase.metadata], ids=["hotline", "keys"])
def test_there_is_no_place_to_label_a_person(metadata: MetaData) -> None:
    labels = re.compile(
        r"relig|ethni|ideolog|national|race|score|rating|rank|risk|profile|politic|faith|muslim|gender|sex"
        r"|first_name|last_name|user_?name|phone|cpr|email",
        re.IGNORECASE,
    )
    found = [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if labels.search(column.name) or labels.search(table.name)
    ]

    assert found == []


def test_what_people_wrote_has_no_column_that_is_not_sealed() -> None:
    said = re.compile(r"(^|_)(text|body|content|note|caption|address|question)($|_)")
    columns = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if said.search(column.name)
    }

    assert {name for name in columns if not name.endswith(("_sealed", "_hash"))} == set()


def test_the_log_is_written_in_one_place_and_never_changed() -> None:
    """Entries are added by the unit of work alone; only pruning deletes them, leaving a checkpoint."""
    made = {path for path, tree in sources(*ROOMS) for name, _ in calls(tree) if name == "AuditEntry"}
    deleted = {
        path
        for path, tree in sources(*ROOMS)
        for name, call in calls(tree)
        if name.rpartition(".")[2] in ("delete", "update") and call.args
        if ast.unparse(call.args[0]).startswith("AuditEntry")
    }

    assert made <= {"storage/unit_of_work.py"}
    assert deleted <= {"storage/audit.py"}
