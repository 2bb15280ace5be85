"""What is in force: the configuration as it was read at the start, and the helplines to be verified again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from aiohttp import web

from bot.sections import NumberSection
from handlers.console.desk import READER, Desk
from scheduling.urgency import Urgency

_RUNG = (Urgency.HIGH, Urgency.NORMAL, Urgency.LOW)
_PROMISED = ("high", "normal", "low")


@dataclass(frozen=True, slots=True)
class Helpline:
    """A number that people are shown, and whether it must be verified again."""

    number: NumberSection
    name: str
    hours: str
    verified: str
    is_old: bool


class SettingsPage:
    """Read only: it is changed in the file, and the hotline started again."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def show(self, request: web.Request) -> web.Response:
        """Show what is in force."""
        rules, language = self._desk.rules, request[READER].language
        helplines = self._helplines(language)
        return self._desk.render(
            request,
            "pages/settings.html",
            rules=rules,
            name=lambda words: rules.in_language(words, language),
            opening=lambda written: self._desk.words.opening(written, language),
            policies=[(one, rules.policies[one]) for one in _RUNG],
            promised=[(one, rules.promises.get(one, 0)) for one in _PROMISED],
            kept=list(type(rules.retention).model_fields),
            helplines=helplines,
            old=sum(one.is_old for one in helplines),
        )

    def _helplines(self, language: str) -> list[Helpline]:
        rules = self._desk.rules
        today = self._desk.store.clock.now().astimezone(rules.zone).date()
        return [
            Helpline(
                number=one,
                name=rules.in_language(one.name, language),
                hours=self._desk.words.opening(one.hours, language),
                verified=self._desk.words.day(one.verified, language),
                is_old=_age(one.verified, today) > rules.limits.verify_numbers_days,
            )
            for one in rules.numbers
        ]


def _age(verified: date, today: date) -> int:
    return (today - verified).days
