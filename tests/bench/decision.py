"""`python -m tests.bench.decision`: how long one look at a waiting enquiry takes, however long the log.

Two hundred people, sixty of them on duty, and a log of the past with six enquiries an hour, each with three
offers and an assignment, and shifts of four hours for the last half year.
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
from sqlalchemy import Uuid, bindparam, insert, select, text, update

from bot import dispatching, enquiries
from bot.configuration import Configuration, read_configuration
from bot.turn import Turn
from scheduling.clock import SystemClock
from scheduling.ids import new_id
from scheduling.instant import Instant
from scheduling.shifts import Station
from scheduling.urgency import Urgency
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
from tests.bench.databases_of_a_run import databases
from tests.databases import Urls
from tests.process import MASTER_KEY, ROOT

_PEOPLE, _ON_DUTY = 200, 60
_AT_ONCE = 20_000
_LOOKS = 60
_LONG_AGO = 10_000_000
_APART = timedelta(minutes=10)
_out = Console()


async def measure(urls: Urls, past: int, rules: Configuration) -> tuple[float, float, float]:
    """Return the median and the least of one look by the clock, and the median processor time, in ms."""
    store = _store(urls)
    chat = await _panel(store)
    await _copy(store, await _newest(store, chat), past)
    await store.close()
    store = _store(urls)
    took = [await _look(store, rules, chat) for _ in range(_LOOKS)][5:]
    await store.close()
    clock, cpu = zip(*took, strict=True)
    return statistics.median(clock), min(clock), statistics.median(cpu)


def _store(urls: Urls) -> Store:
    return Store(database_url=urls.database, keys_url=urls.keys, master_key=MASTER_KEY, clock=SystemClock())


async def _panel(store: Store) -> UUID:
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
    return chats[-1]


async def _newest(store: Store, chat: UUID) -> UUID:
    """Write the newest enquiry of the past, of which the others are copies, and return its id."""
    at, one = Instant.of(store.clock.now() - _APART), new_id()
    async with store.writing() as connection:
        people = (await connection.execute(select(Person.id).order_by(Person.alias).limit(3))).scalars().all()
        await connection.execute(insert(Enquiry), [_enquiry(one, chat, at)])
        await connection.execute(insert(Offer), [_offer(one, people[step], step, at) for step in range(3)])
        held = {"id": new_id(), "enquiry_id": one, "person_id": people[0], "started_at": at}
        await connection.execute(insert(Assignment), [held | {"ended_at": at + timedelta(hours=1)}])
    return one


async def _copy(store: Store, newest: UUID, count: int) -> None:
    """Write the rest of the past in SQL, from the oldest on, each with ids, people and a time of its own."""
    steps = range(count - 1, 0, -_AT_ONCE)
    for last in track(steps, description=f"Writing {count:,}", console=_out, disable=count < 50_000):
        first = max(last - _AT_ONCE, 0) + 1
        async with store.writing() as connection:
            for model in (Enquiry, Offer, Assignment):
                written = text(_copying(model, first, last, is_sqlite=store.is_sqlite))
                of = bindparam("newest", type_=Uuid())
                await connection.execute(written.bindparams(of), {"newest": newest})
    async with store.writing() as connection:  # so that nothing of it is on its way to the disk any more
        settled = text("SELECT 1" if store.is_sqlite else "ANALYZE")
        await connection.execute(settled)
    if store.is_sqlite:
        with closing(sqlite3.connect(store.url.database or "")) as past:
            past.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _copying(model: type[Enquiry | Offer | Assignment], first: int, last: int, *, is_sqlite: bool) -> str:
    table = model.__tablename__
    own = _own(table, is_sqlite=is_sqlite)
    names = list(model.__table__.columns.keys())
    values = ", ".join(own.get(name) or _moved(name) for name in names)
    return f"""
        WITH RECURSIVE numbers(i) AS (
            SELECT CAST({last} AS BIGINT) UNION ALL SELECT i - 1 FROM numbers WHERE i > {first}
        )
        INSERT INTO {table} ({", ".join(names)})
        SELECT {values} FROM numbers CROSS JOIN {table} AS newest
        WHERE newest.{"id" if model is Enquiry else "enquiry_id"} = :newest
    """


def _own(table: str, *, is_sqlite: bool) -> dict[str, str]:
    """Return what a copy has of its own; its ids grow with time, as real ones do."""
    age, step = (f"{_LONG_AGO} - i", "newest.step")
    one, of_step = (
        (f"printf('%032x', {age})", f"printf('%030x%02x', {age}, {step})")
        if is_sqlite
        else (
            f"CAST(lpad(to_hex({age}), 32, '0') AS uuid)",
            f"CAST(lpad(to_hex({age}), 30, '0') || lpad(to_hex({step}), 2, '0') AS uuid)",
        )
    )
    whom = f"(SELECT id FROM person WHERE alias = 'Alias ' || ((i * 3 + {{}}) % {_PEOPLE}))"
    return {
        "enquiry": {"id": one, "key_id": one, "number": "'P-2020-' || i"},
        "offer": {"id": of_step, "enquiry_id": one, "person_id": whom.format(step)},
        "assignment": {"id": one, "enquiry_id": one, "person_id": whom.format(0)},
    }[table]


def _moved(name: str) -> str:
    apart = _APART // timedelta(microseconds=1)
    return f"newest.{name} - i * {apart}" if name.endswith("_at") else f"newest.{name}"


def _enquiry(one: UUID, chat: UUID, at: Instant) -> dict[str, object]:
    return {
        "id": one,
        "number": "P-2020-0",
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
    parser.add_argument("--on", choices=["sqlite", "postgresql"], default="sqlite")
    wish = parser.parse_args()
    rules = read_configuration(Path(ROOT) / "hotline.toml")
    for past in wish.past:
        with tempfile.TemporaryDirectory() as folder, databases(wish.on, Path(folder)) as urls:
            clock, least, cpu = asyncio.run(measure(urls, past, rules))
        took = f"{clock:.1f} ms by the clock (at best {least:.1f}), {cpu:.1f} ms of processor"
        _out.print(f"{past:>9,} enquiries in the log: {took}")


if __name__ == "__main__":
    main()
