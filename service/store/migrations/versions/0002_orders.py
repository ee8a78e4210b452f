"""When the order for a visit is due at the field staff's desk: of permits that stand already, never."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Copied on SQLite, where a column that is only added would stand behind the constraints.
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("permits", recreate="always" if on_sqlite else "never") as permits:
        permits.add_column(sa.Column("order_at", sa.BigInteger(), nullable=True))
    op.create_index(
        "permits_ordered",
        "permits",
        ["order_at"],
        unique=False,
        sqlite_where=sa.text("order_at IS NOT NULL"),
        postgresql_where=sa.text("order_at IS NOT NULL"),
    )
