"""How the hotline stands, on one screen."""

from __future__ import annotations

from bot.settings import Settings
from handlers.commands import ground
from scheduling.instant import Instant
from storage import inbox, outbox
from storage.instance import AlreadyRunningError, hold_alone
from storage.models import State
from storage.queries import overview


def status() -> None:
    """Show the mode, what waits and since when, and whether delivery is held."""

    async def work() -> None:
        async with ground.opened() as at:
            async with at.store.reading() as session:
                stands = await overview.standing(session, at.now)
                staff = await overview.staff(session)
            on_duty = sum(one.on_duty_since is not None for one in staff)
            came, goes = await inbox.count_waiting(at.store), await outbox.count_waiting(at.store)
            is_held = await outbox.is_held(at.store)
            rows = [
                ("mode", _mode(at.settings)),
                ("database", "SQLite" if at.store.is_sqlite else "PostgreSQL"),
                ("process", await _process(at)),
                ("delivery", "HELD; `python -m bot release` lets it go" if is_held else "goes on"),
                ("on duty", f"{on_duty} of {len(staff)}"),
                ("enquiries", _states(stands.by_state)),
                ("oldest unclaimed", _since(at, stands.oldest_waiting)),
                (
                    "incoming",
                    f"{came['waiting']} wait{_behind(at, stands.oldest_inbox)}, {came['aside']} set aside",
                ),
                (
                    "outgoing",
                    f"{goes['waiting']} wait{_behind(at, stands.oldest_outbox)}, {goes['failed']} failed",
                ),
                ("overdue deadlines", stands.overdue_timers),
                ("unsealed log entries", stands.unsealed_entries),
            ]
            ground.tabulate(at.rules.in_language(at.rules.hotline.name, "en"), ("", ""), rows)

    ground.guarded(work)


def _mode(settings: Settings) -> str:
    if not settings.token:
        return "no BOT_TOKEN here"
    return "webhook" if settings.webhook_url else "long polling"


async def _process(at: ground.Ground) -> str:
    try:
        async with hold_alone(at.store.url):
            return "not running"
    except AlreadyRunningError:
        return "running"


def _states(by_state: dict[State, int]) -> str:
    counted = [f"{by_state[state]} {state.value}" for state in State if by_state.get(state)]
    return ", ".join(counted) or "none"


def _since(at: ground.Ground, moment: Instant | None) -> str:
    return "none" if moment is None else f"{at.local(moment)}, {ground.age(moment, at.now)}"


def _behind(at: ground.Ground, moment: Instant | None) -> str:
    return f" (the oldest {ground.age(moment, at.now)})" if moment is not None else ""
