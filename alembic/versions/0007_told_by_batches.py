"""Batches know what they told of their source; staged rows are accepted unless told otherwise."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_OUTCOME = "accepted until translating tells otherwise"
_COMMENT = "The signals it told, each as kind, column and word: new ones or not."


def upgrade() -> None:
    op.add_column("batch", sa.Column("told", pg.ARRAY(sa.Text), comment=_COMMENT, nullable=True))
    # Those of batches that have landed and wait to be translated.
    op.execute("UPDATE staged_row SET outcome = 'accepted' WHERE outcome IS NULL")
    op.alter_column(
        "staged_row",
        "outcome",
        existing_type=sa.Text(),
        nullable=False,
        server_default="accepted",
        comment=_OUTCOME,
    )


def downgrade() -> None:
    op.alter_column(
        "staged_row",
        "outcome",
        existing_type=sa.Text(),
        nullable=True,
        server_default=None,
        comment=None,
    )
    op.execute(
        "UPDATE staged_row w SET outcome = NULL FROM batch b"
        " WHERE b.batch_id = w.batch_id AND b.state = 'landed' AND w.outcome = 'accepted'"
    )
    op.drop_column("batch", "told")
