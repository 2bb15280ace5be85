"""Other channels: an enquiry that came by telephone, e-mail or visit has no chat; the indexes of the list.

Revision ID: 2026_11_21_1740
Revises: 2026_11_21_1730
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_1740"
down_revision = "2026_11_21_1730"
branch_labels = None
depends_on = None

_LISTED_BY = ("state", "outcome", "competence", "channel")


def upgrade() -> None:
    with op.batch_alter_table("enquiry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("channel", sa.String(length=40), server_default="chat", nullable=False))
        batch_op.add_column(sa.Column("typed_by", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("passed_on_at", sa.BigInteger(), nullable=True))
        batch_op.alter_column("chat_id", existing_type=sa.Uuid(), nullable=True)
        batch_op.create_index("ix_enquiry_drafted_at", ["drafted_at", "id"], unique=False)
        for name in _LISTED_BY:
            batch_op.create_index(f"ix_enquiry_{name}_drafted_at", [name, "drafted_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("enquiry", schema=None) as batch_op:
        for name in reversed(_LISTED_BY):
            batch_op.drop_index(f"ix_enquiry_{name}_drafted_at")
        batch_op.drop_index("ix_enquiry_drafted_at")
        # What came without a chat cannot stand in the older schema: this fails where there is any.
        batch_op.alter_column("chat_id", existing_type=sa.Uuid(), nullable=False)
        batch_op.drop_column("passed_on_at")
        batch_op.drop_column("typed_by")
        batch_op.drop_column("channel")
