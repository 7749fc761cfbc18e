"""Signals that are closed: by a steward, or since what they told of is no longer so."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

#: Each batch told the same anew; the last one that did stays open.
_CLOSE_REPEATED = """
UPDATE signal SET closed_at = now() WHERE signal_id NOT IN (
    SELECT max(signal_id) FROM signal GROUP BY source, dataset, kind, column_name, detail)
"""


def upgrade() -> None:
    op.add_column("signal", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "signal",
        sa.Column(
            "closed_by",
            sa.Text(),
            nullable=True,
            comment="The steward who did; empty: it was no longer so.",
        ),
    )
    op.execute(_CLOSE_REPEATED)
    op.create_index(
        "uq_signal_open",
        "signal",
        ["source", "dataset", "kind", "column_name", "detail"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )


def downgrade() -> None:
    op.drop_index(
        "uq_signal_open",
        table_name="signal",
        postgresql_where=sa.text("closed_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.drop_column("signal", "closed_by")
    op.drop_column("signal", "closed_at")
