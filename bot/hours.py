"""Minutes of advice: each person's own, and the months that the secretariat approves.

Minutes belong to the local month in which the person's part in the case ended. What is approved stands as it
was approved; a later correction shows beside it, and may be approved anew.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.permissions import may
from bot.turn import Button, Rows, Turn, on
from scheduling.ids import short
from scheduling.instant import Instant
from scheduling.local_time import instant_of
from storage.models import Assignment, Chat, HoursStatement, Person, Role
from storage.queries import hours as find
from storage.queries import people
from storage.queries.hours import Worked

CORRECTED_WITHIN_DAYS = 60
_APPROVE = "hours"
_MOST_BUTTONS = 20
_MONTH = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, slots=True)
class Line:
    """A person's month: what stands now, and what was approved of it by whom."""

    worked: Worked
    approved: HoursStatement | None
    approver: str | None

    @property
    def change(self) -> int:
        """How many minutes more there are than were approved."""
        return 0 if self.approved is None else self.worked.minutes - self.approved.minutes

    @property
    def is_settled(self) -> bool:
        """Whether what stands now is what was approved."""
        now = (self.worked.minutes, self.worked.cases)
        return self.approved is not None and (self.approved.minutes, self.approved.cases) == now


def parse_month(written: str) -> date | None:
    """Return the first day of the month written as 2026-11, or None."""
    found = _MONTH.fullmatch(written.strip())
    if found is None or not 1 <= int(found[2]) <= 12 or not 2000 <= int(found[1]) <= 9998:
        return None
    return date(int(found[1]), int(found[2]), 1)


def month_of(moment: Instant, zone: ZoneInfo) -> date:
    """Return the first day of the local month that the moment lies in."""
    return moment.astimezone(zone).date().replace(day=1)


def span_of(month: date, zone: ZoneInfo) -> tuple[Instant, Instant]:
    """Return when the month begins, and when the next one does."""
    return _midnight(month, zone), _midnight(_next(month), zone)


async def show(turn: Turn, person: Person, chat: Chat) -> None:
    """Say how many minutes the person has noted this month, last month and this year, and what lacks them."""
    zone = turn.rules.zone
    this = month_of(turn.now, zone)
    last = (
        this.replace(year=this.year - 1, month=12) if this.month == 1 else this.replace(month=this.month - 1)
    )
    year = (
        _midnight(this.replace(month=1), zone),
        _midnight(this.replace(year=this.year + 1, month=1), zone),
    )
    turn.say(
        chat,
        "hours.noted",
        month=await _minutes(turn, person, span_of(this, zone)),
        last_month=await _minutes(turn, person, span_of(last, zone)),
        year=await _minutes(turn, person, year),
    )
    since = turn.after(days=-CORRECTED_WITHIN_DAYS)
    missing = await find.without_minutes(turn.unit.session, person.id, since)
    if missing:
        rows = [
            [
                Button(
                    "button.add_minutes",
                    on("done:minutes", one.enquiry_id, one.assignment_id),
                    {"number": one.number or "–"},
                )
            ]
            for one in missing[:_MOST_BUTTONS]
        ]
        cases = ", ".join(one.number or "–" for one in missing)
        turn.say(chat, "hours.without_minutes", buttons=rows, cases=cases)


async def show_month(turn: Turn, person: Person, chat: Chat, month: date) -> None:
    """List everybody's minutes of the month, each with a button that approves them as they stand."""
    lines = await statement_of(turn, month)
    if not lines:
        turn.say(chat, "hours.nothing", month=_month(month))
        return
    rows: Rows = [
        [_approve_button(month, line.worked)]
        for line in lines
        if not line.is_settled and await _may_approve(turn, person, line.worked.person)
    ]
    is_over = span_of(month, turn.rules.zone)[1] <= turn.now
    turn.say(
        chat,
        "hours.month" if is_over else "hours.month_not_over",
        buttons=rows,
        month=_month(month),
        lines={"lines": [_line(line) for line in lines]},
    )


async def statement_of(turn: Turn, month: date) -> list[Line]:
    """Return each person's month, by alias; also of who has left or has nothing any more but was approved."""
    session = turn.unit.session
    approved = {one.person_id: (one, alias) for one, alias in await find.statements(session, month)}
    worked = await find.worked(session, *span_of(month, turn.rules.zone))
    known = {one.person.id for one in worked}
    gone = [await people.by_id(turn.unit, person_id) for person_id in approved if person_id not in known]
    worked += [Worked(person, 0, 0, 0) for person in gone]
    worked.sort(key=lambda one: one.person.alias.lower())
    return [Line(one, *approved.get(one.person.id, (None, None))) for one in worked]


