"""Calendars out and in: feeds that programs follow, absences from what people keep, and rubbish."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.calendars import MOST_BYTES, Away, CalendarError, CalendarFault, Event, absences_in, feed
from scheduling.instant import Instant
from scheduling.local_time import instant_of
from scheduling.shifts import Span

ZONE = ZoneInfo("Europe/Copenhagen")

GOOGLE = """BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:PUBLISH
X-WR-CALNAME:Mira
X-WR-TIMEZONE:Europe/Copenhagen
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261222
DTEND;VALUE=DATE:20261227
DTSTAMP:20261101T120000Z
UID:ferie@google.com
STATUS:CONFIRMED
SUMMARY:Ferie
TRANSP:OPAQUE
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261130
DTEND;VALUE=DATE:20261201
DTSTAMP:20261101T120000Z
UID:foedselsdag@google.com
SUMMARY:Fødselsdag
TRANSP:TRANSPARENT
END:VEVENT
BEGIN:VEVENT
DTSTART:20261125T120000Z
DTEND:20261125T133000Z
DTSTAMP:20261101T120000Z
UID:tandlaege@google.com
STATUS:CONFIRMED
SUMMARY:Tandlæge
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=Europe/Copenhagen:20261020T090000
DTEND;TZID=Europe/Copenhagen:20261020T100000
RRULE:FREQ=WEEKLY;BYDAY=TU;UNTIL=20261208T225959Z
EXDATE;TZID=Europe/Copenhagen:20261124T090000
DTSTAMP:20261101T120000Z
UID:kor@google.com
SUMMARY:Kor
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=Europe/Copenhagen:20261202T110000
DTEND;TZID=Europe/Copenhagen:20261202T120000
RECURRENCE-ID;TZID=Europe/Copenhagen:20261201T090000
DTSTAMP:20261101T120000Z
UID:kor@google.com
SUMMARY:Kor (flyttet)
END:VEVENT
BEGIN:VEVENT
DTSTART:20261126T120000Z
DTEND:20261126T130000Z
DTSTAMP:20261101T120000Z
UID:aflyst@google.com
STATUS:CANCELLED
SUMMARY:Aflyst
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n").encode()

