"""`python -m tests.bench.decision`: how long one look at a waiting enquiry takes, however long the log.

Two hundred people, sixty of them on duty, and a log of the past with six enquiries an hour, each with three
offers and an assignment, and shifts of four hours for the last half year; on SQLite.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
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
from scheduling.shifts import Station
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
_AT_ONCE = 20_000
_LOOKS = 60
_APART = timedelta(minutes=10)
_out = Console()

_ID = "printf('%032x', :count - i)"
_WHOM = f"(SELECT id FROM panel WHERE place = (i * 3 + {{}}) % {_PEOPLE})"
_OWN = {
    "enquiry": {"id": _ID, "key_id": _ID, "number": "printf('P-2020-%07d', i)"},
    "offer": {
        "id": "printf('%030x%02x', :count - i, newest.step)",
        "enquiry_id": _ID,
        "person_id": _WHOM.format("newest.step"),
    },
    "assignment": {"id": _ID, "enquiry_id": _ID, "person_id": _WHOM.format(0)},
}


async def measure(past: int, rules: Configuration) -> tuple[float, float]:
    """Return the median of one look by the clock, and of the processor time it took, in ms."""
    with tempfile.TemporaryDirectory() as folder:
        database, keys = f"sqlite:///{folder}/hotline.db", f"sqlite:///{folder}/keys.db"
        await migrate(database_url=database, keys_url=keys)
        store = Store(database_url=database, keys_url=keys, master_key=MASTER_KEY, clock=SystemClock())
        chat, people = await _panel(store)
        await _newest(store, chat, people)
        await store.close()
        _copy(Path(folder) / "hotline.db", people, past)
        store = Store(database_url=database, keys_url=keys, master_key=MASTER_KEY, clock=SystemClock())
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


async def _newest(store: Store, chat: UUID, people: list[UUID]) -> None:
    """Write the newest enquiry of the past, of which the others are copies."""
    at, one = Instant.of(store.clock.now() - _APART), new_id()
    async with store.writing() as connection:
        await connection.execute(insert(Enquiry), [_enquiry(one, chat, 0, at)])
        await connection.execute(insert(Offer), [_offer(one, people[step], step, at) for step in range(3)])
        held = {"id": new_id(), "enquiry_id": one, "person_id": people[0], "started_at": at}
        await connection.execute(insert(Assignment), [held | {"ended_at": at + timedelta(hours=1)}])


def _copy(file: Path, people: list[UUID], count: int) -> None:
    """Write the rest of the past in SQL, from the oldest on, each with ids, people and a time of its own."""
    with closing(sqlite3.connect(file)) as past:
        past.executescript("PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF; PRAGMA cache_size=-200000")
        past.execute("CREATE TEMP TABLE panel (place INTEGER PRIMARY KEY, id TEXT)")
        past.executemany("INSERT INTO panel VALUES (?, ?)", [(n, one.hex) for n, one in enumerate(people)])
        for table in _OWN:
            past.execute(f"CREATE TEMP TABLE newest_{table} AS SELECT * FROM {table}")
        steps = range(count - 1, 0, -_AT_ONCE)
        for last in track(steps, description=f"Writing {count:,}", console=_out, disable=count < 50_000):
            for table in _OWN:
                numbers = {"first": max(last - _AT_ONCE, 0) + 1, "last": last, "count": count}
                past.execute(_copying(past, table), numbers)
            past.commit()


def _copying(past: sqlite3.Connection, table: str) -> str:
    names = [row[1] for row in past.execute(f"PRAGMA table_info({table})")]
    values = ", ".join(_OWN[table].get(name) or _moved(name) for name in names)
    return f"""
        WITH RECURSIVE numbers(i) AS (SELECT :last UNION ALL SELECT i - 1 FROM numbers WHERE i > :first)
        INSERT INTO main.{table} ({", ".join(names)})
        SELECT {values} FROM numbers CROSS JOIN newest_{table} AS newest
    """


def _moved(name: str) -> str:
    apart = _APART // timedelta(microseconds=1)
    return f"newest.{name} - i * {apart}" if name.endswith("_at") else f"newest.{name}"


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
