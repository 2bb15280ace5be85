"""Wishes for erasure and insight."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, select

from scheduling.instant import Instant
from storage.models import DataRequest, Enquiry
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


async def worklist(
    unit: Unit, *, after: tuple[Instant, UUID] | None, at_most: int, without: UUID
) -> Sequence[DataRequest]:
    """Return wishes nobody has answered, the oldest first, from after that one on, but the chat's own."""
    query = (
        select(DataRequest)
        .where(DataRequest.answered_at.is_(None), DataRequest.chat_id != without)
        .order_by(DataRequest.asked_at, DataRequest.id)
        .limit(at_most)
    )
    if after is not None:
        asked, last = after
        is_later = (DataRequest.asked_at > asked) | (
            (DataRequest.asked_at == asked) & (DataRequest.id > last)
        )
        query = query.where(is_later)
    return (await unit.session.execute(query)).scalars().all()


async def count_open(unit: Unit, *, without: UUID) -> int:
    """Return how many wishes nobody has answered, but the chat's own."""
    query = select(func.count()).select_from(DataRequest)
    query = query.where(DataRequest.answered_at.is_(None), DataRequest.chat_id != without)
    return (await unit.session.execute(query)).scalar_one()


async def kept_of(unit: Unit, chat_ids: Collection[UUID]) -> Sequence[Enquiry]:
    """Return the numbered enquiries of these chats whose text is still there, the oldest first."""
    query = (
        select(Enquiry)
        .where(Enquiry.chat_id.in_(chat_ids), Enquiry.number.is_not(None), Enquiry.destroyed_at.is_(None))
        .order_by(Enquiry.drafted_at)
    )
    return (await unit.session.execute(query)).scalars().all()
