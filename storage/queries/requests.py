"""Wishes for erasure and insight."""

from __future__ import annotations

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
