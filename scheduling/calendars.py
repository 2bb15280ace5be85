"""Calendars: shifts written as a feed that calendar programs follow, and absences read from such a feed.

What is read was made elsewhere and may be rubbish: it is bounded before it is parsed and before it is
expanded, and whatever is wrong with it comes out as a CalendarError.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from scheduling.instant import Instant
from scheduling.local_time import change_on, instant_of
from scheduling.shifts import Span

if TYPE_CHECKING:
    import icalendar

MOST_BYTES = 1_000_000
MOST_EVENTS = 2_000
_MOST_CHANGES_OF_CLOCKS = 200
_MOST_STEPS = 1_000_000
# A rule that may never hold is searched for through eight thousand years.
_STEPS_OF_A_RARE_RULE = 250_000
# Parts of a rule which, one at a time, every year has a day for.
_USUAL = {
    "BYDAY": re.compile(r"(?:(?:^|,)[+-]?[1-4]?(?:MO|TU|WE|TH|FR|SA|SU))+"),
    "BYMONTH": re.compile(r"(?:(?:^|,)(?:0?[1-9]|1[0-2]))+"),
    "BYMONTHDAY": re.compile(r"(?:(?:^|,)[+-]?(?:0?[1-9]|[12]\d|3[01]))+", re.ASCII),
    "BYSETPOS": re.compile(r"(?:(?:^|,)[+-]?[1-4])+"),
}
_DAYS_BETWEEN = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 28, "YEARLY": 365}
_LEAP_YEAR = 2028
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]|[\ud800-\udfff]")
_RULE = re.compile(r"(?:RRULE|EXRULE)(?:;[^:]*)?:(.*)", re.IGNORECASE)

_T = TypeVar("_T")


class CalendarFault(StrEnum):
    """What is wrong with a calendar."""

    NOT_A_CALENDAR = "not_a_calendar"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    BAD_TIME = "bad_time"


class CalendarError(ValueError):
    """A calendar that cannot be read, and why."""

    def __init__(self, reason: CalendarFault) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a feed; a later version of it keeps the uid and has a higher sequence."""

    uid: str
    summary: str
    span: Span
    is_cancelled: bool
    sequence: int
    stamp: Instant


@dataclass(frozen=True, slots=True)
class Away:
    """A span of local time that a calendar marks as busy; the uid is that of the whole series."""

    uid: str
    starts: datetime
    ends: datetime


