"""The usual wait is told beside the promise where it is known and holds now, and only there."""

from __future__ import annotations

from datetime import datetime, timedelta

import aiohttp
from sqlalchemy import insert, select

from bot import expectation
from scheduling.ids import new_id
from scheduling.instant import Instant
from scheduling.urgency import Urgency
from storage.models import Assignment, Chat, Enquiry, Kind, Person, State
from tests.journeys.acting import ask, phrase, settled
from tests.journeys.watching import sent
from tests.scene import MONDAY_AT_TEN, Scene

USUAL = "På denne tid hører de fleste fra os inden for cirka"


async def given_past(
    scene: Scene, count: int, *, minutes: float, at: datetime = MONDAY_AT_TEN - timedelta(days=7)
) -> None:
    """Have so many closed cases, sent at the moment and claimed so long after; then count them."""
    began = Instant.of(at)
    async with scene.store.writing() as connection:
        chat = (await connection.execute(select(Chat.id).limit(1))).scalar_one()
        person = (await connection.execute(select(Person.id).limit(1))).scalar_one()
        cases = [
            {
                "id": new_id(),
                "chat_id": chat,
                "key_id": new_id(),
                "kind": Kind.CONCERN,
                "state": State.CLOSED,
                "urgency": Urgency.NORMAL,
                "drafted_at": began,
                "sent_at": began,
                "closed_at": began,
            }
            for _ in range(count)
        ]
        claimed = Instant.of(began + timedelta(minutes=minutes))
        parts = [
            {
                "id": new_id(),
                "enquiry_id": case["id"],
                "person_id": person,
                "started_at": claimed,
                "ended_at": claimed,
            }
            for case in cases
        ]
        await connection.execute(insert(Enquiry), cases)
        await connection.execute(insert(Assignment), parts)
    await expectation.refresh(scene.store, scene.rules)


async def told(scene: Scene) -> str:
    """Return the receipt of a question that Karen asks now."""
    karen = await scene.person("Karen")
    await ask(scene, karen, "Hvad gør jeg?")
    return next(text for text in await sent(scene, karen) if phrase("sent.receipt") in text)


async def test_the_usual_wait_stands_beside_the_promise_rounded_up(scene: Scene) -> None:
    await scene.staff("Mira")
    await given_past(scene, 20, minutes=7)

    receipt = await told(scene)

    assert "senest tirsdag 17. november kl. 20.00. På denne tid hører de fleste" in receipt
    assert f"{USUAL} 10 minutter." in receipt


async def test_an_hour_and_more_are_told_in_hours(scene: Scene) -> None:
    await scene.staff("Mira")
    await given_past(scene, 20, minutes=40)
    assert f"{USUAL} en time." in await told(scene)

    await given_past(scene, 100, minutes=100)
    await scene.skip(minutes=1)
    karen = await scene.person("Karen")
    await ask(scene, karen, "Og hvad nu?")

    assert f"{USUAL} 2 timer." in "".join(await sent(scene, karen))


async def test_with_too_few_cases_the_promise_stands_alone(scene: Scene) -> None:
    await scene.staff("Mira")
    await given_past(scene, 19, minutes=7)

    assert USUAL not in await told(scene)


async def test_cases_of_the_night_or_of_long_ago_are_not_counted(scene: Scene) -> None:
    await scene.staff("Mira")
    await given_past(scene, 19, minutes=7)
    await given_past(scene, 10, minutes=7, at=MONDAY_AT_TEN - timedelta(days=7, hours=6))
    await given_past(scene, 10, minutes=7, at=MONDAY_AT_TEN - timedelta(days=91))

    assert USUAL not in await told(scene)


async def test_where_nobody_is_on_duty_the_promise_stands_alone(scene: Scene) -> None:
    await scene.staff("Mira", on_duty=False)
    await given_past(scene, 20, minutes=7)

    assert USUAL not in await told(scene)


async def test_where_the_panel_closes_before_that_the_promise_stands_alone(scene: Scene) -> None:
    await scene.staff("Mira")
    await given_past(scene, 20, minutes=7)
    await scene.skip(hours=9, minutes=55)

    assert USUAL not in await told(scene)


async def test_a_figure_that_holds_no_longer_is_dropped(scene: Scene) -> None:
    await scene.staff("Mira")
    await given_past(scene, 20, minutes=7)
    await scene.skip(days=84)
    await expectation.refresh(scene.store, scene.rules)

    assert USUAL not in await told(scene)


async def test_the_waits_are_figures_for_the_operator_without_anybodys_name(scene: Scene) -> None:
    await scene.staff("Mira")
    await given_past(scene, 20, minutes=7)
    await settled(scene)
    await scene.hotline._measure_waiting()

    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{scene.hotline.port}/metrics") as answer,
    ):
        shown = await answer.text()

    assert 'hotline_wait_seconds{of="claim",quantile="0.5",urgency="normal"} 420.0' in shown
    assert 'hotline_wait_seconds{of="answer",quantile="0.95",urgency="normal"} +Inf' in shown
    assert 'hotline_wait_within_share{limit="5m",of="claim",urgency="normal"} 0.0' in shown
    assert 'hotline_wait_cases{urgency="normal"} 20.0' in shown
    assert "Mira" not in shown