OUTLOOK = """BEGIN:VCALENDAR
METHOD:PUBLISH
PRODID:Microsoft Exchange Server 2010
VERSION:2.0
BEGIN:VTIMEZONE
TZID:Romance Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO;WKST=MO
UID:040000008200E00074C5B7101A82E008
SUMMARY;LANGUAGE=da-DK:Teammøde
DTSTART;TZID=Romance Standard Time:20260907T130000
DTEND;TZID=Romance Standard Time:20260907T140000
CLASS:PUBLIC
DTSTAMP:20261101T120000Z
TRANSP:OPAQUE
STATUS:CONFIRMED
SEQUENCE:0
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
X-MICROSOFT-CDO-ALLDAYEVENT:FALSE
END:VEVENT
BEGIN:VEVENT
UID:040000008200E00074C5B7101A82E009
SUMMARY;LANGUAGE=da-DK:Ledig tid
DTSTART;TZID=Romance Standard Time:20261124T080000
DTEND;TZID=Romance Standard Time:20261124T090000
DTSTAMP:20261101T120000Z
X-MICROSOFT-CDO-BUSYSTATUS:FREE
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n").encode()


def at(written: str) -> Instant:
    return Instant.of(datetime.fromisoformat(written).replace(tzinfo=ZONE))


def local(written: str) -> datetime:
    return datetime.fromisoformat(written)


AUTUMN = Span(at("2026-11-20 00:00"), at("2026-12-31 00:00"))


def read(ics: bytes, window: Span = AUTUMN) -> tuple[Away, ...]:
    return absences_in(ics, zone=ZONE, window=window)


def calendar(*lines: str) -> bytes:
    return "\r\n".join(
        ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//", *lines, "END:VCALENDAR", "")
    ).encode()


def event(*lines: str) -> bytes:
    return calendar("BEGIN:VEVENT", "UID:a", "DTSTAMP:20261101T120000Z", *lines, "END:VEVENT")


def spans(ics: bytes, window: Span = AUTUMN) -> list[tuple[str, str]]:
    return [(f"{away.starts:%m-%d %H:%M}", f"{away.ends:%m-%d %H:%M}") for away in read(ics, window)]


def reason(ics: bytes) -> CalendarFault:
    with pytest.raises(CalendarError) as caught:
        read(ics)
    return caught.value.reason


def test_what_google_publishes_is_read() -> None:
    assert read(GOOGLE) == (
        Away("tandlaege@google.com", local("2026-11-25 13:00"), local("2026-11-25 14:30")),
        Away("kor@google.com", local("2026-12-02 11:00"), local("2026-12-02 12:00")),
        Away("kor@google.com", local("2026-12-08 09:00"), local("2026-12-08 10:00")),
        Away("ferie@google.com", local("2026-12-22 00:00"), local("2026-12-27 00:00")),
    )


def test_what_outlook_publishes_is_read_on_both_sides_of_the_change_of_the_clocks() -> None:
    window = Span(at("2026-10-12 00:00"), at("2026-11-30 00:00"))

    found = spans(OUTLOOK, window)

    assert found == [
        (f"{day} 13:00", f"{day} 14:00")
        for day in ("10-12", "10-19", "10-26", "11-02", "11-09", "11-16", "11-23")
    ]


def test_a_time_without_a_zone_is_read_in_the_given_one() -> None:
    assert spans(event("DTSTART:20261124T100000", "DTEND:20261124T110000")) == [
        ("11-24 10:00", "11-24 11:00")
    ]


def test_a_time_in_another_zone_is_told_in_the_given_one() -> None:
    ics = event("DTSTART;TZID=America/New_York:20261124T200000", "DURATION:PT2H")

    assert spans(ics) == [("11-25 02:00", "11-25 04:00")]


def test_a_day_without_an_end_is_one_day_and_a_time_without_an_end_is_none() -> None:
    assert spans(event("DTSTART;VALUE=DATE:20261124")) == [("11-24 00:00", "11-25 00:00")]
    assert spans(event("DTSTART:20261124T100000Z")) == []


def test_only_what_overlaps_the_window_is_told() -> None:
    ics = event("DTSTART:20261124T090000Z", "DTEND:20261124T100000Z")

    assert len(read(ics, Span(at("2026-11-24 10:59"), at("2026-11-24 12:00")))) == 1
    assert read(ics, Span(at("2026-11-24 11:00"), at("2026-11-24 12:00"))) == ()
    assert read(ics, Span(at("2026-11-24 09:00"), at("2026-11-24 10:00"))) == ()


def test_an_end_within_the_hour_shown_twice_is_never_too_early() -> None:
    ics = event("DTSTART:20261025T003000Z", "DTEND:20261025T013000Z")

    (away,) = read(ics, Span(at("2026-10-24 00:00"), at("2026-10-26 00:00")))

    assert (away.starts, away.ends) == (local("2026-10-25 02:30"), local("2026-10-25 03:00"))


@given(st.integers(0, 600), st.integers(1, 300))
def test_what_is_read_covers_what_was_busy_whatever_the_clocks_do(first: int, length: int) -> None:
    starts = Instant(2026, 10, 24, 20, tzinfo=UTC) + timedelta(minutes=first)
    ends = starts + timedelta(minutes=length)
    ics = event(f"DTSTART:{starts:%Y%m%dT%H%M%SZ}", f"DTEND:{ends:%Y%m%dT%H%M%SZ}")

    (away,) = read(ics, Span(starts, ends))

    assert instant_of(away.starts.date(), away.starts.time(), ZONE) <= starts
    assert instant_of(away.ends.date(), away.ends.time(), ZONE) >= ends


@pytest.mark.parametrize(
    "ics", [b"", b"hello", b"\x00\xff", b"BEGIN:VCALENDAR", b"BEGIN:VEVENT\r\nEND:VEVENT\r\n"]
)
def test_what_is_no_calendar_is_told_so(ics: bytes) -> None:
    assert reason(ics) is CalendarFault.NOT_A_CALENDAR


def test_a_calendar_beyond_the_limit_is_not_looked_at() -> None:
    assert reason(b"x" * (MOST_BYTES + 1)) is CalendarFault.TOO_LARGE


def test_more_events_than_the_limit_are_too_many() -> None:
    one = ("BEGIN:VEVENT", "UID:a", "DTSTART:20261124T090000Z", "DURATION:PT1H", "END:VEVENT")

    assert reason(calendar(*one * 2001)) is CalendarFault.TOO_MANY


def test_one_event_that_repeats_more_often_than_the_limit_is_too_many() -> None:
    every_minute = ",".join(map(str, range(60)))
    ics = event(
        "DTSTART:20261124T090000Z",
        "DURATION:PT1M",
        f"RRULE:FREQ=DAILY;BYHOUR=8,9,10;BYMINUTE={every_minute}",
    )

    assert reason(ics) is CalendarFault.TOO_MANY


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("FREQ=SECONDLY", CalendarFault.TOO_MANY),
        ("FREQ=HOURLY", CalendarFault.TOO_MANY),
        ("FREQ=DAILY;INTERVAL=0", CalendarFault.BAD_TIME),
        ("FREQ=DAILY;INTERVAL=-1", CalendarFault.BAD_TIME),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", CalendarFault.TOO_MANY),
        ("FREQ=FORTNIGHTLY", CalendarFault.BAD_TIME),
        ("", CalendarFault.BAD_TIME),
    ],
)
def test_a_rule_that_would_take_for_ever_is_refused(rule: str, fault: CalendarFault) -> None:
    assert reason(event("DTSTART:19700101T090000Z", "DURATION:PT1H", f"RRULE:{rule}")) is fault


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=MONTHLY;BYMONTH=13",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=5",
        "FREQ=MONTHLY;BYDAY=1MO;BYSETPOS=3",
        "FREQ=MONTHLY;BYDAY=",
        "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
        "FREQ=WEEKLY;BYMONTH=2",
        "FREQ=YEARLY;BYDAY=53MO",
    ],
)
def test_many_rules_that_may_never_hold_are_refused(rule: str) -> None:
    one = (
        "BEGIN:VEVENT",
        "UID:a",
        "DTSTART:20261124T090000Z",
        f"RRULE:{rule}",
        "END:VEVENT",
    )

    assert reason(calendar(*one * 20)) is CalendarFault.TOO_MANY


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=DAILY;COUNT=3", ["11-24", "11-25", "11-26"]),
        ("FREQ=MONTHLY;BYDAY=-1FR", ["11-27", "12-25"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ["11-30"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", ["11-24", "11-26", "12-08", "12-10", "12-22", "12-24"]),
        ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24", ["12-24"]),
    ],
)
def test_rules_that_calendars_write_are_followed(rule: str, days: list[str]) -> None:
    ics = event("DTSTART:20261124T090000Z", "DURATION:PT1H", f"RRULE:{rule}")

    found = {starts[:5] for starts, _ in spans(ics)}

    # The first day is an occurrence of its own, even where the rule does not name it.
    assert found - {"11-24"} == set(days) - {"11-24"}


def test_the_first_of_april_of_a_year_that_is_none_is_a_bad_time() -> None:
    assert reason(event("DTSTART:00000401T090000Z", "DURATION:PT1H")) is CalendarFault.BAD_TIME


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A calendar of ours with some lines lost, doubled, or written over."""
    lines = draw(st.sampled_from((GOOGLE, OUTLOOK))).split(b"\r\n")
    rubbish = st.one_of(
        st.binary(max_size=30),
        st.sampled_from(
            (
                b"DTSTART:99991231T235959Z",
                b"DTEND:00010101T000000",
                b"DURATION:P99999999D",
                b"DTSTART;TZID=Nowhere/Else:20261124T100000",
                b"RRULE:FREQ=WEEKLY;UNTIL=soon",
                b"RDATE;VALUE=PERIOD:20261124T100000Z/PT1H",
                b"EXDATE:never",
                b"X-WR-TIMEZONE:Nowhere",
                b"BEGIN:VEVENT",
                b"END:VEVENT",
                b"BEGIN:VALARM",
                b"RECURRENCE-ID;RANGE=THISANDFUTURE:20261201T090000",
                b"TZOFFSETTO:+9900",
                b"CALSCALE:MAYAN",
            )
        ),
    )
    for _ in range(draw(st.integers(1, 6))):
        index = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(("lose", "double", "write", "add"))):
            case "lose":
                del lines[index]
            case "double":
                lines.insert(index, draw(st.sampled_from(lines)))
            case "write":
                line = lines[index]
                at_byte = draw(st.integers(0, len(line)))
                lines[index] = line[:at_byte] + draw(rubbish)
            case _:
                lines.insert(index, draw(rubbish))
    return b"\r\n".join(lines)


