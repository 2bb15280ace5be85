"""The log's chain is verified, and the state of the hotline shown on one screen."""

import pytest
from sqlalchemy import select, update

from storage import audit, outbox
from storage.instance import hold_instance
from storage.models import AuditEntry
from tests.operator import Operator


async def seal(operator: Operator) -> int:
    async with operator.store() as store:
        return await audit.seal(store)


async def test_verify_audit_counts_the_links_that_hold(operator: Operator) -> None:
    await operator.given_cases(2)
    links = await seal(operator)
    await operator.given_cases(0)

    done = await operator.does("verify-audit")

    assert (done.exit_code, done.stdout) == (0, f"All {links} links hold; 0 entries wait for their seal.\n")


@pytest.mark.parametrize("what", ["detail", "actor"])
async def test_verify_audit_names_the_first_broken_link(operator: Operator, what: str) -> None:
    await operator.given_cases(2)
    await seal(operator)
    async with operator.store() as store, store.writing() as connection:
        query = select(AuditEntry.id).order_by(AuditEntry.at, AuditEntry.id).offset(2).limit(1)
        third = (await connection.execute(query)).scalar_one()
        await connection.execute(update(AuditEntry).where(AuditEntry.id == third).values({what: "changed"}))

    done = await operator.does("verify-audit")

    assert (done.exit_code, done.stdout, done.stderr) == (
        1,
        "",
        "The chain is broken at link 3: 2 links before it hold.\n",
    )


async def test_status_shows_what_waits_and_that_nothing_is_held(operator: Operator) -> None:
    await operator.given_cases(3)

    done = await operator.does("status")

    shown = dict(row.split("  ", 1) for row in done.stdout.splitlines()[2:] if "  " in row)
    told = {name: value.strip() for name, value in shown.items()}
    assert done.exit_code == 0
    assert told["mode"] == "no BOT_TOKEN here"
    assert told["process"] == "not running"
    assert told["delivery"] == "goes on"
    assert told["on duty"] == "0 of 3"
    assert told["enquiries"] == "3 assigned"
    assert told["oldest unclaimed"] == "none"
    assert told["incoming"] == "0 wait, 0 set aside"


async def test_status_tells_a_running_hotline_and_a_held_delivery(operator: Operator) -> None:
    async with operator.store() as store:
        await outbox.hold(store)
        async with hold_instance(store.url):
            done = await operator.does("status")

    assert "HELD; `python -m bot release` lets it go" in done.stdout
    assert [row.split() for row in done.stdout.splitlines() if row.startswith("process")] == [
        ["process", "running"]
    ]


async def test_a_command_before_the_first_migration_says_what_to_do(operator: Operator, tmp_path) -> None:
    nowhere = f"sqlite:///{tmp_path}/nowhere/hotline.db"

    done = await operator.does("status", DATABASE_URL=nowhere, KEYS_URL=f"{nowhere}.keys")

    assert (done.exit_code, done.stderr) == (
        2,
        "DATABASE_URL: there is no database yet; `python -m bot migrate` makes it.\n",
    )
    assert not (tmp_path / "nowhere").exists()


async def test_a_database_that_does_not_answer_or_is_not_there_is_said(operator: Operator) -> None:
    silent = "postgresql://hotline@127.0.0.1:9/hotline"
    gone = operator.urls.database + "_gone"

    unanswered = await operator.does("status", DATABASE_URL=silent, KEYS_URL=silent)
    missing = await operator.does("status", DATABASE_URL=gone)

    assert (unanswered.exit_code, unanswered.stderr) == (
        2,
        "The database does not answer; is DATABASE_URL right, and KEYS_URL?\n",
    )
    assert missing.exit_code == 2
    assert missing.stderr in (
        "The database cannot be used: InvalidCatalogNameError.\n",
        "DATABASE_URL: there is no database yet; `python -m bot migrate` makes it.\n",
    )


async def test_a_command_with_another_data_key_says_so(operator: Operator) -> None:
    await operator.given_cases(1)

    done = await operator.does("people", DATA_KEY="AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=")

    assert (done.exit_code, done.stderr) == (
        2,
        "DATA_KEY: does not fit the key store; it was made with another key.\n",
    )
