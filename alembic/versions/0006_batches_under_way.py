"""Batches that are under way are found among however many that have ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_batch_under_way",
        "batch",
        ["source", "dataset", "batch_id"],
        unique=False,
        postgresql_where=sa.text("state NOT IN ('kept', 'replaced', 'refused')"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_batch_under_way",
        table_name="batch",
        postgresql_where=sa.text("state NOT IN ('kept', 'replaced', 'refused')"),
    )
