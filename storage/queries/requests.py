"""Wishes for erasure and insight."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from storage.models import DataRequest
from storage.unit_of_work import Unit


async def open_of(unit: Unit, chat_id: UUID, kind: str) -> DataRequest | None:
    """Return the chat's wish of this kind that nobody has answered."""
    query = select(DataRequest).where(
        DataRequest.chat_id == chat_id, DataRequest.kind == kind, DataRequest.answered_at.is_(None)
    )
    return (await unit.session.execute(query)).scalars().first()


async def all_open(unit: Unit, kind: str) -> Sequence[DataRequest]:
    """Return every wish of this kind that nobody has answered, the oldest first."""
    query = (
        select(DataRequest)
        .where(DataRequest.kind == kind, DataRequest.answered_at.is_(None))
        .order_by(DataRequest.asked_at)
    )
    return (await unit.session.execute(query)).scalars().all()


async def locked(unit: Unit, request_id: UUID) -> DataRequest | None:
    """Return the wish, locked for the transaction."""
    query = select(DataRequest).where(DataRequest.id == request_id).with_for_update()
    return (await unit.session.execute(query)).scalar_one_or_none()