@settings(max_examples=400, deadline=5_000)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode), broken()))
def test_rubbish_is_an_error_of_the_calendar_and_nothing_else(ics: bytes) -> None:
    with suppress(CalendarError):
        assert all(away.starts < away.ends for away in read(ics))


def test_components_within_components_without_end_are_no_calendar() -> None:
    assert reason(calendar(*["BEGIN:VEVENT"] * 1500, *["END:VEVENT"] * 1500)) in CalendarFault


def test_a_feed_says_what_a_calendar_program_needs() -> None:
    span = Span(at("2026-11-24 08:00"), at("2026-11-24 16:00"))
    stamp = Instant(2026, 11, 1, 12, tzinfo=UTC)

    written = feed("Vagter, hele ugen", [Event("1@hotline", "Vagt", span, False, 3, stamp)]).decode()

    lines = written.split("\r\n")
    assert lines[:4] == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//hotline//rota//EN",
        "CALSCALE:GREGORIAN",
    ]
    for line in (
        "METHOD:PUBLISH",
        "X-WR-CALNAME:Vagter\\, hele ugen",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "UID:1@hotline",
        "DTSTAMP:20261101T120000Z",
        "DTSTART:20261124T070000Z",
        "DTEND:20261124T150000Z",
        "STATUS:CONFIRMED",
        "SEQUENCE:3",
        "SUMMARY:Vagt",
    ):
        assert line in lines
    assert "DESCRIPTION" not in written


moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001
    lambda moment: Instant.of(moment.replace(tzinfo=UTC, microsecond=0))
)


@given(
    st.text(max_size=40),
    st.lists(
        st.builds(
            Event,
            uid=st.uuids().map(str),
            summary=st.text(max_size=120),
            span=st.tuples(moments, moments).map(lambda pair: Span(*sorted(pair))),
            is_cancelled=st.booleans(),
            sequence=st.integers(0, 2**31 - 1),
            stamp=moments,
        ),
        max_size=4,
    ),
)
def test_what_a_feed_says_is_what_is_read_from_it(name: str, events: list[Event]) -> None:
    written = feed(name, events)
    found = icalendar.Calendar.from_ical(written)

    read_back = [
        Event(
            str(one["UID"]),
            str(one["SUMMARY"]),
            Span(Instant.of(one["DTSTART"].dt), Instant.of(one["DTEND"].dt)),
            one["STATUS"] == "CANCELLED",
            int(one["SEQUENCE"]),
            Instant.of(one["DTSTAMP"].dt),
        )
        for one in found.walk("VEVENT")
    ]
    printable = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
    expected = [
        (one.uid, printable.sub(" ", one.summary), one.span, one.is_cancelled, one.sequence, one.stamp)
        for one in events
    ]
    assert [
        (one.uid, one.summary, one.span, one.is_cancelled, one.sequence, one.stamp) for one in read_back
    ] == expected
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))


def test_a_shift_in_a_feed_is_busy_time_to_whoever_follows_it() -> None:
    span = Span(at("2026-11-24 22:00"), at("2026-11-25 06:00"))
    kept = Event("1@hotline", "Vagt", span, is_cancelled=False, sequence=0, stamp=span.starts)
    gone = Event("2@hotline", "Vagt", span, is_cancelled=True, sequence=1, stamp=span.starts)

    assert read(feed("Vagter", [kept, gone])) == (
        Away("1@hotline", local("2026-11-24 22:00"), local("2026-11-25 06:00")),
    )
