"""The rota from a file: faults by line, put in force, written out, shown; absences from a calendar."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import chats, people
from bot.incoming import Did, Incoming
from bot.turn import Turn
from storage.models import Role, RotaRule, ShiftSwap, SwapState
from storage.queries import people as find_people
from storage.queries import rota as find
from tests.operator import Operator

PLAN = """\
people:
  Mira:
    shifts:
      - mon-fri 08:00-16:00 from 2026-11-02
      - sat 10:00-14:00 every 2 weeks from 2026-11-07
    absent:
      - 2026-12-22 to 2027-01-02
  Lone:
    shifts:
      - coordinator mon-fri 08:00-16:00 from 2026-11-02
days:
  2026-12-24: closed Juleaften
"""
HOLIDAY = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//test//EN\r
BEGIN:VEVENT\r
UID:ferie-1\r
DTSTAMP:20261101T000000Z\r
DTSTART;VALUE=DATE:20261123\r
DTEND;VALUE=DATE:20261125\r
SUMMARY:Opdigtet ferie\r
END:VEVENT\r
END:VCALENDAR\r
"""


async def staffed(operator: Operator) -> None:
    """Have Mira and Lone be enrolled."""
    async with operator.store() as store, store.unit() as unit:
        turn = Turn(unit, operator.rules)
        for address, (alias, role) in enumerate(
            (("Mira", Role.RESOURCE_PERSON), ("Lone", Role.SECRETARIAT)), 1
        ):
            token = await people.invite(turn, role=role, alias=alias, competences=[], languages=["da"])
            incoming = Incoming(Did.TEXT, address, turn.now)
            chat = await chats.find_or_open(turn, incoming, await store.chat_hash(address))
            await people.enrol(turn, chat, people.hash_token(token))
        await unit.commit()


def rewrite(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    file = tmp_path / "plan.yaml"
    file.write_text(PLAN, encoding="utf-8")
    return file


async def test_what_is_imported_is_shown_and_exported(operator: Operator, plan: Path, tmp_path: Path) -> None:
    await staffed(operator)

    done = await operator.does("rota", "import", plan)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "2 people, 3 shifts, 1 days; lines added: 4, removed: 0." in done.stdout
    shown = (await operator.does("rota", "show", "--week", "2026-11-18")).stdout
    assert shown.count("Mira") == 6
    assert "Mon 2026-11-16 08:00 to Mon 2026-11-16 16:00: 1 of 2, panel" in shown
    assert "Mon 2026-11-16 16:00 to Mon 2026-11-16 20:00: 0 of 2, panel" in shown

    written = tmp_path / "out.yaml"
    await operator.does("rota", "export", written)
    again = await operator.does("rota", "import", written)
    assert "lines added: 0, removed: 0." in again.stdout


async def test_a_line_that_is_unchanged_keeps_its_swap(operator: Operator, plan: Path) -> None:
    await staffed(operator)
    await operator.does("rota", "import", plan)
    async with operator.store() as store, store.unit() as unit:
        mira = await find_people.by_alias(unit, "Mira")
        assert mira is not None
        rule = next(row for row in await find.plans_of(unit, mira.id) if isinstance(row, RotaRule))
        kept, day = rule.id, rule.valid_from
        unit.session.add(
            ShiftSwap(
                id=mira.id,
                source_id=kept,
                day=day,
                giver_id=mira.id,
                taker_id=None,
                state=SwapState.OFFERED,
                offered_at=unit.now,
            )
        )
        await unit.commit()
    rewrite(plan, PLAN.replace("10:00-14:00", "10:00-15:00"))

    done = await operator.does("rota", "import", plan)

    assert "lines added: 1, removed: 1." in done.stdout
    async with operator.store() as store, store.unit() as unit:
        assert kept in {row.id for row in await find.plans_of(unit, mira.id)}


@pytest.mark.parametrize(
    ("instead_of", "written", "said"),
    [
        ("mon-fri 08:00-16:00 from", "mon-fry 08:00-16:00 from", "plan.yaml:4: "),
        ("2026-12-22 to", "2026-13-22 to", "plan.yaml:7: "),
        ("coordinator mon", "chief mon", "plan.yaml:10: "),
        ("closed Jule", "shut Jule", "plan.yaml:12: "),
        ("Lone:", "Nobody:", "plan.yaml: Nobody: nobody is enrolled under this alias."),
        ("- mon-fri 08:00-16:00", "- coordinator mon-fri 08:00-16:00", "plan.yaml: Mira: cannot stand at"),
    ],
)
async def test_a_fault_names_its_line_and_changes_nothing(
    operator: Operator, plan: Path, instead_of: str, written: str, said: str
) -> None:
    await staffed(operator)
    rewrite(plan, PLAN.replace(instead_of, written, 1))

    checked = await operator.does("rota", "check", plan)
    imported = await operator.does("rota", "import", plan)

    assert (checked.exit_code, imported.exit_code) == (1, 1)
    assert said in checked.stderr
    assert said in imported.stderr
    assert "Mira" not in (await operator.does("rota", "export")).stdout


async def test_a_file_that_is_not_there_is_said(operator: Operator, tmp_path: Path) -> None:
    done = await operator.does("rota", "check", tmp_path / "nowhere.yaml")

    assert (done.exit_code, done.stderr) == (1, "nowhere.yaml: cannot be read: No such file or directory.\n")


async def test_absences_are_read_from_a_calendar_and_replaced_by_the_next(
    operator: Operator, plan: Path, tmp_path: Path
) -> None:
    await staffed(operator)
    await operator.does("rota", "import", plan)
    file = tmp_path / "ferie.ics"
    rewrite(file, HOLIDAY)

    done = await operator.does("rota", "absences", "Mira", file)
    assert "Mira is away 1 times" in done.stdout
    assert (await operator.does("rota", "show", "--week", "2026-11-23")).stdout.count("Mira") == 3
    assert "2026-11-23" not in (await operator.does("rota", "export")).stdout

    rewrite(file, HOLIDAY.replace("20261125", "20261124"))
    await operator.does("rota", "absences", "Mira", file)
    assert (await operator.does("rota", "show", "--week", "2026-11-23")).stdout.count("Mira") == 4


async def test_what_is_no_calendar_is_said(operator: Operator, tmp_path: Path) -> None:
    await staffed(operator)
    file = tmp_path / "ferie.ics"
    rewrite(file, "kære alle")

    done = await operator.does("rota", "absences", "Mira", file)

    assert (done.exit_code, done.stderr) == (1, "ferie.ics: is not a calendar.\n")
