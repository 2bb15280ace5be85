"""An enquiry that came by telephone lives as any other does, and nothing that happens needs a chat."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from sqlalchemy import select

from bot import (
    closing,
    desk,
    dispatching,
    duty,
    handovers,
    keeping,
    passing_on,
    privacy,
    promises,
    relay,
    shift_end,
    straight_on,
    sweep,
)
from bot.configuration import Configuration
from bot.incoming import Did, Incoming
from bot.turn import Turn
from bot.typed_in import TakenDown, Way, keep
from scheduling.clock import SetClock
from scheduling.ids import new_id
from scheduling.instant import Instant
from scheduling.shifts import DayKind, Station
from storage import timers
from storage.models import Channel, Chat, Enquiry, OutboxRow, Outcome, Person, Role, RotaRule, State
from storage.queries import enquiries as find
from storage.queries import people, service_level
from storage.store import Store
from tests.operator import Operator
from tests.screen import Screen, enrolled, signed_in

SAID = "En mor ringer om sin søn"
LONE, MIRA = 500, 501


class Call:
    """A call that Lone typed in, and Mira who may advise."""

    def __init__(self, store: Store, rules: Configuration) -> None:
        self.store, self.rules = store, rules
        self.id = new_id()

    async def comes(self, *, alarm: str = "none", way: Way = Way.PANEL) -> None:
        await enrolled(self.store, self.rules, "Lone", Role.SECRETARIAT, address=LONE)
        await enrolled(self.store, self.rules, "Mira", Role.RESOURCE_PERSON, address=MIRA)
        async with self.store.unit() as unit:
            turn = Turn(unit, self.rules)
            lone, chat = await self.person(turn, "Lone")
            answers = {"role": "relative", "alarm": alarm}
            await keep(
                turn,
                lone,
                chat,
                TakenDown(self.id, Channel.TELEPHONE, turn.now, answers, SAID, way),
            )
            await unit.commit()

    async def person(self, turn: Turn, alias: str) -> tuple[Person, Chat]:
        found = await people.by_alias(turn.unit, alias)
        assert found is not None
        return found, await turn.unit.session.get_one(Chat, found.chat_id)

    async def goes_to_mira(self) -> None:
        async with self.store.unit() as unit:
            turn = Turn(unit, self.rules)
            mine = await find.locked(unit, self.id)
            lone, chat = await self.person(turn, "Lone")
            mira, _ = await self.person(turn, "Mira")
            assert mine is not None
            await desk.assign(turn, lone, chat, mine, mira)
            await unit.commit()

    async def stands(self, alias: str, *, weekday: int, starts: time, ends: time) -> None:
        """Have the person stand on the rota on that day of every week."""
        async with self.store.unit() as unit:
            person, _ = await self.person(Turn(unit, self.rules), alias)
            unit.session.add(
                RotaRule(
                    id=new_id(),
                    person_id=person.id,
                    station=Station.PANEL,
                    weekdays=[weekday],
                    starts=starts,
                    ends=ends,
                    zone="Europe/Copenhagen",
                    valid_from=date(2026, 11, 2),
                    every_weeks=1,
                    day_kinds=[DayKind.NORMAL.value],
                )
            )
            await unit.commit()

    async def falls_due(self, kind: str) -> None:
        """Do what the timer of this kind asks for, which has fallen due."""
        [timer] = [one for one in await timers.due(self.store, at_most=50) if one.kind == kind]
        async with self.store.unit() as unit:
            await sweep.fall_due(Turn(unit, self.rules), timer)
            await unit.commit()

    async def said(self) -> list[tuple[str | None, str | None, str | None]]:
        """Return what is queued: whose chat, the key, and what the desk is asked to pass on."""
        async with self.store.reading() as session:
            rows = (await session.execute(select(OutboxRow).order_by(OutboxRow.seq))).scalars().all()
            owners = {p.chat_id: p.alias for p in (await session.execute(select(Person))).scalars()}
        return [
            (owners.get(row.chat_id, "?") if row.chat_id else None, row.key, _what(row))
            for row in rows
            if row.key is not None
        ]

    async def asked_of_lone(self) -> list[str]:
        """Return what Lone was asked to pass on, in order."""
        return [
            what for who, key, what in await self.said() if key == "by_desk.tell" and who == "Lone" and what
        ]

    async def now(self) -> Enquiry:
        async with self.store.reading() as session:
            return (await session.execute(select(Enquiry))).scalar_one()


def _what(row: OutboxRow) -> str | None:
    what = (row.params or {}).get("what")
    return str(what["word"]) if isinstance(what, dict) else None


@pytest.fixture
def call(store: Store, rules: Configuration) -> Call:
    return Call(store, rules)


async def test_with_nobody_on_duty_the_desk_hears_when_it_goes_on(call: Call) -> None:
    await call.comes()

    assert await call.asked_of_lone() == ["by_desk.waits"]
    assert "?" not in {who for who, _, _ in await call.said()}


async def test_an_answer_is_the_desks_to_pass_on_and_only_then_given(call: Call) -> None:
    await call.comes()
    await call.goes_to_mira()
    async with call.store.unit() as unit:
        turn = Turn(unit, call.rules)
        mira, chat = await call.person(turn, "Mira")
        incoming = Incoming(Did.TEXT, MIRA, turn.now, telegram_id=7, text="Bed hende ringe igen")
        came = {await call.store.chat_hash(MIRA): incoming}
        went_straight = await straight_on.pass_straight_on(turn, came)
        [to] = await relay.conversations(turn, chat, mira)
        await relay.pass_on(turn, chat, to, incoming)
        await unit.commit()

    after = await call.now()
    assert went_straight == set()
    assert await call.asked_of_lone() == ["by_desk.waits", "by_desk.assigned", "by_desk.answered"]
    assert ("Mira", "case.by_desk", None) in await call.said()
    assert (after.answered_at is not None, after.owes_answer) == (True, True)


async def mira_answers(call: Call, text: str) -> None:
    async with call.store.unit() as unit:
        turn = Turn(unit, call.rules)
        mira, chat = await call.person(turn, "Mira")
        [to] = await relay.conversations(turn, chat, mira)
        await relay.pass_on(turn, chat, to, Incoming(Did.TEXT, MIRA, turn.now, text=text))
        await unit.commit()


async def lone_has_passed_it_on(call: Call) -> None:
    async with call.store.unit() as unit:
        turn = Turn(unit, call.rules)
        one = await find.locked(unit, call.id)
        lone, _ = await call.person(turn, "Lone")
        assert one is not None
        seen = await passing_on.due(turn, one, is_hers=False)
        assert seen is not None
        assert await passing_on.note(turn, lone, one, seen=seen)
        await unit.commit()


async def test_an_answer_is_called_ready_until_the_desk_has_passed_it_on(call: Call, clock: SetClock) -> None:
    await call.comes()
    await call.goes_to_mira()
    ready, answered = "Answer ready: to be passed on", ">Answered<"

    async def shown() -> list[tuple[bool, bool]]:
        """Return whether *Now*, the case and the list say that it is ready, or answered; then /queue."""
        async with Screen(call.store, call.rules) as screen:
            screen.client.session.cookie_jar.update_cookies(await signed_in(call.store, "Lone"))
            number = (await call.now()).number
            paths = ("/console", f"/console/enquiry/{number}", "/console/enquiries")
            pages = [(await screen.get(path, headers={"Accept-Language": "en"}))[1] for path in paths]
        async with call.store.unit() as unit:
            turn = Turn(unit, call.rules)
            lone, chat = await call.person(turn, "Lone")
            await desk.show_queue(turn, lone, chat)
            await unit.commit()
        async with call.store.reading() as session:
            query = select(OutboxRow.params).where(OutboxRow.key == "queue.list")
            params = (await session.execute(query.order_by(OutboxRow.seq.desc()).limit(1))).scalar_one()
        due = params["lines"]["lines"][0]["params"]["due"]["word"]
        said = [(ready in page, answered in page) for page in pages]
        return [*said, (due == "queue.due.to_pass_on", due == "queue.due.answered")]

    before = await shown()
    await mira_answers(call, "Bed hende ringe igen")
    written = await shown()
    clock.at += timedelta(minutes=1)
    await lone_has_passed_it_on(call)
    passed_on = await shown()
    clock.at += timedelta(minutes=1)
    await mira_answers(call, "Og sig, at skolen ved det")
    more = await shown()

    assert before == [(False, False)] * 4
    assert written == more == [(True, False)] * 4
    assert passed_on == [(False, True), (False, False), (False, False), (False, True)]


async def test_what_a_case_of_her_own_let_her_note_is_not_noted_once_it_is_anothers(call: Call) -> None:
    await call.comes(way=Way.OWN)
    async with call.store.unit() as unit:
        turn = Turn(unit, call.rules)
        lone, _ = await call.person(turn, "Lone")
        one = await find.locked(unit, call.id)
        assert one is not None
        seen = await passing_on.due(turn, one, is_hers=True)
    assert seen is not None
    await call.goes_to_mira()
    async with call.store.unit() as unit:
        turn = Turn(unit, call.rules)
        one = await find.locked(unit, call.id)
        assert one is not None
        is_noted = await passing_on.note(turn, lone, one, seen=seen)
        await unit.commit()

    after = await call.now()
    assert not is_noted
    assert (after.answered_at, after.owes_answer) == (None, True)


async def test_everything_that_may_happen_to_a_case_finds_no_chat_to_write_to(
    call: Call, clock: SetClock
) -> None:
    await call.comes(alarm="weapon")
    async with call.store.unit() as unit:
        turn = Turn(unit, call.rules)
        one = await find.locked(unit, call.id)
        assert one is not None
        await dispatching.unclaimed(turn, one)
        await promises.broken(turn, one)
        await unit.commit()
    await call.goes_to_mira()
    async with call.store.unit() as unit:
        turn = Turn(unit, call.rules)
        one = await find.locked(unit, call.id)
        mira, chat = await call.person(turn, "Mira")
        assert one is not None
        await keeping.keep(turn, mira, one, turn.after(hours=20))
        await keeping.end(turn, mira, one)
        await handovers.to_secretariat(turn, mira, chat, one)
        await unit.commit()
    async with call.store.unit() as unit:
        turn = Turn(unit, call.rules)
        one = await find.locked(unit, call.id)
        lone, chat = await call.person(turn, "Lone")
        assert one is not None
        await closing.close_by_desk(turn, lone, chat, one, Outcome.ADVICE_ONLY)
        await unit.commit()
    clock.at += timedelta(days=91)
    async with call.store.unit() as unit:
        turn = Turn(unit, call.rules)
        one = await find.locked(unit, call.id)
        assert one is not None
        await privacy.end_retention(turn, one)
        await unit.commit()

    after = await call.now()
    assert (after.state, after.destroyed_at) == (State.CLOSED, Instant.of(clock.at))
    assert {who for who, _, _ in await call.said()} <= {"Lone", "Mira", None}
    assert set(await call.asked_of_lone()) >= {"by_desk.assigned", "by_desk.kept", "by_desk.handed_on"}


async def test_that_a_case_is_kept_is_the_desks_to_tell_in_its_own_hours(call: Call, clock: SetClock) -> None:
    await call.comes()
    await call.goes_to_mira()
    await call.stands("Mira", weekday=1, starts=time(9), ends=time(15))
    clock.at += timedelta(hours=13, minutes=30)
    async with call.store.unit() as unit:
        turn = Turn(unit, call.rules)
        one = await find.locked(unit, call.id)
        mira, chat = await call.person(turn, "Mira")
        assert one is not None
        await shift_end.keep(turn, mira, chat, one)
        await unit.commit()

    told = [key for who, key, _ in await call.said() if who == "Mira"]
    at_night = await call.asked_of_lone()
    clock.at += timedelta(hours=8, minutes=30)
    await call.falls_due("kept_tell_desk")

    assert told[-1] == "shift.kept_by_desk"
    assert "by_desk.kept" not in at_night
    assert (await call.asked_of_lone())[-1] == "by_desk.kept"


@pytest.mark.parametrize(("way", "waited"), [(Way.PANEL, 1), (Way.OWN, 0), (Way.DONE, 0)])
async def test_what_the_desk_keeps_for_itself_waited_for_nobody(call: Call, way: Way, waited: int) -> None:
    await call.comes(way=way)

    async with call.store.reading() as session:
        assert len(await service_level.cases(session, None, None)) == waited


async def test_misuse_closes_it_and_there_is_nobody_to_pause(call: Call) -> None:
    await call.comes()
    async with call.store.unit() as unit:
        turn = Turn(unit, call.rules)
        one = await find.locked(unit, call.id)
        lone, chat = await call.person(turn, "Lone")
        assert one is not None
        await desk.mark_misuse(turn, lone, chat, one)
        await desk.pause(turn, lone, chat, one)
        await unit.commit()

    said = [key for _, key, _ in await call.said()]
    assert (await call.now()).outcome is Outcome.MISUSE
    assert said[-2:] == ["desk.misuse_noted", "tap.stale"]


async def test_who_typed_it_in_and_has_gone_is_followed_by_the_coordinators(call: Call) -> None:
    await call.comes()
    await enrolled(call.store, call.rules, "Vera", Role.COORDINATOR, address=503)
    async with call.store.unit() as unit:
        turn = Turn(unit, call.rules)
        lone, _ = await call.person(turn, "Lone")
        lone.revoked_at = turn.now
        vera, chat = await call.person(turn, "Vera")
        one = await find.locked(unit, call.id)
        mira, _ = await call.person(turn, "Mira")
        assert one is not None
        await desk.assign(turn, vera, chat, one, mira)
        await unit.commit()

    asked = [who for who, key, _ in await call.said() if key == "by_desk.tell"]
    assert asked == ["Lone", "Vera"]


async def test_it_is_counted_listed_backed_up_and_restored(operator: Operator, tmp_path: object) -> None:
    async with operator.store() as store:
        call = Call(store, operator.rules)
        await call.comes()
        number = (await call.now()).number
        async with store.unit() as unit:
            await duty.settle_all(Turn(unit, operator.rules))
            await unit.commit()

    listed = await operator.does("enquiries")
    shown = await operator.does("enquiries", "show", number)
    counted = await operator.does("report")
    saved = await operator.does("backup", f"{tmp_path}/hotline.zip")
    restored = await operator.does("restore", f"{tmp_path}/hotline.zip", "--replace")
    again = await operator.does("enquiries", "show", number)

    assert number is not None
    assert number in listed.stdout
    assert "telephone" in shown.stdout
    assert "concern enquiries" in counted.stdout
    assert (saved.exit_code, restored.exit_code) == (0, 0)
    assert again.stdout == shown.stdout
