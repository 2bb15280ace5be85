"""`python -m tests.bench.decision`: how long one look at a waiting enquiry takes, however long the log.

Two hundred people, sixty of them on duty, and a log of the past with six enquiries an hour, each with three
offers and an assignment, and shifts of four hours for the last half year; on SQLite.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.progress import track
from sqlalchemy import insert, update

from bot import dispatching, enquiries
from bot.configuration import Configuration, read_configuration
from bot.turn import Turn
from scheduling.clock import SystemClock
from scheduling.ids import new_id
from scheduling.instant import Instant
from scheduling.rota import Station
from scheduling.urgency import Urgency
from storage.migrate import migrate
from storage.models import (
    Assignment,
    Chat,
    DutySpell,
    Enquiry,
    Kind,
    Offer,
    OfferState,
    Outcome,
    Person,
    Role,
    State,
)
from storage.store import Store
from tests.process import MASTER_KEY, ROOT

_PEOPLE, _ON_DUTY = 200, 60
_AT_ONCE = 5_000
_LOOKS = 60
_APART = timedelta(minutes=10)
_out = Console()


async def measure(past: int, rules: Configuration) -> tuple[float, float]:
    """Return the median of one look by the clock, and of the processor time it took, in ms."""
    with tempfile.TemporaryDirectory() as folder:
        database, keys = f"sqlite:///{folder}/hotline.db", f"sqlite:///{folder}/keys.db"
        await migrate(database_url=database, keys_url=keys)
        store = Store(database_url=database, keys_url=keys, master_key=MASTER_KEY, clock=SystemClock())
        chat, people = await _panel(store)
        await _past(store, chat, people, past)
        took = [await _look(store, rules, chat) for _ in range(_LOOKS)][5:]
        await store.close()
    return statistics.median(one[0] for one in took), statistics.median(one[1] for one in took)


async def _panel(store: Store) -> tuple[UUID, list[UUID]]:
    now = store.clock.now()
    chats = [new_id() for _ in range(_PEOPLE + 1)]
    people = [new_id() for _ in range(_PEOPLE)]
    async with store.writing() as connection:
        await connection.execute(
            insert(Chat),
            [
                {
                    "id": c,
                    "address_hash": c.bytes * 2,
                    "address_sealed": bytes(40),
                    "key_id": new_id(),
                    "flood_count": 0,
                }
                for c in chats
            ],
        )
        await connection.execute(
            insert(Person),
            [
                {
                    "id": person,
                    "alias": f"Alias {number}",
                    "role": Role.RESOURCE_PERSON,
                    "chat_id": chats[number],
                    "competences": ["school", "family"][: 1 + number % 2],
                    "languages": ["da"],
                    "cap": 5,
                    "enrolled_at": now,
                }
                for number, person in enumerate(people)
            ],
        )
        spells = [
            {
                "id": new_id(),
                "person_id": people[(shift * _ON_DUTY + place) % _PEOPLE],
                "station": Station.PANEL,
                "started_at": Instant.of(now - timedelta(hours=4 * (shift + 1))),
                "ended_at": Instant.of(now - timedelta(hours=4 * shift)) if shift else None,
            }
            for shift in range(6 * 182)
            for place in range(_ON_DUTY)
        ]
        await connection.execute(insert(DutySpell), spells)
    return chats[-1], people


async def _past(store: Store, chat: UUID, people: list[UUID], count: int) -> None:
    now = store.clock.now()
    steps = range(0, count, _AT_ONCE)
    for start in track(steps, description=f"Writing {count:,}", console=_out, disable=count < 50_000):
        asked, offers, taken = [], [], []
        for number in range(start, min(start + _AT_ONCE, count)):
            at, one = Instant.of(now - (number + 1) * _APART), new_id()
            asked.append(_enquiry(one, chat, number, at))
            whom = [people[(number * 3 + step) % _PEOPLE] for step in range(3)]
            offers += [_offer(one, person, step, at) for step, person in enumerate(whom)]
            ended = at + timedelta(hours=1)
            taken.append(
                {"id": new_id(), "enquiry_id": one, "person_id": whom[0], "started_at": at, "ended_at": ended}
            )
        async with store.writing() as connection:
            await connection.execute(insert(Enquiry), asked)
            await connection.execute(insert(Offer), offers)
            await connection.execute(insert(Assignment), taken)


def _enquiry(one: UUID, chat: UUID, number: int, at: Instant) -> dict[str, object]:
    return {
        "id": one,
        "number": f"P-2020-{number:07d}",
        "kind": Kind.CONCERN,
        "chat_id": chat,
        "key_id": one,
        "state": State.CLOSED,
        "outcome": Outcome.ADVICE_ONLY,
        "urgency": Urgency.NORMAL,
        "message_count": 1,
        "drafted_at": at,
        "sent_at": at,
        "closed_at": at,
        "dispatch_round": 1,
        "dispatch_is_short": False,
        "cards_shown": 0,
        "suggests_referral": False,
    }


def _offer(enquiry: UUID, person: UUID, step: int, at: Instant) -> dict[str, object]:
    state = OfferState.CLAIMED if step == 0 else OfferState.TAKEN
    return {
        "id": new_id(),
        "enquiry_id": enquiry,
        "person_id": person,
        "round": 1,
        "step": step,
        "state": state,
        "why": {},
        "offered_at": at,
        "rung_at": at,
        "rings": 1,
    }


async def _look(store: Store, rules: Configuration, chat: UUID) -> tuple[float, float]:
    """Have one enquiry looked at for the first time, three people rung, and the whole of it committed."""
    async with store.unit() as unit:
        turn = Turn(unit, rules)
        enquiry = await enquiries.open_draft(turn, await unit.session.get_one(Chat, chat))
        enquiry.urgency, enquiry.competence, enquiry.spoken = Urgency.HIGH, "school", "da"
        await enquiries.stop_draft_timers(turn, enquiry)
        enquiries.move(turn, enquiry, State.WAITING)
        await unit.commit()
    async with store.unit() as unit:
        begun, cpu = time.perf_counter(), time.process_time()
        await dispatching.start(Turn(unit, rules), await unit.session.get_one(Enquiry, enquiry.id))
        await unit.commit()
        took = (time.perf_counter() - begun) * 1000, (time.process_time() - cpu) * 1000
    async with store.writing() as connection:
        closed = update(Enquiry).where(Enquiry.id == enquiry.id).values(state=State.CLOSED)
        await connection.execute(closed)
        gone = update(Offer).where(Offer.enquiry_id == enquiry.id).values(state=OfferState.WITHDRAWN)
        await connection.execute(gone)
    return took


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.decision")
    parser.add_argument("--past", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    rules = read_configuration(Path(ROOT) / "hotline.toml")
    for past in parser.parse_args().past:
        clock, cpu = asyncio.run(measure(past, rules))
        _out.print(f"{past:>9,} enquiries in the log: {clock:.1f} ms by the clock, {cpu:.1f} ms of processor")


if __name__ == "__main__":
    main()
