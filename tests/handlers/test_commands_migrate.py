"""A database that a newer version has been at: this one leaves it alone, and says what the way back is."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import text

from storage.engine import open_writer, parse_url
from tests.operator import Operator

NEWER = "2099_01_01_0000"
SAID = (
    "This database was brought to schema 2099_01_01_0000 by a newer version, and no version takes it down "
    "again: start the newer one, or restore the backup made before the upgrade."
)


async def schema_of(url: str, *, becomes: str | None = None) -> str:
    engine = open_writer(parse_url(url))
    async with engine.begin() as connection:
        if becomes is not None:
            await connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": becomes})
        found = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar_one()
    await engine.dispose()
    return str(found)


@pytest.mark.parametrize("command", ["migrate", "status"])
@pytest.mark.parametrize("which", ["database", "keys"])
async def test_a_newer_schema_is_refused_in_one_sentence_and_left_as_it_is(
    operator: Operator, command: str, which: str
) -> None:
    url = getattr(operator.urls, which)
    ours = await schema_of(url)
    await schema_of(url, becomes=NEWER)
    done = await operator.does(command)
    after = await schema_of(url)
    await schema_of(url, becomes=ours)  # another test is given these databases, emptied

    assert (done.exit_code, done.stderr.strip()) == (2, SAID)
    assert after == NEWER


@pytest.mark.parametrize("urls", ["sqlite"], indirect=True)
async def test_what_refers_to_nothing_is_said_in_one_sentence(operator: Operator) -> None:
    file = sqlite3.connect(str(parse_url(operator.urls.database).database))
    file.execute("PRAGMA foreign_keys = OFF")
    file.execute("INSERT INTO conflict VALUES (zeroblob(16), zeroblob(16), 0)")
    file.commit()
    file.close()

    done = await operator.does("migrate")

    assert done.exit_code == 2
    assert done.stderr.startswith(
        "In this database something refers to what is not there; nothing was changed."
    )
    assert "Traceback" not in done.stderr
