"""What must be forgotten is listed, destroyed when due, and erased earlier with a reason."""

import pytest
from sqlalchemy import select

from scheduling.ids import new_id
from storage.keys import KeyDestroyedError
from storage.models import AuditEntry, Enquiry, Message, Outcome, Person, Referral, ReferralState
from tests.operator import Operator


def rows(text: str) -> list[str]:
    return [" ".join(row.split()) for row in text.splitlines() if row.strip()]


async def read(operator: Operator, number: str) -> bytes:
    async with operator.store() as store, store.reading() as session:
        query = select(Message).join(Enquiry, Enquiry.id == Message.enquiry_id)
        message = (await session.execute(query.where(Enquiry.number == number))).scalar_one()
        return await store.keys.open(message.key_id, message.body_sealed, place=f"message.body:{message.id}")


async def _given_referral(operator: Operator, number: str) -> None:
    """Have a referral of the case be submitted, which the case system has not confirmed."""
    async with operator.store() as store, store.unit() as unit:
        query = select(Enquiry.id).where(Enquiry.number == number)
        enquiry_id = (await unit.session.execute(query)).scalar_one()
        person = (await unit.session.execute(select(Person.id).limit(1))).scalar_one()
        unit.session.add(
            Referral(
                id=new_id(),
                enquiry_id=enquiry_id,
                number="R-2026-00001",
                state=ReferralState.SUBMITTED,
                made_by=person,
                made_at=unit.now,
                submitted_at=unit.now,
            )
        )
        await unit.commit()


async def test_retention_lists_what_falls_due_when(operator: Operator) -> None:
    advised, misused = await operator.given_cases(2)
    await operator.given_closed(advised)
    await operator.given_closed(misused, Outcome.MISUSE)

    done = await operator.does("retention")

    assert rows(done.stdout) == [
        "2 keys to be destroyed",
        "number what outcome closed due",
        f"{misused} enquiry misuse 2026-11-16 10:00 2026-12-16 10:00",
        f"{advised} enquiry advice_only 2026-11-16 10:00 2027-02-14 10:00",
        "Log entries are kept 1825 days.",
    ]


async def test_retention_run_destroys_what_is_due_and_nothing_else(operator: Operator) -> None:
    advised, misused = await operator.given_cases(2, text="Han er bange.")
    await operator.given_closed(advised)
    await operator.given_closed(misused, Outcome.MISUSE)
    operator.later(days=31)

    done = await operator.does("retention", "--run")

    assert done.stdout == "Destroyed 1 keys; removed 0 old log entries.\n"
    assert "Han er bange." in (await read(operator, advised)).decode()
    with pytest.raises(KeyDestroyedError):
        await read(operator, misused)


async def test_erase_destroys_a_closed_enquirys_key_at_once_and_logs_why(operator: Operator) -> None:
    [number] = await operator.given_cases(1, text="Han er bange.")
    await operator.given_closed(number)

    done = await operator.does("erase", number, "--reason", "request")
    again = await operator.does("erase", number, "--reason", "request")
    listed = await operator.does("retention")

    assert (done.exit_code, done.stdout) == (0, f"{number} is erased; its place in the statistics stays.\n")
    assert (again.exit_code, again.stderr) == (1, f"{number} was erased already, 2026-11-16 10:00.\n")
    assert rows(listed.stdout)[0] == "0 keys to be destroyed"
    with pytest.raises(KeyDestroyedError):
        await read(operator, number)
    async with operator.store() as store, store.reading() as session:
        query = select(AuditEntry.actor, AuditEntry.detail).where(AuditEntry.action == "erased")
        assert (await session.execute(query)).all() == [("operator", "request")]


async def test_erase_asks_about_a_submitted_referral_without_its_case_number(operator: Operator) -> None:
    [number] = await operator.given_cases(1, text="Han er bange.")
    await operator.given_closed(number)
    await _given_referral(operator, number)

    asked = await operator.does("erase", number, "--reason", "request")
    still_there = await read(operator, number)
    done = await operator.does("erase", number, "--reason", "request", "--without-case-number")

    assert (asked.exit_code, asked.stderr) == (
        1,
        (
            f"{number} has a submitted referral without its number in the municipality's case system; "
            "note the number in the console, or add --without-case-number.\n"
        ),
    )
    assert "Han er bange." in still_there.decode()
    assert done.stdout == f"{number} is erased; its place in the statistics stays.\n"
    with pytest.raises(KeyDestroyedError):
        await read(operator, number)


async def test_erase_refuses_an_open_enquiry_an_unknown_one_and_free_words(operator: Operator) -> None:
    [number] = await operator.given_cases(1, text="Han er bange.")

    still_open = await operator.does("erase", number, "--reason", "request")
    unknown = await operator.does("erase", "K-2026-00099", "--reason", "request")
    free = await operator.does("erase", number, "--reason", "Ali ringede")

    assert (still_open.exit_code, still_open.stderr) == (
        1,
        f"{number} is assigned; only a closed enquiry can be erased.\n",
    )
    assert (unknown.exit_code, unknown.stderr) == (1, "There is no enquiry K-2026-00099.\n")
    assert (free.exit_code, free.stderr) == (
        2,
        "--reason: there is no such reason; there are request, order, mistake, misuse.\n",
    )
    assert "Han er bange." in (await read(operator, number)).decode()
