"""Staff papers: certificates and what else was shown, own districts and places; the postcode of an enquiry.

Revision ID: 2026_11_21_1700
Revises: 2026_11_21_1640
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_21_1700"
down_revision = "2026_11_21_1640"
branch_labels = None
depends_on = None

_OF_PERSON = (
    "trained_on",
    "confidentiality_signed_on",
    "certificate_on",
    "own_districts",
    "key_id",
    "own_places_sealed",
    "version",
)


def upgrade() -> None:
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("trained_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("confidentiality_signed_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("certificate_on", sa.Date(), nullable=True))
        batch_op.add_column(
            sa.Column("own_districts", sa.JSON(), server_default=sa.text("'[]'"), nullable=False)
        )
        batch_op.add_column(sa.Column("key_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("own_places_sealed", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    with op.batch_alter_table("enquiry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("postcode", sa.String(length=4), nullable=True))
    op.execute("UPDATE enquiry SET postcode = postcode_seen")


def downgrade() -> None:
    with op.batch_alter_table("enquiry", schema=None) as batch_op:
        batch_op.drop_column("postcode")
    with op.batch_alter_table("person", schema=None) as batch_op:
        for name in reversed(_OF_PERSON):
            batch_op.drop_column(name)
