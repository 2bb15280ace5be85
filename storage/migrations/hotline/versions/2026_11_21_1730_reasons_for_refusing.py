"""Reasons for refusing: why a wish for erasure was not granted.

Revision ID: 2026_11_21_1730
Revises: 2026_11_21_1720
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_1730"
down_revision = "2026_11_21_1720"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("data_request", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reason", sa.String(length=20), nullable=True))
    op.execute("UPDATE data_request SET reason = 'record' WHERE answer = 'kept'")


def downgrade() -> None:
    with op.batch_alter_table("data_request", schema=None) as batch_op:
        batch_op.drop_column("reason")
