"""The log on a screen: found by what it says, verified, and taken out as a file that does nothing."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot import log
from bot.catalogue import words
from bot.configuration import Configuration
from handlers.console.spreadsheet import harmless
from scheduling.clock import SetClock
from scheduling.ids import new_id
from storage import audit
from storage.models import AuditEntry, Role
from storage.store import Store
from tests.screen import Screen, enrolled


@pytest.fixture
async def dorte(store: Store, rules: Configuration) -> AsyncIterator[Screen]:
    """Dorte's screen, signed in."""
    async with Screen(store, rules) as screen:
        await screen.signs_in(await enrolled(store, rules, "Dorte", Role.AUDITOR, address=500))
        yield screen


async def entered(store: Store, count: int, *, action: str = "planned", detail: str | None = None) -> None:
    """Have so many entries stand in the log, all of one moment."""
    async with store.unit() as unit:
        for _ in range(count):
            unit.record(action, actor="hotline", subject="rota", subject_id=new_id(), detail=detail)
        await unit.commit()


async def actions(store: Store) -> list[tuple[str, str | None]]:
    async with store.reading() as session:
        found = await session.execute(
            select(AuditEntry.action, AuditEntry.detail).order_by(AuditEntry.at, AuditEntry.id)
        )
        return [(row[0], row[1]) for row in found]


def lines(page: str) -> int:
    return page.count('<tr><td class="unbroken">')


async def test_entries_of_one_moment_are_paged_without_leaving_any_out(
    dorte: Screen, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "AT_ONCE", 3)
    await entered(store, 7)
    counts, path = [], "/console/log?action=planned"
    while path:
        _, page = await dorte.get(path)
        counts.append(lines(page))
        older = re.search(r'rel="next" href="([^"]+)"', page)
        path = older[1].replace("&amp;", "&") if older else ""

    assert counts == [3, 3, 1]


async def test_the_log_is_found_by_day_action_and_person(
    dorte: Screen, store: Store, clock: SetClock
) -> None:
    await entered(store, 2)
    clock.at += timedelta(days=1)
    await dorte.signs_in(await enrolled(store, dorte.rules, "Bodil", Role.AUDITOR, address=501))
    counts = {}
    for query in (
        "action=planned&to=2026-11-16",
        "action=planned&from=2026-11-17",
        "actor=bodil&action=signed_in",
    ):
        _, page = await dorte.get(f"/console/log?{query}")
        counts[query] = lines(page)

    assert list(counts.values()) == [2, 0, 1]


async def test_what_can_be_looked_for_stands_in_the_order_of_its_words_and_once(dorte: Screen) -> None:
    _, page = await dorte.get("/console/log")
    [choice] = re.findall(r'<select[^>]*name="action">.*?</select>', page, re.DOTALL)
    offered = [one.lower() for one in re.findall(r"<option[^>]*>([^<]+)</option>", choice)][1:]

    assert offered == sorted(set(offered))


async def test_an_invitation_names_the_role(dorte: Screen, store: Store) -> None:
    await entered(store, 1, action="invited", detail="coordinator")

    _, page = await dorte.get("/console/log?action=invited")

    assert words("log.invited", "en").format(role=words("console.role.coordinator", "en")) in page


async def test_a_whole_chain_is_said_to_be_whole_and_a_broken_one_where(dorte: Screen, store: Store) -> None:
    await entered(store, 3)
    await audit.seal(store)
    await dorte.post("/console/log/verify")
    _, whole = await dorte.get("/console/log")
    async with store.writing() as connection:
        await connection.execute(
            update(AuditEntry).where(AuditEntry.action == "planned").values(detail="changed")
        )
    await dorte.post("/console/log/verify")
    _, broken = await dorte.get("/console/log")

    assert "The log is whole" in whole
    assert "The log is broken at link" in broken
    noted = [detail or "" for action, detail in await actions(store) if action == "log_verified"]
    assert [one.split()[0] for one in noted] == ["whole", "broken"]


async def test_the_file_holds_what_is_looked_for_and_is_logged(
    dorte: Screen, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "AT_ONCE", 2)
    await entered(store, 5, detail="=1+1")
    answer, text = await dorte.post("/console/log/export", action="planned", **{"from": "2026-11-16"})
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=";"))

    assert answer.status == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "Content-Security-Policy" in answer.headers
    assert len(rows) == 6
    assert {row[-1] for row in rows[1:]} == {"'=1+1"}
    assert ("log_exported", "from 2026-11-16 planned") in await actions(store)


@pytest.mark.parametrize("value", ["=1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_nothing_is_a_formula(value: str) -> None:
    assert harmless(value) == f"'{value}"
