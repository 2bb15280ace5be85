"""Wishes for erasure and insight."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, func, literal, or_, select

from scheduling.instant import Instant
from storage.models import Conflict, DataRequest, Enquiry, Person
from storage.unit_of_work import Unit

_Id = SQLColumnExpression[UUID] | SQLColumnExpression[UUID | None]


async def open_of(unit: Unit, chat_id: UUID, kind: str) -> DataRequest | None:
    """Return the chat's wish of this kind that nobody has answered."""
    query = select(DataRequest).where(
        DataRequest.chat_id == chat_id, DataRequest.kind == kind, DataRequest.answered_at.is_(None)
    )
    return (await unit.session.execute(query)).scalars().first()


async def all_open(unit: Unit, kind: str, *, reader: Person) -> Sequence[DataRequest]:
    """Return every wish of this kind that nobody has answered and the reader may, the oldest first."""
    query = (
        select(DataRequest)
        .where(DataRequest.kind == kind, DataRequest.answered_at.is_(None), _may_answer(reader))
        .order_by(DataRequest.asked_at)
    )
    return (await unit.session.execute(query)).scalars().all()


async def locked(unit: Unit, request_id: UUID, *, reader: Person) -> DataRequest | None:
    """Return the wish, locked for the transaction, where the reader may answer it."""
    query = select(DataRequest).where(DataRequest.id == request_id, _may_answer(reader)).with_for_update()
    return (await unit.session.execute(query)).scalar_one_or_none()


async def worklist(
    unit: Unit, *, after: tuple[Instant, UUID] | None, at_most: int, reader: Person
) -> Sequence[DataRequest]:
    """Return wishes nobody has answered and the reader may, the oldest first, from after that one on."""
    query = (
        select(DataRequest)
        .where(DataRequest.answered_at.is_(None), _may_answer(reader))
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


async def count_open(unit: Unit, *, reader: Person) -> int:
    """Return how many wishes nobody has answered and the reader may."""
    query = select(func.count()).select_from(DataRequest)
    query = query.where(DataRequest.answered_at.is_(None), _may_answer(reader))
    return (await unit.session.execute(query)).scalar_one()


async def kept_of(unit: Unit, chat_ids: Collection[UUID]) -> Sequence[Enquiry]:
    """Return the numbered enquiries of these chats whose text is still there, the oldest first."""
    query = (
        select(Enquiry)
        .where(Enquiry.chat_id.in_(chat_ids), Enquiry.number.is_not(None), Enquiry.destroyed_at.is_(None))
        .order_by(Enquiry.drafted_at)
    )
    return (await unit.session.execute(query)).scalars().all()


async def barred_from(unit: Unit, chat_id: UUID) -> set[UUID]:
    """Return who may not answer a wish of the chat's."""
    is_barred = _is_barred(Person.id, Person.chat_id, asker=literal(chat_id))
    return set((await unit.session.execute(select(Person.id).where(is_barred))).scalars())


def _may_answer(reader: Person) -> ColumnElement[bool]:
    return ~_is_barred(literal(reader.id), literal(reader.chat_id), asker=DataRequest.chat_id)


def _is_barred(person: _Id, chat: _Id, *, asker: _Id) -> ColumnElement[bool]:
    """It is her own wish, or of somebody in whose case she has a conflict of interest."""
    has_conflict = (
        select(Conflict.person_id)
        .join(Enquiry, Enquiry.id == Conflict.enquiry_id)
        .where(Conflict.person_id == person, Enquiry.chat_id == asker)
        .exists()
    )
    return or_(asker == chat, has_conflict)
