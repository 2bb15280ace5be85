"""Whom the enquirer was asked about: the parties that the question named.

Revision ID: 2026_11_21_2000
Revises: 2026_11_21_1830
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_2000"
down_revision = "2026_11_21_1830"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.add_column(sa.Column("asked_about", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("referral", schema=None) as batch_op:
        batch_op.drop_column("asked_about")
