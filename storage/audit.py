"""The log's chain: one sealer links committed entries, and anybody with the key can verify it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from scheduling.instant import Instant
from storage.models import AuditEntry, AuditPending, AuditSeal, AuditSealer
from storage.store import AUDIT_CHAIN_KEY, Store

_SEALER = 1
_START = bytes(32)
_AT_ONCE = 500
_PRUNED_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Verified:
    """What a walk along the chain found: how many links hold, and the first that does not."""

    links: int
    unsealed: int
    broken_at: int | None
    # When the last entry was made that a link holding covers.
    until: Instant | None = field(default=None, compare=False)


async def seal(store: Store) -> int:
    """Link the committed entries that no seal covers yet, and return how many were linked."""
    _, key = await store.keys.named(AUDIT_CHAIN_KEY, now=store.clock.now())
    async with store.writer.begin() as connection:
        last_seq, last_hmac = await _lock_sealer(connection)
        query = (
            select(AuditEntry.__table__)
            .join(AuditPending.__table__, AuditPending.entry_id == AuditEntry.id)
            .order_by(AuditEntry.at, AuditEntry.id)
            .limit(_AT_ONCE)
        )
        entries = (await connection.execute(query)).all()
        if not entries:
            return 0
        seals = []
        for entry in entries:
            last_seq, last_hmac = last_seq + 1, _link(key, last_hmac, entry)
            seals.append({"seq": last_seq, "entry_id": entry.id, "hmac": last_hmac})
        await connection.execute(insert(AuditSeal), seals)
        await connection.execute(
            delete(AuditPending).where(AuditPending.entry_id.in_([entry.id for entry in entries]))
        )
        await connection.execute(
            update(AuditSealer)
            .where(AuditSealer.id == _SEALER)
            .values(last_seq=last_seq, last_hmac=last_hmac)
        )
    return len(entries)


async def count(store: Store) -> int:
    """Return how many links the chain has."""
    async with store.reading() as session:
        return (await session.execute(select(func.count()).select_from(AuditSeal))).scalar_one()


async def verify(store: Store, *, advance: Callable[[int], None] = lambda _: None) -> Verified:
    """Walk the chain from its checkpoint and return what holds."""
    _, key = await store.keys.named(AUDIT_CHAIN_KEY, now=store.clock.now())
    async with store.snapshot() as connection:
        pending = select(func.count()).select_from(AuditPending)
        unsealed = (await connection.execute(pending)).scalar_one()
        start = select(AuditSealer.__table__).where(AuditSealer.id == _SEALER)
        sealer = (await connection.execute(start)).one_or_none()
        if sealer is None:
            return Verified(0, unsealed, None)
        until: Instant | None = field(default=None, compare=False)
        expected, seq = sealer.checkpoint_hmac, sealer.checkpoint_seq
        query = (
            select(AuditSeal.seq, AuditSeal.hmac, AuditEntry.__table__)
            .outerjoin(AuditEntry.__table__, AuditEntry.id == AuditSeal.entry_id)
            .order_by(AuditSeal.seq)
        )
        async for row in await connection.stream(query):
            seq += 1
            advance(1)
            expected = _link(key, expected, row)
            if row.seq != seq or not hmac.compare_digest(expected, row.hmac):
                return Verified(seq - 1 - sealer.checkpoint_seq, unsealed, seq, until)
            until = row.at
            if seq % _AT_ONCE == 0:
                await asyncio.sleep(0)  # whoever else waits for the loop has a turn
        is_whole = seq == sealer.last_seq
    return Verified(seq - sealer.checkpoint_seq, unsealed, None if is_whole else seq + 1, until)


async def prune(store: Store, *, before: Any) -> int:
    """Delete the oldest sealed entries from before the moment, leaving a checkpoint; return how many went."""
    async with store.writer.begin() as connection:
        await _lock_sealer(connection)
        query = (
            select(AuditSeal.seq, AuditSeal.hmac, AuditSeal.entry_id, AuditEntry.at)
            .outerjoin(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
            .order_by(AuditSeal.seq)
            .limit(_PRUNED_AT_ONCE)
        )
        going: list[tuple[int, bytes, UUID]] = []
        for seq, link, entry_id, at in await connection.execute(query):
            if at is not None and at >= before:
                break
            going.append((seq, link, entry_id))
        if not going:
            return 0
        last_seq, last_hmac, _ = going[-1]
        await connection.execute(delete(AuditSeal).where(AuditSeal.seq <= last_seq))
        await connection.execute(
            delete(AuditEntry).where(AuditEntry.id.in_([entry for _, _, entry in going]))
        )
        await connection.execute(
            update(AuditSealer)
            .where(AuditSealer.id == _SEALER)
            .values(checkpoint_seq=last_seq, checkpoint_hmac=last_hmac)
        )
    return len(going)


async def _lock_sealer(connection: Any) -> tuple[int, bytes]:
    query = select(AuditSealer.last_seq, AuditSealer.last_hmac).where(AuditSealer.id == _SEALER)
    row = (await connection.execute(query.with_for_update())).one_or_none()
    if row is None:  # the first seal of all; another replica may be at it too
        start = {"last_seq": 0, "last_hmac": _START, "checkpoint_seq": 0, "checkpoint_hmac": _START}
        first = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(AuditSealer)
        await connection.execute(first.values(id=_SEALER, **start).on_conflict_do_nothing())
        row = (await connection.execute(query.with_for_update())).one()
    return row[0], row[1]


def _link(key: bytes, before: bytes, entry: Any) -> bytes:
    told = (
        entry.at,
        entry.actor,
        entry.actor_id,
        entry.action,
        entry.subject,
        entry.subject_id,
        entry.detail,
    )
    said = "\x1f".join("" if part is None else _plain(part) for part in told)
    return hmac.new(key, before + said.encode(), hashlib.sha256).digest()


def _plain(part: object) -> str:
    microseconds = getattr(part, "microseconds", None)
    return str(part) if not isinstance(microseconds, int) or isinstance(part, str) else str(microseconds)
