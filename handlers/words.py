"""Turns keys and parameters into words in the reader's language, for whichever door they leave by."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Any

from babel.dates import format_date, format_time, get_day_names

from bot.catalogue import LANGUAGES, words
from bot.configuration import Configuration
from bot.masking import Mask, localise
from scheduling.instant import Instant

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TO = "\u2060–\u2060"  # a dash that no line ends at
_BILINGUAL = "bilingual."
_CARD = "emergency.card"
_NOT_ON_CARD = ("emergency", "police")


class Words:
    """The catalogues' words with their values filled in, for one reader at a time."""

    def __init__(self, rules: Configuration, *, bot_name: str, public_url: str = "") -> None:
        self._rules, self._bot_name = rules, bot_name
        self.first_language = rules.hotline.languages[0]
        self._names_in = cache(self._names)
        self._readers: dict[str, Callable[[Any, str], str]] = {
            "instant": self._instant,
            "clock": self._clock,
            "stamp": self._stamp,
            "month": _month,
            "competence": self._competence,
            "answers": self._answers,
            "lines": self._lines,
            "age": _age,
            "span": self._span,
            "hours": self._hours,
            "local_span": _local_span,
            "weekday": lambda day, language: _formatted(day, "EEE dd.MM.", "EEE d MMM", language),
            "short_date": lambda day, language: _formatted(day, "dd.MM.y", "d MMM y", language),
            "weekdays": _weekdays,
            "times": lambda of, language: _TO.join(_at(time.fromisoformat(one), language) for one in of),
            "date": lambda day, language: _date(date.fromisoformat(day), language),
            "day": lambda day, language: _day(date.fromisoformat(day), language),
            "calendar": lambda token, _language: f"{public_url}/calendar/{token}.ics",
            "card": lambda token, _language: f"{public_url}/card/{token}",
            "console": lambda path, _language: f"{public_url}/console{path}",
            "invite": lambda token, _language: self.invite_link(token),
            "party": self._party,
            "link": lambda name, language: rules.in_language(getattr(rules.links, name), language),
        }

    def text(
        self, key: str, params: dict[str, Any], *, language: str, now: Instant, written: str | None = None
    ) -> str:
        """Return the words; a key for both languages is shown in both."""
        if key.startswith(_BILINGUAL):
            return "\n\n———\n\n".join(self._one(key, params, one, now, written) for one in LANGUAGES)
        return self._one(key, params, language, now, written)

    def invite_link(self, token: str) -> str:
        """Return the address that lets one person in."""
        return f"https://t.me/{self._bot_name}?start={token}"

    def masked(self, text: str, language: str) -> str:
        """Return what was written with its masks in the reader's language."""
        return localise(text, _masks(language))

    def opening(self, written: str, language: str) -> str:
        """Return opening hours as the configuration writes them, in the reader's words."""
        named = get_day_names("abbreviated", locale=language)
        for number, day in enumerate(_WEEKDAYS):
            written = written.replace(day, named[number])
        for word in ("daily", "always"):
            written = written.replace(word, words(f"hours.{word}", language))
        dashed = re.sub(r"(?<=[^ ])-(?=[^ ])", "–", written)
        return dashed.replace(":", ".") if language == "da" else dashed

    def unmasked(self, text: str, language: str) -> str:
        """Return what `masked` was given: the reader's words for masks become the neutral masks again."""
        for mask, said in _masks(language).items():
            text = text.replace(said, mask.token)
        return text

    def day(self, day: date, language: str) -> str:
        """Return the day with its year."""
        return _dated(day, "d. MMMM y" if language == "da" else "d MMMM y", language)

    def _one(self, key: str, params: dict[str, Any], language: str, now: Instant, written: str | None) -> str:
        found = words(key, language)
        values = {name: self._value(value, language, now) for name, value in params.items()}
        if "{numbers}" in found:
            values["numbers"] = self._numbers(language, now, is_short=key.startswith(_CARD))
        if written is not None:
            values["text"] = self.masked(written, language)
        return found.format_map({**self._names_in(language), **values})

    def _value(self, value: Any, language: str, now: Instant) -> str:
        if not isinstance(value, dict):
            return str(value)
        if "word" in value:
            return self._one(value["word"], value.get("params", {}), language, now, None)
        kind, given = next(iter(value.items()))
        return self._readers[kind](given, language)

    def _names(self, language: str) -> dict[str, str]:
        """Return what any words may name, as the configuration has it."""
        rules, say = self._rules, self._rules.in_language
        by_id = {number.id: number.number for number in rules.numbers}
        return {
            "hotline": say(rules.hotline.name, language),
            "city": say(rules.hotline.city, language),
            "emergency_number": by_id["emergency"],
            "police_number": by_id.get("police", by_id["emergency"]),
            "national_number": by_id.get("national", by_id["emergency"]),
            "press_contact": say(rules.press.contact, language),
            "report_link": say(rules.press.report, language),
            "notification_link": say(rules.links.notification, language),
            "quiet_minutes": f"{rules.limits.quiet_minutes:g}",
            "reopen_days": f"{rules.limits.reopen_days:g}",
        }

    def _numbers(self, language: str, now: Instant, *, is_short: bool) -> str:
        """Return whom one can call now; on the card short, without 112, which it names, and 114."""
        lines = []
        for number in self._rules.open_numbers(now):
            name = self._rules.in_language(number.name, language)
            if is_short and number.id in _NOT_ON_CARD:
                continue
            lines.append(f"{number.number}  {name.partition(',')[0] if is_short else name}")
        return "\n".join(lines)

    def _instant(self, microseconds: int, language: str) -> str:
        local = Instant.from_microseconds(microseconds).astimezone(self._rules.zone)
        pattern = "EEEE d. MMMM" if language == "da" else "EEEE d MMMM"
        day = _dated(local.date(), pattern, language)
        return f"{day} {'kl.' if language == 'da' else 'at'} {self._clock(microseconds, language)}"

    def _clock(self, microseconds: int, language: str) -> str:
        local = Instant.from_microseconds(microseconds).astimezone(self._rules.zone)
        return _at(time(local.hour, local.minute), language)

    def _stamp(self, microseconds: int, language: str) -> str:
        local = Instant.from_microseconds(microseconds).astimezone(self._rules.zone)
        day = _dated(local.date(), "dd.MM.y" if language == "da" else "d MMM y", language)
        return f"{day} {self._clock(microseconds, language)}"

    def _span(self, of: list[int], language: str) -> str:
        zone = self._rules.zone
        starts, ends = (Instant.from_microseconds(one).astimezone(zone) for one in of)
        return _hours(starts, ends, language)

    def _hours(self, of: list[int], language: str) -> str:
        return _TO.join(self._clock(one, language) for one in of)

    def _competence(self, name: str, language: str) -> str:
        known = self._rules.competences.get(name)
        return (
            words("competence.any", language) if known is None else self._rules.in_language(known, language)
        )

    def _party(self, name: str, language: str) -> str:
        known = self._rules.parties.get(name)
        return name if known is None else self._rules.in_language(known.name, language)

    def _answers(self, keys: list[str], language: str) -> str:
        now = Instant.from_microseconds(0)
        return "\n".join(f"· {self._one(key, {}, language, now, None)}" for key in keys)

    def _lines(self, lines: list[dict[str, Any]], language: str) -> str:
        now = Instant.from_microseconds(0)
        return "\n".join(self._one(line["key"], line["params"], language, now, None) for line in lines)


