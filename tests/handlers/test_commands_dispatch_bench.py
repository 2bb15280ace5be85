"""`python -m bot dispatch-bench`: the production choice as a program, without Telegram or a database."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.process import ROOT

HELLO = {
    "ev": "hello",
    "people": [{"id": i, "comps": [0] if i == 0 else []} for i in range(6)],
    "rules": {"cap": 2, "fallback": 10, "reoffer_gap": 15, "rounds": 6},
}


def played(*events: dict[str, object]) -> list[list[dict[str, object]]]:
    said = "".join(
        json.dumps({"duty": [0, 1, 2, 3, 4, 5], "active": [0] * 6, "t": 0.0} | event) + "\n"
        for event in (HELLO, *events)
    )
    done = subprocess.run(
        [sys.executable, "-m", "bot", "dispatch-bench"],
        input=said,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
        cwd="/",
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
    )
    return [json.loads(line) for line in done.stdout.splitlines()][1:]


def rung(actions: list[dict[str, object]]) -> list[object]:
    return [action["i"] for action in actions if action["do"] == "offer"]


def test_three_are_rung_a_decline_is_replaced_and_one_more_follows() -> None:
    arrived, declined, later = played(
        {"ev": "arrive", "e": 7, "comp": None},
        {"ev": "decline", "e": 7, "i": 1, "t": 1.0},
        {"ev": "timer", "e": 7, "tag": "look", "t": 2.00001},
    )

    assert [rung(arrived), rung(declined), rung(later)] == [[0, 1, 2], [3], [4]]


def test_the_field_is_asked_first_as_long_as_the_rules_say() -> None:
    arrived, later = played(
        {"ev": "arrive", "e": 7, "comp": 0}, {"ev": "timer", "e": 7, "tag": "look", "t": 10.0}
    )

    assert rung(arrived) == [0]
    assert len(rung(later)) == 3


def test_neither_telegram_nor_a_database_is_loaded() -> None:
    program = "import sys, handlers.commands.dispatch_bench; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert not {"telegram", "sqlalchemy", "aiohttp", "typer"} & set(done.stdout.split())
