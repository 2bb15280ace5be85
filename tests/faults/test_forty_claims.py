"""Forty people press at once, everybody presses twice, one has blocked the bot, two processes start."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.catalogue import words
from bot.configuration import Configuration
from bot.sandbox import StandIn
from bot.sandbox.client import Played
from storage.models import (
    Assignment,
    AuditEntry,
    Base,
    Enquiry,
    Handover,
    Offer,
    OfferState,
    Role,
)
from tests.databases import FreshDatabases, Urls
from tests.process import MASTER_KEY, TOKEN, BotProcess, environment, free_port, run_to_the_end, write_rules
from tests.scene import CAST, Scene

FORTY = 40
NOT_DELIVERED = words("not_delivered", "da").split("{number}")[1].split("{")[0]


@pytest.fixture
async def crowd(urls: Urls, rules: Configuration) -> AsyncIterator[Scene]:
    """A hotline that asks forty people at once."""
    normal = next(urgency for urgency in rules.dispatch if urgency.value == "normal")
    many = rules.dispatch[normal].model_copy(update={"at_once": FORTY})
    changed = rules.model_copy(update={"dispatch": {**rules.dispatch, normal: many}})
    async with Scene(urls, changed, MASTER_KEY) as made:
        yield made


@pytest.fixture
def on_sqlite(fresh_databases: FreshDatabases, tmp_path: Path) -> list[Urls]:
    """Two databases that know nothing of each other."""
    made = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        made.append(fresh_databases.sqlite(tmp_path / name))
    return made


async def test_forty_press_claim_and_one_has_it(crowd: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"Person {number}" for number in range(FORTY)]
    for name in names:
        monkeypatch.setitem(CAST, name, (Role.RESOURCE_PERSON, ("school",), ("da",)))
    everybody = [await crowd.staff(name) for name in names]
    karen = await crowd.person("Karen")
    await karen.says("Jeg er bekymret for en elev.")
    await karen.taps("send")
    offers = [await _button(person, "claim:") for person in everybody]

    pressed = zip(everybody, offers, strict=True)
    await asyncio.gather(*(person.taps_stale(*offer, overtake=False) for person, offer in pressed))
    await _settled(crowd)

    counted = await _count_offers(crowd)
    assert counted == {OfferState.CLAIMED: 1, OfferState.TAKEN: FORTY - 1}
    winner = await _only_holder(crowd)
    for name, person in zip(names, everybody, strict=True):
        seen = [m["text"] for m in await person.messages() if m["from_bot"] and not m["deleted"]]
        has_it = any("Jeg er bekymret for en elev." in text for text in seen)
        was_told = any(text.startswith(f"{winner} har taget henvendelsen") for text in seen)
        assert (has_it, was_told) == ((True, False) if name == winner else (False, True))
    for person in everybody:
        assert not await _buttons(person, "claim:"), "an offer that is gone still has its button"


async def test_a_blocked_user_stops_nobody_else(scene: Scene) -> None:
    mira, yasmin = await scene.staff("Mira"), await scene.staff("Yasmin")
    karen, idris = await scene.person("Karen"), await scene.person("Idris")
    for asker in (karen, idris):
        await asker.says("Jeg er bekymret for en elev.")
        await asker.taps("send")
        await _settled(scene)
        helper = mira if asker is karen else yasmin
        await helper.taps("claim")
        await helper.sees("Jeg er bekymret for en elev.")

    await idris.blocks()
    for number in range(5):
        await yasmin.says(f"Svar {number} til en, der ikke hører.")
        await mira.says(f"Svar {number} til Karen.")
        await karen.says(f"Svar {number} til Mira.")
    await karen.sees("Svar 4 til Karen.")
    await mira.sees("Svar 4 til Mira.")
    await _settled(scene)

    assert await _numbers(karen, "til Karen.") == [0, 1, 2, 3, 4]
    assert await _numbers(mira, "til Mira.") == [0, 1, 2, 3, 4]
    told = [m for m in await yasmin.messages() if NOT_DELIVERED in m["text"]]
    assert len(told) == 5
    await idris.unblocks()
    await yasmin.says("Svar 9 til en, der hører igen.")
    await idris.sees("Svar 9 til en, der hører igen.")


# A whole conversation, button by button; what is no button's data is written.
WAY = (
    ("karen", "language:da"),
    ("karen", "answer:role:professional"),
    ("karen", "answer:profession:teacher"),
    ("karen", "skip:topic"),
    ("karen", "answer:age:15-17"),
    ("karen", "answer:alarm:none"),
    ("karen", "answer:residence:copenhagen"),
    ("karen", "answer:spoken:da"),
    ("karen", "send"),
    ("tom", "decline:later"),
    ("mira", "claim"),
    ("karen", "emergency"),
    ("karen", "urgent:called"),
    ("lone", "alarm:open"),
    ("lone", "alarm:release"),
    ("karen", "emergency"),
    ("karen", "urgent:no"),
    ("mira", "/handover"),
    ("mira", "handover:person"),
    ("tom", "handover:refuse"),
    ("mira", "/handover"),
    ("mira", "handover:person"),
    ("tom", "handover:accept"),
    ("mira", "done:minutes:15"),
    ("tom", "Hvad har du set?"),
    ("tom", "/done"),
    ("tom", "done:outcome:advice_only"),
    ("tom", "done:minutes:30"),
    ("tom", "done:referral:yes"),
    ("karen", "helped:yes"),
    ("karen", "continue:same"),
    ("karen", "continue:new"),
    ("lone", "duty:off"),
    ("karen", "close"),
    ("karen", "hide"),
)


async def test_every_button_pressed_twice_has_its_effect_once(scene: Scene) -> None:
    lone = await scene.staff("Lone")
    await lone.says("/duty")
    people = {"lone": lone, "mira": await scene.staff("Mira"), "tom": await scene.staff("Tom")}
    people["karen"] = karen = await scene.person("Karen")
    await karen.start()
    repeated: list[str] = []

    for who, button in WAY:
        person = people[who]
        if button.startswith("/") or " " in button:
            await person.says(button)
            await _settled(scene)
            continue
        if button == "answer:role:professional":
            await karen.says("Jeg er bekymret for en elev.")
            await _settled(scene)
        if button == "close":
            await karen.says("/close")
            await _settled(scene)
            if not await _buttons(karen, "close"):
                continue
        message, data = await _button(person, button)
        await person.taps_stale(message, data, overtake=False)
        await _settled(scene)
        before = await _state_of(scene)
        await person.taps_stale(message, data, overtake=False)
        await _settled(scene)
        if await _state_of(scene) != before:
            repeated.append(f"{who} {button}: {_difference(before, await _state_of(scene))}")

    taps = {tap.id: tap.is_answered for tap in scene.stand_in.world.taps.values()}
    assert all(taps.values()), "a button that was pressed goes on spinning"
    assert repeated == [], "\n".join(repeated)
    first = (await scene.enquiries())[0]
    assert first.suggests_referral is True
    assert first.helped == "yes"


async def test_a_second_process_on_the_same_data_ends_with_a_clear_line(
    on_sqlite: list[Urls], tmp_path: Path
) -> None:
    urls = on_sqlite[0]
    stand_in = StandIn(token=TOKEN, bot_username="test_bot")
    await stand_in.start("127.0.0.1", 0)
    variables = environment(urls, api_url=stand_in.url, port=free_port(), rules=write_rules(tmp_path))
    async with BotProcess(variables, tmp_path / "bot.log") as bot:
        second = await run_to_the_end(variables | {"HTTP_PORT": str(free_port())}, "-m", "bot", "run")

        assert second.code == 2
        (line,) = second.errors.splitlines()
        assert line.startswith("This hotline is running")
        assert line.endswith("in another process on the same data.")
        assert await bot.status("/readyz") == 200
    await stand_in.stop()


async def test_a_second_poller_on_the_same_token_is_named_in_the_log(
    on_sqlite: list[Urls], tmp_path: Path
) -> None:
    stand_in = StandIn(token=TOKEN, bot_username="test_bot")
    await stand_in.start("127.0.0.1", 0)
    logs = []
    for name, urls in zip(("first", "second"), on_sqlite, strict=True):
        rules = write_rules(tmp_path / name)
        variables = environment(urls, api_url=stand_in.url, port=free_port(), rules=rules)
        logs.append(BotProcess(variables, tmp_path / name / "bot.log"))
    async with logs[0], logs[1]:
        for _ in range(100):
            told = "".join(log.told() for log in logs)
            if "another_poller" in told:
                break
            await asyncio.sleep(0.1)
    await stand_in.stop()

    assert "only one instance may poll with this token" in told
    assert "Traceback" not in told


async def _settled(scene: Scene) -> None:
    """Return when the bot has taken in, handled and answered whatever was done."""
    await scene.telegram.all_confirmed()
    await scene.quiet()


async def _button(person: Played, data: str) -> tuple[int, str]:
    return await person._button(data, 5.0)


async def _buttons(person: Played, data: str) -> list[str]:
    return [
        button["callback_data"]
        for message in await person.messages()
        if not message["deleted"]
        for row in message["keyboard"]
        for button in row
        if button.get("callback_data", "").startswith(data)
    ]


async def _numbers(person: Played, what: str) -> list[int]:
    texts = [m["text"] for m in await person.messages() if m["from_bot"] and what in m["text"]]
    return [int(text.rpartition("Svar ")[2].split()[0]) for text in texts]


async def _count_offers(scene: Scene) -> dict[OfferState, int]:
    async with scene.store.reading() as session:
        return dict(Counter((await session.execute(select(Offer.state))).scalars()))


async def _only_holder(scene: Scene) -> str:
    from storage.models import Person

    async with scene.store.reading() as session:
        query = select(Person.alias).join(Assignment, Assignment.person_id == Person.id)
        [alias] = (await session.execute(query)).scalars()
    return alias


async def _state_of(scene: Scene) -> dict[str, object]:
    """Everything that counts: how many of what there are, where each enquiry stands, what was logged."""
    counted: dict[str, object] = {}
    async with scene.store.reading() as session:
        for table in (Enquiry, Assignment, Offer, Handover):
            counted[table.__tablename__] = (
                await session.execute(select(func.count()).select_from(table))
            ).scalar_one()
        for enquiry in (await session.execute(select(Enquiry).order_by(Enquiry.drafted_at))).scalars():
            columns = Base.metadata.tables["enquiry"].columns.keys()
            ignored = ("cards_shown",)
            values = {name: getattr(enquiry, name) for name in columns if name not in ignored}
            counted[f"enquiry {enquiry.id}"] = values
        for assignment in (await session.execute(select(Assignment))).scalars():
            counted[f"assignment {assignment.id}"] = (assignment.ended_because, assignment.minutes)
        for offer in (await session.execute(select(Offer))).scalars():
            counted[f"offer {offer.id}"] = offer.state
        actions = (await session.execute(select(AuditEntry.action))).scalars()
        # Looking again, and being told the same again, is logged again: it changes nothing.
        said_again = ("on_duty", "off_duty", "read", "alarmed", "alarm_opened", "emergency_answered")
        counted["log"] = Counter(action for action in actions if action not in said_again)
    return counted


def _difference(before: Any, after: Any) -> Any:
    """What has changed, and nothing else, for the message of a failure."""
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return before, after
    changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
    return {key: _difference(before.get(key), after.get(key)) for key in sorted(changed)}
