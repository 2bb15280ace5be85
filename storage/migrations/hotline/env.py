"""Alembic's environment: the connection is handed in by storage.migrate."""

from alembic import context

from storage.migrate import as_plain_type
from storage.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=as_plain_type,
)
with context.begin_transaction():
    context.run_migrations()
