"""Going on again: since when a case waits that was closed before.

Revision ID: 2026_11_21_1830
Revises: 2026_11_21_1750
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_1830"
down_revision = "2026_11_21_1750"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("enquiry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reopened_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("enquiry", schema=None) as batch_op:
        batch_op.drop_column("reopened_at")
