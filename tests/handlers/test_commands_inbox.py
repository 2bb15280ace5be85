"""The operator counts what was set aside, and has it tried again."""

from __future__ import annotations

from sqlalchemy import update

from storage import inbox
from storage.inbox import Arrival
from storage.models import InboxRow, Progress
from tests.operator import Operator


async def test_inbox_counts_and_retries_what_was_set_aside(operator: Operator) -> None:
    await operator.given_cases(0)
    async with operator.store() as store:
        await inbox.take_in(store, [Arrival(1, 100, 1, 1, b"a"), Arrival(2, 200, 1, 2, b"b")])
        async with store.writing() as connection:
            aside = {"progress": Progress.ASIDE, "attempts": 8}
            await connection.execute(update(InboxRow).where(InboxRow.update_id == 1).values(**aside))

    counted = await operator.does("inbox")
    retried = await operator.does("inbox", "--retry")

    assert counted.stdout == "1 wait, 1 set aside.\n"
    assert retried.stdout == "1 set aside before are tried again.\n2 wait, 0 set aside.\n"
    async with operator.store() as store:
        assert [row.attempts for row in await inbox.claim(store, at_most=5)] == [1, 1]
