"""A month of advice on the screen, and as a file that a Danish spreadsheet reads and cannot be run by."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from sqlalchemy import func, insert, select, update

from scheduling.instant import Instant
from storage.models import Assignment, HoursStatement, Person
from tests.operator import Operator
from tests.scene import MONDAY_AT_TEN

SHIPPED = (Path(__file__).parents[2] / "hotline.toml").read_text(encoding="utf-8")
HEADER = ["alias", "month", "cases", "minutes", "hours", "rate", "amount", "approved by", "approved at"]


async def given_minutes(operator: Operator, *noted: int | None) -> None:
    """Have a person for each, called Alias 0 and on, with a case of so many minutes that has ended."""
    for number in await operator.given_cases(len(noted)):
        await operator.given_closed(number)
    async with operator.store() as store, store.writing() as connection:
        for index, minutes in enumerate(noted):
            person = select(Person.id).where(Person.alias == f"Alias {index}").scalar_subquery()
            of_hers = update(Assignment).where(Assignment.person_id == person)
            await connection.execute(of_hers.values(minutes=minutes))


async def given_alias(operator: Operator, index: int, alias: str) -> None:
    async with operator.store() as store, store.writing() as connection:
        known = update(Person).where(Person.alias == f"Alias {index}")
        await connection.execute(known.values(alias=alias))


async def given_approved(operator: Operator, index: int, minutes: int) -> None:
    """Have the month of the person be approved, by the first of them, with so many minutes."""
    async with operator.store() as store, store.writing() as connection:
        query = select(Person.id).where(Person.alias == f"Alias {index}")
        person = (await connection.execute(query)).scalar_one()
        values = {
            "person_id": person,
            "month": date(2026, 11, 1),
            "minutes": minutes,
            "cases": 1,
            "approved_by": person,
            "approved_at": Instant.of(MONDAY_AT_TEN),
        }
        await connection.execute(insert(HoursStatement).values(**values))


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


async def test_the_month_stands_on_the_screen_without_a_case(operator: Operator) -> None:
    await given_minutes(operator, 135, None)

    done = await operator.does("hours", "--month", "2026-11")

    rows = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert "Alias 0 2026-11 1 135 2:15 0" in rows
    assert "Alias 1 2026-11 1 0 0:00 1" in rows
    assert "K-2026" not in done.stdout


async def test_the_file_holds_what_was_approved_and_the_screen_says_what_has_changed(
    operator: Operator, tmp_path: Path
) -> None:
    await given_minutes(operator, 135)
    await given_approved(operator, 0, 120)
    path = tmp_path / "november.csv"

    done = await operator.does("hours", "--month", "2026-11", "--csv", path)

    assert read(path) == [
        HEADER,
        ["Alias 0", "2026-11", "1", "120", "2:00", "", "", "Alias 0", "2026-11-16 10:00"],
    ]
    assert path.read_bytes().startswith(b"\xef\xbb\xbfalias;month;")
    assert path.stat().st_mode & 0o077 == 0
    assert "+15 min" in done.stdout


async def test_a_rate_makes_amounts_with_a_comma(operator: Operator, tmp_path: Path) -> None:
    await given_minutes(operator, 100)
    path, rules = tmp_path / "november.csv", tmp_path / "hotline.toml"
    rules.write_text(SHIPPED.replace("# rate = 350.00", "rate = 350.50"), encoding="utf-8")

    await operator.does("hours", "--month", "2026-11", "--csv", path, HOTLINE_CONFIG=str(rules))

    assert read(path)[1][3:7] == ["100", "1:40", "350,50", "584,17"]


async def test_an_alias_that_looks_like_a_formula_is_text(operator: Operator, tmp_path: Path) -> None:
    aliases = ["=1+1", "+45", "-2", "@SUM(A1)"]
    await given_minutes(operator, *[10] * len(aliases))
    for index, alias in enumerate(aliases):
        await given_alias(operator, index, alias)
    path = tmp_path / "november.csv"

    await operator.does("hours", "--month", "2026-11", "--csv", path)

    assert sorted(row[0] for row in read(path)[1:]) == sorted(f"'{alias}" for alias in aliases)


async def test_a_file_that_exists_is_left_alone(operator: Operator, tmp_path: Path) -> None:
    path = tmp_path / "november.csv"
    path.write_text("mine", encoding="utf-8")

    done = await operator.does("hours", "--month", "2026-11", "--csv", path)

    assert (done.exit_code, done.stderr) == (1, f"{path} exists already.\n")
    assert path.read_text(encoding="utf-8") == "mine"


async def test_a_month_that_is_none_or_empty_is_said(operator: Operator) -> None:
    wrong = await operator.does("hours", "--month", "november")
    empty = await operator.does("hours", "--month", "2026-10")

    assert (wrong.exit_code, wrong.stderr) == (2, "--month: is a month such as 2026-11, not 'november'.\n")
    assert (empty.exit_code, empty.stdout) == (0, "Nobody has anything in 2026-10.\n")


async def test_minutes_belong_to_the_local_month(operator: Operator) -> None:
    """Half past eleven in the evening of 30 November in UTC is December in Copenhagen."""
    await given_minutes(operator, 30)
    late = Instant.of(MONDAY_AT_TEN.replace(month=12, day=1, hour=0, minute=30))
    async with operator.store() as store, store.writing() as connection:
        await connection.execute(update(Assignment).values(ended_at=late))
        assert (await connection.execute(select(func.count()).select_from(Assignment))).scalar_one() == 1

    november = await operator.does("hours", "--month", "2026-11")
    december = await operator.does("hours", "--month", "2026-12")

    assert "Nobody has anything" in november.stdout
    assert "0:30" in december.stdout


async def test_what_a_conflict_gave_back_unworked_is_no_case(operator: Operator) -> None:
    await given_minutes(operator, None, 20)
    async with operator.store() as store, store.writing() as connection:
        await connection.execute(update(Assignment).values(ended_because="conflict"))

    done = await operator.does("hours", "--month", "2026-11")

    assert "Alias 0" not in done.stdout
    assert "Alias 1" in done.stdout
