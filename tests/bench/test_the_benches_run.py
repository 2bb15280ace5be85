"""Each bench runs at its smallest size, so that it can be relied on when somebody wants to measure."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from rich.console import Console

from tests.bench import __main__ as relays
from tests.bench import decision, dispatch, rota


def run_with(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", *arguments])


def test_the_rota_is_asked_every_question(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(rota, "_PEOPLE", 2)

    rota.main()

    assert capsys.readouterr().out.count("shifts of a year") == 2


def test_every_way_of_asking_is_simulated(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dispatch, "WORLDS", {"desk": replace(dispatch.WORLDS["city"], days=1)})

    dispatch.main()

    assert capsys.readouterr().out.count("everybody on duty") == 1


def test_a_decision_is_measured_on_a_short_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(decision, "_LOOKS", 7)
    run_with(monkeypatch, "--past", "5")

    decision.main()

    assert "5 enquiries in the log" in capsys.readouterr().out


@pytest.mark.parametrize(("only", "row"), [("bare", "64 at once"), ("sqlite", "hotline, sqlite")])
def test_relays_are_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], only: str, row: str
) -> None:
    monkeypatch.setattr(relays, "_out", Console(width=200))
    run_with(monkeypatch, "--only", only, "--count", "10", "--past", "5", "--seconds", "0.2")

    relays.main()

    assert row in capsys.readouterr().out
