"""Case numbers: drawn when a draft is sent, from a row per local year."""

from __future__ import annotations

from sqlalchemy.dialects import postgresql, sqlite

from storage.models import NumberSeries
from storage.unit_of_work import Unit


async def draw(unit: Unit, prefix: str, year: int) -> str:
    """Return the next number of the year, such as K-2026-00001; a rolled-back draw is drawn again."""
    dialect = unit.session.get_bind().dialect.name
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    first = insert(NumberSeries).values(prefix=prefix, year=year, last=1)
    query = first.on_conflict_do_update(
        index_elements=["prefix", "year"], set_={"last": NumberSeries.last + 1}
    ).returning(NumberSeries.last)
    drawn = (await unit.session.execute(query)).scalar_one()
    return f"{prefix}-{year}-{drawn:05d}"
