"""Many values in one statement that stays the same however many they are: PostgreSQL plans it once.

There they are arrays; on SQLite, which has none and plans in no time, the list is written out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, Column, String, Table, bindparam, func, select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine


def _list_of(kind: TypeEngine[Any]) -> ARRAY[Any]:
    """Words that are too long are an error to their column; PostgreSQL would cut them off in such a list."""
    return ARRAY(String() if isinstance(kind, String) else kind, dimensions=1)


def is_among(column: ColumnElement[Any], name: str, *, is_postgresql: bool) -> ColumnElement[bool]:
    """Whether the column's value is one of the parameter's, which is a list."""
    if is_postgresql:
        return column == func.any(bindparam(name, type_=_list_of(column.type)))
    return column.in_(bindparam(name, expanding=True))


def as_table(columns: Mapping[str, Column[Any]], *, prefix: str) -> TableValuedAlias:
    """Return rows that are given as a list for each column, each the parameter of its prefix and name."""
    lists = (bindparam(f"{prefix}{name}", type_=_list_of(column.type)) for name, column in columns.items())
    named = (Column(name, column.type) for name, column in columns.items())
    return func.unnest(*lists).table_valued(*named, name=f"{prefix}rows").render_derived()


def insert_rows(table: Table, names: Sequence[str], *, prefix: str) -> Insert:
    """Return the statement that adds rows given as a list for each of the columns, in their order."""
    given = as_table({name: table.c[name] for name in names}, prefix=prefix)
    return insert(table).from_select(list(names), select(*(given.c[name] for name in names)))


def by_column(
    rows: Iterable[Mapping[str, Any]], names: Sequence[str], *, prefix: str
) -> dict[str, list[Any]]:
    """Return what the rows say as the lists that such a statement takes."""
    every = list(rows)
    return {f"{prefix}{name}": [row[name] for row in every] for name in names}