def feed(name: str, events: Iterable[Event]) -> bytes:
    """Return the events as an RFC 5545 calendar to subscribe to, to be fetched anew every hour."""
    import icalendar  # noqa: PLC0415 - slow to import, and rarely needed

    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//hotline//rota//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", icalendar.vText(_printable(name)))
    calendar.add("refresh-interval", icalendar.vDuration(_HOUR), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", icalendar.vDuration(_HOUR))
    for event in events:
        calendar.add_component(_component(event))
    return bytes(calendar.to_ical())


def _component(event: Event) -> icalendar.Event:
    import icalendar  # noqa: PLC0415 - slow to import, and rarely needed

    made = icalendar.Event()
    made.add("uid", _printable(event.uid))
    made.add("dtstamp", _plain(event.stamp))
    made.add("dtstart", _plain(event.span.starts))
    made.add("dtend", _plain(event.span.ends))
    made.add("summary", _printable(event.summary))
    made.add("status", "CANCELLED" if event.is_cancelled else "CONFIRMED")
    made.add("sequence", event.sequence)
    return made


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub(" ", text)


def _plain(moment: Instant) -> datetime:
    return datetime.fromtimestamp(moment.microseconds // 1_000_000, UTC)


def absences_in(ics: bytes, *, zone: ZoneInfo, window: Span) -> tuple[Away, ...]:
    """Return what the calendar marks as busy within the window, ordered by start; or raise CalendarError.

    Repeated events are expanded; those marked as free or cancelled are left out. A time without a zone
    is read in the given one.
    """
    if len(ics) > MOST_BYTES:
        raise CalendarError(CalendarFault.TOO_LARGE)
    written = ics.decode("utf-8-sig", errors="replace")
    _check_lines(re.sub(r"\r?\n[ \t]", "", written).splitlines())
    calendars = _or_fault(CalendarFault.NOT_A_CALENDAR, lambda: _parsed(written))
    found = _or_fault(CalendarFault.BAD_TIME, lambda: list(_busy(calendars, zone, window)))
    if len(found) > MOST_EVENTS:
        raise CalendarError(CalendarFault.TOO_MANY)
    return tuple(sorted(set(found), key=lambda away: (away.starts, away.ends, away.uid)))


def _or_fault(reason: CalendarFault, read: Callable[[], _T]) -> _T:
    """Return what was read; whatever the library stumbles over is a fault of the calendar."""
    try:
        return read()
    except CalendarError:
        raise
    except Exception as error:  # foreign text makes the libraries raise nearly anything
        raise CalendarError(reason) from error


def _parsed(written: str) -> list[icalendar.Component]:
    import icalendar  # noqa: PLC0415 - slow to import, and rarely needed

    calendars = icalendar.Calendar.from_ical(written, multiple=True)
    if not calendars or any(calendar.name != "VCALENDAR" for calendar in calendars):
        raise CalendarError(CalendarFault.NOT_A_CALENDAR)
    return list(calendars)


def _check_lines(lines: list[str]) -> None:
    """Raise where there is too much, or a rule that takes for ever, before anything is parsed."""
    begun = [line[6:].strip().upper() for line in lines if line[:6].upper() == "BEGIN:"]
    if "VCALENDAR" not in begun:
        raise CalendarError(CalendarFault.NOT_A_CALENDAR)
    changes = begun.count("STANDARD") + begun.count("DAYLIGHT")
    if (
        begun.count("VEVENT") > MOST_EVENTS
        or changes > _MOST_CHANGES_OF_CLOCKS
        or len(begun) > 4 * MOST_EVENTS
    ):
        raise CalendarError(CalendarFault.TOO_MANY)
    steps, is_in_zone = 0, False
    for line in lines:
        if line.strip().upper() in ("BEGIN:VTIMEZONE", "END:VTIMEZONE"):
            is_in_zone = line.strip().upper().startswith("BEGIN")
        rule = _RULE.match(line)
        if rule is not None:
            parts = _parts(rule[1])
            steps += _STEPS_OF_A_RARE_RULE if _is_rare(parts) else 1
            if is_in_zone and parts["FREQ"] != "YEARLY":
                raise CalendarError(CalendarFault.TOO_MANY)
    if steps > _MOST_STEPS:
        raise CalendarError(CalendarFault.TOO_MANY)


def _parts(rule: str) -> dict[str, str]:
    """Return the parts of a recurrence rule that repeats daily or less often, or raise."""
    pairs = (part.partition("=") for part in rule.upper().split(";"))
    parts = {name.strip(): value.strip() for name, _, value in pairs}
    if not re.fullmatch(r"0*[1-9]\d{0,3}", parts.get("INTERVAL", "1"), re.ASCII):
        raise CalendarError(CalendarFault.BAD_TIME)
    if parts.get("FREQ") not in _DAYS_BETWEEN:
        is_often = parts.get("FREQ") in ("SECONDLY", "MINUTELY", "HOURLY")
        raise CalendarError(CalendarFault.TOO_MANY if is_often else CalendarFault.BAD_TIME)
    has_month_days = any(name in parts for name in ("BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"))
    if has_month_days and parts["FREQ"] in ("DAILY", "WEEKLY"):
        raise CalendarError(CalendarFault.TOO_MANY)
    return parts


def _is_rare(parts: dict[str, str]) -> bool:
    """Whether the rule may hold seldom or never; for the shapes that calendar programs write it does not."""
    by = {name for name in parts if name.startswith("BY")}
    if not all(name in _USUAL and _USUAL[name].fullmatch(parts[name]) for name in by):
        return True
    is_every = int(parts.get("INTERVAL", "1")) == 1
    match parts["FREQ"]:
        case "DAILY":
            return not (not by or (is_every and by <= {"BYDAY", "BYMONTH"}))
        case "WEEKLY":
            return not by <= {"BYDAY"}
        case "MONTHLY" if "BYMONTH" in by and not is_every:
            return True
    if "BYMONTHDAY" in by:
        return not by <= {"BYMONTHDAY", "BYMONTH"} or not _has_day(parts, is_every=is_every)
    return "BYSETPOS" in by and ("BYDAY" not in by or bool(re.search(r"\d", parts["BYDAY"])))


def _has_day(parts: dict[str, str], *, is_every: bool) -> bool:
    """Whether one of the months has one of the days of the month, whichever years are meant."""
    months = [int(month) for month in parts.get("BYMONTH", "1").split(",")]
    days = [abs(int(day)) for day in parts["BYMONTHDAY"].split(",")]
    most = max(monthrange(_LEAP_YEAR, month)[1] for month in months)
    return min(days) <= (most if is_every else 28)


def _busy(calendars: list[icalendar.Component], zone: ZoneInfo, window: Span) -> Iterator[Away]:
    import recurring_ical_events  # noqa: PLC0415 - likewise

    # Local days of any zone lie within a day of the window's; what is too much is left out below.
    starts, ends = window.starts.date() - 2 * _DAY, window.ends.date() + 2 * _DAY
    for calendar in calendars:
        if sum(_steps(event, ends) for event in calendar.walk("VEVENT")) > _MOST_STEPS:
            raise CalendarError(CalendarFault.TOO_MANY)
        for event in recurring_ical_events.of(calendar).between(starts, ends):
            away = _away(event, zone) if _is_busy(event) else None
            if away is not None and _is_within(away, zone, window):
                yield away


def _steps(event: Any, last: date) -> float:
    """Return about how many steps it takes to follow the event's rules up to the day."""
    rules = event.get("RRULE", [])
    steps = 0.0
    for rule in rules if isinstance(rules, list) else [rules]:
        parts = _parts(rule.to_ical().decode())
        starts = event.get("DTSTART").dt
        until = min([last, *(_date(each) for each in rule.get("UNTIL", []))])
        days = max((until - _date(starts)).days, 0)
        a_time = len(rule.get("BYDAY", [0])) if parts["FREQ"] != "DAILY" else 1
        for name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
            a_time *= max(len(rule.get(name, [0])), 1)
        expected = days * a_time / (_DAYS_BETWEEN[parts["FREQ"]] * int(parts.get("INTERVAL", "1")))
        steps += min([expected, *(float(each) for each in rule.get("COUNT", []))])
    return steps


def _date(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _is_busy(event: Any) -> bool:
    words = {
        name: str(event.get(name, "")).strip().upper()
        for name in ("TRANSP", "STATUS", "X-MICROSOFT-CDO-BUSYSTATUS")
    }
    is_free = words["TRANSP"] == "TRANSPARENT" or words["X-MICROSOFT-CDO-BUSYSTATUS"] == "FREE"
    return not is_free and words["STATUS"] != "CANCELLED"


def _away(event: Any, zone: ZoneInfo) -> Away | None:
    """Return the event in local time, or None where it lasts no time."""
    starts, ends = event["DTSTART"].dt, event["DTEND"].dt
    local_starts, local_ends = _local(starts, zone), _local_end(ends, zone)
    if local_starts >= local_ends:
        return None
    return Away(str(event.get("UID", "")), local_starts, local_ends)


def _local(moment: date, zone: ZoneInfo) -> datetime:
    """Return what the clock shows at the moment; a day begins at midnight."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time(0))
    shown = moment if moment.tzinfo is None else moment.astimezone(zone)
    return shown.replace(tzinfo=None, fold=0)


def _local_end(moment: date, zone: ZoneInfo) -> datetime:
    """Return what the clock shows at the moment; in an hour shown a second time, what ends that hour."""
    shown = _local(moment, zone)
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        return shown
    change = change_on(shown.date(), zone)
    if change is None or instant_of(shown.date(), shown.time(), zone) >= moment:
        return shown
    second = timedelta(seconds=1)
    last = (change - second).astimezone(zone)
    return datetime.combine(last.date(), last.time()) + second


def _is_within(away: Away, zone: ZoneInfo, window: Span) -> bool:
    starts = instant_of(away.starts.date(), away.starts.time(), zone)
    ends = instant_of(away.ends.date(), away.ends.time(), zone)
    return max(starts, window.starts) < min(ends, window.ends)
