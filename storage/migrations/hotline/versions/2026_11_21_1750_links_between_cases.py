"""Links between cases: what refers to a case is found by an index, however long the log.

Revision ID: 2026_11_21_1750
Revises: 2026_11_21_1710
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_1750"
down_revision = "2026_11_21_1710"
branch_labels = None
depends_on = None

_IS_LINKED = sa.text("previous_id IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_enquiry_previous_id",
        "enquiry",
        ["previous_id"],
        unique=False,
        sqlite_where=_IS_LINKED,
        postgresql_where=_IS_LINKED,
    )


def downgrade() -> None:
    op.drop_index("ix_enquiry_previous_id", table_name="enquiry")
