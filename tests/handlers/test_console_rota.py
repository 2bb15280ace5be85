"""The rota at a screen: what a week shows, and what a change does, beforehand and afterwards."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import date, time
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from aiohttp import FormData
from sqlalchemy import event, select

from bot.configuration import Configuration
from scheduling.ids import new_id
from scheduling.shifts import DayKind, Station
from storage.models import Absence, AuditEntry, DaySetting, Person, Role, RotaOverride, RotaRule
from storage.store import Store
from tests.screen import Screen, enrolled, told

WEEKDAYS = [0, 1, 2, 3, 4]


class Duty:
    """A hotline's staff, and who stands when."""

    def __init__(self, store: Store, rules: Configuration) -> None:
        self.store, self.rules = store, rules
        self.people: dict[str, Person] = {}

    async def enrol(self, alias: str, role: Role) -> Person:
        address = 600 + len(self.people)
        self.people[alias] = await enrolled(self.store, self.rules, alias, role, address=address)
        return self.people[alias]

    async def stands(self, alias: str, starts: time, ends: time, **more: Any) -> UUID:
        """Give somebody a regular shift, Monday to Friday unless said otherwise; return it."""
        given = {
            "station": Station.PANEL,
            "weekdays": WEEKDAYS,
            "starts": starts,
            "valid_from": date(2026, 1, 5),
            **more,
        }
        rule = RotaRule(
            id=new_id(),
            person_id=self.people[alias].id,
            ends=ends,
            zone="Europe/Copenhagen",
            day_kinds=["normal"],
            **given,
        )
        await self.add(rule)
        return rule.id

    async def add(self, *rows: Any) -> None:
        async with self.store.unit() as unit:
            unit.session.add_all(rows)
            await unit.commit()

    async def all_of(self, model: type[Any]) -> list[Any]:
        async with self.store.reading() as session:
            return list((await session.execute(select(model))).scalars())


@pytest.fixture
async def duty(store: Store, rules: Configuration) -> Duty:
    """On a Monday at ten in week 47: Mira has 8 to 16 every weekday, Tom 10 to 20."""
    made = Duty(store, rules)
    await made.enrol("Lone", Role.SECRETARIAT)
    await made.enrol("Mira", Role.RESOURCE_PERSON)
    await made.enrol("Tom", Role.RESOURCE_PERSON)
    await made.stands("Mira", time(8), time(16))
    await made.stands("Tom", time(10), time(20))
    return made


@pytest.fixture
async def lone(duty: Duty) -> AsyncIterator[Screen]:
    """Lone's screen, signed in."""
    async with Screen(duty.store, duty.rules) as screen:
        await screen.signs_in(duty.people["Lone"])
        yield screen


