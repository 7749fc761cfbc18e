"""The queue tells whether what a record says of places may have changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moved = sa.Column("moved", sa.Boolean(), nullable=False, server_default=sa.true())
    op.add_column("resolve_queue", moved)


def downgrade() -> None:
    op.drop_column("resolve_queue", "moved")