async def approve(
    turn: Turn, by: Person, chat: Chat, person_id: UUID, month: date, *, shown: tuple[int, int]
) -> None:
    """Approve a person's month as it was shown; once, and not where it has changed meanwhile."""
    person = await turn.unit.session.get(Person, person_id)
    if person is None:
        turn.say(chat, "tap.stale")
        return
    if not await _may_approve(turn, by, person):
        turn.say(chat, "hours.not_ones_own")
        return
    await people.lock(turn.unit, person)  # of two who tap at once, the second sees what the first did
    line = await _line_of(turn, person, month)
    name, minutes = _month(month), line.worked.minutes
    if line.is_settled:
        turn.say(chat, "hours.approved_already", month=name, alias=person.alias, minutes=minutes)
    elif shown != (minutes, line.worked.cases):
        turn.say(chat, "hours.changed_meanwhile", month=name, alias=person.alias)
        await show_month(turn, by, chat, month)
    else:
        _approve(turn, by, line, month)
        turn.say(chat, "hours.approved", month=name, alias=person.alias, minutes=minutes)
        if person.chat_id is not None and person.id != by.id:
            turn.say(person.chat_id, "hours.yours_approved", month=name, minutes=minutes)


async def tell_of_change(turn: Turn, person: Person, assignment: Assignment) -> None:
    """Minutes of a part that has ended were noted: where its month was approved, the secretariat sees it."""
    assert assignment.ended_at is not None
    month = month_of(assignment.ended_at, turn.rules.zone)
    await turn.unit.session.flush()
    line = await _line_of(turn, person, month)
    if line.approved is None or line.is_settled:
        return
    for desk in await people.in_roles(turn.unit, (Role.SECRETARIAT,)):
        if desk.chat_id is not None:
            is_to_approve = await _may_approve(turn, desk, person)
            turn.say(
                desk.chat_id,
                "hours.changed_since",
                buttons=[[_approve_button(month, line.worked)]] if is_to_approve else (),
                month=_month(month),
                alias=person.alias,
                change=_signed(line.change),
            )


async def _may_approve(turn: Turn, by: Person, person: Person) -> bool:
    """Nobody approves her own, unless there is nobody else who could."""
    if not may(by, _APPROVE):
        return False
    if by.id != person.id:
        return True
    others = await people.in_roles(turn.unit, tuple(Role))
    return not any(other.id != by.id and may(other, _APPROVE) for other in others)


async def _line_of(turn: Turn, person: Person, month: date) -> Line:
    session = turn.unit.session
    found = await find.worked(session, *span_of(month, turn.rules.zone), person_id=person.id)
    worked = found[0] if found else Worked(person, 0, 0, 0)
    return Line(worked, await find.statement(session, person.id, month), None)


def _approve(turn: Turn, by: Person, line: Line, month: date) -> None:
    person, minutes, cases = line.worked.person, line.worked.minutes, line.worked.cases
    if line.approved is None:
        made = HoursStatement(
            person_id=person.id,
            month=month,
            minutes=minutes,
            cases=cases,
            approved_by=by.id,
            approved_at=turn.now,
        )
        turn.unit.session.add(made)
    else:
        line.approved.minutes, line.approved.cases = minutes, cases
        line.approved.approved_by, line.approved.approved_at = by.id, turn.now
    turn.record("hours_approved", person, by=by, detail=f"{month:%Y-%m} minutes={minutes} cases={cases}")


async def _minutes(turn: Turn, person: Person, span: tuple[Instant, Instant]) -> int:
    found: Sequence[Worked] = await find.worked(turn.unit.session, *span, person_id=person.id)
    return found[0].minutes if found else 0


def _approve_button(month: date, worked: Worked) -> Button:
    """The button carries what was shown, so that nothing else is approved by it."""
    data = f"hours:approve:{month:%Y-%m}:{short(worked.person.id)}:{worked.minutes}:{worked.cases}"
    return Button("button.approve_hours", data, {"alias": worked.person.alias})


def _line(line: Line) -> dict[str, object]:
    status: dict[str, object] = {"word": "hours.status.open"}
    if line.is_settled:
        status = {"word": "hours.status.approved", "params": {"alias": line.approver or ""}}
    elif line.approved is not None:
        status = {"word": "hours.status.changed", "params": {"change": _signed(line.change)}}
    worked = line.worked
    params = {
        "alias": worked.person.alias,
        "minutes": worked.minutes,
        "cases": worked.cases,
        "missing": worked.missing,
        "status": status,
    }
    return {"key": "hours.line", "params": params}


def _signed(change: int) -> str:
    return f"{change:+d}".replace("-", "−")


def _month(month: date) -> dict[str, str]:
    return {"month": f"{month:%Y-%m}"}


def _next(month: date) -> date:
    return (
        month.replace(year=month.year + 1, month=1)
        if month.month == 12
        else month.replace(month=month.month + 1)
    )


def _midnight(day: date, zone: ZoneInfo) -> Instant:
    return instant_of(day, time(0), zone)
