"""The service level: what was claimed and answered in time, small hours hidden, and nobody named."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from bot import service_level
from bot.configuration import Configuration
from scheduling.ids import new_id
from scheduling.instant import Instant
from scheduling.shifts import Station
from scheduling.urgency import Urgency
from storage.models import Assignment, DutySpell, Enquiry, Offer, OfferState, Outcome, Person, State
from tests.operator import Operator
from tests.scene import MONDAY_AT_TEN

AT = Instant.of(MONDAY_AT_TEN)


def after(minutes: float) -> Instant:
    return Instant.of(AT + timedelta(minutes=minutes))


async def given_waits(operator: Operator, waits: list[tuple[float | None, float | None]]) -> None:
    """Have a case for each pair of minutes until claimed and until answered."""
    numbers = await operator.given_cases(len(waits))
    async with operator.store() as store, store.writing() as connection:
        for number, (claimed, answered) in zip(numbers, waits, strict=True):
            found = select(Enquiry.id).where(Enquiry.number == number)
            enquiry: UUID = (await connection.execute(found)).scalar_one()
            values: dict[str, Any] = {"promised_by": after(600)}
            if answered is not None:
                values["answered_at"] = after(answered)
            if claimed is None:
                values |= {"state": State.WAITING}
                await connection.execute(delete(Assignment).where(Assignment.enquiry_id == enquiry))
            else:
                started = update(Assignment).where(Assignment.enquiry_id == enquiry)
                await connection.execute(started.values(started_at=after(claimed)))
            await connection.execute(update(Enquiry).where(Enquiry.id == enquiry).values(**values))


async def given_offers(operator: Operator, count: int, minutes: float) -> None:
    """Have so many offers, each claimed after so long, by people who were on duty all day."""
    async with operator.store() as store, store.writing() as connection:
        enquiry = (await connection.execute(select(Enquiry.id).limit(1))).scalar_one()
        people = list((await connection.execute(select(Person.id))).scalars())
        offers = [
            {
                "id": new_id(),
                "enquiry_id": enquiry,
                "person_id": people[0],
                "round": 1,
                "step": step,
                "state": OfferState.CLAIMED,
                "why": {},
                "offered_at": AT,
                "decided_at": after(minutes),
            }
            for step in range(count)
        ]
        await connection.execute(insert(Offer), offers)
        spells = [
            {
                "id": new_id(),
                "person_id": one,
                "station": Station.PANEL,
                "started_at": AT,
                "ended_at": None,
            }
            for one in people
        ]
        await connection.execute(insert(DutySpell), spells)


async def answer(operator: Operator, *options: str) -> dict[str, Any]:
    done = await operator.does("service-level", "--json", *options)
    assert done.exit_code == 0
    found: dict[str, Any] = json.loads(done.stdout)
    return found


async def test_the_service_level_counts_what_was_never_claimed(operator: Operator) -> None:
    await given_waits(operator, [(1, 9), (3, 20), (4, None), (12, 700), (None, None)])
    operator.later(hours=1)

    found = await answer(operator)

    claim, told = found["by_urgency"]["normal"]["claim"], found["by_urgency"]["normal"]["answer"]
    assert (claim["cases"], claim["happened"]) == (5, 4)
    assert (claim["median_seconds"], claim["p95_seconds"]) == (240, None)
    assert (claim["within_limit"], claim["within_promise"], claim["undecided_promise"]) == (0.6, 0.8, 1)
    assert (told["happened"], told["median_seconds"], told["within_promise"]) == (3, 42_000, 0.4)


async def test_an_hour_of_few_cases_is_hidden(operator: Operator) -> None:
    await given_waits(operator, [(1, 9), (3, 20), (4, None), (12, 700)])
    operator.later(hours=1)

    found = await answer(operator)

    [hour] = [one for one in found["by_hour"] if (one["weekday"], one["hour"]) == (1, 10)]
    assert hour == {"weekday": 1, "hour": 10, "cases": "<5"}


async def test_misuse_and_another_period_are_not_counted(operator: Operator) -> None:
    await given_waits(operator, [(1, 9), (3, 20)])
    async with operator.store() as store, store.writing() as connection:
        misuse = update(Enquiry).where(Enquiry.number == "K-2026-00001")
        await connection.execute(misuse.values(outcome=Outcome.MISUSE))

    assert (await answer(operator))["by_urgency"]["normal"]["claim"]["cases"] == 1
    assert (await answer(operator, "--since", "2026-11-17"))["by_urgency"] == {}
    assert (await answer(operator, "--until", "2026-11-15"))["by_urgency"] == {}


async def test_with_few_offers_the_forecast_says_what_it_takes_for_granted(operator: Operator) -> None:
    done = await operator.does("service-level")

    assert done.exit_code == 0
    assert "no concern was sent" in done.stdout
    assert "by 0 offers" in done.stdout
    assert "taken for granted ([staffing]: share 0.6, median 3 min, sigma 1.2)" in done.stdout
    assert "4/none/none · 0.0" in done.stdout
    assert "Were all asked at once: 4/5/6." in done.stdout


async def test_with_offers_enough_the_forecast_goes_by_them(operator: Operator) -> None:
    await given_waits(operator, [(1, 9), (3, 20)])
    await given_offers(operator, 30, minutes=2)
    operator.later(hours=2)

    staffing = (await answer(operator))["staffing"]

    assert (staffing["offers"], staffing["is_prior"], staffing["share_claimed_in_time"]) == (30, False, 1)
    by_hour = {(n["urgency"], n["weekday"], n["hour"]): n for n in staffing["by_hour"]}
    assert by_hour["high", 1, 10]["needed"] == [1, 2, 2]  # two came in that hour: one just taken keeps her
    assert by_hour["high", 1, 11]["needed"] == [1, 1, 1]
    assert (by_hour["high", 1, 10]["had"], by_hour["high", 1, 11]["had"], by_hour["high", 1, 13]["had"]) == (
        2,
        2,
        0,
    )
    assert ("high", 7, 3) in by_hour
    assert ("normal", 7, 3) not in by_hour


async def test_the_number_planned_stands_beside_the_number_needed(
    operator: Operator, rules: Configuration
) -> None:
    async with operator.store() as store:
        found = await service_level.forecast(
            store, rules, until=AT, planned=lambda at: 3 if at.astimezone(rules.zone).hour < 12 else 1
        )

    planned = {need.hour: need.planned for need in found.needs[Urgency.HIGH]}
    assert (planned[0, 9], planned[0, 12], planned[6, 11]) == (3, 1, 3)


async def test_nobody_is_named_or_rated_in_the_service_level(operator: Operator) -> None:
    await given_waits(operator, [(1, 9), (3, 20), (4, 30), (5, 6), (7, 8), (9, 10)])
    await given_offers(operator, 30, minutes=2)
    operator.later(hours=2)

    shown = (await operator.does("service-level")).stdout
    plain = (await operator.does("service-level", "--json")).stdout

    async with operator.store() as store, store.reading() as session:
        people = list((await session.execute(select(Person))).scalars())
    assert len(people) == 6
    for person in people:
        for name in (person.alias, str(person.id), person.id.hex):
            assert name not in shown
            assert name not in plain
    assert "K-2026" not in shown + plain
