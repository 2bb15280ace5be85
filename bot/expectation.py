"""What an enquirer is told to expect beside the promise: the usual wait, where it is known and holds now.

The figure is worked out now and then, and kept: nothing is counted while somebody waits for a receipt.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot import alarms, candidates
from bot.configuration import Configuration
from bot.turn import Turn
from scheduling import dispatch
from scheduling.instant import Instant
from scheduling.service_level import usual_minutes
from scheduling.urgency import Urgency
from storage.models import Enquiry
from storage.queries import service_level as find
from storage.store import Store

_HOUR = 60


async def refresh(store: Store, rules: Configuration) -> None:
    """Work out the usual wait of each urgency, of what was sent in opening hours lately, and keep it."""
    now = store.clock.now()
    since = Instant.of(now - timedelta(days=rules.expectation.days))
    async with store.reading() as session:
        cases = await find.cases(session, since, now)
    in_hours = [case for case in cases if rules.panel_hours.is_open(case.sent_at)]
    async with store.unit() as unit:
        for urgency in Urgency:
            claims = [case.waits(now)[0] for case in in_hours if case.urgency is urgency]
            usual = usual_minutes(claims, fewest=rules.expectation.fewest_cases)
            await find.keep_figure(unit, _name(urgency), None if usual is None else str(usual))
        await unit.commit()


async def beside(turn: Turn, enquiry: Enquiry, promise: dict[str, Any]) -> dict[str, Any]:
    """Return the promise with the usual wait beside it, or as it is where that cannot be said honestly.

    It is said where the panel is open for as long as that, and somebody who may have the enquiry is on duty.
    """
    kept = await find.figure(turn.unit, _name(enquiry.urgency))
    if kept is None:
        return promise
    minutes = int(kept)
    by = turn.after(minutes=minutes)
    hours = turn.rules.panel_hours
    holds = hours.is_open(turn.now) and hours.is_open(by)
    if not holds or (enquiry.promised_by is not None and by > enquiry.promised_by):
        return promise
    if not await _is_anybody_there(turn, enquiry):
        return promise
    if minutes < _HOUR:
        return {"word": "usual.minutes", "params": {"promise": promise, "count": minutes}}
    if minutes == _HOUR:
        return {"word": "usual.hour", "params": {"promise": promise}}
    return {"word": "usual.hours", "params": {"promise": promise, "count": minutes // _HOUR}}


async def _is_anybody_there(turn: Turn, enquiry: Enquiry) -> bool:
    if enquiry.triage_reason is not None:
        _, is_on_duty = await alarms.coordinators(turn, about=enquiry)
        if not is_on_duty:
            return False
    need = candidates.need(turn, enquiry)
    return any(dispatch.obstacle(need, one) is None for one in await candidates.of(turn, enquiry))


def _name(urgency: Urgency) -> str:
    return f"usual-wait:{urgency.value}"
