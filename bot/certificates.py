"""What a member of staff has signed, learnt and shown, how long it holds, and what it is needed for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum

from bot import alarms, rota
from bot.sections import PanelSection
from bot.turn import Turn
from scheduling.local_time import instant_of
from storage.models import Person

_TIMER = "certificate"
_OFFICE_OPENS = time(8)


class Standing(StrEnum):
    """How it is with a paper."""

    HELD = "held"
    ENDS_SOON = "ends_soon"
    ENDED = "ended"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Papers:
    """A person's papers as they stand on a day; the last day of the certificate, where it has one."""

    training: Standing
    confidentiality: Standing
    certificate: Standing
    last_day: date | None

    @property
    def are_in_order(self) -> bool:
        """Whether nothing is missing, and nothing ends soon."""
        return {self.training, self.confidentiality, self.certificate} == {Standing.HELD}


def of(person: Person, rules: PanelSection, today: date) -> Papers:
    """Return how the person's papers stand on the day."""
    last = last_day(person.certificate_on, rules)
    return Papers(
        training=_noted(person.trained_on),
        confidentiality=_noted(person.confidentiality_signed_on),
        certificate=_certificate(person.certificate_on, last, rules, today),
        last_day=last,
    )


def last_day(made_out_on: date | None, rules: PanelSection) -> date | None:
    """Return the last day a certificate of this date holds; None where there is none, or it does not end."""
    if made_out_on is None or not rules.certificate_days:
        return None
    return made_out_on + timedelta(days=rules.certificate_days)


def is_cleared(made_out_on: date | None, rules: PanelSection, today: date) -> bool:
    """Whether somebody with a certificate of this date may have cases that involve a child under 15."""
    if not rules.certificate_required:
        return True
    last = last_day(made_out_on, rules)
    return made_out_on is not None and (last is None or today <= last)


async def watch(turn: Turn, person: Person) -> None:
    """Have the coordinator hear of it, once, when the person's certificate has ended."""
    last = last_day(person.certificate_on, turn.rules.panel)
    is_watched = turn.rules.panel.certificate_required and person.revoked_at is None
    due = None if last is None else instant_of(last + timedelta(days=1), _OFFICE_OPENS, turn.rules.zone)
    if due is not None and due > turn.now and is_watched:
        await turn.set_timer(_TIMER, person.id, due)
    else:
        await turn.cancel_timer(_TIMER, person.id)


async def ended(turn: Turn, person: Person) -> None:
    """A certificate has ended: the coordinators are told, without whose it is."""
    rules = turn.rules.panel
    if person.revoked_at is not None or not rules.certificate_required:
        return
    if of(person, rules, rota.today(turn)).certificate is not Standing.ENDED:
        await watch(turn, person)
        return
    told, _ = await alarms.coordinators(turn)
    for one in told:
        if one.chat_id is not None:
            turn.say(one.chat_id, "papers.certificate_ended", address={"console": ""})
    turn.record("certificate_ended", person)


def _noted(day: date | None) -> Standing:
    return Standing.MISSING if day is None else Standing.HELD


def _certificate(made_out_on: date | None, last: date | None, rules: PanelSection, today: date) -> Standing:
    if made_out_on is None:
        return Standing.MISSING if rules.certificate_required else Standing.HELD
    if last is None:
        return Standing.HELD
    if last < today:
        return Standing.ENDED
    is_soon = last - today <= timedelta(days=rules.certificate_warning_days)
    return Standing.ENDS_SOON if is_soon else Standing.HELD
