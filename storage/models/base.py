"""What every table shares: the metadata, the names of constraints and the column types."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar
from uuid import UUID

from sqlalchemy import BigInteger, Dialect, MetaData, String, TypeDecorator, Uuid
from sqlalchemy.orm import DeclarativeBase

from scheduling.instant import Instant

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class InstantColumn(TypeDecorator[Instant]):
    """An Instant as microseconds in UTC: exact, ordered and the same in both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Instant | None, dialect: Dialect) -> int | None:
        """Return what the database keeps."""
        return None if value is None else value.microseconds

    def process_result_value(self, value: int | None, dialect: Dialect) -> Instant | None:
        """Return what the program works with."""
        return None if value is None else Instant.from_microseconds(value)


E = TypeVar("E", bound=StrEnum)


class Word(TypeDecorator[E], Generic[E]):
    """A member of an enum, kept as its word; a word the enum does not know raises ValueError."""

    impl = String(40)
    cache_ok = True

    def __init__(self, kind: type[E]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:
        """Return what the database keeps."""
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> E | None:
        """Return what the program works with."""
        return None if value is None else self.kind(value)


class Base(DeclarativeBase):
    """The hotline's own tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {Instant: InstantColumn(), UUID: Uuid()}
