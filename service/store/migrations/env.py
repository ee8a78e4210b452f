"""
Alembic's entry: runs the revisions on the connection that `store.migrate` hands over.

The transaction and the lock are the caller's. On SQLite a table is altered by copying it; whoever does
that to an append-only table gives the copy its triggers again.
"""

from alembic import context

from service.store.tables import METADATA

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
