"""Alembic's environment: the connection is handed in by storage.migrate."""

from alembic import context

from storage.keys import KeysBase
from storage.migrate import as_plain_type

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=KeysBase.metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=as_plain_type,
)
with context.begin_transaction():
    context.run_migrations()