def words_of(text: str) -> str:
    """Return what a page says, without its tags."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)).replace("\u2060", ""))


def filled(what: str, **fields: object) -> dict[str, str]:
    """Return a form as it is sent to be looked at."""
    return {"what": what, "look": "1", **{name: str(value) for name, value in fields.items()}}


async def makes(screen: Screen, **fields: str) -> str:
    """Look at what a change does, make it, and return what is said on the page after."""
    _, text = await screen.get("/console/rota/change", params=fields)
    return await confirms(screen, text)


async def confirms(screen: Screen, text: str) -> str:
    """Press the button of a page that shows what a change does; return where that led, as words."""
    form = next(one for one in re.findall(r"<form.*?</form>", text, re.DOTALL) if 'name="seen"' in one)
    given = re.findall(r'name="(\w+)" value="([^"]*)"', form)
    fields = FormData([(name, unescape(value)) for name, value in given])
    answer = await screen.client.post("/console/rota/change/make", data=fields, allow_redirects=False)
    assert answer.status == 303
    _, after = await screen.get(answer.headers["Location"])
    return after


async def test_a_week_shows_who_stands_when_and_what_lacks(lone: Screen) -> None:
    _, text = await lone.get("/console/rota")
    said = words_of(text)

    assert "Week 47 16 Nov 2026 to 22 Nov 2026" in said
    assert "Mon 16 Nov Today Open 08:00" in said
    assert said.count("Mira") == 5
    assert "1 of 2 of the panel" in said
    assert "no coordinator" in said


async def test_a_shift_more_is_shown_before_it_is_made_and_undone_after(lone: Screen, duty: Duty) -> None:
    mira = duty.people["Mira"]
    form = filled("shift", person=mira.id, station="panel", day="2026-11-17", starts="16", ends="20")
    _, looked = await lone.get("/console/rota/change", params=form)
    before = await duty.all_of(RotaOverride)
    after = await confirms(lone, looked)
    told_of_it = await told(duty.store, mira)
    [undo] = re.findall(r'href="(/console/rota/change\?what=restore[^"]*)"', after)
    _, undoing = await lone.get(unescape(undo))
    undone = await confirms(lone, undoing)

    assert "No longer: Tue 17 Nov 08:00–16:00 New shift: Tue 17 Nov 08:00–20:00" in words_of(looked)
    assert "Will be told: Mira." in words_of(looked)
    assert before == []
    assert "Mira has a shift more on Tue 17 Nov." in words_of(after)
    assert "rota.changed" in told_of_it
    assert "The change for Mira on Tue 17 Nov is taken back." in words_of(undone)
    assert await duty.all_of(RotaOverride) == []


@pytest.mark.parametrize(
    ("starts", "ends", "free", "others"),
    [("8", "10", "Tom", "Lone Mira"), ("17", "20", "Mira", "Lone Tom"), ("12", "14", "", "Lone Mira Tom")],
)
async def test_hours_that_lack_somebody_name_who_is_free_then(
    lone: Screen, starts: str, ends: str, free: str, others: str
) -> None:
    where = {"what": "shift", "station": "panel", "day": "2026-11-17", "starts": starts, "ends": ends}
    _, text = await lone.get("/console/rota/change", params=where)
    groups = re.findall(r'<optgroup label="([^"]*)">(.*?)</optgroup>', text, re.DOTALL)

    named = {label: words_of(people).strip() for label, people in groups}
    assert named == ({"Free": free} if free else {}) | {"On duty, away or in another role": others}
    assert ("Nobody can take the shift" in text) == (not free)


async def test_the_slower_of_two_is_shown_the_change_anew(lone: Screen, duty: Duty) -> None:
    tom = duty.people["Tom"].id
    form = filled("absence", person=tom, first="2026-11-18", last="2026-11-19")
    _, first = await lone.get("/console/rota/change", params=form)
    await confirms(lone, first)
    twice = await confirms(lone, first)

    assert len(await duty.all_of(Absence)) == 1
    assert "Somebody has changed the rota meanwhile." in words_of(twice)
    assert "What it does" in words_of(twice)


async def test_an_absence_says_which_hours_nobody_has_then(lone: Screen, duty: Duty) -> None:
    form = filled("absence", person=duty.people["Tom"].id, first="2026-11-18", starts="10", ends="20")
    _, text = await lone.get("/console/rota/change", params=form)
    said = words_of(text)

    assert "Wed 18 Nov 10:00–16:00: 1 of 2" in said
    assert "Wed 18 Nov 16:00–20:00: nobody (of 2)" in said
    assert "Will be told: Tom." in said


async def test_a_rule_changed_from_a_day_leaves_what_was_before(lone: Screen, duty: Duty) -> None:
    [rule] = [one for one in await duty.all_of(RotaRule) if one.person_id == duty.people["Mira"].id]
    form = [
        *filled("rule-change", rule=rule.id, station="panel", first="2026-11-30").items(),
        *[("weekdays", str(day)) for day in (0, 2)],
        ("on", "normal"), ("starts", "9.30"), ("ends", "15"), ("every", "2"),
    ]  # fmt: skip
    _, text = await lone.get("/console/rota/change", params=form)
    _, week = await lone.get("/console/rota", params={"day": "2026-11-25"})
    shown = words_of(await confirms(lone, text))
    _, after = await lone.get("/console/rota", params={"day": "2026-12-08"})

    found = [
        (one.valid_from, one.valid_until, one.weekdays, one.every_weeks)
        for one in sorted(await duty.all_of(RotaRule), key=lambda one: one.valid_from)
        if one.person_id == duty.people["Mira"].id
    ]
    assert found == [
        (date(2026, 1, 5), date(2026, 11, 29), WEEKDAYS, 1),
        (date(2026, 11, 30), None, [0, 2], 2),
    ]
    assert words_of(week).count("Mira") == 5
    assert shown.count("09:30–15:00 Mira") == 2
    assert "Mira" not in words_of(after).partition("Mon 7 Dec")[2]


async def test_a_shift_is_given_away_and_the_swap_undone(lone: Screen, duty: Duty) -> None:
    yasmin = await duty.enrol("Yasmin", Role.RESOURCE_PERSON)
    [rule] = [one for one in await duty.all_of(RotaRule) if one.person_id == duty.people["Mira"].id]
    shift = {"source": str(rule.id), "day": "2026-11-18"}
    _, hub = await lone.get("/console/rota/shift", params=shift)
    given = await makes(lone, **filled("give", taker=yasmin.id, **shift))
    moved, _ = await lone.get("/console/rota/change", params={"what": "off", **shift})
    off = words_of(await moved.text())
    undone = await makes(lone, what="swap-undo", **shift)

    assert "Give to a colleague" in hub
    assert "Yasmin swapped with Mira" in words_of(given)
    assert "The shift was swapped." in off
    assert "belongs to Mira again" in words_of(undone)
    assert "swapped with" not in words_of(undone)


async def test_a_day_closed_needs_nobody_and_can_be_opened_again(lone: Screen, duty: Duty) -> None:
    closed = await makes(lone, **filled("day", day="2026-11-18", kind="closed", name="Studiedag"))
    _, undo = await lone.get(unescape(re.findall(r'href="(/console/rota/change\?what=day[^"]*)"', closed)[0]))
    stood = await duty.all_of(DaySetting)
    await confirms(lone, undo)

    assert "Wed 18 Nov Closed: Studiedag Thu 19 Nov" in words_of(closed)
    assert [(one.day, one.kind) for one in stood] == [(date(2026, 11, 18), DayKind.CLOSED)]
    assert await duty.all_of(DaySetting) == []


async def test_holidays_of_the_country_are_suggested_by_name(lone: Screen) -> None:
    _, days = await lone.get("/console/rota/days", params={"year": "2027"})
    _, week = await lone.get("/console/rota", params={"day": "2026-12-25"})

    assert "Fri 26 Mar Good Friday Public holiday · suggested by the calendar Confirm" in words_of(days)
    assert "Fri 25 Dec Public holiday: Christmas Day" in words_of(week)


@pytest.mark.parametrize(
    ("day", "says", "hours"),
    [
        ("2026-03-29", "The clocks change at 03:00", "03:00–06:00"),
        ("2026-10-25", "The clocks change at 02:00", "02:30–06:00"),
    ],
)
async def test_the_week_in_which_the_clocks_change(
    lone: Screen, duty: Duty, day: str, says: str, hours: str
) -> None:
    await duty.stands("Mira", time(2, 30), time(6), weekdays=[6])
    _, text = await lone.get("/console/rota", params={"day": day})
    sunday = words_of(text).partition("Sun ")[2]

    assert says in sunday
    assert f"{hours} Mira" in sunday
    assert f"Week {date.fromisoformat(day).isocalendar().week}" in words_of(text)


async def test_in_danish_the_week_speaks_danish(lone: Screen) -> None:
    await lone.get("/console/language/da")
    _, text = await lone.get("/console/rota")
    said = words_of(text)

    assert "Uge 47 16.11.2026 til 22.11.2026" in said
    assert "tirs. 17.11. Åbent 08.00–20.00" in said


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"what": "shift", "starts": "25"}, "Write a time, such as 8.30."),
        ({"what": "shift", "day": "2026-02-30"}, "Write a date"),
        ({"what": "absence", "first": "2026-11-18", "last": "2026-11-17"}, "This ends before it begins."),
        ({"what": "rule", "every": "0"}, "Write a number from 1 to 52."),
        ({"what": "shift", "station": "roof"}, "Choose one of these."),
    ],
)
async def test_what_cannot_be_read_is_said_beside_its_field(
    lone: Screen, fields: dict[str, str], says: str
) -> None:
    _, text = await lone.get("/console/rota/change", params={"look": "1", **fields})

    assert says in words_of(text)
    assert "What it does" not in words_of(text)


async def test_what_has_been_stays_as_it_was(lone: Screen, duty: Duty) -> None:
    mira = duty.people["Mira"].id
    past = {"person": mira, "station": "panel", "day": "2026-11-13", "starts": "8", "ends": "10"}
    _, text = await lone.get("/console/rota/change", params=filled("shift", **past))

    assert "This can be changed from today on only." in words_of(text)
    assert 'name="seen"' not in text


async def test_a_resource_person_reads_the_week_and_changes_what_is_hers(duty: Duty) -> None:
    tom, mira = duty.people["Tom"], duty.people["Mira"]
    await duty.enrol("Yasmin", Role.RESOURCE_PERSON)
    [rule] = [one for one in await duty.all_of(RotaRule) if one.person_id == mira.id]
    async with Screen(duty.store, duty.rules) as screen:
        await screen.signs_in(mira)
        _, week = await screen.get("/console/rota")
        foreign = [
            (await screen.get("/console/rota/change", params=form))[0].status
            for form in (
                filled("absence", person=tom.id, first="2026-11-18"),
                filled("give", source=rule.id, day="2026-11-18", taker=tom.id),
                filled("day", day="2026-11-18", kind="closed"),
            )
        ]
        away = await makes(screen, **filled("absence", person=mira.id, first="2026-11-18"))
        offered = await makes(screen, **filled("offer", source=rule.id, day="2026-11-19", taker=""))
        _, own = await screen.get("/console/rota/person")

    assert "Add a shift" not in week
    assert foreign == [403, 403, 403]
    assert "Mira away" in words_of(away)
    assert [one.person_id for one in await duty.all_of(Absence)] == [mira.id]
    assert "Mira on offer" in words_of(offered)
    assert "swap.offered" in await told(duty.store, duty.people["Yasmin"])
    assert "Absences Wed 18 Nov Remove" in words_of(own)


async def test_an_open_shift_is_taken_by_whoever_is_there_first(duty: Duty) -> None:
    yasmin = await duty.enrol("Yasmin", Role.RESOURCE_PERSON)
    async with Screen(duty.store, duty.rules) as screen:
        await screen.signs_in(yasmin)
        _, own = await screen.get("/console/rota/person")
        take = unescape(re.findall(r'href="(/console/rota/change\?what=take[^"]*)"', own)[0])
        _, looked = await screen.get(take)
        await confirms(screen, looked)
        gone, text = await screen.get(take)

    [extra] = await duty.all_of(RotaOverride)
    assert (extra.person_id, extra.is_on) == (yasmin.id, True)
    assert gone.status == 200
    assert "Nobody is missing on that shift any more." in words_of(text)


PLAN = "people:\n  Mira:\n    shifts:\n      - mon-fri 09:00-17:00 from 2026-11-23\n"


async def test_a_file_is_read_in_after_it_was_looked_at(lone: Screen, duty: Duty) -> None:
    await lone.get("/console/rota/file")
    _, faulty = await lone.post("/console/rota/file/read", kind="plan", text=PLAN.replace("09:00", "9"))
    _, unknown = await lone.post("/console/rota/file/read", kind="plan", text=PLAN.replace("Mira", "Nord"))
    _, looked = await lone.post("/console/rota/file/read", kind="plan", text=PLAN)
    before = len(await duty.all_of(RotaRule))
    [seen] = re.findall(r'name="seen" value="(\d+)"', looked)
    answer, _ = await lone.post("/console/rota/file/read", kind="plan", text=PLAN, seen=seen)
    again, _ = await lone.post("/console/rota/file/read", kind="plan", text=PLAN, seen=seen)
    _, exported = await lone.get("/console/rota/rota.yaml")

    assert "Line 4:" in words_of(faulty)
    assert "The file names Nord, but nobody is enrolled under that alias." in words_of(unknown)
    assert "Will be told: Mira." in words_of(looked)
    assert before == 2
    assert (answer.status, again.status) == (303, 303)
    assert "- mon-fri 09:00-17:00 from 2026-11-23" in exported
    assert exported.count("mon-fri") == 2


async def test_absences_come_from_a_calendar_file(lone: Screen, duty: Duty) -> None:
    ics = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:1\r\n"
        "DTSTAMP:20261101T000000Z\r\nDTSTART;VALUE=DATE:20261123\r\nDTEND;VALUE=DATE:20261125\r\n"
        "SUMMARY:Opdigtet ferie\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    mira = str(duty.people["Mira"].id)
    await lone.get("/console/rota/file")
    _, bad = await lone.post("/console/rota/file/read", kind="calendar", text="ferie", person=mira)
    _, looked = await lone.post("/console/rota/file/read", kind="calendar", text=ics, person=mira)
    [seen] = re.findall(r'name="seen" value="(\d+)"', looked)
    await lone.post("/console/rota/file/read", kind="calendar", text=ics, person=mira, seen=seen)
    _, after = await lone.get("/console/rota/file")

    assert "The text is not a calendar." in words_of(bad)
    assert "No longer: Mon 23 Nov 08:00–16:00 No longer: Tue 24 Nov 08:00–16:00" in words_of(looked)
    assert "Absences read in for Mira: 1." in words_of(after)
    assert [one.person_id for one in await duty.all_of(Absence)] == [duty.people["Mira"].id]


async def test_an_address_is_shown_once_and_closed(lone: Screen, duty: Duty) -> None:
    await lone.get("/console/rota/calendars")
    _, made = await lone.post("/console/rota/calendars/open", whose="panel", seen="")
    again, _ = await lone.post("/console/rota/calendars/open", whose="panel", seen="")
    _, later = await lone.get("/console/rota/calendars")
    [address] = re.findall(r"/calendar/([\w-]+)\.ics", made)
    await lone.post("/console/rota/calendars/close", whose="panel")
    _, closed = await lone.get("/console/rota/calendars")
    async with Screen(duty.store, duty.rules) as screen:
        await screen.signs_in(duty.people["Mira"])
        await screen.get("/console/rota/calendars")
        foreign, _ = await screen.post("/console/rota/calendars/open", whose="panel", seen="")

    assert again.status == 303
    assert address not in later
    assert "An address was made meanwhile." in words_of(later)
    assert "The calendar address works no more." in words_of(closed)
    assert foreign.status == 403


async def test_a_change_stands_in_the_log_with_ids_only(lone: Screen, duty: Duty) -> None:
    await makes(lone, **filled("day", day="2026-11-18", kind="closed", name="Studiedag"))
    await makes(lone, **filled("absence", person=duty.people["Tom"].id, first="2026-11-19"))

    said = [(one.action, one.detail) for one in await duty.all_of(AuditEntry) if one.actor == "person"]
    assert [one for one in said if one[0] in ("day_set", "absent")] == [
        ("day_set", "2026-11-18"),
        ("absent", None),
    ]


async def test_the_week_asks_the_same_number_of_questions_however_many_stand(
    lone: Screen, duty: Duty
) -> None:
    async def questions() -> int:
        counted: list[str] = []

        def count(_c: object, _k: object, statement: str, *_rest: object) -> None:
            counted.append(statement)

        engine = duty.store.reader.sync_engine
        event.listen(engine, "before_cursor_execute", count)
        answer, _ = await lone.get("/console/rota")
        event.remove(engine, "before_cursor_execute", count)
        assert answer.status == 200
        return len([one for one in counted if one.lstrip().upper().startswith("SELECT")])

    few = await questions()
    for number in range(12):
        await duty.enrol(f"Nr{number}", Role.RESOURCE_PERSON)
        await duty.stands(f"Nr{number}", time(8), time(16))

    assert await questions() == few
    assert few <= 16
