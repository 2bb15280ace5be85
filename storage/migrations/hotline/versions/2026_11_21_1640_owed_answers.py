"""Owed answers: whether an answer is still due stands in a column of its own.

Revision ID: 2026_11_21_1640
Revises: 2026_11_21_0900
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_1640"
down_revision = "2026_11_21_0900"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("enquiry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("owes_answer", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.drop_column("kept_since")
        batch_op.create_index(
            "ix_enquiry_open",
            ["drafted_at"],
            unique=False,
            sqlite_where=sa.text("state <> 'closed'"),
            postgresql_where=sa.text("state <> 'closed'"),
        )
    op.execute(
        "UPDATE enquiry SET owes_answer = true WHERE promised_by IS NOT NULL AND state <> 'closed'"
        " AND (answered_at IS NULL OR answered_at < COALESCE(dispatch_started_at, sent_at))"
    )


def downgrade() -> None:
    with op.batch_alter_table("enquiry", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_enquiry_open",
            sqlite_where=sa.text("state <> 'closed'"),
            postgresql_where=sa.text("state <> 'closed'"),
        )
        batch_op.add_column(sa.Column("kept_since", sa.BigInteger(), nullable=True))
        batch_op.drop_column("owes_answer")
