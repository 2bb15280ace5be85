"""The report counts exactly, and hides small cells where people's traits are crossed."""

from sqlalchemy import update

from storage.models import Enquiry, Kind, Outcome
from tests.operator import Operator


def rows(text: str) -> list[str]:
    return [" ".join(row.split()) for row in text.splitlines() if row.strip()]


async def test_report_counts_concerns_by_outcome_and_activities_apart(operator: Operator) -> None:
    numbers = await operator.given_cases(5)
    ends = (Outcome.ADVICE_ONLY, Outcome.ADVICE_ONLY, Outcome.WITHDRAWN, Outcome.PRESS)
    for number, outcome in zip(numbers, ends, strict=False):
        await operator.given_closed(number, outcome)
    async with operator.store() as store, store.writing() as connection:
        booking = update(Enquiry).where(Enquiry.number == numbers[4]).values(kind=Kind.ACTIVITY)
        await connection.execute(booking)

    done = await operator.does("report", "--since", "2026-11-16", "--until", "2026-11-16")

    assert done.exit_code == 0
    assert rows(done.stdout)[:8] == [
        "From 2026-11-16 to 2026-11-16",
        "concern enquiries 3",
        "of which handled 2",
        "of which still open 0",
        "outcome advice_only 2",
        "outcome withdrawn 1",
        "press (not counted above) 1",
        "activity requests (not counted above) 1",
    ]


async def test_report_of_another_day_counts_nothing(operator: Operator) -> None:
    await operator.given_cases(1)

    done = await operator.does("report", "--since", "2026-11-17")

    assert "concern enquiries 0" in rows(done.stdout)


async def test_report_hides_small_cells_where_traits_are_crossed(operator: Operator) -> None:
    numbers = await operator.given_cases(16)
    roles = ["relative"] * 8 + ["professional"] * 8
    async with operator.store() as store, store.writing() as connection:
        for at, (number, role) in enumerate(zip(numbers, roles, strict=True)):
            age = "15-17" if at % 8 < (2 if role == "relative" else 6) else "18-24"
            values = {"role": role, "age": age}
            await connection.execute(update(Enquiry).where(Enquiry.number == number).values(values))

    done = await operator.does("report", "--cross", "role,age")

    assert rows(done.stdout)[-5:] == [
        "role by age",
        "15-17 18-24 total",
        "professional ≥5 <5 8",
        "relative <5 ≥5 8",
        "total 8 8 16",
    ]


async def test_report_crossing_an_unknown_trait_says_which_there_are(operator: Operator) -> None:
    done = await operator.does("report", "--cross", "role,religion")

    assert (done.exit_code, done.stderr) == (
        2,
        "--cross: is two of role, age, urgency, outcome, topic, alarm, such as role,outcome.\n",
    )