@cache
def _masks(language: str) -> dict[Mask, str]:
    return {mask: words(f"mask.{mask.value}", language) for mask in Mask}


def _local_span(of: list[str], language: str) -> str:
    """Return whole days as days, and anything else with its hours."""
    starts, ends = (datetime.fromisoformat(one) for one in of)
    if starts.time() != time(0) or ends.time() != time(0):
        return _hours(starts, ends, language)
    first, last = starts.date(), ends.date() - timedelta(days=1)
    return _day(first, language) if first >= last else f"{_day(first, language)} – {_day(last, language)}"


def _hours(starts: datetime, ends: datetime, language: str) -> str:
    """Return a span such as "man. 16. nov. kl. 08.00–16.00", with the second day where it is another."""
    pattern, at = ("HH.mm", " kl.\u00a0") if language == "da" else ("HH:mm", " ")
    first, last = (format_time(one.time(), pattern, locale=language) for one in (starts, ends))
    if starts.date() == ends.date() or (ends - starts < timedelta(days=1) and ends.time() <= starts.time()):
        return f"{_day(starts.date(), language)}{at}{first}{_TO}{last}"
    return f"{_day(starts.date(), language)}{at}{first} – {_day(ends.date(), language)}{at}{last}"


def _day(day: date, language: str) -> str:
    return _dated(day, "EEE d. MMMM" if language == "da" else "EEE d MMM", language)


def _formatted(day: str, danish: str, english: str, language: str) -> str:
    return _dated(date.fromisoformat(day), danish if language == "da" else english, language)


# A long page says the same few days and minutes over and over.
@lru_cache(maxsize=4096)
def _dated(day: date, pattern: str, language: str) -> str:
    return format_date(day, pattern, locale=language)


@lru_cache(maxsize=4096)
def _at(at: time, language: str) -> str:
    return format_time(at, "HH.mm" if language == "da" else "HH:mm", locale=language)


def _weekdays(days: list[int], language: str) -> str:
    """Return weekdays, Monday 0, as words; three or more in a row as from the first to the last."""
    names = get_day_names("abbreviated", locale=language)
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    said = [
        [f"{names[run[0]]}{_TO}{names[run[-1]]}"] if len(run) > 2 else [names[day] for day in run]
        for run in runs
    ]
    return ", ".join(name for run in said for name in run)


def _date(day: date, language: str) -> str:
    return _dated(day, "d. MMMM y" if language == "da" else "d MMMM y", language)


def _month(written: str, language: str) -> str:
    return _dated(date.fromisoformat(f"{written}-01"), "MMMM y", language)


def _age(seconds: int, language: str) -> str:
    for unit, size in (("days", 86_400), ("hours", 3_600)):
        if seconds >= size:
            return words(f"age.{unit}", language).format(count=seconds // size)
    return words("age.minutes", language).format(count=max(seconds // 60, 1))
